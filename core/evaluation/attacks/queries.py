"""Queries that pick rows by a few columns, as conjunctions of at least, at most, equal."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.evaluation.encoding import Matrix

Matches = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Query:
    """Columns, the values asked for, and by column: −1 at most, 0 equal, 1 at least."""

    columns: tuple[int, ...]
    values: tuple[float, ...]
    signs: tuple[int, ...]

    def matches(self, rows: Matrix) -> Matches:
        """Which rows it picks; a missing value is asked for as missing."""
        found = np.ones(len(rows), bool)
        for j, value, sign in zip(self.columns, self.values, self.signs, strict=True):
            found &= _compare(rows[:, j], value, sign)
        return found


def _compare(column: Matrix, value: float, sign: int) -> Matches:
    if np.isnan(value):
        return np.asarray(np.isnan(column))
    if sign == 0:
        return np.asarray(column == value)
    return np.asarray(column >= value if sign > 0 else column <= value)


def draw_query(
    rows: Matrix,
    is_number: Matches,
    medians: Matrix,
    width: int,
    rng: np.random.Generator,
) -> Query:
    """A query from a random row: numbers towards the extreme that they lie at, categories equal."""
    row = rows[rng.integers(len(rows))]
    columns = np.sort(rng.choice(rows.shape[1], width, replace=False))
    signs = [(1 if row[j] > medians[j] else -1) if is_number[j] else 0 for j in columns]
    return Query(tuple(map(int, columns)), tuple(float(row[j]) for j in columns), tuple(signs))
