"""Close relations between numbers: sums, differences and straight lines, and what is never below.

A column that nearly follows from earlier ones (``total = net + tax``, an end after a start, two
readings of one thing) is drawn as what is left over of it: cells of the left-over are far smaller
than cells of the column. Whether that pays is decided by code length: the mean number of nats
that it takes to write down a value at the column's resolution.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.synthesis.forest.cells import Cells, Codes, Floats, number_cells

Numbers = npt.NDArray[np.int32]

MOST_TERMS = 3
HINT_TERMS = 6
CLOSE = 0.5
SCREEN_ROWS = 4000
FEWEST_ROWS = 60
MARGIN = 0.05
_HUGE = 1e100


@dataclass(frozen=True, slots=True)
class Line:
    """A weighted sum of earlier columns; missing values count as ``fill``."""

    sources: Numbers
    weights: Floats
    fill: Floats

    def of(self, values: Floats) -> Floats:
        """The sum for each row of ``values`` (columns x rows, NaN for missing)."""
        total = np.zeros(values.shape[1])
        for source, weight, fill in zip(self.sources, self.weights, self.fill, strict=True):
            column = values[source]
            total += weight * np.where(np.isnan(column), fill, column)
        return total


NO_LINE = Line(np.zeros(0, np.int32), np.zeros(0), np.zeros(0))


def find_line(target: Floats, values: Floats, quantum: float, length: float, protect: int) -> Line:
    """The line over earlier columns whose left-over is shortest to write, or ``NO_LINE``.

    Parameters
    ----------
    target
        The column, NaN for missing.
    values
        Earlier columns of numbers of the same kind (columns x rows).
    quantum
        Resolution of the column, 0 for none.
    length
        Nats per row that the column takes when drawn as it is, given the earlier columns.
    """
    step = max(1, len(target) // SCREEN_ROWS)
    goal, thin = target[::step], values[:, ::step]
    usable = [i for i, row in enumerate(thin) if _usable(goal, row)]
    best, shortest = NO_LINE, length - MARGIN
    for terms, weights in _candidates(goal, thin, usable):
        fill = np.array([np.nanmedian(thin[i]) for i in terms])
        line = Line(np.array(terms, np.int32), weights, fill)
        rest = left_over(goal, thin, line, quantum)
        cost = code_length(number_cells(rest, 64, protect)[0], quantum or _fallback(target))
        if cost < shortest:
            best, shortest = line, cost
    return best


def left_over(target: Floats, values: Floats, line: Line, quantum: float) -> Floats:
    """What is left of ``target`` after the line, rounded to the column's resolution."""
    rest = target - line.of(values)
    return rest if quantum == 0 else np.round(rest / quantum) * quantum


def code_length(cells: Cells, quantum: float) -> float:
    """Mean nats per row to write down cells and, in stretches, the place inside."""
    share = cells.mass / cells.mass.sum()
    width = np.nan_to_num(cells.high - cells.low, nan=0.0)
    steps = np.log(np.maximum(width / quantum, 1.0)) if quantum > 0 else np.zeros(len(width))
    return float((share * (steps - np.log(share))).sum())


def within_length(cells: Cells, quantum: float) -> float:
    """Mean nats per row to write down the cell and the place inside, the class being known."""
    mass = np.bincount(cells.group, cells.mass)
    share = mass[mass > 0] / mass.sum()
    return code_length(cells, quantum) + float((share * np.log(share)).sum())


def _fallback(target: Floats) -> float:
    """A resolution for a column that lies on no grid: a millionth of its range."""
    return float(np.nanmax(target) / 2 - np.nanmin(target) / 2) * 2e-6


def _usable(goal: Floats, row: Floats) -> bool:
    both = ~(np.isnan(goal) | np.isnan(row))
    if both.sum() < FEWEST_ROWS or both.sum() < 0.5 * (~np.isnan(goal)).sum():
        return False
    return bool(np.abs(row[both]).max() < _HUGE and np.ptp(row[both]) > 0)


def _candidates(goal: Floats, thin: Floats, usable: list[int]) -> list[tuple[list[int], Floats]]:
    """Differences to single columns, and lines found by adding one column after the other."""
    known = ~np.isnan(goal)
    y = goal[known]
    if not usable or not np.abs(y).max(initial=0) < _HUGE:
        return []
    matrix = np.stack([_filled(thin[i][known]) for i in usable])
    close = np.array([abs(_correlation(y, x)) for x in matrix])
    singles = [([usable[k]], np.ones(1)) for k in np.flatnonzero(close > CLOSE)]
    found = []
    for chosen, weights in _forward(y, matrix, MOST_TERMS):
        names = [usable[k] for k in chosen]
        found += [(names, weights), (names, np.round(weights))]
    return singles + [(names, w) for names, w in found if np.abs(w).max() > 0]


def _forward(y: Floats, matrix: Floats, most: int) -> list[tuple[list[int], Floats]]:
    """Least-squares weights of 1, 2, … rows of ``matrix``, each time adding the most useful."""
    chosen: list[int] = []
    rest = y
    found = []
    for _ in range(min(most, len(matrix))):
        worth = np.array([abs(_correlation(rest, x)) for x in matrix])
        worth[chosen] = -1
        chosen.append(int(np.argmax(worth)))
        weights = _least_squares(y, matrix[chosen])
        rest = y - (weights[:, None] * matrix[chosen]).sum(0)
        found.append((list(chosen), weights))
    return found


def _filled(row: Floats) -> Floats:
    return np.where(np.isnan(row), np.nanmedian(row), row)


def _correlation(a: Floats, b: Floats) -> float:
    a, b = a - a.mean(), b - b.mean()
    scale = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / scale if scale > 0 else 0.0


def _least_squares(y: Floats, matrix: Floats) -> Floats:
    """Least-squares weights (with an intercept), to four digits so that they are portable."""
    centred = matrix - matrix.mean(1, keepdims=True)
    terms = len(matrix)
    normal = np.array([[(a * b).sum() for b in centred] for a in centred])
    normal += np.diag(np.diag(normal)) * 1e-9
    right = np.array([(a * (y - y.mean())).sum() for a in centred])
    weights = np.linalg.solve(normal, right) if terms > 1 else right / normal[0]
    return np.array([float(f"{w:.4g}") for w in weights])


def find_order(target: Floats, values: Floats) -> tuple[Numbers, Numbers]:
    """Earlier columns that the target is never below, and that it is never above.

    Only relations that say something count: among randomly paired rows they must be broken
    often, and enough rows must show them.
    """
    below, above = [], []
    for number, row in enumerate(values):
        both = ~(np.isnan(target) | np.isnan(row))
        if both.sum() < FEWEST_ROWS:
            continue
        y, x = target[both], row[both]
        other = np.roll(x, len(x) // 2)
        if (y >= x).all() and (y < other).mean() > 0.02:
            below.append(number)
        elif (y <= x).all() and (y > other).mean() > 0.02:
            above.append(number)
    return np.array(below, np.int32), np.array(above, np.int32)


def steepest_line(target: Floats, values: Floats) -> Line:
    """The least-squares line of a column over up to ``HINT_TERMS`` earlier columns of numbers.

    Trees cut at right angles to the columns; a cut of this line is one at a slant.
    """
    step = max(1, len(target) // SCREEN_ROWS)
    goal, thin = target[::step], values[:, ::step]
    known = ~np.isnan(goal)
    usable = [i for i, row in enumerate(thin) if _usable(goal, row)]
    y = goal[known]
    if len(usable) < 2 or not np.abs(y).max(initial=0) < _HUGE:
        return NO_LINE
    matrix = np.stack([_filled(thin[i][known]) for i in usable])
    chosen, weights = _forward(y, matrix, HINT_TERMS)[-1]
    terms = np.array([usable[k] for k in chosen], np.int32)
    fill = np.array([np.nanmedian(thin[i]) for i in terms])
    return Line(terms, weights, fill)


@dataclass(frozen=True, slots=True)
class Slant:
    """A line whose value trees see as one more feature, and the stretches they tell apart."""

    line: Line
    edges: Floats

    def add(self, codes: Codes, values: Floats) -> Codes:
        """``codes`` (columns x rows) with the code of the line after them, if there is a line."""
        if not len(self.line.sources):
            return codes
        code = np.searchsorted(self.edges, self.line.of(values), side="left")
        return np.concatenate([codes, code.astype(np.uint8)[None]])


NO_SLANT = Slant(NO_LINE, np.zeros(0))


@dataclass(frozen=True, slots=True)
class Relation:
    """A line that a column follows, and the earlier columns it is never below or above."""

    line: Line
    below: Numbers
    above: Numbers

    def restore(self, drawn: Floats, values: Floats) -> Floats:
        """Numbers of the column from what was drawn and the earlier columns."""
        if len(self.line.sources):
            drawn = drawn + self.line.of(values)
        for source in self.below:
            drawn = np.where(values[source] > drawn, values[source], drawn)
        for source in self.above:
            drawn = np.where(values[source] < drawn, values[source], drawn)
        return drawn


NO_RELATION = Relation(NO_LINE, np.zeros(0, np.int32), np.zeros(0, np.int32))
