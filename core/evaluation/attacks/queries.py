"""Descriptions of rows by ranges of a few columns: at least, at most, equal, missing."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.evaluation.encoding import Matrix

Matches = npt.NDArray[np.bool_]
MISSING = np.inf
_TOP = float(np.finfo(np.float64).max)
_BATCH = 1000
_FIRST_LOOK = 200
_IDLE = 10


@dataclass(frozen=True, slots=True)
class Query:
    """Columns with the least and the greatest value of each; missing values are infinite."""

    columns: tuple[int, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]

    def matches(self, rows: Matrix) -> Matches:
        """Which of the rows (made by :func:`ready`) it picks."""
        found = np.ones(len(rows), bool)
        for j, low, high in zip(self.columns, self.low, self.high, strict=True):
            found &= rows[:, j] >= low
            found &= rows[:, j] <= high
        return found


def ready(rows: Matrix) -> Matrix:
    """Rows for queries: missing is infinite, so that no range but its own holds it.

    A column's values lie together in memory, as queries read them by column.
    """
    return np.asfortranarray(np.where(np.isnan(rows), MISSING, rows))


@dataclass(frozen=True, slots=True)
class _Batch:
    """Drawn queries as arrays of queries by columns."""

    columns: npt.NDArray[np.int64]
    low: Matrix
    high: Matrix

    def counts(self, rows: Matrix) -> npt.NDArray[np.int64]:
        """How many of the rows each query picks."""
        found = np.ones((len(self.columns), len(rows)), bool)
        for k in range(self.columns.shape[1]):
            cells = rows.T[self.columns[:, k]]
            found &= cells >= self.low[:, k][:, None]
            found &= cells <= self.high[:, k][:, None]
        return np.asarray(found.sum(1))

    def query(self, place: int) -> Query:
        """One of them."""
        parts = (self.columns, self.low, self.high)
        return Query(*(tuple(part[place].tolist()) for part in parts))


def single_queries(
    rows: Matrix, is_number: Matches, width: int, batches: int, rng: np.random.Generator
) -> Iterator[Query]:
    """Different queries that pick exactly one of the rows; ends early when no new ones come.

    Each is made of a random row and of ``width`` random columns: numbers at least or at most the
    row's, towards the side of the median that it lies on, categories equal to it.
    """
    medians = _medians(rows)
    seen: set[Query] = set()
    idle = 0
    for _ in range(batches):
        batch, before = _draw(rows, is_number, medians, width, rng), len(seen)
        few = rows[rng.choice(len(rows), min(_FIRST_LOOK, len(rows)), replace=False)]
        for place in np.flatnonzero(batch.counts(few) <= 1):
            query = batch.query(int(place))
            if query not in seen and query.matches(rows).sum() == 1:
                seen.add(query)
                yield query
        idle = idle + 1 if len(seen) == before else 0
        if idle == _IDLE:
            return


def _medians(rows: Matrix) -> Matrix:
    """Of the values that are there; of a column without any it does not matter."""
    known = np.where(np.isinf(rows), np.nan, rows)
    known[:, np.isnan(known).all(axis=0)] = 0.0
    return np.asarray(np.nanmedian(known, axis=0))


def _draw(
    rows: Matrix, is_number: Matches, medians: Matrix, width: int, rng: np.random.Generator
) -> _Batch:
    chosen = rows[rng.integers(len(rows), size=_BATCH)]
    columns = np.sort(np.argsort(rng.random((_BATCH, rows.shape[1])), axis=1)[:, :width], axis=1)
    values = np.take_along_axis(chosen, columns, axis=1)
    ordered = is_number[columns] & np.isfinite(values)
    above = values > medians[columns]
    low = np.where(ordered & ~above, -_TOP, values)
    high = np.where(ordered & above, _TOP, values)
    return _Batch(columns, low, high)
