"""What ``aim`` and ``mst`` have in common: cells, groups, and counts that are measured with noise.

Training rows are touched in two places: :meth:`Cells.measure` draws noise for the counts of some
columns, and :meth:`Cells.real` gives true counts for the scores of a private selection, which must
go nowhere else.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data.schema import Table
from core.privacy.discover import usual_share
from core.privacy.domain import Domain
from core.privacy.noise import best_of, gaussian_counts
from core.synthesis.marginals.compress import Grouped, compress
from core.synthesis.marginals.fitted import FittedCells
from core.synthesis.marginals.model import GraphicalModel, Measurement
from core.synthesis.marginals.sample import joint_counts
from core.synthesis.marginals.tree import Columns, cells_of
from core.synthesis.protocol import PrivateFit

Counts = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Cells:
    """The training rows as groups of cells, and the budget that is left.

    Attributes
    ----------
    rows
        Noisy or public number of rows.
    rho
        The zCDP budget that is left after the cells were found and counted.
    """

    domain: Domain
    groups: tuple[Grouped, ...]
    private: PrivateFit
    rho: float
    _codes: npt.NDArray[np.int32]

    @property
    def sizes(self) -> tuple[int, ...]:
        """Groups of each column."""
        return tuple(group.size for group in self.groups)

    @property
    def rows(self) -> float:
        """Noisy or public number of rows, at least 1."""
        return max(self.domain.rows, 1.0)

    def singles(self) -> list[Measurement]:
        """The counts of each column, which were paid for with the cells."""
        return [Measurement((i,), g.counts, g.sigma) for i, g in enumerate(self.groups)]

    def real(self, columns: Columns) -> Counts:
        """True counts, flat: for the scores of a private selection only."""
        return joint_counts(self._codes, columns, self.sizes)

    def measure(self, columns: Columns, rho: float) -> Measurement:
        """Counts of some columns with Gaussian noise that costs ``rho``."""
        multiplier = float(np.sqrt(1 / (2 * rho)))
        names = " × ".join(self.domain.columns[c].column.name for c in columns)
        about = f"{names}, {cells_of(self.sizes, columns)} cells"
        ledger = self.private.ledger
        noisy = gaussian_counts(self.real(columns), multiplier, ledger, "measurement", about)
        shape = tuple(self.sizes[c] for c in columns)
        sigma = multiplier * ledger.guarantee.rows_per_person
        return Measurement(columns, noisy.reshape(shape).astype(np.float64), sigma)

    def select(self, scores: Floats, rho: float) -> int:
        """The place of a high score, one row changing each by at most 1, for ``rho``."""
        epsilon = float(np.sqrt(8 * rho))
        about = f"{len(scores)} candidates"
        return best_of(scores, 1.0, epsilon, self.private.ledger, "selection", about)

    def fitted(self, model: GraphicalModel) -> FittedCells:
        """What is kept of the model."""
        return FittedCells(self.domain, self.groups, model.tree, model.cliques)


def open_cells(frame: pd.DataFrame, table: Table, private: PrivateFit, most_groups: int) -> Cells:
    """Find, count and group the cells of a table, and turn its rows into groups.

    ``most_groups`` is about the largest number of groups of a column of numbers.
    """
    rho = private.rho(table)
    share = usual_share(table, private.public)
    domain = private.domain(frame, table, share * rho)
    groups = tuple(compress(column, most_groups) for column in domain.columns)
    codes = domain.encode(frame)
    grouped = [group.group[codes[:, i]] for i, group in enumerate(groups)]
    stacked = np.stack(grouped, axis=1) if grouped else np.zeros((len(frame), 0), np.int32)
    return Cells(domain, groups, private, (1 - share) * rho, stacked.astype(np.int32))
