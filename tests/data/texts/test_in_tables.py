"""Texts that are learned, as a column of a table: when, and never under a formal guarantee."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.data.fake_kinds import LEARNED
from core.data.fakes import Fake, learn_fake
from core.data.schema import Action, Column, ColumnType, Schema, Table
from core.data.texts import LEAST
from core.privacy.public import PublicTable
from core.synthesis.synthesizer import Synthesizer
from tests.privacy import tiny

ASKED = Column("note", ColumnType.TEXT, action=Action.REPLACE, learned_text=True)


def notes(count: int) -> pd.Series:
    rng = np.random.default_rng(2)
    parts = [["Please", "Do", "Never"], ["call", "send", "check"], ["today", "soon", "again"]]
    said = [" ".join(rng.choice(part) for part in parts) for _ in range(count)]
    texts = [f"{text} number {n % 997}." for n, text in enumerate(said)]
    return pd.Series(texts, dtype="string[pyarrow]")


@pytest.fixture(scope="module")
def fake() -> Fake:
    values = notes(600)
    values[::10] = None
    return learn_fake(values, ASKED, "")


def test_a_column_that_asks_for_it(fake: Fake) -> None:
    assert fake.kind == LEARNED
    made = fake.make(300, np.random.default_rng(1))
    assert made.dtype == "string[pyarrow]"
    assert 0.02 < made.isna().mean() < 0.25
    assert not set(made.dropna()) & set(notes(600))
    assert made.dropna().str.contains("number").mean() > 0.5


def test_it_goes_through_json_and_blocks(fake: Fake) -> None:
    again = Fake.from_dict(json.loads(json.dumps(fake.to_dict())))
    one, other = (f.make(40, np.random.default_rng(3)) for f in (fake, again))
    pd.testing.assert_series_equal(one, other)


@pytest.mark.parametrize(
    "change",
    [
        {"learned_text": False},
        {"semantic": "national_id"},
        {"semantic": "full_name"},
        {"action": Action.MASK},
    ],
)
def test_columns_for_which_it_is_not(change: dict) -> None:
    assert learn_fake(notes(300), replace(ASKED, **change), "").kind != LEARNED


def test_too_few_texts_are_made_of_plain_words() -> None:
    assert learn_fake(notes(LEAST // 2), ASKED, "").kind == "pattern"


def test_a_key_is_not_made_of_words() -> None:
    assert learn_fake(notes(300), ASKED, "", key=True).kind != LEARNED


def table_of(column: Column, rows: int = 400) -> tuple[Schema, dict[str, pd.DataFrame]]:
    number = Column("n", ColumnType.INTEGER, action=Action.KEEP)
    frame = pd.DataFrame({"note": notes(rows), "n": pd.array(np.arange(rows) % 9, "Int64")})
    return Schema((Table("t", (column, number)),)), {"t": frame}


def test_in_a_synthesizer_dumped_and_sampled_again() -> None:
    schema, tables = table_of(replace(ASKED, action=Action.KEEP))
    model = Synthesizer(schema, "forest")
    model.fit(tables, rng=np.random.default_rng(1))
    made = model.sample({"t": 200}, rng=np.random.default_rng(2))["t"]
    assert not set(made["note"]) & set(tables["t"]["note"])
    assert made["note"].str.contains("number").mean() > 0.5
    again = Synthesizer.load(model.dump()).sample({"t": 200}, rng=np.random.default_rng(2))["t"]
    pd.testing.assert_frame_equal(made, again)


def test_an_engine_with_a_formal_guarantee_learns_no_text(monkeypatch) -> None:
    from core.synthesis import registry

    monkeypatch.setitem(registry.ENGINES, "tiny", tiny.INFO)
    schema, tables = table_of(ASKED)
    model = Synthesizer(schema, "tiny", {"epsilon": 1.0, "delta": 1e-6})
    model.fit(tables, rng=np.random.default_rng(1), public=PublicTable({}))
    fakes = model._fitted["t"].preparation.fakes
    assert [fake.kind for fake in fakes] == ["pattern"]
    assert not any(column.learned_text for column in model.schema["t"].columns)


def test_the_schema_keeps_what_was_asked() -> None:
    schema, _ = table_of(ASKED)
    assert Schema.from_dict(json.loads(json.dumps(schema.to_dict()))) == schema
    older = schema.to_dict()
    for column in older["tables"][0]["columns"]:
        del column["learned_text"]
    assert not Schema.from_dict(older)["t"]["note"].learned_text
