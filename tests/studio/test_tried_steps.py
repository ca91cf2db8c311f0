"""Examples of tried steps: what enough people have is shown, of all else its shape."""

import pandas as pd
import pytest

from core.data.pipeline import make_step
from core.data.schema import Column, ColumnType, Relationship, Role, Schema, Table
from core.studio.tried_steps import shape_of, tried_steps

VISITS = Table(
    "visits",
    (Column("person", ColumnType.INTEGER, Role.IDENTIFIER), Column("street", ColumnType.CATEGORY)),
)
PEOPLE = Table("people", (Column("id", ColumnType.INTEGER),), "id")
LINKED = Schema((PEOPLE, VISITS), (Relationship("people", "id", "visits", "person"),))


@pytest.mark.parametrize("schema", [LINKED, Schema((VISITS,))])
def test_what_one_person_has_in_many_rows_is_not_shown(schema: Schema) -> None:
    streets = [" Elm Lane 7"] * 8 + [" Main"] * 10
    visits = pd.DataFrame(
        {
            "person": pd.Series([1] * 8 + [2, 3, 4, 5, 6] * 2, dtype="Int64"),
            "street": pd.Series(streets, dtype="string[pyarrow]"),
        }
    )
    people = pd.DataFrame({"id": pd.Series(range(1, 7), dtype="Int64")})
    tables = {name: {"people": people, "visits": visits}[name] for name in schema.names}
    trim = make_step("trim", {"column": "street"})
    tried = tried_steps({"visits": (trim,)}, schema, tables, 24, {})
    found = {(e.before, e.after, e.cells) for e in tried.examples["visits", "street"]}
    assert found == {(" Main", "Main", 10), (" Aa Aa 9", "Aa Aa 9", 8)}


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("Ab-12 é", "Aa-9 a"),
        ("e\N{COMBINING ACUTE ACCENT}", "a"),
        ("\N{DEVANAGARI LETTER NA}\N{DEVANAGARI VOWEL SIGN AA}\N{DEVANAGARI LETTER MA}", "a"),
    ],
)
def test_a_shape_shows_no_letter_and_no_part_of_one(text: str, shape: str) -> None:
    assert shape_of(text) == shape
