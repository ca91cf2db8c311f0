"""The PDF of a full evaluation: every section, its contents page, and nothing measured at all."""

from dataclasses import replace

import pytest

from core.evaluation import render_pdf
from core.evaluation.details import OUTCOMES
from core.evaluation.glossary import OUTCOME_WORDS, figure_text
from core.evaluation.pdf_document import OUTCOME_COLORS
from core.evaluation.pdf_maps import shares
from core.evaluation.pdf_measures import short, span
from core.evaluation.pdf_tracks import attack_line
from core.evaluation.values import Advice, Association, Report
from tests.evaluation.detailed import CROSS, WHY, attack, full, unmeasured
from tests.evaluation.test_pdf import CONTEXT, report_of, words  # noqa: F401


@pytest.fixture(scope="module")
def report() -> Report:
    advice = (Advice("Train with larger leaves.", "generate"),)
    return replace(full(report_of(400, 120)), advice=advice)


def test_every_section_is_there_in_the_order_of_the_questions(report, words):  # noqa: F811
    render_pdf(report, CONTEXT)
    body = words[words.index("Can it be used?") :]
    wanted = (
        "Can it be used?",
        "What to do next",
        "Table people",
        "What is different: likeness",
        "Similarity of single columns",
        "Measures of single columns",
        "Pairs of columns that differ most",
        "How strongly columns hang together",
        "Whole rows",
        "Columns that give synthetic rows away",
        "Beside the reports of sdmetrics",
        "Is it safe: attacks",
        "Is it safe: seen at once",
        "Is it useful: predicting risk",
        "Is it useful: seen at once",
        "Data quality gates",
        "How to read this",
        "What the measures mean",
    )
    places = [body.index(title) for title in wanted]
    assert places == sorted(places)


def test_the_contents_name_the_sections_and_their_pages(report, words):  # noqa: F811
    render_pdf(report, CONTEXT)
    listed = words[words.index("Contents") + 1 :]
    listed = dict(zip(listed[::2], listed[1::2], strict=False))
    assert listed["Can it be used?"] == "3"
    assert int(listed["Data quality gates"]) > int(listed["Is it safe: attacks"]) > 3


def test_numbers_controls_and_failures_are_said(report, words):  # noqa: F811
    render_pdf(report, CONTEXT)
    said = "\n".join(words)
    assert "× verbatim copy 0.990" in said
    assert "One attack learns more than it may." in said
    assert "D 0.12, n 400, p 0.001" in said
    assert "0.560" in said
    assert "Groups of city" in said
    assert "Where it misleads" in said


def test_the_hash_of_the_contents_is_that_of_the_json(report, words):  # noqa: F811
    render_pdf(report, CONTEXT)
    contents = report.to_dict()["content_hash"]
    said = "\n".join(words)
    assert contents in said
    assert f"run r-123 · {contents[:16]}" in said
    read = Report.from_dict(report.to_dict())
    assert read.content_hash == contents
    words.clear()
    render_pdf(read, CONTEXT)
    assert contents in "\n".join(words)


def test_the_same_report_gives_the_same_bytes(report):
    once = render_pdf(report, CONTEXT)
    assert once == render_pdf(report, CONTEXT)
    assert len(once) < 400_000


def test_nothing_measured_is_said_and_no_number_stands_in(report, words):  # noqa: F811
    table = report.tables[0]
    empty = replace(
        table,
        measures=unmeasured(dict(table.measures)),
        figures=unmeasured(dict(table.figures)),
        fidelity=unmeasured(table.fidelity),
        utility=unmeasured(table.utility),
        privacy=unmeasured(table.privacy),
        gates=unmeasured(table.gates),
    )
    assert render_pdf(replace(report, tables=(empty,)), CONTEXT).startswith(b"%PDF-")
    said = "\n".join(words)
    assert said.count(WHY.reason) > 10
    assert "0.560" not in said


@pytest.mark.parametrize("tables", [2, 3, 50])
def test_many_tables_have_a_contents_page(report, tables, words):  # noqa: F811
    bare = replace(
        report.tables[0],
        **dict.fromkeys(("columns", "pairs", "gates"), ()),
        **dict.fromkeys(("fidelity", "utility", "privacy")),
        association=Association((), (), ()),
    )
    named = tuple(replace(bare, name=f"t{n}") for n in range(tables))
    render_pdf(replace(report, tables=named), CONTEXT)
    listed = words[words.index("Contents") :]
    assert all(f"Table t{n}" in listed for n in range(tables))


def test_every_outcome_has_a_word_and_a_colour():
    assert set(OUTCOME_WORDS) == set(OUTCOME_COLORS) == set(OUTCOMES)


def test_counts_among_further_figures_are_whole():
    assert [figure_text(s) for s in (1200.0, 0.25, 1.0, WHY)] == [
        "1,200",
        "0.250",
        "1.000",
        "not measured",
    ]


def test_cells_of_tables():
    assert short(WHY) == span(None, 0.2) == span(WHY, 0.2) == "–"
    assert span(0.1, 0.2) == "0.100 to 0.200"
    assert short(0.12345, percent=True) == "12.35%"
    assert shares(CROSS.real).sum() == pytest.approx(1.0)
    assert "fails from 0.600" in attack_line(attack("membership", "pass", low=WHY))
    assert "not measured" in attack_line(attack("membership", "pass", copy=WHY))
