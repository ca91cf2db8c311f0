"""How a forest and a linear model see encoded rows: without gaps, and without huge numbers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np

from core.evaluation.encoding import Matrix
from core.evaluation.usefulness import limits as at
from core.evaluation.usefulness.task import Codes, Task


def ordinal_view(task: Task) -> Callable[[Matrix], Matrix]:
    """Numbers as quantile bins of the real training rows, -1 for missing; categories as ranks."""
    numbers = task.encoded.is_number[task.used]

    def view(rows: Matrix) -> Matrix:
        seen = np.empty((len(rows), len(task.used)))
        for place, j in enumerate(task.used):
            column = rows[:, j]
            if numbers[place]:
                bins = np.searchsorted(task.edges[place], column, side="right")
                seen[:, place] = np.where(np.isnan(column), -1, bins)
            else:
                seen[:, place] = column
        return seen

    return view


@dataclass(frozen=True, slots=True)
class LinearView:
    """Standardised numbers, marks for missing ones, and one column for each frequent level.

    A missing number takes the mean of the rows that were fitted. ``levels`` counts the levels of
    each category that have a column; rarer and unseen ones are zero in all of them.
    """

    numbers: Codes
    center: Matrix
    spread: Matrix
    gaps: Codes
    categories: Codes
    levels: Codes

    @classmethod
    def of(cls, task: Task, rows: Matrix) -> Self:
        """Settle columns, centres and spreads by the rows to be fitted."""
        is_number = task.encoded.is_number[task.used]
        numbers, categories = task.used[is_number], task.used[~is_number]
        values = rows[:, numbers]
        missing = np.isnan(values)
        known = np.maximum((~missing).sum(axis=0), 1)
        center = np.where(missing, 0.0, values).sum(axis=0) / known
        apart = np.where(missing, 0.0, values - center)
        spread = np.sqrt((apart**2).sum(axis=0) / known)
        most = max(1, min(at.ONE_HOT_LEVELS, at.ONE_HOT_COLUMNS // max(1, len(categories))))
        return cls(
            numbers,
            center,
            np.where(spread > 0, spread, 1.0),
            numbers[missing.any(axis=0)],
            categories,
            np.minimum(task.encoded.levels[categories], most),
        )

    def __call__(self, rows: Matrix) -> Matrix:
        """The design matrix of ``rows``, without an intercept."""
        scaled = (rows[:, self.numbers] - self.center) / self.spread
        parts = [np.where(np.isnan(scaled), 0.0, scaled), np.isnan(rows[:, self.gaps])]
        parts += [
            rows[:, [j]] == np.arange(count)
            for j, count in zip(self.categories, self.levels, strict=True)
        ]
        return np.concatenate(parts, axis=1, dtype=np.float64)
