"""Fewer cells where the noise drowns them: rare labels and thin neighbouring numbers together.

It looks at noisy counts only, so that it costs no privacy. A column is modelled by its groups of
cells; inside a group, cells are drawn again by their own noisy counts.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.privacy.domain import ColumnDomain
from core.synthesis.marginals.sample import Places, draw_evenly

Floats = npt.NDArray[np.float64]
Groups = npt.NDArray[np.int32]

_CLEAR = 3.0
_COARSER = 1.1


@dataclass(frozen=True, slots=True)
class Grouped:
    """The groups of one column's cells.

    Attributes
    ----------
    group
        Group of each cell, from 0 on.
    weight
        How often each cell is drawn within its group.
    counts, sigma
        Noisy count of each group and the standard deviation of its noise.
    """

    group: Groups
    weight: Floats
    counts: Floats
    sigma: Floats

    @property
    def size(self) -> int:
        """Number of groups."""
        return len(self.counts)

    def cells(self, groups: Places, rng: np.random.Generator) -> Places:
        """A cell for each of ``groups``."""
        table = np.zeros((self.size, len(self.group)))
        table[self.group, np.arange(len(self.group))] = self.weight
        return draw_evenly(table, groups, rng)


def compress(column: ColumnDomain, most: int) -> Grouped:
    """Groups of a column that was counted, of numbers at most ``most``."""
    if column.counts is None:
        raise ValueError(f"{column.column.name} was not counted.")
    noisy = column.counts.astype(np.float64)
    likely = nearest_counts(noisy)
    clear = _CLEAR * column.sigma
    if column.is_label:
        group = _rare_together(noisy, clear)
    else:
        group = _as_fine(likely[: len(noisy) - column.missing], most, clear)
        group = np.append(group, group.max() + 1) if column.missing else group
    cells = np.bincount(group)
    empty = np.bincount(group, likely)[group] <= 0
    return Grouped(
        group.astype(np.int32),
        np.where(empty, 1.0, likely),
        np.bincount(group, noisy).astype(np.float64),
        column.sigma * np.sqrt(cells),
    )


def nearest_counts(noisy: Floats) -> Floats:
    """The counts without negative ones that are nearest to noisy counts and have their sum.

    Projection onto a simplex (Held, Wolfe and Crowder, 1974): the same is taken from all counts,
    and what falls below zero is left out. All zero where the sum is not positive.
    """
    total = float(noisy.sum())
    if total <= 0:
        return np.zeros(len(noisy))
    falling = np.sort(noisy)[::-1]
    taken = (np.cumsum(falling) - total) / np.arange(1, len(noisy) + 1)
    last = np.flatnonzero(falling > taken)[-1]
    nearest: Floats = np.maximum(noisy - taken[last], 0.0)
    return nearest


def _as_fine(likely: Floats, most: int, clear: float) -> npt.NDArray[np.int64]:
    """Neighbours together, at most ``most`` groups; the largest cell alone makes none coarser."""
    share = max(clear, (likely.sum() - likely.max()) / most, 1.0)
    group = neighbours_together(likely, share)
    while group[-1] >= most:
        share *= _COARSER
        group = neighbours_together(likely, share)
    return group


def _rare_together(noisy: Floats, clear: float) -> npt.NDArray[np.int64]:
    """Labels whose counts stand out from the noise alone, all others in one group."""
    alone = noisy >= clear
    group = np.cumsum(alone) - 1
    group[~alone] = alone.sum()
    return group


def neighbours_together(noisy: Floats, share: float) -> npt.NDArray[np.int64]:
    """Neighbours until they hold ``share`` rows; a cell that holds as many is alone."""
    group = np.zeros(len(noisy), np.int64)
    current, held = 0, 0.0
    for cell, count in enumerate(noisy):
        if count >= share and held > 0:
            current, held = current + 1, 0.0
        group[cell] = current
        held += max(count, 0.0)
        if held >= share:
            current, held = current + 1, 0.0
    return np.unique(group, return_inverse=True)[1].astype(np.int64)
