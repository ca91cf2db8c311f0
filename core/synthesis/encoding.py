"""Between canonical columns and the plain columns that table models from other libraries learn.

A model sees only plain columns: float64 without gaps, or whole-numbered codes from 0 on (intp).
Everything that such models handle badly stays here: constant and all-missing columns, missing
values, repeated numbers, booleans, dates, long lists of categories, any script. A coder belongs to
one column; it is made together with the plain columns of the training rows and turns sampled ones
back.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data.frames import as_numbers, from_numbers
from core.data.schema import Column, ColumnType, Table

_COVER = 0.9
Array = npt.NDArray[Any]
Codes = npt.NDArray[np.intp]
Floats = npt.NDArray[np.float64]
Plain = dict[str, Array]


class Coder(Protocol):
    """One column's way back from the plain columns named in ``names``."""

    @property
    def names(self) -> tuple[str, ...]:
        """The plain columns that this coder reads."""

    def decode(self, plain: Mapping[str, Array], rows: int, rng: np.random.Generator) -> pd.Series:
        """Plain columns of ``rows`` rows as canonical values."""


@dataclass(frozen=True, slots=True)
class TableCoder:
    """The coders of all columns of a table, in order."""

    table: Table
    coders: tuple[Coder, ...]

    def decode(
        self, plain: Mapping[str, Array] | pd.DataFrame, rows: int, rng: np.random.Generator
    ) -> pd.DataFrame:
        """Plain columns as a canonical frame of ``rows`` rows."""
        arrays = {str(name): np.array(plain[name]) for name in plain}
        made = {
            column.name: coder.decode(arrays, rows, rng).astype(column.type.dtype)
            for column, coder in zip(self.table.columns, self.coders, strict=True)
        }
        return pd.DataFrame(made, index=range(rows))


@dataclass(frozen=True, slots=True)
class Levels:
    """The distinct values of a column, missing included, with how often each occurs."""

    values: pd.Series
    counts: npt.NDArray[np.int64]

    @property
    def upper(self) -> Floats:
        """Share of rows up to and including each level."""
        shares: Floats = np.cumsum(self.counts) / self.counts.sum()
        return shares

    def take(self, codes: Codes) -> pd.Series:
        """The values of these levels."""
        return self.values.take(codes).reset_index(drop=True)


def find_levels(values: pd.Series, *, by_value: bool = False) -> tuple[Levels, Codes]:
    """Levels, most frequent first or ascending with missing last, and each row's level."""
    codes, found = pd.factorize(values, use_na_sentinel=False)
    levels = pd.Series(found, dtype=values.dtype)
    counts = np.bincount(codes, minlength=len(levels))
    if by_value:
        order = levels.sort_values(na_position="last", kind="stable").index.to_numpy()
    else:
        order = np.argsort(-counts, kind="stable")
    place = np.empty(len(order), dtype=np.intp)
    place[order] = np.arange(len(order))
    return Levels(levels.iloc[order].reset_index(drop=True), counts[order]), place[codes]


def without_rare(
    frame: pd.DataFrame, table: Table, least: int, rng: np.random.Generator
) -> pd.DataFrame:
    """The frame with labels seen fewer than ``least`` times replaced by common ones, at random.

    Where common labels cover less than nine tenths of a column, all its labels are kept: without
    them the column would be empty.
    """
    frame = frame.copy(deep=False)
    for column in table.columns:
        values = frame[column.name]
        if column.type is not ColumnType.CATEGORY:
            continue
        counts = values.value_counts()
        rare = values.isin(counts.index[counts < least]).to_numpy()
        common = values[~rare].dropna()
        if rare.any() and len(common) >= _COVER * values.count():
            drawn = common.take(rng.integers(0, len(common), int(rare.sum())))
            values = values.copy()
            values[rare] = drawn.array
            frame[column.name] = values
    return frame


def match_share(
    gaps: npt.NDArray[np.bool_], share: float, rng: np.random.Generator
) -> npt.NDArray[np.bool_]:
    """``gaps`` with as many set as ``share`` of the rows gives, as few changed as needed.

    Neural models miss the share of missing values by far when they train for a short time; a
    drawn number of rows is set or cleared at random to mend that.
    """
    wanted = int(rng.binomial(len(gaps), share))
    surplus = int(gaps.sum()) - wanted
    pool = np.flatnonzero(gaps == (surplus > 0))
    changed = gaps.copy()
    changed[rng.choice(pool, size=abs(surplus), replace=False)] = surplus < 0
    return changed


@dataclass(frozen=True, slots=True)
class ConstantCoder:
    """A column with one value, or with none: nothing to learn."""

    value: pd.Series
    names: tuple[str, ...] = ()

    def decode(self, plain: Mapping[str, Array], rows: int, rng: np.random.Generator) -> pd.Series:
        """The value, repeated."""
        return self.value.take(np.zeros(rows, dtype=np.intp)).reset_index(drop=True)


@dataclass(frozen=True, slots=True)
class CategoryCoder:
    """Categories as codes; ``groups`` holds the code of each level, ascending.

    A code of several levels comes back as one of them, drawn by frequency.
    """

    name: str
    levels: Levels
    groups: Codes

    @property
    def names(self) -> tuple[str, ...]:
        """The column of codes."""
        return (self.name,)

    def decode(self, plain: Mapping[str, Array], rows: int, rng: np.random.Generator) -> pd.Series:
        """A level of each row's code."""
        chosen = plain[self.name].astype(np.intp)
        first = np.searchsorted(self.groups, np.arange(self.groups[-1] + 2))
        edges = np.concatenate([[0.0], self.levels.upper])[first]
        drawn = edges[chosen] + rng.random(rows) * (edges[chosen + 1] - edges[chosen])
        codes = np.searchsorted(self.levels.upper, drawn, side="right")
        return self.levels.take(
            self._mend_gaps(np.clip(codes, first[chosen], first[chosen + 1] - 1), rng)
        )

    def _mend_gaps(self, codes: Codes, rng: np.random.Generator) -> Codes:
        """Bring the missing level to its share; rows that lose it get another by frequency."""
        missing = self.levels.values.isna().to_numpy()
        if not missing.any():
            return codes
        level = int(missing.argmax())
        gaps = match_share(
            codes == level, self.levels.counts[level] / self.levels.counts.sum(), rng
        )
        others = np.where(missing, 0, self.levels.counts)
        drawn = rng.choice(len(others), size=len(codes), p=others / others.sum())
        return np.where(gaps, level, np.where(codes == level, drawn, codes))


def code_categories(name: str, values: pd.Series, most: int) -> tuple[CategoryCoder, Plain]:
    """Values as at most ``most`` codes."""
    levels, codes = find_levels(values)
    groups = merge_rare(levels.counts, most)
    return CategoryCoder(name, levels, groups), {name: groups[codes]}


def merge_rare(counts: npt.NDArray[np.int64], most: int) -> Codes:
    """A code for each level, counts descending: own codes first, the rare share the last ones.

    As many levels as possible get a code of their own while the codes left over are enough to cut
    the rest into groups that are no more frequent than the levels before them.
    """
    if len(counts) <= most:
        return np.arange(len(counts))
    left = counts.sum() - np.concatenate([[0], np.cumsum(counts[: most - 1])])
    is_common = counts[:most] * (most - np.arange(most)) >= left
    own = int(np.argmin(is_common[: most - 1])) if not is_common[: most - 1].all() else most - 1
    rest = counts[own:]
    middle = np.cumsum(rest) - rest / 2
    bins = np.minimum((middle / rest.sum() * (most - own)).astype(np.intp), most - own - 1)
    _, bins = np.unique(bins, return_inverse=True)
    return np.concatenate([np.arange(own), own + bins]).astype(np.intp)


@dataclass(frozen=True, slots=True)
class NumberCoder:
    """Numbers, dates and times as a scaled number beside a state.

    The state is 0 for a number of its own, the place (from 1) of one of the ``spikes``, values that
    repeat so often that a smooth curve would miss them (a zero, a default date), or beyond them
    for a missing value.
    """

    name: str
    column: Column
    middle: float
    spread: float
    low: float
    high: float
    spikes: Floats
    missing: float

    @property
    def names(self) -> tuple[str, ...]:
        """The number and its state."""
        return (self.name, f"{self.name}s")

    def decode(self, plain: Mapping[str, Array], rows: int, rng: np.random.Generator) -> pd.Series:
        """Back to the column's type, inside the range that was seen."""
        scaled = plain[self.name].astype(np.float64)
        numbers = folded(scaled * self.spread + self.middle, self.low, self.high)
        state = plain.get(f"{self.name}s")
        if state is not None:
            for place, spike in enumerate(self.spikes, start=1):
                numbers[state == place] = spike
            gaps = state == len(self.spikes) + 1
            numbers[match_share(gaps, self.missing, rng)] = np.nan
        return from_numbers(numbers, self.column)


def folded(numbers: Floats, low: float, high: float) -> Floats:
    """Numbers brought into a range by reflecting them at its ends.

    Cutting them off would pile up copies of the two most extreme values of the training rows.
    """
    width = high - low
    if not np.isfinite(width) or width <= 0:
        return np.clip(numbers, low, high)
    inside = np.mod(numbers - low, 2 * width)
    return np.clip(low + np.minimum(inside, 2 * width - inside), low, high)


def code_numbers(
    name: str, values: pd.Series, column: Column, spike: float, rng: np.random.Generator
) -> tuple[NumberCoder, Plain]:
    """Numbers scaled to mean 0 and deviation 1, with a state for gaps and frequent values.

    A row in another state carries a number drawn from the rest, so that the number's own
    distribution stays smooth.
    """
    numbers = as_numbers(values, column)
    known = numbers[~np.isnan(numbers)]
    distinct, counts = np.unique(known, return_counts=True)
    spikes = distinct[counts >= max(2.0, spike * len(numbers))]
    state = np.zeros(len(numbers), dtype=np.intp)
    for place, value in enumerate(spikes, start=1):
        state[numbers == value] = place
    state[np.isnan(numbers)] = len(spikes) + 1
    smooth = numbers[state == 0] if (state == 0).any() else known
    middle, spread = _scale(smooth)
    missing = 1 - len(known) / len(numbers)
    coder = NumberCoder(
        name, column, middle, spread, float(distinct[0]), float(distinct[-1]), spikes, missing
    )
    filled = np.where(state == 0, numbers, rng.choice(smooth, size=len(numbers)))
    plain: Plain = {name: (filled - middle) / spread}
    return coder, plain if (state == 0).all() else plain | {f"{name}s": state}


def _scale(numbers: Floats) -> tuple[float, float]:
    """Mean and deviation, without overflow for the largest floats."""
    largest = max(float(np.abs(numbers).max()), 1e-300)
    small = numbers / largest
    return float(small.mean()) * largest, max(float(small.std()), 1e-12) * largest
