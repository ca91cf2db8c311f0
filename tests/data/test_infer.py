"""Types and value formats from text: small columns whose answer is known."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.infer import Hints, Inferred, infer_table
from core.data.render import render
from core.data.schema import ColumnType

T = ColumnType


def infer(*cells: str, name: str = "x", **hints: bool) -> Inferred:
    table = pa.table({name: pa.array(cells, pa.string())})
    return infer_table(table, Hints(**hints))[0]


def back(found: Inferred) -> list[str]:
    text = render(found.values, found.column)
    marker = found.column.format.missing
    return [marker if cell is None else cell for cell in text.to_pylist()]


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["1", "-2", "0", "999999999999999999"], T.INTEGER),
        (["0", "1", "1"], T.INTEGER),
        (["1", "", "3"], T.INTEGER),
        (["00123", "00456"], T.CATEGORY),
        (["+49123", "+49124"], T.CATEGORY),
        (["1234567890123456789", "1"], T.CATEGORY),
        (["12345678901234567890.5", "1"], T.NUMBER),
        (["1.5", "2.25", "-0.5"], T.NUMBER),
        (["1", "2.5"], T.NUMBER),
        (["29.0", "0.9167"], T.NUMBER),
        (["12.50", "3.00"], T.NUMBER),
        (["1.10", "1.1", "1.2"], T.CATEGORY),
        (["1e5", "2.5E-3"], T.NUMBER),
        (["-0.0", "1.5"], T.NUMBER),
        (["0.30000000000000004", "0.1"], T.NUMBER),
        (["1e308", "1"], T.NUMBER),
        (["12%", "13%"], T.CATEGORY),
        (["1-2", "3-4"], T.CATEGORY),
        (["5 €", "6 €"], T.CATEGORY),
        (["1", "two", "3"], T.CATEGORY),
        (["true", "false", ""], T.BOOLEAN),
        (["True", "True"], T.BOOLEAN),
        (["FALSE", "TRUE", "NA"], T.BOOLEAN),
        (["yes", "no"], T.BOOLEAN),
        (["yes", "yes"], T.CATEGORY),
        (["yes", "No"], T.CATEGORY),
        (["t", "f", "t"], T.BOOLEAN),
        (["t", "f", "x"], T.CATEGORY),
        (["Y", "N"], T.BOOLEAN),
        (["M", "F"], T.CATEGORY),
        (["", "", ""], T.CATEGORY),
        (["1949-01", "1949-02"], T.DATE),
        (["2020-02-30", "2020-01-01"], T.CATEGORY),
        (["36:15", "12:00"], T.CATEGORY),
    ],
)
def test_the_type_of_a_column(cells: list[str], kind: ColumnType) -> None:
    found = infer(*cells)
    assert found.column.type is kind
    assert str(found.values.dtype) == str(pd.Series([], dtype=kind.dtype).dtype)
    assert not (found.notes and kind is T.BOOLEAN)


@pytest.mark.parametrize(
    ("cells", "pattern", "first"),
    [
        (["1993-07-05", "1994-12-31"], "%Y-%m-%d", "1993-07-05"),
        (["1993/07/05", "1994/12/31"], "%Y/%m/%d", "1993-07-05"),
        (["05.07.1993", "31.12.1994"], "%d.%m.%Y", "1993-07-05"),
        (["5.7.1993", "31.12.1994"], "%-d.%-m.%Y", "1993-07-05"),
        (["07/05/1993", "12/31/1994"], "%m/%d/%Y", "1993-07-05"),
        (["05/07/93", "31/12/94"], "%d/%m/%y", "1993-07-05"),
        (["05-Jul-1993", "31-Dec-1994"], "%d-%b-%Y", "1993-07-05"),
        (["5 July 1993", "31 December 1994"], "%-d %B %Y", "1993-07-05"),
        (["Jul 05, 1993", "Dec 31, 1994"], "%b %d, %Y", "1993-07-05"),
        (["2020-01-31 00:00:00", "2020-02-01 00:00:00"], "%Y-%m-%d %H:%M:%S", "2020-01-31"),
        (["1949-01", "1949-02"], "%Y-%m", "1949-01-01"),
    ],
)
def test_dates(cells: list[str], pattern: str, first: str) -> None:
    found = infer(*cells)
    assert found.column.type is T.DATE
    assert found.column.format.pattern == pattern
    assert found.values.iloc[0] == pd.Timestamp(first)
    assert back(found) == cells
    assert found.notes == ()


@pytest.mark.parametrize(
    ("cells", "pattern", "decimals"),
    [
        (["2020-01-31 12:30", "2020-02-01 00:00"], "%Y-%m-%d %H:%M", None),
        (["2020-01-31T12:30:05Z", "2020-02-01T00:00:00Z"], "%Y-%m-%dT%H:%M:%SZ", None),
        (["2020-01-31 12:30:05.120", "2020-02-01 00:00:00.000"], "%Y-%m-%d %H:%M:%S.%f", 3),
        (["2020-01-31 12:30:05.123456"], "%Y-%m-%d %H:%M:%S.%f", 6),
        (["2020-01-31T12:30:05.5+02:00"], "%Y-%m-%dT%H:%M:%S.%f+02:00", 1),
        (["31.01.2020 12:30", "01.02.2020 9:05"], "%d.%m.%Y %-H:%M", None),
        (["31.01.2020 12:30", "01.02.2020 09:05"], "%d.%m.%Y %H:%M", None),
        (["1/31/2020 9:05", "2/1/2020 10:05"], "%-m/%-d/%Y %-H:%M", None),
        (["01/31/2020 09:05 PM", "02/01/2020 10:05 AM"], "%m/%d/%Y %I:%M %p", None),
    ],
)
def test_datetimes(cells: list[str], pattern: str, decimals: int | None) -> None:
    found = infer(*cells)
    assert found.column.type is T.DATETIME
    assert (found.column.format.pattern, found.column.format.decimals) == (pattern, decimals)
    assert back(found) == cells


def test_dates_that_are_written_in_two_ways_are_noted() -> None:
    found = infer("31.01.2020 09:30", "01.02.2020 9:05")
    assert back(found) == ["31.01.2020 09:30", "01.02.2020 09:05"]
    assert "1 values are written unlike the rest" in found.notes[0]
    fractions = infer("2020-01-31 12:30:05.5", "2020-01-31 12:30:05")
    assert fractions.values.iloc[1] == pd.Timestamp("2020-01-31 12:30:05")
    assert len(fractions.notes) == 1


def test_times_of_day() -> None:
    found = infer("09:30", "23:59", "")
    assert found.column.type is T.TIME
    assert found.values.iloc[0] == pd.Timedelta(hours=9, minutes=30)
    assert back(found) == ["09:30", "23:59", ""]
    assert back(infer("9:30:01.5", "23:59:00.0")) == ["9:30:01.5", "23:59:00.0"]


def test_day_and_month_are_told_apart_by_the_data_or_noted() -> None:
    assert infer("01/02/2020", "13/02/2020").column.format.pattern == "%d/%m/%Y"
    assert infer("01/02/2020", "01/13/2020").column.format.pattern == "%m/%d/%Y"
    unclear = infer("01/02/2020", "03/04/2020")
    assert unclear.column.format.pattern == "%d/%m/%Y"
    assert "day is taken to come first" in unclear.notes[0]
    same = infer("01/01/2020", "02/02/2020")
    assert same.notes == ()


def test_offsets_that_change_are_read_in_universal_time() -> None:
    found = infer("2020-03-29T01:30:00+01:00", "2020-03-29T03:30:00+02:00")
    assert found.values.tolist() == [
        pd.Timestamp("2020-03-29 00:30"),
        pd.Timestamp("2020-03-29 01:30"),
    ]
    assert back(found) == ["2020-03-29T00:30:00+00:00", "2020-03-29T01:30:00+00:00"]
    assert "universal time" in found.notes[0]


def test_compact_dates_are_dates_when_many_or_so_named() -> None:
    assert infer("19930705", "19931231").column.type is T.INTEGER
    assert infer("19930705", "19931231", name="open_date").column.format.pattern == "%Y%m%d"
    assert infer("19930705", "19931399", name="open_date").column.type is T.INTEGER
    many = [f"1993{m:02d}{d:02d}" for m in range(1, 13) for d in (1, 2)]
    assert infer(*many).column.type is T.DATE


@pytest.mark.parametrize(
    ("cells", "decimals", "least", "fixed"),
    [
        (["12.50", "3.00"], 2, 2, True),
        (["12.5", "3.25"], 2, 1, False),
        (["12", "3.25"], 2, 0, False),
        (["29.0", "0.9167"], 4, 1, False),
        (["1e5", "2.5"], None, 1, False),
    ],
)
def test_digits(cells: list[str], decimals: int | None, least: int, fixed: bool) -> None:
    style = infer(*cells).column.format
    assert (style.decimals, style.least, style.fixed) == (decimals, least, fixed)


def test_decimal_commas_and_thousands() -> None:
    comma = infer("1,5", "-2,25", "0,125")
    assert comma.values.tolist() == [1.5, -2.25, 0.125]
    assert comma.column.format.point == ","
    assert back(comma) == ["1,5", "-2,25", "0,125"]
    english = infer("1,234", "12", "1,234,567")
    assert english.column.type is T.INTEGER
    assert back(english) == ["1,234", "12", "1,234,567"]
    german = infer("1.234,50", "12,00", "1.234.567,25")
    assert german.values.tolist() == [1234.5, 12.0, 1234567.25]
    assert back(german) == ["1.234,50", "12,00", "1.234.567,25"]
    swiss = infer("1'234.50", "12.00")
    assert back(swiss) == ["1'234.50", "12.00"]


def test_what_a_single_comma_means_depends_on_the_delimiter() -> None:
    cells = ("1,234", "5,678", "12")
    assert infer(*cells).values.tolist() == [1234, 5678, 12]
    assert infer(*cells, comma_is_point=True).values.tolist() == [1.234, 5.678, 12.0]


def test_telephone_numbers_are_no_grouped_numbers() -> None:
    assert infer("123 456 789", "987 654 321").column.type is T.CATEGORY
    assert infer("030 123 456", "040 1234").column.type is T.CATEGORY


@pytest.mark.parametrize("marker", ["NA", "N/A", "null", "NULL", "NaN", "None", "-", "?", "\\N"])
def test_markers_of_missing_values_in_typed_columns(marker: str) -> None:
    found = infer("1.5", marker, "2.5")
    assert found.column.type is T.NUMBER
    assert found.column.format.missing == marker
    assert back(found) == ["1.5", marker, "2.5"]


@pytest.mark.parametrize("marker", ["NA", "None", "?", "-", "null"])
def test_markers_are_values_in_text_columns(marker: str) -> None:
    found = infer("apple", marker, "pear", "apple")
    assert found.values.isna().sum() == 0
    assert back(found) == ["apple", marker, "pear", "apple"]


def test_a_marker_of_the_table_counts_in_its_text_columns() -> None:
    table = pa.table({"n": ["1", "NA", "3"], "t": ["a", "NA", "b"], "u": ["", "NA", "b"]})
    number, text, other = infer_table(table, Hints())
    assert number.values.isna().tolist() == text.values.isna().tolist() == [False, True, False]
    assert text.column.format.missing == "NA"
    assert other.values.isna().tolist() == [True, False, False]


def test_two_markers_in_one_column_are_noted() -> None:
    found = infer("1", "", "NA", "", "5")
    assert found.values.isna().tolist() == [False, True, True, True, False]
    assert found.column.format.missing == ""
    assert "more than one way" in found.notes[0]


def test_blanks_and_spaces() -> None:
    blank = infer("a", " ", "b", " ")
    assert blank.values.isna().tolist() == [False, True, False, True]
    assert back(blank) == ["a", " ", "b", " "]
    padded = infer(" 1", " 2", "3")
    assert padded.values.tolist() == [1, 2, 3]
    assert "2 values are written unlike the rest" in padded.notes[0]
    assert infer(" a", "a").values.tolist() == [" a", "a"]


def test_category_or_text() -> None:
    names = [f"name {i}" for i in range(30)]
    assert infer(*names).column.type is T.TEXT
    assert infer(*names[:15]).column.type is T.CATEGORY
    assert infer(*names, *names).column.type is T.CATEGORY
    assert infer(*names, *["same"] * 10).column.type is T.TEXT


def test_a_nearly_numeric_column_is_noted_without_its_values() -> None:
    found = infer(*[str(i) for i in range(99)], "secret")
    assert found.column.type is T.TEXT
    assert "1 of 100 values are no numbers" in found.notes[0]
    assert "secret" not in found.notes[0]


def test_any_script_stays_as_it_is() -> None:
    cells = ["東京", "Ωμέγα", "مرحبا", "naïve", "👩‍👩‍👧", "\u00a0x", "a\nb", 'q"q', ""]
    assert back(infer(*cells)) == cells


def test_infinities_are_missing_and_noted() -> None:
    found = infer("1.5", "inf", "-Infinity", "2.5")
    assert found.values.isna().tolist() == [False, True, True, False]
    assert "infinities" in found.notes[0]


def test_dates_only_leaves_numbers_in_text_alone() -> None:
    assert infer("1", "2", dates_only=True).column.type is T.CATEGORY
    assert infer("2020-01-01", dates_only=True).column.type is T.DATE


decimals = st.integers(0, 6).flatmap(
    lambda d: st.lists(
        st.integers(-(10**8), 10**8).map(lambda i: f"{i / 10**d:.{d}f}"), min_size=1, max_size=30
    )
)


@settings(max_examples=60, deadline=None)
@given(decimals)
def test_padded_numbers_come_back(cells: list[str]) -> None:
    assert back(infer(*cells)) == cells


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=20))
def test_floats_as_python_writes_them_come_back(numbers: list[float]) -> None:
    cells = [repr(number) for number in numbers]
    found = infer(*cells)
    if found.column.type is T.NUMBER:
        assert found.values.tolist() == numbers
        if not found.notes:
            assert back(found) == cells


text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.one_of(text, st.sampled_from(["", "NA", "-", "1", "2.50", "2020-01-01", "007"])),
        min_size=1,
        max_size=12,
    )
)
def test_whatever_is_read_comes_back_or_is_noted(cells: list[str]) -> None:
    found = infer(*cells)
    assert len(found.values) == len(cells)
    assert back(found) == cells or found.notes


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.datetimes(), min_size=1, max_size=20),
    st.sampled_from(["%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%SZ", "%d %b %Y %H:%M:%S"]),
)
def test_datetimes_come_back(moments: list, pattern: str) -> None:
    cells = [
        f"{m.year:04d}".join(m.strftime(pattern.replace("%Y", "{}")).split("{}")) for m in moments
    ]
    found = infer(*cells)
    assert found.column.type in {T.DATE, T.DATETIME}
    assert back(found) == cells


def test_values_of_every_type_survive_missing_cells_in_long_columns() -> None:
    rng = np.random.default_rng(0)
    cells = np.where(rng.random(5_000) < 0.3, "", rng.integers(0, 50, 5_000).astype(str))
    assert back(infer(*cells)) == cells.tolist()
