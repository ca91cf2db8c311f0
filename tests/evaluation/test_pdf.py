"""The PDF of a report: complete, the same bytes each time, and safe with any name."""

from datetime import datetime

import numpy as np
import pandas as pd
import pytest

from core.data.schema import Column, ColumnType, Relationship, Role, Schema, Table
from core.evaluation import ReportContext, evaluate, render_pdf
from core.evaluation.pdf_document import FONTS, clean
from core.evaluation.pdf_maps import heat_color
from tests.evaluation.tables import TYPES, frame_of, people, schema_of

CONTEXT = ReportContext(
    dataset="Kund:innen Οία № 1",
    dataset_hash="ab" * 32,
    run_id="r-123",
    engine="forest",
    params={"leaf": 20, "smoothing": 5.0},
    seed=7,
    rows={"people": 400},
    content_hash="cd" * 32,
    created_by="ada",
    created_at=datetime(2025, 5, 4, 12, 30),
)


def report_of(rows: int, holdout: int):
    rng = np.random.default_rng(1)
    frames = [{"people": people(n, rng)} for n in (rows, max(holdout, 1), rows)]
    frames[1]["people"] = frames[1]["people"].iloc[:holdout]
    return evaluate(*frames, schema_of(TYPES), depth="quick")


@pytest.fixture(scope="module")
def report():
    return report_of(400, 120)


@pytest.fixture
def words(monkeypatch):
    """Collect what the document writes instead of reading it back from the file."""
    from core.evaluation.pdf_document import Document

    seen = []
    for name in ("cell", "multi_cell"):
        original = getattr(Document, name)

        def keep(self, *args, _original=original, **kwargs):
            seen.extend(str(a) for a in args if isinstance(a, str))
            return _original(self, *args, **kwargs)

        monkeypatch.setattr(Document, name, keep)
    return seen


def test_the_same_report_gives_the_same_bytes(report):
    once = render_pdf(report, CONTEXT)
    assert once.startswith(b"%PDF-")
    assert once == render_pdf(report, CONTEXT)
    assert len(once) < 300_000


def test_it_says_what_was_judged_and_what_it_comes_to(report, words):
    render_pdf(report, CONTEXT)
    said = "\n".join(words)
    for expected in (CONTEXT.dataset, "r-123", "forest", "leaf = 20", "cd" * 32, "2025-05-04"):
        assert expected in said
    for dial in report.dials:
        assert dial.title in said
        assert dial.sentence in said
    assert "Internal: the measures" in said
    assert "Page 1 of {nb}" in said
    for column in report["people"].judged:
        assert column.name in said


def test_what_was_not_measured_is_said(words):
    render_pdf(report_of(60, 0), CONTEXT)
    assert "no holdout rows" in "\n".join(words)


def test_names_of_any_kind_and_length():
    names = ["x" * 200, "tab\tand\nline", "名前", "**bold** {nb}", "=cmd()"]
    types = dict.fromkeys(names, ColumnType.CATEGORY)
    rng = np.random.default_rng(0)

    def draw(rows):
        values = {n: rng.choice(["a" * 80, "b\x00", "שלום"], rows) for n in names}
        return {"t\n2": frame_of(values, types)}

    report = evaluate(draw(80), draw(60), draw(80), schema_of(types, "t\n2"), depth="quick")
    assert render_pdf(report, CONTEXT).startswith(b"%PDF-")


def test_several_tables_and_left_out_columns(words):
    parent = Table("home", (Column("id", ColumnType.INTEGER),), "id")
    child = Table(
        "pet",
        (
            Column("home", ColumnType.INTEGER),
            Column("name", ColumnType.CATEGORY, Role.IDENTIFIER),
            Column("born", ColumnType.DATE),
        ),
    )
    schema = Schema((parent, child), (Relationship("home", "id", "pet", "home"),))

    def draw(seed):
        rng = np.random.default_rng(seed)
        home = frame_of({"id": np.arange(50)}, {"id": ColumnType.INTEGER})
        pet = {
            "home": rng.integers(0, 50, 120),
            "name": [f"n{i}" for i in range(120)],
            "born": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, 120), "D"),
        }
        return {"home": home, "pet": frame_of(pet, {c.name: c.type for c in child.columns})}

    render_pdf(evaluate(draw(0), draw(1), draw(2), schema, depth="quick"), CONTEXT)
    said = "\n".join(words)
    assert "pet.home → home" in said
    assert "identifier: its values name rows" in said
    assert "2019-12-20" in said


def test_colours_of_cells():
    assert heat_color(0.0) == (255, 255, 255)
    assert heat_color(1.0) != heat_color(-1.0)
    assert heat_color(None) not in {heat_color(0.0), heat_color(1.0)}


def test_fonts_ship_with_their_licence():
    files = list(FONTS.glob("*DejaVu*"))
    assert {f.name for f in files} >= {"DejaVuSans.ttf", "DejaVuSans-Bold.ttf"}
    assert (FONTS / "LICENSE-DejaVu.txt").read_text(encoding="utf-8").count("Bitstream") > 3
    assert sum(f.stat().st_size for f in files) < 1_600_000


def test_control_characters_are_dropped():
    assert clean("a\x00b\nc") == "a b c"
