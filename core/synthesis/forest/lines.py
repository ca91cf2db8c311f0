"""Sums and products of columns of numbers: how they are evaluated and found.

A line is a weighted sum of earlier columns, or a product of their powers (a sum of logarithms):
`total = net + tax`, `net = price * quantity`, `index = weight / height**2`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.synthesis.forest.cells import Floats

Numbers = npt.NDArray[np.int32]

MOST_TERMS = 3
HINT_TERMS = 6
CLOSE = 0.5
SCREEN_ROWS = 4000
FEWEST_ROWS = 60
FEW = 5
_HUGE = 1e100
_STEEP = 300.0


@dataclass(frozen=True, slots=True)
class Line:
    """A weighted sum of earlier columns, or a product of their powers.

    Missing values, and in a product what is not above zero, count as ``fill``.
    """

    sources: Numbers
    weights: Floats
    fill: Floats
    product: bool = False

    def of(self, values: Floats) -> Floats:
        """The sum or product for each row of ``values`` (columns x rows, NaN for missing)."""
        total = np.zeros(values.shape[1])
        for source, weight, fill in zip(self.sources, self.weights, self.fill, strict=True):
            column = values[source]
            if self.product:
                total += weight * np.log(np.where(column > 0, column, fill))
            else:
                total += weight * np.where(np.isnan(column), fill, column)
        return np.exp(np.clip(total, -_STEEP, _STEEP)) if self.product else total


NO_LINE = Line(np.zeros(0, np.int32), np.zeros(0), np.zeros(0))


def thinned(target: Floats, values: Floats) -> tuple[Floats, Floats]:
    """About ``SCREEN_ROWS`` of the rows, for searches that need no more."""
    step = max(1, len(target) // SCREEN_ROWS)
    return target[::step], values[:, ::step]


def sums(goal: Floats, values: Floats, usable: npt.NDArray[np.intp]) -> Iterator[Line]:
    """Single columns that are close to ``goal``, and least-squares lines of up to three."""
    known = ~np.isnan(goal)
    if not len(usable) or not np.abs(goal[known]).max(initial=0) < _HUGE:
        return
    fill = _medians(values[usable])
    matrix = _filled(values[usable][:, known], fill)
    close = np.abs(_correlations(goal[known], matrix))
    for k in np.flatnonzero(close > CLOSE):
        yield Line(usable[[k]].astype(np.int32), np.ones(1), fill[[k]])
    for chosen, weights in _forward(goal[known], matrix, MOST_TERMS):
        for rounded in (weights, np.round(weights)):
            if np.abs(rounded).max() > 0:
                yield Line(usable[chosen].astype(np.int32), rounded, fill[chosen])


def products(goal: Floats, values: Floats, usable: npt.NDArray[np.intp]) -> Iterator[Line]:
    """Powers of columns whose product is close to ``goal``; all of them above zero."""
    known = goal > 0
    usable = np.array([i for i in usable if np.nanmin(values[i]) > 0], np.intp)
    if not len(usable) or np.nanmin(goal) < 0 or known.mean() < 0.2:
        return
    fill = _medians(values[usable])
    matrix = np.log(_filled(values[usable][:, known], fill))
    y = np.log(goal[known])
    for k in np.flatnonzero(np.abs(_correlations(y, matrix)) > CLOSE):
        yield Line(usable[[k]].astype(np.int32), np.ones(1), fill[[k]], True)
    for chosen, weights in _forward(y, matrix, MOST_TERMS):
        for powers in (weights, np.round(weights), np.round(2 * weights) / 2):
            if np.abs(powers).max() > 0:
                yield Line(usable[chosen].astype(np.int32), powers, fill[chosen], True)


def steepest(target: Floats, values: Floats, powers: bool) -> Line:
    """The least-squares line of a column over up to ``HINT_TERMS`` earlier columns of numbers.

    With ``powers`` it is a product: the line of the logarithms, over columns of which nothing is
    below zero.
    """
    goal, thin = thinned(target, values)
    if powers:
        goal, thin = _logarithms(goal[None])[0], _logarithms(thin)
    known, found = ~np.isnan(goal), usable_rows(goal, thin)
    if len(found) < 2 or not np.abs(goal[known]).max(initial=0) < _HUGE:
        return NO_LINE
    matrix = _filled(thin[found][:, known], _medians(thin[found]))
    *_, (chosen, weights) = _forward(goal[known], matrix, HINT_TERMS)
    used = found[chosen]
    fill = _zeros(thinned(target, values)[1][used]) if powers else _medians(thin[used])
    return Line(used.astype(np.int32), weights, fill, powers)


def _logarithms(values: Floats) -> Floats:
    """Logarithms of each row, zeros as :func:`_zeros`; NaN throughout where one is below zero."""
    usable = ~(values < 0).any(1, keepdims=True) & (values > 0).any(1, keepdims=True)
    solid = np.where(values > 0, values, np.where(values == 0, _zeros(values)[:, None], np.nan))
    logs: Floats = np.log(np.where(usable, solid, np.nan))
    return logs


def _zeros(values: Floats) -> Floats:
    """What stands for zero in the logarithm of each row: below its smallest numbers.

    A third of the mean of the ``FEW`` smallest numbers above zero; the median where there is no
    zero, and 1 where no number is above zero.
    """
    fill = np.ones(len(values))
    for number, row in enumerate(values):
        above = np.sort(row[row > 0])
        if len(above):
            fill[number] = above[:FEW].mean() / 3 if (row == 0).any() else np.median(above)
    return fill


def usable_rows(goal: Floats, values: Floats) -> npt.NDArray[np.intp]:
    """The columns that are known often enough where ``goal`` is, and that are not constant."""
    known = ~np.isnan(goal)
    there = ~np.isnan(values[:, known])
    both = there.sum(1)
    size = np.abs(np.where(there, values[:, known], 0.0)).max(1, initial=0)
    low = np.where(there, values[:, known], np.inf).min(1, initial=np.inf)
    high = np.where(there, values[:, known], -np.inf).max(1, initial=-np.inf)
    enough = (both >= FEWEST_ROWS) & (both >= 0.5 * known.sum())
    return np.flatnonzero(enough & (size < _HUGE) & (high > low))


def _forward(y: Floats, matrix: Floats, most: int) -> Iterator[tuple[npt.NDArray[np.intp], Floats]]:
    """Least-squares weights of 1, 2, … rows of ``matrix``, each time adding the most useful."""
    chosen: list[int] = []
    rest = y
    for _ in range(min(most, len(matrix))):
        worth = np.abs(_correlations(rest, matrix))
        worth[chosen] = -1
        chosen.append(int(np.argmax(worth)))
        weights = _least_squares(y, matrix[chosen])
        rest = y - (weights[:, None] * matrix[chosen]).sum(0)
        yield np.array(chosen, np.intp), weights


def _medians(values: Floats) -> Floats:
    medians: Floats = np.nanmedian(values, axis=1)
    return medians


def _filled(values: Floats, fill: Floats) -> Floats:
    return np.where(np.isnan(values), fill[:, None], values)


def _correlations(y: Floats, matrix: Floats) -> Floats:
    """Correlation of ``y`` with each row of ``matrix``; 0 where one of them is constant."""
    centred = matrix - matrix.mean(1, keepdims=True)
    y = y - y.mean()
    scale = np.sqrt(np.einsum("ij,ij->i", centred, centred) * (y * y).sum())
    product = np.einsum("ij,j->i", centred, y)
    found: Floats = np.divide(product, scale, out=np.zeros(len(matrix)), where=scale > 0)
    return found


def _least_squares(y: Floats, matrix: Floats) -> Floats:
    """Least-squares weights (with an intercept), to five digits so that they are portable."""
    centred = matrix - matrix.mean(1, keepdims=True)
    terms = len(matrix)
    normal = np.array([[(a * b).sum() for b in centred] for a in centred])
    normal += np.diag(np.diag(normal)) * 1e-9
    right = np.array([(a * (y - y.mean())).sum() for a in centred])
    weights = np.linalg.solve(normal, right) if terms > 1 else right / normal[0]
    return np.array([float(f"{w:.5g}") for w in weights])
