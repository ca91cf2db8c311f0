"""Canonical frames and their numeric view."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.frames import as_numbers, canonical, from_numbers
from core.data.moments import DAY, floor, from_microseconds, resolution, to_microseconds
from core.data.schema import Column, ColumnType, Table, ValueFormat

NUMERIC = [t for t in ColumnType if t.is_numeric or t is ColumnType.BOOLEAN]
VALUES = {
    ColumnType.INTEGER: [3, None, -7],
    ColumnType.NUMBER: [2.5, np.nan, -1e9],
    ColumnType.BOOLEAN: [True, None, False],
    ColumnType.DATE: pd.to_datetime(["2020-02-29", None, "1931-01-01"]),
    ColumnType.DATETIME: pd.to_datetime(["2020-02-29 23:59:59.5", None, "1931-01-01 00:00:00.0"]),
    ColumnType.TIME: pd.to_timedelta(["23:59:59", None, "00:00:00"]),
}


@pytest.mark.parametrize("kind", NUMERIC)
def test_numbers_and_back(kind):
    column = Column("c", kind)
    series = pd.Series(VALUES[kind], dtype=kind.dtype, name="c")
    back = from_numbers(as_numbers(series, column), column)
    pd.testing.assert_series_equal(back, series)


def test_units():
    day = pd.Series(pd.to_datetime(["1970-01-02"]), dtype="datetime64[us]")
    assert as_numbers(day, Column("c", ColumnType.DATE)).tolist() == [1.0]
    assert as_numbers(day, Column("c", ColumnType.DATETIME)).tolist() == [86_400.0]


def test_numbers_are_rounded_to_the_format():
    column = Column("c", ColumnType.NUMBER, format=ValueFormat(decimals=2))
    assert from_numbers(np.array([1.005, 2.999]), column).tolist() == pytest.approx(
        [1.0, 3.0], abs=0.011
    )


def test_integers_out_of_range_are_clipped():
    made = from_numbers(np.array([1e30, -1e30]), Column("c", ColumnType.INTEGER))
    assert made[0] > 9e18
    assert made[1] < -9e18


def test_canonical_selects_and_casts():
    table = Table("t", (Column("b", ColumnType.CATEGORY), Column("a", ColumnType.INTEGER)))
    frame = pd.DataFrame({"a": [1, 2], "x": [0, 0], "b": ["u", None]}, index=[5, 6])
    made = canonical(frame, table)
    assert list(made.columns) == ["b", "a"]
    assert [str(t) for t in made.dtypes] == ["string", "Int64"]
    assert made.index.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("values", "unit"),
    [
        (["2020-01-01", "2021-05-06"], DAY),
        (["2020-01-01 05:00"], DAY // 24),
        (["2020-01-01 05:31", None], DAY // 1440),
        (["2020-01-01 05:30:07"], 1_000_000),
        (["2020-01-01 05:30:07.001"], 1_000),
        (["2020-01-01 05:30:07.000001"], 1),
        ([None], 1),
    ],
)
def test_resolution(values, unit):
    assert resolution(pd.Series(pd.to_datetime(values), dtype="datetime64[us]")) == unit


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.integers(-(2**50), 2**50), min_size=1, max_size=9), st.sampled_from([1, 1000, DAY])
)
def test_floor_is_the_multiple_below(numbers, unit):
    like = pd.Series(np.array(numbers).view("datetime64[us]"))
    floored = to_microseconds(floor(like, unit))
    assert (floored % unit == 0).all()
    assert ((np.array(numbers) - floored >= 0) & (np.array(numbers) - floored < unit)).all()
    pd.testing.assert_series_equal(from_microseconds(to_microseconds(like), like), like)


def test_moments_stay_in_the_years_that_can_be_written():
    column = Column("c", ColumnType.DATETIME)
    last = pd.Series([pd.Timestamp("9999-12-31 23:59:59.999999")], dtype="datetime64[us]")
    assert from_numbers(as_numbers(last, column), column).tolist() == last.tolist()
    past = from_numbers(np.array([-1e12]), column)
    assert past.dt.year.tolist() == [1]


@pytest.mark.parametrize(
    ("times", "step"),
    [
        (["10:15", "10:30", "23:45"], 15 * 60),
        (["10:10", "10:20"], 10 * 60),
        (["10:11", "10:20"], 60),
        (["12:00", "18:00"], 6 * 3600),
        (["10:00:05", "10:00:10"], 5),
    ],
)
def test_steps_of_clocks_are_seen(times, step):
    values = pd.to_timedelta([t if t.count(":") == 2 else f"{t}:00" for t in times])
    assert resolution(pd.Series(values.astype("timedelta64[us]"))) == step * 1_000_000
