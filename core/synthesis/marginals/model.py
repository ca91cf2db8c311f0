"""A graphical model of a table: the evenest table that agrees with noisy counts.

Among all tables the one is sought whose counts come nearest to the measured ones, in units of
their noise, by mirror descent: each step multiplies the table by the exponential of the gradient,
so that it stays a product of one factor for each measured set of columns (McKenna, Sheldon and
Miklau, "Graphical-model based estimation and inference for differential privacy", ICML 2019).
Counts of cliques follow by passing messages along the junction tree, in logarithms.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.synthesis.marginals.tree import Columns, junction_tree

Floats = npt.NDArray[np.float64]

_TRIES = 30
_SHRINK = 0.5
_GROW = 1.2
_LEAST_LOG = -700.0


@dataclass(frozen=True, slots=True)
class Measurement:
    """Noisy counts of the cells of some columns.

    Attributes
    ----------
    columns
        In ascending order, one axis of ``counts`` each.
    sigma
        Standard deviation of the noise: one number, or one a cell.
    """

    columns: Columns
    counts: Floats
    sigma: float | Floats

    @property
    def weight(self) -> float | Floats:
        """One over the variance."""
        return 1.0 / np.square(self.sigma)


class GraphicalModel:
    """A table as a product of factors; ``fit`` adapts it to measurements, and goes on from there.

    Parameters
    ----------
    sizes
        Number of cells of each column.
    total
        Number of rows that all counts add up to.
    """

    def __init__(self, sizes: Sequence[int], total: float) -> None:
        self.total = max(float(total), 1.0)
        self.tree = junction_tree(sizes, ())
        self.measured: tuple[Measurement, ...] = ()
        self._factors: dict[Columns, Floats] = {}
        self._step = 0.0
        self.cliques: tuple[Floats, ...] = ()
        self._refresh()

    def fit(self, measured: Sequence[Measurement], steps: int, tolerance: float = 1e-4) -> float:
        """Adapt to all of ``measured`` and return the misfit, half a χ² over all cells.

        Stops after ``steps`` steps, or when a step gains less than ``tolerance`` of the misfit.
        """
        new = tuple(m.columns for m in measured)
        if new != tuple(m.columns for m in self.measured):
            self.tree = junction_tree(self.tree.sizes, list(dict.fromkeys(new)))
            for columns in new:
                self._factors.setdefault(columns, np.zeros(self.tree.shape(columns)))
        self.measured = tuple(measured)
        self._refresh()
        misfit, slopes = self._misfit(self.cliques)
        self._step = self._step or 1.0 / (self.total * sum(np.max(m.weight) for m in measured))
        for _ in range(steps):
            before = misfit
            misfit, slopes = self._descend(misfit, slopes)
            if before - misfit <= tolerance * abs(before):
                break
        return misfit

    def counts(self, columns: Columns) -> Floats:
        """Expected counts of columns that one clique holds."""
        place = self.tree.holder(columns)
        return _margin(self.cliques[place], self.tree.cliques[place], columns)

    def _descend(
        self, misfit: float, slopes: dict[Columns, Floats]
    ) -> tuple[float, dict[Columns, Floats]]:
        """One step along the gradient, as long as it pays."""
        now = {c: self.counts(c) for c in slopes}
        for _ in range(_TRIES):
            factors = {c: f - self._step * slopes.get(c, 0.0) for c, f in self._factors.items()}
            cliques = self._pass(factors)
            found, then = self._misfit(cliques)
            moved = {c: self._counts_in(cliques, c) for c in slopes}
            promised = sum(float((slopes[c] * (now[c] - moved[c])).sum()) for c in slopes)
            if misfit - found >= 0.5 * promised:
                self._factors, self.cliques = factors, cliques
                self._step *= _GROW
                return found, then
            self._step *= _SHRINK
        return misfit, slopes

    def _misfit(self, cliques: Sequence[Floats]) -> tuple[float, dict[Columns, Floats]]:
        """Half the squared distance to the measurements, and its gradient by set of columns."""
        total = 0.0
        slopes: dict[Columns, Floats] = {}
        known: dict[Columns, Floats] = {}
        for one in self.measured:
            if one.columns not in known:
                known[one.columns] = self._counts_in(cliques, one.columns)
            off = known[one.columns] - one.counts
            pull = one.weight * off
            total += 0.5 * float((pull * off).sum())
            slopes[one.columns] = slopes.get(one.columns, 0.0) + pull
        return total, slopes

    def _counts_in(self, cliques: Sequence[Floats], columns: Columns) -> Floats:
        place = self.tree.holder(columns)
        return _margin(cliques[place], self.tree.cliques[place], columns)

    def _refresh(self) -> None:
        self.cliques = self._pass(self._factors)

    def _pass(self, factors: dict[Columns, Floats]) -> tuple[Floats, ...]:
        """Expected counts of each clique, by passing messages up and down the tree."""
        tree = self.tree
        logs = [np.zeros(tree.shape(clique)) for clique in tree.cliques]
        for columns, factor in factors.items():
            place = tree.holder(columns)
            logs[place] = logs[place] + _spread(factor, columns, tree.cliques[place])
        upward: list[Floats] = [np.zeros(())] * len(logs)
        for i in reversed(tree.order[1:]):
            upward[i] = _log_margin(logs[i], tree.cliques[i], tree.shared[i])
            up = tree.parent[i]
            logs[up] = logs[up] + _spread(upward[i], tree.shared[i], tree.cliques[up])
        counts: list[Floats] = [np.zeros(())] * len(logs)
        for i in tree.order:
            up, own, shared = tree.parent[i], tree.cliques[i], tree.shared[i]
            if up < 0:
                raised = np.exp(logs[i] - logs[i].max())
                counts[i] = raised * (self.total / raised.sum())
            else:
                whole = _margin(counts[up], tree.cliques[up], shared)
                inside = np.exp(logs[i] - _spread(upward[i], shared, own))
                counts[i] = inside * _spread(whole, shared, own)
        return tuple(counts)


def _axes_without(own: Columns, kept: Columns) -> tuple[int, ...]:
    return tuple(axis for axis, column in enumerate(own) if column not in kept)


def _margin(counts: Floats, own: Columns, kept: Columns) -> Floats:
    axes = _axes_without(own, kept)
    summed: Floats = counts.sum(axis=axes) if axes else counts
    return summed


def _log_margin(logs: Floats, own: Columns, kept: Columns) -> Floats:
    """Logarithm of the sum of exponentials over the columns that are not kept."""
    axes = _axes_without(own, kept)
    if not axes:
        return logs
    most = logs.max(axis=axes, keepdims=True)
    summed: Floats = np.log(np.exp(logs - most).sum(axis=axes)) + most.squeeze(axes)
    return np.maximum(summed, _LEAST_LOG * 1e3)


def _spread(values: Floats, own: Columns, onto: Columns) -> Floats:
    """``values`` of some columns shaped to be added to those of ``onto``."""
    sizes = dict(zip(own, values.shape, strict=True))
    return values.reshape(tuple(sizes.get(column, 1) for column in onto))
