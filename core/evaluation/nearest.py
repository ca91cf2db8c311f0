"""Nearest rows: a distance between rows of mixed types, searched in blocks of bounded memory.

Numbers are standardised by the training rows (missing takes the median) and cut at five standard
deviations; the 30 most frequent categories of a column become 0 or 0.7 each. That is the
benchmark scorer's distance.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.evaluation.encoding import Encoded, Matrix
from core.evaluation.few_axes import Bounds, axes_of
from core.evaluation.thresholds import BASE_CELLS, DISTANCE_WORK, MAX_QUERIES, MIN_QUERIES

Points = npt.NDArray[np.float32]
_TOP_LEVELS = 30
_LEVEL_WEIGHT = np.float32(0.7)
_CUT = 5.0
_BLOCK_CELLS = 10_000_000
_TIE = 1e-4
_EXACT = 1e-5


@dataclass(frozen=True, slots=True)
class Cloud:
    """Training, holdout and synthetic rows as points, each in random order.

    ``rows`` counts the synthetic rows before any were left out to bound the memory; ``most`` is
    the most rows whose nearest ones are looked for.
    """

    train: Points
    holdout: Points
    synthetic: Points
    rows: int
    most: int = MAX_QUERIES

    @property
    def width(self) -> int:
        """Dimensions of a point."""
        return int(self.train.shape[1])

    def queries(self, base: int) -> int:
        """For how many rows the nearest of ``base`` rows may be looked for."""
        allowed = DISTANCE_WORK / max(1, base * self.width)
        return int(np.clip(allowed, min(MIN_QUERIES, self.most), self.most))


def place(encoded: Encoded, rng: np.random.Generator) -> Cloud:
    """Rows as points; sampled when a matrix would take too much memory."""
    number = encoded.is_number
    centre, spread = _scale(encoded.train[:, number])
    width = int(number.sum() + np.minimum(encoded.levels, _TOP_LEVELS).sum())
    limit = max(1, BASE_CELLS // max(1, width))
    parts = []
    for rows in (encoded.train, encoded.holdout, encoded.synthetic):
        chosen = rows[rng.permutation(len(rows))[:limit]]
        parts.append(_points(chosen, encoded.levels, centre, spread, width))
    train, holdout, synthetic = parts
    return Cloud(train, holdout, synthetic, len(encoded.synthetic))


def _scale(numbers: Matrix) -> tuple[Matrix, Matrix]:
    centre, spread = np.zeros(numbers.shape[1]), np.ones(numbers.shape[1])
    for j, column in enumerate(numbers.T):
        known = column[~np.isnan(column)]
        if len(known) > 1:
            centre[j], spread[j] = np.median(known), known.std(ddof=1) + 1e-9
    return centre, spread


def _points(
    rows: Matrix, levels: npt.NDArray[np.int64], centre: Matrix, spread: Matrix, width: int
) -> Points:
    points = np.zeros((len(rows), width), np.float32)
    numbers = rows[:, levels == 0]
    scaled = (np.where(np.isnan(numbers), centre, numbers) - centre) / spread
    start = scaled.shape[1]
    points[:, :start] = np.clip(scaled, -_CUT, _CUT)
    for j in np.flatnonzero(levels):
        top = int(min(levels[j], _TOP_LEVELS))
        named = np.flatnonzero(rows[:, j] < top)
        points[named, start + rows[named, j].astype(np.int64)] = _LEVEL_WEIGHT
        start += top
    return points


@dataclass(frozen=True, slots=True)
class Nearest:
    """Squared distance to the nearest row, and how many rows lie at that distance."""

    distance: npt.NDArray[np.float32]
    ties: npt.NDArray[np.int64]

    def split(self, first: int) -> tuple["Nearest", "Nearest"]:
        """Those of the first so many queries, and those of the others."""
        parts = slice(None, first), slice(first, None)
        left, right = (Nearest(self.distance[part], self.ties[part]) for part in parts)
        return left, right

    def merge(self, other: "Nearest") -> "Nearest":
        """The nearest of both."""
        closer, tied = self.distance < other.distance - _TIE, _tied(self, other)
        ties = np.where(tied, self.ties + other.ties, np.where(closer, self.ties, other.ties))
        return Nearest(np.minimum(self.distance, other.distance), ties)


def _tied(left: Nearest, right: Nearest) -> npt.NDArray[np.bool_]:
    both_far = np.isinf(left.distance) & np.isinf(right.distance)
    gap = np.abs(np.where(both_far, 0, left.distance) - np.where(both_far, 0, right.distance))
    return np.asarray(gap <= _TIE)


def nearest(queries: Points, base: Points) -> Nearest:
    """The nearest row of ``base`` for each query; infinitely far when ``base`` is empty."""
    distance = np.full(len(queries), np.inf, np.float32)
    ties = np.zeros(len(queries), np.int64)
    for place, rows, bounds in _searches(queries, base):
        few = bounds.candidates(rows, _TIE) if bounds else None
        distance[place], ties[place] = few.least(_TIE) if few else _searched(rows, base)
    return Nearest(distance, ties)


def _searches(queries: Points, base: Points) -> Iterator[tuple[slice, Points, Bounds | None]]:
    """Blocks of queries, with bounds of their distances where these save work.

    A block has at most ten million distances (40 MB), whatever the sizes.
    """
    if not len(queries) or not len(base):
        return
    block = min(len(queries), max(1, _BLOCK_CELLS // len(base)))
    axes = axes_of(base, len(queries))
    bounds = Bounds(axes, base, block) if axes else None
    for start in range(0, len(queries), block):
        yield slice(start, start + block), queries[start : start + block], bounds


def _searched(rows: Points, base: Points) -> tuple[Points, npt.NDArray[np.int64]]:
    """The same by looking at every row of ``base`` in full."""
    product = _products(rows, base)
    closest = product.argmin(1)
    least = product[np.arange(len(rows)), closest]
    ties = (product <= (least + _TIE)[:, None]).sum(1)
    return _gaps(rows, base[closest]), ties


def _products(rows: Points, base: Points) -> Points:
    """Squared distances less the rows' own squared length, which changes no order."""
    product: Points = np.asarray((rows * np.float32(-2)) @ base.T, np.float32)
    product += (base * base).sum(1)
    return product


def _gaps(rows: Points, others: Points) -> npt.NDArray[np.float32]:
    gaps = rows - others
    return np.asarray((gaps * gaps).sum(1))


@dataclass(frozen=True, slots=True)
class Pair:
    """Distance to the closest and to the second closest row; infinite where there is none."""

    first: npt.NDArray[np.float64]
    second: npt.NDArray[np.float64]

    @property
    def ratio(self) -> npt.NDArray[np.float64]:
        """First over second; 1 where both are none."""
        safe = np.where(self.second > 0, self.second, 1.0)
        return np.asarray(np.where(self.second > 0, self.first / safe, 1.0))


def two_nearest(queries: Points, base: Points, *, skip_self: bool = False) -> Pair:
    """The two closest rows of ``base`` for each query.

    ``skip_self`` leaves one row at distance none out: the query itself, when it is in ``base``.
    """
    found = np.full((3, len(queries)), np.inf, np.float32)
    wanted = min(2 + skip_self, len(base))
    for place, rows, bounds in _searches(queries, base):
        few = bounds.candidates(rows, 0.0, wanted) if bounds else None
        found[:wanted, place] = few.ranked(wanted) if few else _closest(rows, base, wanted)
    found[:wanted].sort(axis=0)
    found = np.where(found < _EXACT, 0.0, np.sqrt(found.astype(np.float64)))
    return Pair(found[int(skip_self)], found[1 + int(skip_self)])


def _closest(rows: Points, base: Points, wanted: int) -> Points:
    """Squared distances to the ``wanted`` nearest rows of ``base``, one a row."""
    product = _products(rows, base)
    found = np.empty((wanted, len(rows)), np.float32)
    for rank in range(wanted):
        closest = product.argmin(1)
        found[rank] = _gaps(rows, base[closest])
        product[np.arange(len(rows)), closest] = np.inf
    return found


def share_nearer(left: Nearest, right: Nearest) -> float:
    """How often a row of ``left`` is nearer; ties count half (the benchmark scorer's rule)."""
    tied = np.abs(left.distance - right.distance) <= 1e-5
    return float(np.mean(np.where(tied, 0.5, left.distance < right.distance)))


def share_first(left: Nearest, right: Nearest) -> float:
    """How often the nearest of all rows is of ``left``, ties drawn by lot (in expectation)."""
    lot = left.ties / np.maximum(left.ties + right.ties, 1)
    return float(np.mean(np.where(_tied(left, right), lot, left.distance < right.distance)))
