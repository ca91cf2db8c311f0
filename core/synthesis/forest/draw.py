"""Drawing from many small distributions at once, with evenly spread uniform numbers.

Rows of one group get uniform numbers that are spread evenly (the golden-ratio sequence from a
random start) instead of independently: shares of the result then differ from the model's by much
less than chance, for each group and for neighbouring groups together. The entry that a uniform
number falls into is found by a guide table and a few halvings, all rows at once.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.integer[Any]]

_GOLDEN = (5**0.5 - 1) / 2
_FEWEST_BUCKETS, _MOST_BUCKETS = 16, 256


def golden(rows: int, rng: np.random.Generator) -> Floats:
    """Uniform numbers in [0, 1) of which every run of neighbours is evenly spread."""
    numbers = np.arange(rows, dtype=np.float64) * _GOLDEN + rng.random()
    numbers -= np.floor(numbers)
    return numbers


@dataclass(frozen=True, slots=True)
class Choices:
    """Many small distributions over neighbouring entries of one list, ready to be drawn from.

    Attributes
    ----------
    cumulated
        For each entry, the cumulated share in its group; 1 for the last of a group.
    guide
        For each group and bucket of [0, 1), the first entry that a number in it can fall into.
    buckets
        Number of buckets of a group; the guide has one more column.
    """

    cumulated: npt.NDArray[np.float32]
    guide: npt.NDArray[np.int32]
    buckets: int

    def draw(self, groups: Ints, uniform: Floats) -> Ints:
        """The entry that each row's uniform number falls into."""
        bucket = (uniform * self.buckets).astype(np.intp)
        bucket += groups.astype(np.intp) * (self.buckets + 1)
        low, high = self.guide.take(bucket), self.guide.take(bucket + 1)
        return _count(self.cumulated, np.less_equal, uniform, low, high)

    def place(self, entries: Ints, uniform: Floats) -> Floats:
        """Where in its entry each row's uniform number lies, from 0 to 1."""
        first = self.guide[:: self.buckets + 1]
        before = np.append(np.float32(0), self.cumulated[:-1])
        before[first] = 0
        width = np.maximum(self.cumulated - before, np.float32(1e-12))
        place: Floats = (uniform - before.take(entries)) / width.take(entries)
        return np.clip(place, 0.0, 1.0)


def choices(weights: Floats, group: Ints) -> Choices:
    """Make :class:`Choices` of entries with ``weights``; ``group`` is sorted and has no gaps."""
    last = np.flatnonzero(np.diff(group, append=-1))
    size = np.diff(last, prepend=-1)
    total = np.cumsum(weights, dtype=np.float64)
    before = np.concatenate([[0.0], total[last[:-1]]])
    cumulated = (total - np.repeat(before, size)) / np.repeat(total[last] - before, size)
    cumulated = np.clip(cumulated, 0.0, 1.0).astype(np.float32)
    cumulated[last] = 1.0
    wanted = 2 ** int(np.ceil(np.log2(np.mean(size))))
    buckets = min(max(wanted, _FEWEST_BUCKETS), _MOST_BUCKETS)
    slot = np.ceil(cumulated * buckets).astype(np.int64) + group * (buckets + 1)
    passed = np.bincount(slot, minlength=len(last) * (buckets + 1)).reshape(len(last), -1)
    guide = np.cumsum(passed, axis=1) + (last + 1 - size)[:, None]
    return Choices(cumulated, guide.astype(np.int32).ravel(), buckets)


@dataclass(frozen=True, slots=True)
class Scale:
    """Edges between stretches of numbers, ready to be looked up."""

    edges: Floats
    factor: float
    guide: npt.NDArray[np.int32]

    def stretch(self, values: Floats) -> Ints:
        """Number of edges below each value (no NaN): ``searchsorted(edges, values)``."""
        bucket = self._bucket(values)
        low, high = self.guide.take(bucket), self.guide.take(bucket + 1)
        return _count(self.edges, np.less, values, low, high)

    def _bucket(self, values: Floats) -> Ints:
        inside = np.clip(values, self.edges[0], self.edges[-1])
        place = (inside * 0.5 - self.edges[0] * 0.5) * self.factor
        bucket: Ints = np.clip(place, 0, _MOST_BUCKETS * 4 - 1).astype(np.intp)
        return bucket


def scale(edges: Floats) -> Scale:
    """Make a :class:`Scale` of sorted, finite edges (one at least)."""
    span = edges[-1] * 0.5 - edges[0] * 0.5
    factor = _MOST_BUCKETS * 4 / span if span > 1e-290 else 0.0
    bare = Scale(edges, factor, np.zeros(0, np.int32))
    counts = np.bincount(bare._bucket(edges), minlength=_MOST_BUCKETS * 4)
    return Scale(edges, factor, np.append(0, np.cumsum(counts)).astype(np.int32))


def _count(table: Any, passes: np.ufunc, keys: Floats, low: Ints, high: Ints) -> Ints:
    """For each key, the first entry from ``low`` to ``high`` that does not pass it.

    ``passes`` is ``less`` or ``less_equal``; rows that are settled leave the search.
    """
    out = low
    rows = np.flatnonzero(low < high)
    low, high, keys = low[rows], high[rows], keys[rows]
    while len(rows):
        middle = (low + high) >> 1
        passed = passes(table.take(middle), keys)
        low, high = np.where(passed, middle + 1, low), np.where(passed, high, middle)
        out[rows] = low
        more = np.flatnonzero(low < high)
        rows, low, high, keys = rows[more], low[more], high[more], keys[more]
    return out
