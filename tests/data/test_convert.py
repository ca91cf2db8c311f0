"""A column's type may be changed in the review where nothing is lost."""

import pandas as pd
import pytest

from core.data.convert import convert_column, possible_types, retyped
from core.data.schema import Column, ColumnType, ValueFormat
from core.errors import InvalidInput

T = ColumnType


def changed(values: list[object], kind: ColumnType, wanted: ColumnType, **form: object):
    stored = Column("x", kind, format=ValueFormat(**form))  # type: ignore[arg-type]
    series = pd.Series(values, dtype=kind.dtype)
    return convert_column(series, stored, retyped(stored, wanted))


def test_integers_become_categories_and_numbers() -> None:
    assert changed([1, None], T.INTEGER, T.CATEGORY).tolist() == ["1", pd.NA]
    assert changed([1, None], T.INTEGER, T.NUMBER).dtype == "float64"


def test_numbers_keep_their_written_form_as_categories() -> None:
    made = changed([1.5, 2.0, None], T.NUMBER, T.CATEGORY, decimals=2, fixed=True)
    assert made.tolist() == ["1.50", "2.00", pd.NA]


def test_booleans_become_the_words_they_were_written_in() -> None:
    made = changed([True, False, None], T.BOOLEAN, T.CATEGORY, true="yes", false="no")
    assert made.tolist() == ["yes", "no", pd.NA]


def test_digits_in_strings_become_numbers() -> None:
    assert changed(["1", "20", None], T.CATEGORY, T.INTEGER).tolist() == [1, 20, pd.NA]
    assert changed(["1.5", None], T.TEXT, T.NUMBER).tolist()[0] == 1.5


def test_long_whole_numbers_keep_their_last_digit() -> None:
    """Beyond 2**53 a float holds only some of them."""
    long = [2**53 + 1, -(2**53) - 1, 2**63 - 1]
    for kind in (T.CATEGORY, T.TEXT):
        made = changed([*map(str, long), None], kind, T.INTEGER)
        assert made.tolist() == [*long, pd.NA]
    assert changed(long, T.INTEGER, T.CATEGORY).tolist() == [str(one) for one in long]
    assert changed([2**53 + 2, 2**62], T.INTEGER, T.NUMBER).tolist() == [2.0**53 + 2, 2.0**62]


@pytest.mark.parametrize(
    ("values", "kind", "wanted"),
    [
        (["9007199254740993", "1.0"], T.CATEGORY, T.INTEGER),
        (["9223372036854775808"], T.CATEGORY, T.INTEGER),
        ([2**53 + 1, 1], T.INTEGER, T.NUMBER),
        ([-(2**62) - 1, None], T.INTEGER, T.NUMBER),
        ([2**63 - 1], T.INTEGER, T.NUMBER),
        (["secret", "1"], T.CATEGORY, T.INTEGER),
        ([1.5], T.NUMBER, T.INTEGER),
        (["1.5"], T.CATEGORY, T.INTEGER),
        ([pd.Timestamp("2024-01-01 12:00")], T.DATETIME, T.DATE),
        ([True], T.BOOLEAN, T.DATE),
    ],
)
def test_what_would_lose_something_is_refused_without_showing_it(
    values: list[object], kind: ColumnType, wanted: ColumnType
) -> None:
    with pytest.raises(InvalidInput, match="'x'") as caught:
        changed(values, kind, wanted)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("kind", list(T))
def test_the_type_itself_is_always_possible(kind: ColumnType) -> None:
    assert possible_types(Column("x", kind))[0] is kind
