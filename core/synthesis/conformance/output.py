"""Checks of what comes out: form, values, and tables of every shape."""

from typing import Any

import numpy as np
import pandas as pd

from core.data.schema import ColumnType
from core.synthesis.conformance.candidate import Candidate, drawn, has_the_form_of, holds
from core.synthesis.conformance.tables import column, mixed, table_of


def check_columns_order_and_types(candidate: Candidate) -> None:
    """A sample has the columns, order and dtypes of the frame, and rows numbered from 0."""
    frame, table = mixed()
    sample = drawn(candidate.fitted(frame, table), 75)
    has_the_form_of(sample, frame, 75)
    holds(sample.index.equals(pd.RangeIndex(75)), "The rows are not numbered from 0.")


def check_values_stay_inside_what_was_seen(candidate: Candidate) -> None:
    """Numbers stay in their range, days are days, words were seen, decimals are kept."""
    frame, table = mixed()
    sample = drawn(candidate.fitted(frame, table), 300)
    low, high = frame["age"].min(), frame["age"].max()
    holds(sample["age"].between(low, high).all(), "Numbers lie outside of what was seen.")
    born = sample["born"].dropna()
    holds((born == born.dt.normalize()).all(), "Dates have a time of day.")
    words = set(sample["word"].dropna()) - set(frame["word"].dropna())
    holds(not words, "Categories were made that were not seen.")
    holds((sample["constant"] == 5).all(), "A constant column varies.")
    blank = sample[["blank", "blank word"]].isna().to_numpy().all()
    holds(blank, "Columns without a value have values.")
    cents = sample["income"].dropna() * 100
    np.testing.assert_allclose(cents, cents.round(), atol=1e-6)


def check_missing_values_keep_their_share(candidate: Candidate) -> None:
    """About as many values are missing as in the frame, and none where none were."""
    frame, table = mixed(400)
    sample = drawn(candidate.fitted(frame, table), 1000)
    for name in ("income", "active", "born", "opens", "word"):
        gap = abs(sample[name].isna().mean() - frame[name].isna().mean())
        holds(gap < 0.12, f"The share of missing values of {name!r} is {gap:.2f} off.")
    complete = sample[["age", "seen", "constant"]].notna().to_numpy().all()
    holds(complete, "Values are missing where none were.")


def check_one_row(candidate: Candidate) -> None:
    """A table of one row, of each type, is learned and comes back as it is."""
    values: dict[ColumnType, Any] = {
        ColumnType.INTEGER: [3],
        ColumnType.NUMBER: [2.5],
        ColumnType.BOOLEAN: [True],
        ColumnType.DATE: pd.to_datetime(["2020-02-29"]),
        ColumnType.DATETIME: pd.to_datetime(["2020-02-29 12:30"]),
        ColumnType.TIME: pd.to_timedelta(["08:15:00"]),
        ColumnType.CATEGORY: ["x"],
        ColumnType.TEXT: ["only this"],
    }
    for kind, value in values.items():
        frame, table = table_of(column("c", kind, value))
        sample = drawn(candidate.fitted(frame, table), 4)
        expected = pd.concat([frame] * 4, ignore_index=True)
        pd.testing.assert_frame_equal(sample, expected, obj=f"one row of type {kind}")


def check_two_rows(candidate: Candidate) -> None:
    """Two rows are enough."""
    frame, table = mixed(2)
    holds(len(drawn(candidate.fitted(frame, table), 9)) == 9, "Nine rows were asked for.")


def check_one_column(candidate: Candidate) -> None:
    """A single column of numbers is learned as a distribution."""
    frame, table = table_of(column("n", ColumnType.NUMBER, np.linspace(0, 1, 120)))
    sample = drawn(candidate.fitted(frame, table), 50)
    holds(sample["n"].between(0, 1).all(), "Numbers lie outside of what was seen.")
    holds(sample["n"].nunique() > 5, "A distribution came back as a few values.")


def check_no_rows_asked(candidate: Candidate) -> None:
    """No rows are a frame of the same form."""
    frame, table = mixed(30)
    has_the_form_of(drawn(candidate.fitted(frame, table), 0), frame, 0)


def check_extreme_numbers(candidate: Candidate) -> None:
    """The largest and smallest numbers neither overflow nor leave their range."""
    frame, table = table_of(
        column("huge", ColumnType.NUMBER, [1e308, -1e308, 1e-308, 0.0, np.nan] * 12),
        column("wide", ColumnType.NUMBER, np.geomspace(1e-300, 1e300, 60)),
        column("large", ColumnType.INTEGER, np.arange(60) * (2**53 // 60)),
    )
    sample = drawn(candidate.fitted(frame, table), 40)
    for name in ("huge", "wide"):
        holds(np.isfinite(sample[name].dropna()).all(), f"{name!r} holds infinite numbers.")
    holds(sample["wide"].notna().all(), "Values are missing where none were.")
    holds(sample["large"].between(0, 2**53).all(), "Numbers lie outside of what was seen.")


def check_names_that_could_clash(candidate: Candidate) -> None:
    """Columns may be called anything."""
    names = ("c0", "c1", "index", "", "a b", "t", "x.value", "ü", "c0s")
    rng = np.random.default_rng(0)
    frame, table = table_of(
        *[column(name, ColumnType.INTEGER, rng.integers(0, 99, 40)) for name in names]
    )
    sample = drawn(candidate.fitted(frame, table), 7)
    holds(list(sample.columns) == list(names), "The names or their order differ.")


def check_high_cardinality(candidate: Candidate) -> None:
    """A category of thousands of values is learned, and comes back as seen values."""
    values = [f"k{i}" for i in range(5_000)]
    frame, table = table_of(
        column("key", ColumnType.CATEGORY, values),
        column("n", ColumnType.NUMBER, np.linspace(0, 1, 5_000)),
    )
    sample = drawn(candidate.fitted(frame, table), 2_000)
    holds(set(sample["key"]) <= set(values), "Categories were made that were not seen.")
    holds(sample["key"].nunique() > 100, "Thousands of values came back as a few.")


def check_two_hundred_columns(candidate: Candidate) -> None:
    """A wide table of few rows is learned."""
    rng = np.random.default_rng(0)
    numbers = [column(f"n{i}", ColumnType.NUMBER, rng.normal(size=60)) for i in range(100)]
    words = [
        column(f"w{i}", ColumnType.CATEGORY, rng.choice(list("abc"), size=60)) for i in range(100)
    ]
    frame, table = table_of(*numbers, *words)
    shape = drawn(candidate.fitted(frame, table), 20).shape
    holds(shape == (20, 200), f"20 rows of 200 columns were asked for, {shape} came.")
