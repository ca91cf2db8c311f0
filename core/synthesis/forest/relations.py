"""Close relations between numbers: what a column follows, and what it is never below or above.

A column that nearly follows from earlier ones (`total = net + tax`, `net = price * quantity`, two
readings of one thing) is drawn as what is left over of it, a difference or a ratio: cells of the
left-over are far smaller than cells of the column. Whether that pays is decided by code length:
the mean number of nats that it takes to write down a value at the column's resolution.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.synthesis.forest.cells import Cells, Codes, Floats, Ints, number_cells
from core.synthesis.forest.columns import find_edges
from core.synthesis.forest.lines import (
    FEWEST_ROWS,
    NO_LINE,
    Line,
    Numbers,
    products,
    steepest,
    sums,
    thinned,
    usable_rows,
)

HOPE = 2.0
GAIN = 0.3
MISSED = 0.02

MARGIN = 0.05
_SCREEN_BINS = 64


@dataclass(frozen=True, slots=True)
class Search:
    """What a relation of a column is looked for in.

    Attributes
    ----------
    values
        All columns before it (columns x rows, NaN for missing).
    alike
        Those of them that are of the same kind.
    quantum
        Resolution of the column.
    protect
        Least number of rows of a stretch.
    powers
        Whether products make sense for this kind of numbers.
    """

    values: Floats
    alike: npt.NDArray[np.intp]
    quantum: float
    protect: int
    powers: bool


@dataclass(frozen=True, slots=True)
class Rest:
    """What is left of a column after a line.

    Attributes
    ----------
    line
        The line, or ``NO_LINE`` for the column itself.
    step
        Resolution of what is left: a difference, or a ratio.
    numbers
        What is left in each row.
    scale
        How far the column moves when what is left moves by one.
    missed
        Share of the rows whose value does not come back because of ``step``.
    """

    line: Line
    step: float
    numbers: Floats
    scale: Floats
    missed: float

    def length(self, cells: Cells, cell: Ints, quantum: float) -> float:
        """Mean nats per row to write down a value at ``quantum``; its cell is known."""
        width = np.nan_to_num(cells.high - cells.low, nan=0.0)[cell] * self.scale
        return float(np.log(np.maximum(width / quantum, 1.0)).mean())


def itself(target: Floats) -> Rest:
    """The column as it is."""
    return Rest(NO_LINE, 0.0, target, np.ones(len(target)), 0.0)


def left_over(target: Floats, values: Floats, line: Line, step: float, quantum: float) -> Rest:
    """What is left of ``target`` (its resolution: ``quantum``) after the line, to a ``step``."""
    base = line.of(values)
    if not line.product:
        rest = np.round((target - base) / step) * step
        return Rest(line, step, rest, np.ones(len(base)), 0.0)
    rest = np.round(target / base / step) * step
    missed = float((np.abs(rest * base - target) > 0.51 * quantum).mean())
    return Rest(line, step, rest, base, missed)


def find_line(target: Floats, search: Search) -> tuple[Line, float, float]:
    """The line over earlier columns whose left-over is shortest to write.

    It must be shorter than the column itself, both without any tree. Returns the line (or
    ``NO_LINE``), the resolution of the left-over and the mean nats per row that it takes.
    """
    goal, thin = thinned(target, search.values)
    usable = np.intersect1d(usable_rows(goal, thin), search.alike)
    alone = _length(itself(goal), search)
    best, finest, shortest = NO_LINE, search.quantum, alone - GAIN
    for kind in (sums, products) if search.powers else (sums,):
        for line in kind(goal, thin, usable):
            for step in _steps(line, thin, search.quantum):
                rest = left_over(goal, thin, line, step, search.quantum)
                if rest.missed > MISSED:
                    continue
                length = _length(rest, search)
                if length < shortest - 1e-9:
                    best, finest, shortest = line, step, length
    return best, finest, shortest


def _length(rest: Rest, search: Search) -> float:
    """Mean nats per row to write down what is left, without any tree."""
    cells, cell = number_cells(rest.numbers, _SCREEN_BINS, search.protect)
    return float(-np.log(cells.mass[cell] / len(cell)).mean()) + rest.length(
        cells, cell, search.quantum
    )


def _steps(line: Line, values: Floats, quantum: float) -> tuple[float, ...]:
    """Resolutions worth trying: ratios may be round numbers (a rate) or any number."""
    if not line.product:
        return (quantum,)
    base = line.of(values)
    middle, fine = np.log10(quantum / np.quantile(base, (0.5, 1.0)))
    places = np.array([np.ceil(middle) + 1, np.ceil(middle), np.floor(middle), np.floor(fine)])
    return tuple(float(step) for step in 10.0**places)


def length_within(rest: Rest, cells: Cells, cell: Ints, quantum: float) -> float:
    """Mean nats per row to write down a value of a column once its class is known."""
    share = cells.mass / np.bincount(cells.group, cells.mass)[cells.group]
    return float(-np.log(share[cell]).mean()) + rest.length(cells, cell, quantum)


def find_order(target: Floats, search: Search) -> tuple[Numbers, Numbers]:
    """Earlier columns that the target is never below, and that it is never above.

    Only relations that say something count: among randomly paired rows they must be broken
    often, and enough rows must show them.
    """
    goal, thin = thinned(target, search.values)
    known = ~(np.isnan(thin) | np.isnan(goal))
    below, above = [], []
    held = ~(np.any((goal < thin) & known, axis=1) & np.any((goal > thin) & known, axis=1))
    for number in np.intersect1d(np.flatnonzero(held), search.alike):
        both = ~(np.isnan(target) | np.isnan(search.values[number]))
        if both.sum() < FEWEST_ROWS:
            continue
        y, x = target[both], search.values[number][both]
        other = np.roll(x, len(x) // 2)
        if (y >= x).all() and (y < other).mean() > 0.02:
            below.append(number)
        elif (y <= x).all() and (y > other).mean() > 0.02:
            above.append(number)
    return np.array(below, np.int32), np.array(above, np.int32)


@dataclass(frozen=True, slots=True)
class Slant:
    """A line whose value trees see as one more feature, and the stretches they tell apart.

    Trees cut at right angles to the columns; a cut of this line is one at a slant.
    """

    line: Line
    edges: Floats

    def see(self, values: Floats) -> Codes:
        """The code of the line for each row of ``values`` (columns x rows)."""
        return np.searchsorted(self.edges, self.line.of(values), side="left").astype(np.uint8)


def find_slants(target: Floats, search: Search) -> tuple[Slant, ...]:
    """The least-squares sum and product of up to ``HINT_TERMS`` earlier columns of numbers."""
    slants = []
    for powers in (False, True) if search.powers else (False,):
        line = steepest(target, search.values, powers)
        if len(line.sources) > 1:
            found = np.unique(line.of(search.values), return_counts=True)
            slants.append(Slant(line, find_edges(*found, search.protect)))
    return tuple(slants)


@dataclass(frozen=True, slots=True)
class Relation:
    """A line that a column follows, and the earlier columns it is never below or above."""

    line: Line
    below: Numbers
    above: Numbers

    def restore(self, drawn: Floats, values: Floats) -> Floats:
        """Numbers of the column from what was drawn and the earlier columns."""
        if len(self.line.sources):
            base = self.line.of(values)
            drawn = drawn * base if self.line.product else drawn + base
        for source in self.below:
            drawn = np.where(values[source] > drawn, values[source], drawn)
        for source in self.above:
            drawn = np.where(values[source] < drawn, values[source], drawn)
        return drawn


NO_RELATION = Relation(NO_LINE, np.zeros(0, np.int32), np.zeros(0, np.int32))
