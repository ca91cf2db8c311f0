"""Suggestions name the figures they rest on."""

import pytest

from core.data.schema import Column, ColumnType, Schema, Table
from core.errors import InvalidInput
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


def test_a_formal_guarantee_is_answered_by_aim_with_its_settings() -> None:
    private = suggest(NUMBERS, {"t": 24_000}, private=True)
    assert private.engine == "aim"
    assert "ε = 1 and δ = 1e-06" in private.why
    wide = Schema((Table("t", tuple(Column(f"c{i}", ColumnType.NUMBER) for i in range(101))),))
    assert suggest(wide, {"t": 500}, private=True).engine == "mst"
    with pytest.raises(InvalidInput, match="this dataset has 2"):
        suggest(Schema((*NUMBERS.tables, Table("u", ()))), {"t": 500, "u": 5}, private=True)
