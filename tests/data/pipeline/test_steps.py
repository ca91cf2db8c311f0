"""Each step on a small table whose outcome is worked out by hand."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.data.pipeline import FittedPipeline, fit_pipeline, make_step
from core.data.pipeline.missing import between
from core.data.pipeline.people import people_by_label, people_of, reached
from core.data.schema import Column, ColumnType, Schema, Table, ValueFormat
from core.errors import InvalidInput

T = ColumnType
STRING = "string[pyarrow]"


def prepared(
    values: list[Any], kind: ColumnType, *steps: dict[str, Any], **more: list[Any]
) -> tuple[FittedPipeline, pd.Series, pd.Series]:
    """Column ``x`` after the steps, and as it is given out; ``more`` are further columns."""
    others = tuple(Column(name, _kind(cells)) for name, cells in more.items())
    table = Table("t", (Column("x", kind), *others))
    columns = {
        c.name: pd.Series(more.get(c.name, values), dtype=c.type.dtype) for c in table.columns
    }
    made = tuple(make_step(s["step"], {"column": "x"} | _rest(s)) for s in steps)
    pipeline, frames, _ = fit_pipeline({"t": made}, Schema((table,)), {"t": pd.DataFrame(columns)})
    back = pipeline.restore(frames["t"], pipeline.prepared["t"], np.random.default_rng(1))
    return pipeline, frames["t"]["x"], back["x"]


def _kind(cells: list[Any]) -> ColumnType:
    return T.CATEGORY if isinstance(cells[0], str | None) else T.INTEGER


def _rest(step: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in step.items() if name != "step"}


def listed(values: pd.Series) -> list[Any]:
    return values.astype(object).where(values.notna(), None).tolist()


def test_trim_takes_spaces_and_sets_case() -> None:
    _, made, back = prepared([" Rome", "rome  ", "New   York", None], T.CATEGORY,
                             {"step": "trim", "case": "upper"})  # fmt: skip
    assert listed(made) == ["ROME", "ROME", "NEW YORK", None]
    assert listed(back) == listed(made)


def test_markers_make_words_blanks_and_sentinels_missing() -> None:
    _, words, _ = prepared([" - ", "n/a", "N/A", "  ", "a"], T.CATEGORY,
                           {"step": "markers", "words": ["-", "n/a", ""]})  # fmt: skip
    assert listed(words) == [None, None, "N/A", None, "a"]
    _, any_case, _ = prepared(["n/a", "N/A", "a"], T.CATEGORY,
                              {"step": "markers", "words": ["N/a"], "any_case": True})  # fmt: skip
    assert listed(any_case) == [None, None, "a"]
    _, numbers, _ = prepared([-999, 4, None], T.INTEGER, {"step": "markers", "words": ["-999"]})
    assert listed(numbers) == [None, 4, None]
    days = ["2024-01-02", "9999-12-31"]
    _, dates, _ = prepared(days, T.DATE, {"step": "markers", "words": ["9999-12-31"]})
    assert dates.isna().tolist() == [False, True]


def test_numbers_are_read_and_written_with_their_marks() -> None:
    step = {"step": "parse_numbers", "point": ",", "thousands": ".", "units": ["€"]}
    cells = ["1.234,50 €", "7,00", "none of it", "-0,25", None]
    pipeline, made, _ = prepared(cells, T.TEXT, step)
    assert listed(made) == [1234.5, 7.0, None, -0.25, None]
    assert pipeline.restored(pipeline.prepared)["t"]["x"].type is T.NUMBER
    pipeline, _, back = prepared(cells, T.TEXT, {**step, "decimals": 2, "original": True})
    assert listed(back) == ["1.234,50", "7,00", None, "-0,25", None]
    assert pipeline.restored(pipeline.prepared)["t"]["x"].type is T.TEXT


def test_a_mark_is_not_taken_for_another() -> None:
    step = {"step": "parse_numbers", "point": ".", "thousands": ","}
    _, made, _ = prepared(["1,234.5", "1.234,5", "12,34", "1234"], T.TEXT, step)
    assert listed(made) == [1234.5, None, None, 1234.0]


def test_whole_numbers_do_not_take_fractions() -> None:
    _, made, _ = prepared(
        ["12", "1.5", "007"], T.CATEGORY, {"step": "parse_numbers", "whole": True}
    )
    assert made.dtype == "Int64"
    assert listed(made) == [12, None, None]  # a code with leading zeros is no number


def test_dates_are_read_by_the_first_pattern_that_fits() -> None:
    step = {"step": "parse_dates", "patterns": ["%d.%m.%Y", "%Y-%m-%d"]}
    _, made, back = prepared(
        ["01.02.2024", "2024-02-03", "soon"], T.TEXT, {**step, "original": True}
    )
    assert listed(made.dt.strftime("%Y-%m-%d")) == ["2024-02-01", "2024-02-03", None]
    assert listed(back) == ["01.02.2024", "03.02.2024", None]
    _, far, _ = prepared(["9999-12-31", "1200-01-01"], T.TEXT, step)
    assert far.notna().all()


@pytest.mark.parametrize(
    "step",
    [
        {"step": "parse_numbers", "misfits": "refuse"},
        {"step": "parse_dates", "patterns": ["%Y"], "misfits": "refuse"},
        {"step": "convert", "to": "number", "misfits": "refuse"},
    ],
)
def test_what_does_not_fit_can_be_refused_without_being_shown(step: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match=r"2 cells of column 'x'") as error:
        prepared(["secret", "else", None], T.CATEGORY, step)
    assert "secret" not in str(error.value)


@pytest.mark.parametrize(
    ("values", "kind", "to", "made", "back"),
    [
        ([1, 2, None], T.INTEGER, "category", ["1", "2", None], [1, 2, None]),
        ([1.5, 2.0, None], T.NUMBER, "integer", [None, 2, None], [None, 2.0, None]),
        ([3, None], T.INTEGER, "number", [3.0, None], [3, None]),
        ([True, None], T.BOOLEAN, "category", ["true", None], [True, None]),
        (["4", "x"], T.CATEGORY, "integer", [4, None], ["4", None]),
        (["a", None], T.TEXT, "category", ["a", None], ["a", None]),
    ],
)
def test_types_are_converted_and_come_back(
    values: list[Any], kind: ColumnType, to: str, made: list[Any], back: list[Any]
) -> None:
    pipeline, after, given = prepared(values, kind, {"step": "convert", "to": to})
    assert (listed(after), listed(given)) == (made, back)
    assert pipeline.prepared["t"]["x"].type == to
    assert pipeline.restored(pipeline.prepared)["t"]["x"].type is kind


def test_moments_become_days() -> None:
    moment = pd.Timestamp("2024-05-06 07:08:09")
    _, made, back = prepared([moment, None], T.DATETIME, {"step": "convert", "to": "date"})
    assert made[0] == back[0] == pd.Timestamp("2024-05-06")


def test_public_bounds_hold_for_what_is_made_too() -> None:
    step = {"step": "clip", "low": "0", "high": "100"}
    pipeline, made, _ = prepared([-5, 50, 500, None], T.INTEGER, step)
    assert listed(made) == [0, 50, 100, None]
    frame = pd.DataFrame({"x": pd.array([101, -1], dtype="Int64")})
    back = pipeline.restore(frame, pipeline.prepared["t"], np.random.default_rng(1))
    assert listed(back["x"]) == [100, 0]
    _, away, _ = prepared([-5, 50], T.INTEGER, {**step, "outside": "missing"})
    assert listed(away) == [None, 50]


@pytest.mark.parametrize(
    ("values", "kind", "how", "filled"),
    [
        ([1, 2, 6, None], T.INTEGER, "mean", 3),
        ([1.0, 2.0, 9.0, None], T.NUMBER, "median", 2.0),
        (["a"] * 5 + ["b", None], T.CATEGORY, "usual", "a"),
        ([True] * 5 + [False, None], T.BOOLEAN, "usual", True),
        (["a"] * 4 + ["b", None], T.CATEGORY, "usual", None),  # nobody's usual value
    ],
)
def test_fill(values: list[Any], kind: ColumnType, how: str, filled: Any) -> None:
    _, made, back = prepared(values, kind, {"step": "fill", "how": how})
    assert listed(made)[-1] == filled
    assert listed(back) == listed(made)


def test_filled_cells_can_be_missing_again_at_random() -> None:
    values: list[Any] = [1, None] * 500
    step = {"step": "fill", "value": "0", "again": True}
    _, made, back = prepared(values, T.INTEGER, step)
    assert made.notna().all()
    assert 400 < back.isna().sum() < 600


def test_rows_without_a_value_are_left_out() -> None:
    pipeline, made, _ = prepared(
        [1, None, 3], T.INTEGER, {"step": "drop_missing"}, y=["a", "b", "c"]
    )
    assert listed(made) == [1, 3]
    fresh = pd.DataFrame({"x": pd.array([None], "Int64"), "y": pd.array(["q"], STRING)})
    assert pipeline.apply({"t": fresh})["t"].empty


def test_interpolation_follows_the_order_within_groups() -> None:
    step = {"step": "interpolate", "order": "at", "group": "who"}
    _, made, _ = prepared(
        [10.0, None, 40.0, None, 5.0, None, None],
        T.NUMBER,
        step,
        at=[0, 1, 3, 4, 0, 9, 1],
        who=["a", "a", "a", "a", "b", "b", "c"],
    )
    assert listed(made) == [10.0, 20.0, 40.0, 40.0, 5.0, 5.0, None]


def test_rows_without_a_place_are_not_interpolated() -> None:
    filled = between(
        np.array([1.0, np.nan, 3.0]), np.array([0.0, np.nan, 2.0]), np.zeros(3, "int64")
    )
    assert np.isnan(filled[1])


def test_rare_labels_are_counted_in_people() -> None:
    """``b`` has six rows and one person, ``c`` two people: together they are three."""
    values = ["a"] * 6 + ["b"] * 6 + ["c"] * 2
    who = [1, 2, 3, 4, 5, 6] + [7] * 6 + [8, 9]
    step = {"step": "merge_rare", "people": 3, "label": "rest"}
    pipeline, made, _ = prepared(values, T.CATEGORY, {**step, "person": "who"}, who=who)
    assert listed(made) == ["a"] * 6 + ["rest"] * 8
    assert pipeline.learned["t"][0] == {"kept": ["a"], "few": False}
    by_rows, _, _ = prepared(values, T.CATEGORY, step, who=who)
    assert by_rows.learned["t"][0] == {"kept": ["a", "b"], "few": True}


@pytest.mark.parametrize(("few", "rest"), [("missing", [*"bbbb", None]), ("join", ["OTHER"] * 5)])
def test_the_merged_label_is_never_the_rare_one(few: str, rest: list[Any]) -> None:
    """One ``c`` alone would be as plain under another name."""
    step = {"step": "merge_rare", "people": 3, "few": few}
    _, made, _ = prepared(["a"] * 9 + ["b"] * 4 + ["c"], T.CATEGORY, step)
    assert listed(made) == ["a"] * 9 + rest


@pytest.mark.parametrize(("trained", "held"), [("aaaaaaaaa", None), ("aaaaaaabcd", "OTHER")])
def test_a_held_out_label_is_merged_too(trained: str, held: str | None) -> None:
    step = {"step": "merge_rare", "people": 3}
    pipeline, _, _ = prepared(list(trained), T.CATEGORY, step)
    fresh = pd.DataFrame({"x": pd.array(["a", "z", None], dtype=STRING)})
    assert listed(pipeline.apply({"t": fresh})["t"]["x"]) == ["a", held, None]


def test_frequent_strings_stay_and_others_can_be_made_up() -> None:
    values = ["Ada"] * 6 + ["Bob"] * 5 + [f"Name {i}" for i in range(20)]
    step = {"step": "frequent", "most": 1, "people": 3}
    pipeline, made, back = prepared(values, T.TEXT, step)
    assert set(made) == {"Ada", "OTHER"}
    assert pipeline.prepared["t"]["x"].type is T.CATEGORY
    assert set(back) == {"Ada", "OTHER"}
    pipeline, _, back = prepared(values, T.TEXT, {**step, "made_up": True})
    assert pipeline.restored(pipeline.prepared)["t"]["x"].type is T.TEXT
    assert (back == "Ada").sum() == 6
    assert "OTHER" not in set(back)
    assert not set(back) & set(values[11:])


def test_extremes_are_coded_as_what_enough_people_reach() -> None:
    """Of 1 … 20, three people are at or above 18 and at or below 3."""
    step = {"step": "protect_extremes", "people": 3}
    pipeline, made, _ = prepared(list(range(1, 21)), T.INTEGER, step)
    assert (made.min(), made.max()) == (3, 18)
    assert pipeline.learned["t"][0] == {"low": 3.0, "high": 18.0, "blank": False}
    _, top, _ = prepared(list(range(1, 21)), T.INTEGER, {**step, "ends": "high"})
    assert (top.min(), top.max()) == (1, 18)


def test_one_person_with_many_large_values_is_one_person() -> None:
    values = [100, 100, 100, 100, 10, 9, 8, 1]
    who = [1, 1, 1, 1, 2, 3, 4, 5]
    step = {"step": "protect_extremes", "people": 2, "person": "who"}
    _, made, _ = prepared(values, T.INTEGER, step, who=who)
    assert (made.min(), made.max()) == (8, 10)


def test_too_few_people_for_any_bound() -> None:
    _, made, _ = prepared([1, 2, None], T.INTEGER, {"step": "protect_extremes", "people": 3})
    assert made.isna().all()
    _, few, _ = prepared([1, 2, 3], T.INTEGER, {"step": "protect_extremes", "people": 3})
    assert few.nunique() == 1


def test_people_who_are_not_known_count_once() -> None:
    frame = pd.DataFrame({"who": pd.array([1, None, None, 2], dtype="Int64")})
    assert len(set(people_of(frame, "who"))) == 3
    counts = people_by_label(
        pd.Series(["a", "a", "a", None], dtype=STRING), people_of(frame, "who")
    )
    assert counts.to_dict() == {"a": 2}
    assert reached(np.array([5.0, 4.0, np.nan]), np.arange(3), 2) == 4.0
    assert reached(np.array([5.0, 4.0, np.nan]), np.arange(3), 3) is None


def test_a_format_that_no_longer_fits_is_left_behind() -> None:
    column = Column("x", T.NUMBER, format=ValueFormat(decimals=2, storage="float64", missing="NA"))
    made = make_step("convert", {"column": "x", "to": "integer"}).after(column)
    assert (made.format.decimals, made.format.storage, made.format.missing) == (0, "", "NA")
