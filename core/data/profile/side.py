"""One of two versions of a table that are compared, and shares of its rows as they may be told."""

from dataclasses import dataclass

import numpy as np

from core.data.profile.columns import FEWEST_PEOPLE, Counts, Source
from core.data.profile.values import TableProfile
from core.data.schema import Table


@dataclass(frozen=True, slots=True)
class Side:
    """One version of a table: where it lies, as it is stored, and what its profile says.

    No label and no bin is told of a column in ``closed``.
    """

    source: Source
    table: Table
    profile: TableProfile
    closed: frozenset[str] = frozenset()

    def cell(self, name: str) -> str:
        """SQL for a column's cell."""
        return f"c{self.table.names.index(name)}"


def shares(counts: Counts, people: Counts, total: int) -> tuple[float, ...]:
    """Shares of the rows, those of too few people as none."""
    told = np.where(people < FEWEST_PEOPLE, 0, counts)
    return tuple((told / total).round(6).tolist())
