import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.frames import canonical
from core.data.profile import Histogram, TableProfile, as_text, profile_table
from core.data.profile.association import cramers_v
from core.data.schema import Column, ColumnType, Table, ValueFormat
from core.errors import InvalidInput, NotFound

T = ColumnType


def profiled(masked: frozenset[str] = frozenset(), **columns: tuple[ColumnType, list]):
    table = Table("t", tuple(Column(name, kind) for name, (kind, _) in columns.items()))
    frame = pd.DataFrame({name: pd.Series(v, dtype="object") for name, (_, v) in columns.items()})
    return profile_table(canonical(frame, table), table, masked)


def test_counts_of_a_small_table():
    profile = profiled(
        id=(T.INTEGER, [1, 2, 3, 4, 4]),
        code=(T.CATEGORY, ["a", "b", "c", "d", "d"]),
        gap=(T.NUMBER, [None, 1.5, None, 2.5, 2.5]),
    )
    assert profile.rows == 5
    assert profile.duplicate_rows == 1
    assert profile.key_candidates == ()
    assert profile["gap"].missing == 2
    assert profile["gap"].missing_share == pytest.approx(0.4)
    assert profile["gap"].distinct == 2
    assert profile.missing_share == pytest.approx(2 / 15)


def test_keys_are_complete_and_different():
    profile = profiled(
        key=(T.INTEGER, [3, 1, 2]),
        name=(T.CATEGORY, ["x", "y", "z"]),
        holes=(T.CATEGORY, ["x", None, "z"]),
        price=(T.NUMBER, [1.0, 2.0, 3.0]),
    )
    assert profile.key_candidates == ("key", "name")
    assert profile.duplicate_rows == 0


def test_numbers_by_hand():
    numbers = profiled(v=(T.INTEGER, [1, 2, 3, 4, 100]))["v"].numbers
    assert numbers is not None
    assert (numbers.min, numbers.max, numbers.mean) == (1, 100, 22)
    assert numbers.std == pytest.approx(43.617656)
    assert dict(numbers.quantiles)[0.5] == 3
    assert numbers.outliers == 1


def test_a_few_integers_get_one_bin_each():
    histogram = profiled(v=(T.INTEGER, [1, 2, 2, 3, 3, 3]))["v"].histogram
    assert histogram == Histogram((0.5, 1.5, 2.5, 3.5), (1, 2, 3))


def test_a_long_tail_is_counted_beside_the_bins():
    histogram = profiled(v=(T.NUMBER, [*np.linspace(0, 1, 2000), 1e6]))["v"].histogram
    assert histogram is not None
    assert histogram.edges[-1] <= 2
    assert histogram.above == 1
    assert sum(histogram.counts) + histogram.below + histogram.above == 2001


def test_top_values_repeat_and_come_in_order():
    profile = profiled(
        c=(T.CATEGORY, ["b", "a", "a", "b", "b", "once"]),
        f=(T.BOOLEAN, [True, True, False, False, None, True]),
    )
    assert profile["c"].top == (("b", 3), ("a", 2))
    assert profile["f"].top == (("true", 3), ("false", 2))


def test_booleans_are_written_as_in_the_file():
    table = Table("t", (Column("f", T.BOOLEAN, format=ValueFormat(true="ja", false="nein")),))
    frame = pd.DataFrame({"f": pd.array([True, True, False], dtype="boolean")})
    assert profile_table(frame, table)["f"].top == (("ja", 2),)


def test_masked_and_text_columns_show_no_value():
    profile = profiled(
        masked=frozenset({"phone", "who"}),
        phone=(T.INTEGER, [4712345, 4712345, 4799999]),
        who=(T.CATEGORY, ["Ada", "Ada", "Eve"]),
        note=(T.TEXT, ["called Ada", "called Ada", "wrote Eve"]),
    )
    stored = json.dumps(profile.to_dict())
    assert all(value not in stored for value in ("4712345", "4799999", "Ada", "Eve"))
    assert profile["who"].hidden
    assert not profile["note"].hidden
    assert profile["note"].lengths.longest == 10
    assert profile["phone"].distinct == 2


def test_dates_and_times_lie_on_their_axis():
    profile = profiled(
        day=(T.DATE, list(pd.to_datetime(["1970-01-02", "1970-01-04", None]))),
        at=(T.TIME, list(pd.to_timedelta(["00:00:10", "00:00:30", "00:00:50"]))),
    )
    assert profile["day"].numbers.max == 3
    assert profile["at"].numbers.mean == 30


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (366.0, T.DATE, "1971-01-02"),
        (-1.0, T.DATETIME, "1969-12-31 23:59:59"),
        (3_725.0, T.TIME, "01:02:05"),
        (42.0, T.INTEGER, "42"),
        (0.1234567891, T.NUMBER, "0.123457"),
        (1e300, T.DATE, "1e+300"),
        (float("nan"), T.NUMBER, "nan"),
    ],
)
def test_axis_as_text(value, kind, text):
    assert as_text(value, kind) == text


def test_associations_by_hand():
    profile = profiled(
        x=(T.NUMBER, [1.0, 2.0, 3.0, 4.0] * 25),
        minus=(T.NUMBER, [-2.0, -4.0, -6.0, -8.0] * 25),
        half=(T.CATEGORY, ["low", "low", "high", "high"] * 25),
        same=(T.CATEGORY, ["l", "l", "h", "h"] * 25),
        odd=(T.CATEGORY, ["o", "e", "o", "e"] * 25),
        flat=(T.NUMBER, [7.0] * 100),
        note=(T.TEXT, ["n"] * 100),
    )
    links = profile.associations
    assert links.columns == ("x", "minus", "half", "same", "odd")
    assert links.left_out == ("flat", "note")
    matrix = np.array(links.matrix)
    assert matrix[0, 1] == 1.0
    assert matrix[2, 3] == 1.0
    assert matrix[2, 4] == 0.0
    assert matrix[0, 2] == pytest.approx(np.sqrt(0.8), abs=1e-4)
    assert np.array_equal(matrix, matrix.T)


def test_associations_use_rows_where_both_are_there():
    links = profiled(
        x=(T.NUMBER, [1.0, 2.0, 3.0, 4.0, None, 9.0]),
        y=(T.NUMBER, [1.0, 2.0, 3.0, 4.0, 50.0, None]),
        z=(T.NUMBER, [None, None, None, None, 1.0, 2.0]),
    ).associations
    assert links.matrix[0][1] == 1.0
    assert links.matrix[0][2] is None


def test_independent_codes_have_no_bias():
    rng = np.random.default_rng(3)
    assert cramers_v(rng.integers(0, 20, 500), rng.integers(0, 20, 500)) < 0.12


def test_only_so_many_columns_are_compared():
    rng = np.random.default_rng(1)
    columns = {f"c{i}": (T.NUMBER, list(rng.normal(size=20))) for i in range(63)}
    links = profiled(**columns).associations
    assert len(links.columns) == 60
    assert links.left_out == ("c60", "c61", "c62")


@pytest.mark.parametrize("kind", list(T))
@pytest.mark.parametrize("rows", [0, 1, 5])
def test_all_missing_empty_and_one_row(kind, rows):
    profile = profiled(v=(kind, [None] * rows))
    assert profile["v"].missing == rows
    assert profile["v"].distinct == 0
    assert profile["v"].numbers is None
    assert TableProfile.from_dict(json.loads(json.dumps(profile.to_dict()))) == profile


def test_no_columns():
    assert profile_table(pd.DataFrame(index=range(3)), Table("t", ())).columns == ()


def test_extremes_stay_finite():
    profile = profiled(
        huge=(T.NUMBER, [-1.7e308, 1.7e308, 1e308, 0.0]),
        tiny=(T.NUMBER, [1e-320, 2e-320, 3e-320, 4e-320]),
        mixed=(T.NUMBER, [1e308, 1.0, 2.0, 3.0]),
        big=(T.INTEGER, [2**63 - 1, -(2**63), 0, 5]),
    )
    json.dumps(profile.to_dict(), allow_nan=False)
    assert profile["huge"].numbers.max == 1.7e308
    assert profile["tiny"].numbers.min == 1e-320
    assert sum(profile["big"].histogram.counts) == 4


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=60))
def test_any_numbers_are_all_counted(values):
    column = profiled(v=(T.NUMBER, values))["v"]
    histogram, numbers = column.histogram, column.numbers
    assert sum(histogram.counts) + histogram.below + histogram.above == len(values)
    assert numbers.min <= numbers.mean <= numbers.max
    assert all(np.diff(histogram.edges) > 0) or len(histogram.counts) == 1
    json.dumps(column.numbers.quantiles, allow_nan=False)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=40))
def test_any_integers_are_all_counted(values):
    histogram = profiled(v=(T.INTEGER, values))["v"].histogram
    assert sum(histogram.counts) + histogram.below + histogram.above == len(values)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from([1, 2, None])), max_size=30))
def test_duplicates_are_what_pandas_finds(rows):
    profile = profiled(a=(T.CATEGORY, [r[0] for r in rows]), b=(T.INTEGER, [r[1] for r in rows]))
    expected = pd.DataFrame(rows).duplicated().sum() if rows else 0
    assert profile.duplicate_rows == expected


def test_unknown_column_and_broken_json():
    profile = profiled(v=(T.INTEGER, [1]))
    with pytest.raises(NotFound, match="no column 'w'"):
        profile["w"]
    with pytest.raises(InvalidInput, match="not a profile"):
        TableProfile.from_dict({"table": "t"})
