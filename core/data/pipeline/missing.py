"""Steps for missing cells: left out with their rows, filled, or interpolated.

Without such a step missing cells stay missing, and are learned as such.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data.coarser import coarse_point, is_coarsened
from core.data.frames import as_numbers
from core.data.params import param
from core.data.pipeline.scalars import as_cells, put, written_as
from core.data.pipeline.step import ANY, LINES, STRINGS, Learned, Step, missing_where
from core.data.schema import Column, ColumnType, Table

LEAST_ROWS = 5


@dataclass(frozen=True, slots=True)
class DropMissing(Step):
    """Leaves rows out in which the column is missing."""

    kind: ClassVar[str] = "drop_missing"
    title: ClassVar[str] = "Leave out rows without it"
    about: ClassVar[str] = "Rows in which the column is missing are not learned."
    inverse: ClassVar[str] = "None: such rows were not learned."

    def apply(self, frame: pd.DataFrame, table: Table, learned: Learned) -> pd.DataFrame:
        """The rows with the step carried out."""
        return frame[frame[self.column].notna().to_numpy(dtype=bool)].reset_index(drop=True)


@dataclass(frozen=True, slots=True)
class Fill(Step):
    """Fills missing cells with one value."""

    kind: ClassVar[str] = "fill"
    title: ClassVar[str] = "Fill missing cells"
    about: ClassVar[str] = "Missing cells get one value: given, or a mean, median or usual value."
    inverse: ClassVar[str] = (
        "With “again”: as large a share of the cells is missing again, at random. Else none: the "
        "made table has no missing cells there."
    )
    takes: ClassVar[frozenset[ColumnType]] = ANY - {ColumnType.TEXT}

    how: str = param("constant", "With", "What missing cells get.",
                     choices=("constant", "mean", "median", "usual"))  # fmt: skip
    value: str = param("", "Value", "The constant.")
    again: bool = param(
        False, "Missing again", "Make as large a share of the made cells missing, at random."
    )

    @property
    def is_public(self) -> bool:
        """Whether no row but the cell's own is looked at."""
        return self.how == "constant" and not self.again

    @property
    def keeps_values(self) -> bool:
        """Whether what it learns holds values of the column."""
        return self.how != "constant"

    def problems(self, table: Table) -> list[str]:
        """What speaks against the parameters."""
        column = table[self.column]
        if self.how in {"mean", "median"} and column.type not in LINES:
            return [f"a {column.type} column has no {self.how}"]
        if self.how != "constant":
            return []
        try:
            as_cells(self.value, column)
        except (ValueError, OverflowError):
            return [f"the constant of a {column.type} column must be {written_as(column.type)}"]
        return []

    def learn(self, frame: pd.DataFrame, table: Table) -> dict[str, Any]:
        """What has to be known of the training rows."""
        values, column = frame[self.column], table[self.column]
        share = float(values.isna().mean()) if self.again and len(values) else 0.0
        return {"share": share, **self._value(values.dropna(), column)}

    def cells(self, values: pd.Series, column: Column, learned: Learned) -> pd.Series:
        """The cells with the step carried out."""
        rows = values.isna().to_numpy(dtype=bool)
        if self.how == "constant":
            filled = values.copy()
            filled[rows] = as_cells(self.value, column, int(rows.sum())).array
            return filled
        if learned.get("label") is not None:
            return values.fillna(learned["label"])
        point = learned.get("point")
        return values if point is None else put(values, rows, point, column)

    def restore(
        self, values: pd.Series, before: Column, learned: Learned, rng: np.random.Generator
    ) -> pd.Series:
        """Sampled cells turned back."""
        if not self.again:
            return values
        return missing_where(values, rng.random(len(values)) < learned["share"])

    def _value(self, values: pd.Series, column: Column) -> dict[str, Any]:
        """What missing cells get; nothing where no value is usual, so that they stay missing."""
        if self.how == "constant" or not len(values):
            return {}
        if self.how == "usual":
            counts = values.value_counts()
            if counts.iloc[0] < LEAST_ROWS:
                return {}
            usual = values[values == min(counts.index[counts == counts.iloc[0]])]
            if column.type in STRINGS:
                return {"label": str(usual.iloc[0])}
            return {"point": float(as_numbers(usual.iloc[:1], column)[0])}
        numbers = as_numbers(values, column)
        point = float(np.mean(numbers) if self.how == "mean" else np.median(numbers))
        return {"point": coarse_point(point, column) if is_coarsened(column) else point}


@dataclass(frozen=True, slots=True)
class Interpolate(Step):
    """Fills missing numbers and dates from their neighbours."""

    kind: ClassVar[str] = "interpolate"
    title: ClassVar[str] = "Interpolate"
    about: ClassVar[str] = "Missing cells lie on the line between their neighbours in an order."
    inverse: ClassVar[str] = "None: it is chosen so that a series has no gaps."
    takes: ClassVar[frozenset[ColumnType]] = LINES

    order: str = param("", "In the order of", "A number, date or time; without it that of rows.")
    group: str = param("", "Within each", "A column; lines never go from one value to another.")

    @property
    def others(self) -> tuple[str, ...]:
        """Further columns that it reads."""
        return tuple(name for name in (self.order, self.group) if name)

    def problems(self, table: Table) -> list[str]:
        """What speaks against the parameters."""
        if self.order and table[self.order].type not in LINES:
            return ["the order must be a number, a date or a time"]
        return ["a column is not its own order"] if self.column in self.others else []

    def apply(self, frame: pd.DataFrame, table: Table, learned: Learned) -> pd.DataFrame:
        """The rows with the step carried out."""
        column, values = table[self.column], frame[self.column]
        places = np.arange(len(frame), dtype="float64")
        if self.order:
            places = as_numbers(frame[self.order], table[self.order])
        groups = np.zeros(len(frame), dtype="int64")
        if self.group:
            groups = np.asarray(pd.factorize(frame[self.group], use_na_sentinel=False)[0])
        numbers = as_numbers(values, column)
        filled = between(numbers, places, groups)
        rows = np.isnan(numbers) & ~np.isnan(filled)
        return frame.assign(**{self.column: put(values, rows, filled[rows], column)})


def between(
    numbers: npt.NDArray[np.float64],
    places: npt.NDArray[np.float64],
    groups: npt.NDArray[np.int64],
) -> npt.NDArray[np.float64]:
    """Numbers with gaps on the line between their neighbours, all arrays of shape (rows,).

    Before the first and behind the last known number of a group, that number. A row without a
    place, and a group without a number, stay as they are.
    """
    if not len(numbers):
        return numbers
    order = np.lexsort((places, groups))
    sorted_numbers, sorted_places, own = numbers[order], places[order], groups[order]
    known = ~np.isnan(sorted_numbers) & ~np.isnan(sorted_places)
    rows, last = np.arange(len(order)), len(order) - 1
    before = np.maximum.accumulate(np.where(known, rows, -1))
    after = np.minimum.accumulate(np.where(known, rows, last + 1)[::-1])[::-1]
    has_before = (before >= 0) & (own[before.clip(0)] == own)
    has_after = (after <= last) & (own[after.clip(0, last)] == own)
    start = np.where(has_before, before, after).clip(0, last)
    end = np.where(has_after, after, before).clip(0, last)
    span = sorted_places[end] - sorted_places[start]
    share = np.where(
        span > 0, (sorted_places - sorted_places[start]) / np.where(span > 0, span, 1), 0
    )
    line = sorted_numbers[start] + share * (sorted_numbers[end] - sorted_numbers[start])
    gaps = np.isnan(sorted_numbers) & ~np.isnan(sorted_places) & (has_before | has_after)
    filled = numbers.copy()
    filled[order[gaps]] = line[gaps]
    return filled
