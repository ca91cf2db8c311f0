"""Columns as cells: what can be drawn of a column, and what a tree can see of it.

A *cell* is the smallest thing that is ever drawn: the missing value, a number that occurs often
(drawn as it is), a stretch between neighbouring rare numbers (drawn evenly inside), or a label.
Neighbouring cells make up at most ``MAX_CLASSES`` *classes*, which trees predict. Trees split on
8-bit *codes*: stretches of numbers in their order, or classes of labels.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.integer[Any]]
Codes = npt.NDArray[np.uint8]

MAX_CLASSES = 250
MAX_STRETCHES = 1024


@dataclass(frozen=True, slots=True)
class Cells:
    """What can be drawn of one column.

    Attributes
    ----------
    mass
        Rows of the training table in each cell; 0 for cells that are never drawn.
    low, high
        Ends of each cell; the same for a single value, NaN for the missing value. For labels,
        positions in the list of labels.
    group
        Class of each cell.
    """

    mass: Floats
    low: Floats
    high: Floats
    group: npt.NDArray[np.int32]

    @property
    def classes(self) -> int:
        """Number of classes."""
        return int(self.group.max()) + 1


def number_cells(values: Floats, bins: int, protect: int) -> tuple[Cells, Ints]:
    """Cells of a column of numbers, and the cell of each row.

    Values seen at least ``protect`` times become cells of their own; the others are pooled, in
    their order, into stretches of at least ``protect`` rows whose ends lie midway between
    neighbouring values, so that no rare value is an end of a stretch. Where the smallest or the
    largest value is rare, the stretch there ends at :func:`safe_ends`.
    """
    distinct, row, counts = np.unique(values, return_inverse=True, return_counts=True)
    missing = len(distinct) > 0 and np.isnan(distinct[-1])
    solid = len(distinct) - missing
    often = (counts >= protect) | (solid == 1)
    often[solid:] = True
    part = np.zeros(len(distinct), np.int64)
    rare = np.flatnonzero(~often)
    stretch = max(protect, -(-int(counts[rare].sum()) // MAX_STRETCHES))
    part[rare] = pool(counts[rare], stretch)
    low, high = _ends(distinct[:solid], rare, part)
    if solid:
        least, most = safe_ends(distinct[:solid], counts[:solid], protect)
        low, high = (np.clip(end, least, most) for end in (low, high))
    first = np.append(low, np.nan) if missing else low
    last = np.append(high, np.nan) if missing else high
    keys = np.where(often, -1 - np.arange(len(distinct)), part)
    cell = number_by_first(keys)
    mass: Floats = np.bincount(cell, counts).astype(np.float64)
    head = np.unique(cell, return_index=True)[1]
    low, high = first[head], last[head]
    return Cells(mass, low, high, _group(mass, bins, missing)), cell[row]


def safe_ends(distinct: Floats, counts: Ints, protect: int) -> tuple[float, float]:
    """The range that may be drawn: an extreme of few rows gives way to a mean over ``protect``.

    Where the smallest value occurs fewer than ``protect`` times, the low end is the mean of the
    smallest ``protect`` values; in the same way the high end. ``distinct`` is sorted, without NaN.
    """
    ends = []
    for values, rows in ((distinct, counts), (distinct[::-1], counts[::-1])):
        few = np.minimum(rows, np.maximum(protect - (np.cumsum(rows) - rows), 0))
        rare = rows[0] < protect and len(values) > 1
        ends.append(float((values * (few / few.sum())).sum()) if rare else float(values[0]))
    return ends[0], max(ends)


def pool(counts: Ints, least: int) -> Ints:
    """The part of each entry: neighbours together until they hold ``least`` rows.

    What is left at the end joins the last part.
    """
    total = np.cumsum(counts)
    ends: list[int] = []
    done = 0
    while len(total) and total[-1] - done >= least:
        ends.append(int(np.searchsorted(total, done + least)))
        done = int(total[ends[-1]])
    return np.searchsorted(np.array(ends[:-1], np.int64), np.arange(len(total)))


def _ends(values: Floats, rare: Ints, part: Ints) -> tuple[Floats, Floats]:
    """Low and high end of the cell of each distinct value (no missing value among them)."""
    low, high = values.copy(), values.copy()
    if not len(rare):
        return low, high
    first = np.flatnonzero(np.diff(part[rare], prepend=-1))
    last = np.append(first[1:], len(rare)) - 1
    before, after = np.maximum(rare[first] - 1, 0), np.minimum(rare[last] + 1, len(values) - 1)
    start = values[before] / 2 + values[rare[first]] / 2
    stop = values[after] / 2 + values[rare[last]] / 2
    start[1:] = np.maximum(start[1:], values[rare[last[:-1]]] / 2 + values[rare[first[1:]]] / 2)
    stop[:-1] = np.minimum(stop[:-1], values[rare[last[:-1]]] / 2 + values[rare[first[1:]]] / 2)
    low[rare], high[rare] = np.repeat(start, last - first + 1), np.repeat(stop, last - first + 1)
    return low, high


def _group(mass: Floats, bins: int, missing: bool) -> npt.NDArray[np.int32]:
    """Classes of cells in order: heavy cells alone, light ones together up to a share."""
    share = mass.sum() / bins
    heavy = mass >= share / 2
    if len(mass) <= MAX_CLASSES:
        heavy[:] = True
    if missing:
        heavy[-1] = True
    light = np.where(heavy, 0.0, mass)
    key = np.where(heavy, -1.0 - np.arange(len(mass)), (np.cumsum(light) - light) // share)
    return number_by_first(key).astype(np.int32)


def number_by_first(keys: Floats | Ints) -> Ints:
    """Number equal keys 0, 1, … in the order in which they first occur."""
    _, head, group = np.unique(keys, return_index=True, return_inverse=True)
    rank = np.empty(len(head), np.int64)
    rank[np.argsort(head, kind="stable")] = np.arange(len(head))
    return rank[group]
