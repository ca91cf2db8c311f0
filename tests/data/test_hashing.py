"""A content hash depends on what the tables say and on nothing else."""

from dataclasses import replace

import pandas as pd

from core.data.hashing import content_hash
from core.data.schema import Column, ColumnType, Schema, Table

SCHEMA = Schema((Table("t", (Column("a", ColumnType.INTEGER), Column("b", ColumnType.CATEGORY))),))


def frame(b: str = "y") -> pd.DataFrame:
    return pd.DataFrame(
        {"a": pd.array([1, None], "Int64"), "b": pd.array(["x", b], "string[pyarrow]")}
    )


def test_equal_tables_have_equal_hashes() -> None:
    assert content_hash({"t": frame()}, SCHEMA) == content_hash({"t": frame()}, SCHEMA)
    assert len(content_hash({"t": frame()}, SCHEMA)) == 64


def test_a_value_a_name_and_the_order_of_rows_matter() -> None:
    before = content_hash({"t": frame()}, SCHEMA)
    assert content_hash({"t": frame("z")}, SCHEMA) != before
    assert content_hash({"t": frame().iloc[::-1]}, SCHEMA) != before
    table = SCHEMA.tables[0]
    renamed = Schema((replace(table, name="u"),))
    assert content_hash({"u": frame()}, renamed) != before


def test_a_role_or_an_action_does_not_matter() -> None:
    column = replace(SCHEMA["t"]["a"], reason="because")
    other = SCHEMA.with_table(SCHEMA["t"].with_column(column))
    assert content_hash({"t": frame()}, other) == content_hash({"t": frame()}, SCHEMA)
