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
    gappy: npt.NDArray[np.bool_]

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
        gaps = rows - base
        np.abs(gaps, out=gaps)
        if self.gappy[j]:
            gaps = np.where(np.isnan(rows) & np.isnan(base), 0, np.nan_to_num(gaps, nan=1.0))
        return np.asarray(gaps, np.float32)

    def distances(self, queries: Gaps, columns: Sequence[int]) -> Gaps:
        """Sum over the columns, queries by judged rows."""
        total = np.zeros((len(queries), len(self.base)), np.float32)
        differ = np.zeros(total.shape, np.uint16)
        for j in columns:
            if self.levels[j]:
                differ += queries[:, j][:, None] != self.base[:, j][None, :]
            else:
                total += self.column(queries, j)
        total += differ
        return total


def gower(cells: Cells) -> Gower:
    """Ready the judged rows; ranges are those of all three sides together."""
    rows = np.concatenate([cells.train, cells.control, cells.judged])
    gone = np.isnan(rows)
    rows[:, gone.all(axis=0)] = 0.0
    low, high = np.nanmin(rows, axis=0), np.nanmax(rows, axis=0)
    plain = (cells.levels > 0) | (high == low)
    low, span = np.where(cells.levels > 0, 0.0, low), np.where(plain, 1.0, high - low)
    base = np.asfortranarray((cells.judged - low) / span, np.float32)
    return Gower(base, low, span, cells.levels, gone.any(axis=0))
