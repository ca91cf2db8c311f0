"""Suggestions name the figures they rest on."""

from core.data.schema import Column, ColumnType, Schema, Table
from core.studio.advice import suggest

NUMBERS = Schema(
    (Table("t", tuple(Column(name, ColumnType.NUMBER) for name in ("a", "b", "c", "d"))),)
)


def test_small_numeric_tables_get_the_copula_and_others_forest() -> None:
    small = suggest(NUMBERS, {"t": 120})
    assert small.engine == "copula"
    assert "120" in small.why
    large = suggest(NUMBERS, {"t": 24_000})
    assert large.engine == "forest"
    assert "24,000" in large.why
