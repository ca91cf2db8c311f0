"""A column of numbers, dates or times that is held as its different values and their counts.

Whole numbers of a short range are counted, others sorted once; all figures, exact ones, are then
read off the counts. Columns of more than :data:`MOST_HELD` rows are counted by DuckDB instead, see
``core.data.profile.numbers``.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from core.data.profile.columns import TOP_VALUES, Source, word
from core.data.profile.numbers import (
    ASKED,
    Moments,
    Spread,
    edges_of,
    histogram_back,
    shift_of,
    summary_back,
)
from core.data.profile.shape import Calendar
from core.data.profile.values import ColumnProfile, Histogram, NumberSummary
from core.data.schema import Column, ColumnType

MOST_HELD = 10_000_000
_MOST_DAYS = 200_000
_FEW = 100_000
_DAY = 86_400_000_000
_DATED = {ColumnType.DATE, ColumnType.DATETIME}
_UNITS = {ColumnType.DATE: float(_DAY), ColumnType.DATETIME: 1e6, ColumnType.TIME: 1e6}

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
Values = Counts | Floats


@dataclass(frozen=True, slots=True)
class Runs:
    """The different values of a column in order, and how many rows have each."""

    values: Values
    counts: Counts

    @classmethod
    def of(cls, values: Values) -> "Runs":
        """The runs of values in any order."""
        if not len(values):
            return cls(values, np.zeros(0, dtype=np.int64))
        if values.dtype.kind in "iu":
            low, high = int(values.min()), int(values.max())
            if high - low < max(_FEW, len(values)):
                counts = np.bincount(values - low, minlength=1)
                there = np.flatnonzero(counts)
                return cls(there + low, counts[there])
        ordered = values.copy()
        ordered.sort()
        starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
        return cls(ordered[starts], np.diff(np.r_[starts, len(ordered)]))

    @property
    def rows(self) -> int:
        """How many rows have a value."""
        return int(self.counts.sum())

    def most_frequent(self, most: int) -> list[tuple[float, int]]:
        """Values that occur more than once, the most frequent first, ties by value."""
        repeated = np.flatnonzero(self.counts > 1)
        counts = self.counts[repeated]
        if len(counts) > most:
            least = np.partition(counts, -most)[-most]
            ties = np.flatnonzero(counts == least)[: most - int((counts > least).sum())]
            near = np.sort(np.concatenate([np.flatnonzero(counts > least), ties]))
            repeated, counts = repeated[near], counts[near]
        order = repeated[np.argsort(-counts, kind="stable")]
        return [(self.values[i].item(), int(self.counts[i])) for i in order]


def read_values(
    source: Source, place: int, column: Column, most: int | None = None
) -> np.ma.MaskedArray:
    """A column as whole numbers (microseconds of dates and times) or float64, in row order.

    With ``most`` at most so many evenly spaced rows of it.
    """
    relation = source.relation if most is None else source.spaced(most)
    cell = f"c{place}"
    if column.type in _DATED:
        cell = f"epoch_us({cell})"
    elif column.type is ColumnType.NUMBER:
        cell = f"CAST({cell} AS DOUBLE)"
    found = source.cursor.execute(f"SELECT {cell} AS v FROM {relation}").fetchnumpy()["v"]
    return np.ma.asarray(found)


def on_axis(values: Values, kind: ColumnType, unit: int = 1) -> Floats:
    """Whole numbers and microseconds, or multiples of ``unit`` of them, as places on the axis."""
    per = _UNITS.get(kind)
    return values / (per / unit) if per else np.asarray(values, dtype=np.float64)


def _runs_of(values: Values, kind: ColumnType) -> tuple[Runs, int]:
    """The runs of a column; of dates and times in whole days or seconds where they are such."""
    for unit in (_DAY, 1_000_000) if kind in _UNITS else ():
        if not (values[:1000] % unit).any() and not (values % unit).any():
            return Runs.of(values // unit), unit
    return Runs.of(values), 1


def profile_held(
    values: np.ma.MaskedArray, column: Column, *, hidden: bool = False
) -> ColumnProfile:
    """Describe a column of values on a line; of a hidden one, nothing that shows a value."""
    runs, unit = _runs_of(values.compressed(), column.type)
    numbers, histogram = None, None
    if len(runs.values) and not hidden:
        x = on_axis(runs.values, column.type, unit)
        numbers, histogram = describe_counted(x, runs.counts, column.type)
    is_dated = column.type in _DATED and len(runs.values) and not hidden
    return ColumnProfile(
        name=column.name,
        type=column.type,
        rows=len(values),
        missing=len(values) - runs.rows,
        distinct=len(runs.counts),
        hidden=hidden,
        numbers=numbers,
        histogram=histogram,
        top=() if hidden else _top(runs, column, unit),
        most=int(runs.counts.max(initial=0)),
        calendar=calendar_of(runs, unit) if is_dated else None,
    )


def _top(runs: Runs, column: Column, unit: int) -> tuple[tuple[str, int], ...]:
    per = _UNITS.get(column.type)
    found = runs.most_frequent(TOP_VALUES)
    return tuple((word(value / (per / unit) if per else value, column), n) for value, n in found)


def describe_counted(
    x: Floats, counts: Counts, kind: ColumnType
) -> tuple[NumberSummary, Histogram]:
    """Summary and histogram of places on the axis, different and in order, and rows at each."""
    shift = shift_of(max(abs(x[0]), abs(x[-1])))
    if shift:
        half = shift // 2
        x = x * 2.0**-half * 2.0 ** (half - shift)
    upto = np.cumsum(counts)
    points = dict(zip(ASKED, _quantiles(x, upto), strict=True))
    spread = Spread(int(upto[-1]), float(x[0]), float(x[-1]), points)
    summary = _summary(x, counts, upto, spread)
    edges = edges_of(spread, whole=kind in {ColumnType.INTEGER, ColumnType.DATE})
    histogram = _histogram(x, upto, edges)
    if shift:
        return summary_back(summary, shift), histogram_back(histogram, shift)
    return summary, histogram


def _quantiles(x: Floats, upto: Counts) -> list[float]:
    """Quantiles by linear interpolation, as numpy's."""
    last = int(upto[-1]) - 1
    place = np.asarray(ASKED) * last
    low = np.floor(place).astype(np.int64)
    a, b = (x[np.searchsorted(upto, at, side="right")] for at in (low, np.minimum(low + 1, last)))
    t = place - low
    found: list[float] = np.where(t >= 0.5, b - (b - a) * (1 - t), a + (b - a) * t).tolist()
    return found


def _summary(x: Floats, counts: Counts, upto: Counts, spread: Spread) -> NumberSummary:
    near, far = (_outside(x, upto, spread.fences(reach)) for reach in (1.5, 3.0))
    return spread.summary(_moments(x, counts, spread), near, far)


def _below(x: Floats, upto: Counts, point: float, side: Literal["left", "right"]) -> int:
    """Rows below a point, with side ``right`` at it too."""
    place = int(np.searchsorted(x, point, side=side))
    return int(upto[place - 1]) if place else 0


def _outside(x: Floats, upto: Counts, fences: tuple[float, float]) -> int:
    above = int(upto[-1]) - _below(x, upto, fences[1], "right")
    return _below(x, upto, fences[0], "left") + above


def _moments(x: Floats, counts: Counts, spread: Spread) -> Moments:
    """Mean, standard deviation, skew and excess kurtosis, from values moved to 0 and scaled."""
    width, centre = spread.high - spread.low, spread.quantiles[0.5]
    if width <= 0:
        return spread.low, 0.0, None, None
    d = (x - centre) / width
    first = float((d * counts).sum()) / spread.count
    d -= first
    weighted = d * counts
    second, third, fourth = (
        float((np.multiply(weighted, d, out=weighted)).sum()) / spread.count for _ in range(3)
    )
    std = width * math.sqrt(second * spread.count / (spread.count - 1))
    if second**2 == 0:
        return centre + first * width, std, None, None
    return centre + first * width, std, third / second**1.5, fourth / second**2 - 3


def _histogram(x: Floats, upto: Counts, edges: Floats) -> Histogram:
    if len(edges) == 1:
        return Histogram((float(x[0]), float(x[-1])), (int(upto[-1]),))
    below = [_below(x, upto, edge, "left") for edge in edges[:-1]]
    below.append(_below(x, upto, edges[-1], "right"))
    return Histogram(
        tuple(edges.tolist()),
        tuple(np.diff(below).tolist()),
        below=below[0],
        above=int(upto[-1]) - below[-1],
    )


def calendar_of(runs: Runs, unit: int = 1) -> Calendar | None:
    """Weekdays and gaps of microseconds, or multiples; None for more days than a calendar shows."""
    days, first = np.unique(runs.values // (_DAY // unit), return_index=True)
    if len(days) > _MOST_DAYS:
        return None
    rows = np.add.reduceat(runs.counts, first)
    by_weekday = np.bincount((days + 3) % 7, weights=rows, minlength=7)
    steps, counts = np.unique(np.diff(days), return_counts=True)
    return Calendar(
        weekdays=tuple(int(count) for count in by_weekday),
        days=len(days),
        span=int(days[-1] - days[0]) + 1,
        longest_gap=int(steps.max(initial=1)) - 1,
        step=int(steps[counts.argmax()]) if len(steps) else 1,
    )
