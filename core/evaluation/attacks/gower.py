"""Closest rows by part of the columns: numbers by their gap over the range, categories by equality.

The distance of Gower (1971) without weights, as the package anonymeter takes it; where one value
is missing the two differ fully, where both are they agree.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.evaluation.attacks.scene import Cells
from core.evaluation.encoding import Matrix

Gaps = npt.NDArray[np.float32]
_BLOCK_CELLS = 1_000_000


@dataclass(frozen=True, slots=True)
class Gower:
    """Cells of the judged rows, made ready for searches; numbers are scaled to ranges of one."""

    base: Gaps
    low: Matrix
    span: Matrix
    levels: npt.NDArray[np.int64]

    def scale(self, rows: Matrix) -> Gaps:
        """Rows in the same scale."""
        return np.asarray((rows - self.low) / self.span, np.float32)

    def blocks(self, queries: Matrix) -> Iterator[tuple[slice, Gaps]]:
        """Some scaled queries at a time, so that queries times judged rows stay few."""
        scaled, step = self.scale(queries), max(1, _BLOCK_CELLS // max(1, len(self.base)))
        for start in range(0, len(scaled), step):
            yield slice(start, start + step), scaled[start : start + step]

    def column(self, queries: Gaps, j: int) -> Gaps:
        """Distances in one column, queries by judged rows."""
        rows, base = queries[:, j][:, None], self.base[:, j][None, :]
        if self.levels[j]:
            return np.asarray(rows != base, np.float32)
        gaps = np.abs(rows - base)
        gone = np.isnan(rows), np.isnan(base)
        if gone[0].any() or gone[1].any():
            gaps = np.where(gone[0] & gone[1], np.float32(0), np.nan_to_num(gaps, nan=1.0))
        return np.asarray(gaps, np.float32)

    def distances(self, queries: Gaps, columns: Sequence[int]) -> Gaps:
        """Sum over the columns, queries by judged rows."""
        total = np.zeros((len(queries), len(self.base)), np.float32)
        for j in columns:
            total += self.column(queries, j)
        return total


def gower(cells: Cells) -> Gower:
    """Ready the judged rows; ranges are those of all three sides together."""
    both = np.concatenate([cells.train, cells.control, cells.judged])
    known = np.where(np.isnan(both), np.nan, both)
    empty = np.isnan(known).all(axis=0)
    known = np.where(empty, 0.0, known)
    low, high = np.nanmin(known, axis=0), np.nanmax(known, axis=0)
    categories = cells.levels > 0
    low = np.where(categories, 0.0, low)
    span = np.where(categories | (high == low), 1.0, high - low)
    base = np.asarray((cells.judged - low) / span, np.float32)
    return Gower(base, low, span, cells.levels)
