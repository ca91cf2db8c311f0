"""Nearest rows found along few axes first.

Rows of many one-hot columns lie near a space of far fewer dimensions. The distance within it, with
the difference of what sticks out of it, is a lower bound of the whole distance (the triangle
inequality) at a fraction of its cost. Only rows whose bound lies below a distance already known
are measured in full, so that the nearest row found is the nearest row.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float32]
_KEPT = 0.95
_AXES_SHARE = 0.5
_NARROWEST, _WIDEST = 8, 600
_LEAST_WORK = 1e9
_LEARNED_ON = 4_000
_DENSE = 0.02
_ROUNDING = 4e-6


@dataclass(frozen=True, slots=True)
class Axes:
    """The directions along which rows vary most; ``directions`` has one a column."""

    centre: Points
    directions: Points

    def seen(self, rows: Points) -> Points:
        """Each row along the axes, and how far it lies off all of them."""
        moved = rows - self.centre
        along = moved @ self.directions
        rest = np.einsum("ij,ij->i", moved, moved) - np.einsum("ij,ij->i", along, along)
        return np.column_stack([along, np.sqrt(np.maximum(rest, 0))])


def axes_of(base: Points, queries: int) -> Axes | None:
    """Principal axes that hold most of what varies in ``base``; None where they save nothing."""
    rows, width = base.shape
    if not _NARROWEST <= width <= _WIDEST or float(queries) * rows * width < _LEAST_WORK:
        return None
    some = base[:: max(1, rows // _LEARNED_ON)]
    centre = some.mean(0)
    spread, directions = np.linalg.eigh(np.cov(some - centre, rowvar=False))
    share = np.cumsum(spread[::-1]) / max(float(spread.sum()), 1e-12)
    count = int(np.searchsorted(share, _KEPT)) + 1
    if count > _AXES_SHARE * width:
        return None
    return Axes(centre, np.ascontiguousarray(directions[:, ::-1][:, :count], np.float32))


@dataclass(frozen=True, slots=True)
class Candidates:
    """Rows of the base that may be nearest, for a block of queries.

    ``starts`` says where the candidates of each query begin; ``squared`` are whole distances.
    """

    starts: npt.NDArray[np.int64]
    squared: Points

    def least(self, within: float) -> tuple[Points, npt.NDArray[np.int64]]:
        """The least of each query's candidates, and how many are not farther by ``within``."""
        least = np.minimum.reduceat(self.squared, self.starts)
        equal = self.squared <= np.repeat(least + np.float32(within), self._counts())
        return least, np.add.reduceat(equal.astype(np.int64), self.starts)

    def ranked(self, wanted: int) -> Points:
        """The ``wanted`` least of each query's candidates, one a row."""
        owner = np.repeat(np.arange(len(self.starts)), self._counts())
        ordered = self.squared[np.lexsort((self.squared, owner))]
        return np.stack([ordered[self.starts + rank] for rank in range(wanted)])

    def _counts(self) -> npt.NDArray[np.int64]:
        return np.diff(np.append(self.starts, len(self.squared)))


class Bounds:
    """Lower bounds of squared distances to ``base``, for one block of queries after the other."""

    def __init__(self, axes: Axes, base: Points, block: int) -> None:
        self._axes, self._base = axes, base
        seen = axes.seen(base)
        squares = np.einsum("ij,ij->i", seen, seen)
        self._largest = float(squares.max())
        self._seen = np.column_stack([seen, squares])
        self._room = np.empty((block, len(base)), np.float32)
        self._below = np.empty((block, len(base)), np.bool_)

    def candidates(self, queries: Points, within: float, wanted: int = 1) -> Candidates | None:
        """Rows that may be among the ``wanted`` nearest or ``within`` of them (squared distance).

        None where they are so many that looking at every row costs less.
        """
        every, seen = np.arange(len(queries)), self._axes.seen(queries)
        squares = np.einsum("ij,ij->i", seen, seen)
        mixed = np.column_stack([-2 * seen, np.ones(len(seen), np.float32)])
        bounds = np.matmul(mixed, self._seen.T, out=self._room[: len(queries)])
        known, closest = np.zeros(len(queries), np.float32), []
        for _ in range(wanted):
            closest.append(bounds.argmin(1))
            bounds[every, closest[-1]] = np.inf
            np.maximum(known, _gaps(queries, self._base[closest[-1]]), out=known)
        known += within + _ROUNDING * (squares + self._largest) - squares
        below = np.less_equal(bounds, known[:, None], out=self._below[: len(queries)])
        for rows in closest:
            below[every, rows] = True
        places = np.flatnonzero(below)
        if len(places) > _DENSE * below.size:
            return None
        owner, row = np.divmod(places, len(self._base))
        starts = np.searchsorted(owner, every)
        return Candidates(starts, _gaps(queries[owner], self._base[row]))


def _gaps(rows: Points, others: Points) -> Points:
    gaps = rows - others
    return np.asarray(np.einsum("ij,ij->i", gaps, gaps))
