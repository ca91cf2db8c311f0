"""What is declared public: typed or uploaded, checked against the columns, never read from rows."""

import pytest

from core.data.schema import Action, Column, ColumnType, Role, Table
from core.errors import InvalidInput
from core.privacy.public import public_from_yaml
from core.studio.public_schemas import (
    Declared,
    declarable,
    declared_of,
    public_of_table,
    public_of_yaml,
    template,
)

TABLE = Table(
    "people",
    (
        Column("id", ColumnType.INTEGER),
        Column("age", ColumnType.INTEGER),
        Column("born", ColumnType.DATE),
        Column("job", ColumnType.CATEGORY),
        Column("mail", ColumnType.CATEGORY, action=Action.REPLACE),
        Column("gone", ColumnType.INTEGER, action=Action.DROP),
        Column("note", ColumnType.TEXT, Role.PLAIN),
        Column("client: no", ColumnType.INTEGER),
    ),
    "id",
)


def test_only_columns_that_are_learned_can_be_declared():
    assert [c.name for c in declarable(TABLE)] == ["age", "born", "job", "client: no"]
    assert "client: no" not in [c.name for c in declarable(TABLE, "client: no")]


def test_what_is_typed_is_kept_and_shown_again():
    typed = (
        Declared("age", "17", "90"),
        Declared("born", "1930-01-01", "2005-12-31", missing=True),
        Declared("job", codes='clerk, "farmer, owner", ?'),
        Declared("client: no"),
    )
    public = public_of_table(typed, TABLE, rows=24_000)
    assert public["rows"] == 24_000
    assert public["columns"]["age"] == {"low": 17.0, "high": 90.0}
    assert public["columns"]["job"]["values"] == ["clerk", "farmer, owner", "?"]
    again = declared_of(public, TABLE)
    assert public_of_table(again, TABLE, rows=24_000) == public
    assert [d.column for d in again] == ["age", "born", "job", "client: no"]
    assert not again[-1].says_something


def test_nothing_typed_is_nothing_declared():
    assert public_of_table([Declared("age"), Declared("job", codes="  ")], TABLE) is None
    assert public_of_table([Declared("age")], TABLE, rows=9)["rows"] == 9


def test_all_that_is_wrong_is_said_at_once():
    wrong = [Declared("age", "90", "17"), Declared("job", "1", "2"), Declared("born", "1930")]
    with pytest.raises(InvalidInput) as failure:
        public_of_table(wrong, TABLE)
    assert "born" in str(failure.value)
    with pytest.raises(InvalidInput) as failure:
        public_of_table(wrong[:2], TABLE)
    said = str(failure.value)
    assert "below `high`" in said
    assert "give `values`" in said


def test_an_upload_is_checked_against_the_table():
    public = public_of_yaml(b"columns:\n  job: {values: [01, 1]}\n", "s.yaml", TABLE)
    assert public["columns"]["job"]["values"] == ["01", "1"]
    with pytest.raises(InvalidInput, match="no column 'size'"):
        public_of_yaml(b"columns: {size: {low: 0, high: 1}}", "s.yaml", TABLE)
    with pytest.raises(InvalidInput, match="no YAML: line"):
        public_of_yaml(b"columns: [", "s.yaml", TABLE)


def test_the_template_names_the_columns_and_is_itself_a_schema_that_says_nothing():
    text = template(TABLE)
    assert '"client: no"' in text
    assert "mail" not in text
    made = public_from_yaml(text.encode(), "template.yaml")
    assert (dict(made.columns), made.rows) == ({}, 0)
