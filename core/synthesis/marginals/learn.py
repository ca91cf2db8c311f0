"""What engines over cells have in common: cells, groups, and counts that are measured with noise.

Training rows are touched in three places: :meth:`Cells.measure` draws noise for the counts of some
columns, :meth:`Cells.real` gives true counts for the scores of a private selection, and
:attr:`Cells.codes` the rows to steps of private training; they must go nowhere else.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data.schema import Table
from core.privacy.discover import usual_share
from core.privacy.domain import Domain
from core.privacy.gaussian import multiplier_of, selection_of
from core.privacy.noise import best_of, gaussian_counts
from core.synthesis.marginals.compress import Grouped, compress
from core.synthesis.marginals.fitted import FittedCells, GroupedDomain
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
        The budget ρ (half of μ²) that is left after the cells were found and counted.
    """

    grouped: GroupedDomain
    private: PrivateFit
    rho: float
    _codes: npt.NDArray[np.int32]

    @property
    def domain(self) -> Domain:
        """The cells of each column."""
        return self.grouped.domain

    @property
    def groups(self) -> tuple[Grouped, ...]:
        """How the cells of each column are grouped."""
        return self.grouped.groups

    @property
    def sizes(self) -> tuple[int, ...]:
        """Groups of each column."""
        return self.grouped.sizes

    @property
    def codes(self) -> npt.NDArray[np.int32]:
        """The true rows, as groups: for steps of private training only."""
        return self._codes

    @property
    def rows(self) -> float:
        """Noisy or public number of rows, at least 1."""
        return max(self.domain.rows, 1.0)

    def singles(self) -> list[Measurement]:
        """The counts of each column, which were paid for with the cells."""
        return [Measurement((i,), g.counts, g.sigma) for i, g in enumerate(self.groups)]

    def regrouped(
        self, groups: tuple[Grouped, ...], places: list[npt.NDArray[np.int64]]
    ) -> "Cells":
        """The same rows with each column's groups brought to their ``places`` among ``groups``."""
        moved = [own[self._codes[:, i]] for i, own in enumerate(places)]
        codes = np.stack(moved, axis=1) if moved else self._codes
        return replace(
            self, grouped=GroupedDomain(self.domain, groups), _codes=codes.astype(np.int32)
        )

    def counted_again(self, share: float) -> list[Floats]:
        """Noisy counts of the groups of each column, better for ``share`` of the budget left.

        Cells were counted one by one, so that a group of many has the noise of all of them; the
        new counts, of groups, are taken together with those, each weighted by one over its
        variance.
        """
        rho = share * self.rho / max(len(self.sizes), 1)
        better = []
        for old in self.singles():
            new = self.measure(old.columns, rho)
            weights = [np.broadcast_to(one.weight, old.counts.shape) for one in (old, new)]
            sums = weights[0] * old.counts + weights[1] * new.counts
            better.append(sums / (weights[0] + weights[1]))
        return better

    def real(self, columns: Columns) -> Counts:
        """True counts, flat: for the scores of a private selection only."""
        return joint_counts(self._codes, columns, self.sizes)

    def measure(self, columns: Columns, rho: float) -> Measurement:
        """Counts of some columns with Gaussian noise that costs ``rho``."""
        multiplier = multiplier_of(rho)
        names = " × ".join(self.domain.columns[c].column.name for c in columns)
        about = f"{names}, {cells_of(self.sizes, columns)} cells"
        ledger = self.private.ledger
        noisy = gaussian_counts(self.real(columns), multiplier, ledger, "measurement", about)
        shape = tuple(self.sizes[c] for c in columns)
        sigma = multiplier * ledger.guarantee.rows_per_person
        return Measurement(columns, noisy.reshape(shape).astype(np.float64), sigma)

    def select(self, scores: Floats, rho: float) -> int:
        """The place of a high score, one row changing each by at most 1, for ``rho``."""
        about = f"{len(scores)} candidates"
        return best_of(scores, 1.0, selection_of(rho), self.private.ledger, "selection", about)

    def fitted(self, model: GraphicalModel) -> FittedCells:
        """What is kept of the model."""
        return FittedCells(self.grouped, model.tree, model.cliques)


def open_cells(frame: pd.DataFrame, table: Table, private: PrivateFit, most_groups: int) -> Cells:
    """Find, count and group the cells of a table, and turn its rows into groups.

    ``most_groups`` is the largest number of groups of a column of numbers.
    """
    rho = private.rho(table)
    share = usual_share(table, private.public)
    domain = private.domain(frame, table, share * rho)
    groups = tuple(compress(column, most_groups) for column in domain.columns)
    codes = domain.encode(frame)
    grouped = [group.group[codes[:, i]] for i, group in enumerate(groups)]
    stacked = np.stack(grouped, axis=1) if grouped else np.zeros((len(frame), 0), np.int32)
    left = (1 - share) * rho
    return Cells(GroupedDomain(domain, groups), private, left, stacked.astype(np.int32))
