"""Descriptions of rows by a few columns, as conjunctions of at least, at most and equal."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.evaluation.encoding import Matrix

Matches = npt.NDArray[np.bool_]
_BATCH = 1000
_FIRST_LOOK = 300


@dataclass(frozen=True, slots=True)
class Query:
    """Columns, the values asked for, and by column: −1 at most, 0 equal, 1 at least."""

    columns: tuple[int, ...]
    values: tuple[float | None, ...]
    signs: tuple[int, ...]

    def matches(self, rows: Matrix) -> Matches:
        """Which rows it picks; None asks for a missing value."""
        found = np.ones(len(rows), bool)
        for j, value, sign in zip(self.columns, self.values, self.signs, strict=True):
            found &= _picked(rows[:, j], np.nan if value is None else value, sign)
        return found


def _picked(column: Matrix, value: float, sign: int) -> Matches:
    if np.isnan(value):
        return np.isnan(column)
    if sign == 0:
        return np.asarray(column == value)
    return np.asarray(column >= value if sign > 0 else column <= value)


@dataclass(frozen=True, slots=True)
class _Batch:
    """Drawn queries as arrays of queries by columns."""

    columns: npt.NDArray[np.int64]
    values: Matrix
    signs: npt.NDArray[np.int64]

    def counts(self, rows: Matrix) -> npt.NDArray[np.int64]:
        """How many of the rows each query picks."""
        found = np.ones((len(self.columns), len(rows)), bool)
        for k in range(self.columns.shape[1]):
            cells, value = rows.T[self.columns[:, k]], self.values[:, k][:, None]
            sign = self.signs[:, k][:, None]
            ordered = sign * cells >= sign * value
            equal = (cells == value) | (np.isnan(cells) & np.isnan(value))
            found &= np.where((sign == 0) | np.isnan(value), equal, ordered)
        return np.asarray(found.sum(1))

    def query(self, place: int) -> Query:
        """One of them."""
        values = (None if np.isnan(v) else float(v) for v in self.values[place])
        columns, signs = self.columns[place].tolist(), self.signs[place].tolist()
        return Query(tuple(columns), tuple(values), tuple(signs))


def single_queries(
    rows: Matrix, is_number: Matches, width: int, batches: int, rng: np.random.Generator
) -> Iterator[Query]:
    """Queries that pick exactly one of the rows, some more than once.

    Each is made of a random row and of ``width`` random columns: numbers at least or at most the
    row's, towards the side of the median that it lies on, categories equal to it.
    """
    empty = np.isnan(rows).all(axis=0)
    medians = np.nanmedian(np.where(empty, 0.0, rows), axis=0)
    for _ in range(batches):
        batch = _draw(rows, is_number, medians, width, rng)
        few = rows[rng.choice(len(rows), min(_FIRST_LOOK, len(rows)), replace=False)]
        for place in np.flatnonzero(batch.counts(few) <= 1):
            query = batch.query(int(place))
            if query.matches(rows).sum() == 1:
                yield query


def _draw(
    rows: Matrix, is_number: Matches, medians: Matrix, width: int, rng: np.random.Generator
) -> _Batch:
    chosen = rows[rng.integers(len(rows), size=_BATCH)]
    columns = np.sort(np.argsort(rng.random((_BATCH, rows.shape[1])), axis=1)[:, :width], axis=1)
    values = np.take_along_axis(chosen, columns, axis=1)
    signs = np.where(values > medians[columns], 1, -1) * is_number[columns]
    return _Batch(columns, values, signs)
