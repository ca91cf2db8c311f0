"""Coarser groups of a column, for tables of pairs that noise would drown otherwise.

It looks at noisy counts only, so that it costs no privacy.
"""

import numpy as np
import numpy.typing as npt

from core.synthesis.marginals.compress import Grouped, neighbours_together
from core.synthesis.marginals.learn import Cells

Places = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def coarse_places(cells: Cells, counts: list[Floats], numbers: int, labels: int) -> list[Places]:
    """The coarse place of each group of each column.

    Parameters
    ----------
    counts
        Noisy counts of the groups.
    numbers
        About how many places a column of numbers gets, each of about as many rows.
    labels
        How many a column of labels gets at most: the most frequent alone, the others together.
    """
    found = []
    for column, noisy in zip(cells.domain.columns, counts, strict=True):
        if column.is_label:
            rank = np.empty(len(noisy), np.int64)
            rank[np.argsort(-noisy, kind="stable")] = np.arange(len(noisy))
            found.append(np.minimum(rank, labels - 1))
        else:
            most = len(noisy) - column.missing
            rows = np.maximum(noisy[:most], 0.0)
            own = neighbours_together(rows, float(rows.sum()) / numbers)
            found.append(np.append(own, own.max() + 1) if column.missing else own)
    return found


def coarsened(cells: Cells, places: list[Places]) -> Cells:
    """The same rows and budget over coarse places instead of groups."""
    groups = tuple(_merged(g, own) for g, own in zip(cells.groups, places, strict=True))
    return cells.regrouped(groups, places)


def _merged(group: Grouped, place: Places) -> Grouped:
    size = int(place.max()) + 1
    return Grouped(
        place[group.group].astype(np.int32),
        group.weight,
        np.bincount(place, group.counts, size).astype(np.float64),
        np.sqrt(np.bincount(place, np.square(group.sigma), size)),
    )
