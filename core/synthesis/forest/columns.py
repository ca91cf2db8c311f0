"""How the values of a column become cells and codes, and how drawn cells become values again."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from core.data.frames import as_numbers, from_numbers
from core.data.schema import Column, ColumnType
from core.synthesis.forest.cells import Codes, Floats, Ints, pool, safe_ends

LABELS = {ColumnType.CATEGORY, ColumnType.TEXT}
MAX_EDGES = 254
_EXACT = 2.0**53


@dataclass(frozen=True, slots=True)
class Grid:
    """Where the values of a column may lie: ``(origin + k * step) / scale``."""

    scale: float = 1.0
    origin: float = 0.0
    step: float = 0.0

    @property
    def quantum(self) -> float:
        """The distance of neighbouring places; 0 when there is no grid."""
        return self.step / self.scale

    def snap(self, values: Floats) -> Floats:
        """The nearest places on the grid; values unchanged when there is no grid."""
        if self.step == 0:
            return values
        steps = np.rint((values * self.scale - self.origin) / self.step)
        snapped: Floats = (self.origin + steps * self.step) / self.scale
        return snapped

    def within(self, low: float, high: float) -> tuple[float, float]:
        """The outermost places on the grid that are not outside ``low`` and ``high``."""
        if self.step == 0:
            return low, high
        first = np.ceil((low * self.scale - self.origin) / self.step - 1e-6)
        last = np.floor((high * self.scale - self.origin) / self.step + 1e-6)
        ends = self.origin + np.array([first, max(first, last)]) * self.step
        return float(ends[0] / self.scale), float(ends[1] / self.scale)


def find_grid(values: Floats) -> Grid:
    """The coarsest decimal grid on which all ``values`` (no NaN) lie: cents, tens, minutes."""
    if not len(values):
        return Grid()
    size = float(np.abs(values).max())
    for decimals in range(11):
        scale = 10.0**decimals
        if not size * scale < _EXACT:
            return Grid()
        scaled = np.round(values * scale)
        if np.array_equal(scaled / scale, values):
            whole = scaled.astype(np.int64)
            step = np.gcd.reduce(whole - whole.min())
            return Grid(scale, float(whole[0] % step if step else whole[0]), float(step))
    return Grid()


@dataclass(frozen=True, slots=True)
class Coder:
    """What trees see of a column, and how its values are written.

    Attributes
    ----------
    edges
        Upper ends of the stretches of numbers that trees tell apart; empty for labels.
    low, high
        Range of the numbers that can be drawn.
    labels
        Labels that can be drawn, by number; empty for numbers.
    codes
        Code of each label, then the code of the missing value.
    """

    column: Column
    edges: Floats
    low: float
    high: float
    grid: Grid
    labels: tuple[str, ...] = ()
    codes: Codes = field(default_factory=lambda: np.zeros(0, np.uint8))

    @property
    def is_label(self) -> bool:
        """Whether the column holds labels and not numbers."""
        return self.column.type in LABELS

    def code_numbers(self, values: Floats) -> Codes:
        """Codes of numbers: 0 for missing, then the stretches in order."""
        codes = np.searchsorted(self.edges, values, side="left") + 1
        codes[np.isnan(values)] = 0
        return codes.astype(np.uint8)

    def see(self, values: pd.Series) -> tuple[Codes, Floats]:
        """Codes and numbers (NaN for labels) of values that are given.

        Labels never seen count as the commonest.
        """
        if not self.is_label:
            numbers = as_numbers(values, self.column)
            return self.code_numbers(numbers), numbers
        known = dict(zip(self.labels, self.codes[:-1].tolist(), strict=True))
        number, found = pd.factorize(values, use_na_sentinel=True)
        first = int(self.codes[0])
        table = [known.get(str(label), first) for label in found] + [int(self.codes[-1])]
        return np.array(table, np.uint8)[number], np.full(len(values), np.nan)

    def fit(self, values: Floats) -> Floats:
        """Numbers put on the grid and into the range."""
        return np.clip(self.grid.snap(values), self.low, self.high)

    def write(self, values: Floats) -> pd.Series:
        """Numbers from :meth:`fit` as a canonical series."""
        series = from_numbers(values, self.column)
        if self.column.type is ColumnType.NUMBER:
            series = series.where(np.isfinite(series) | np.isnan(values), values)
        return series


def number_coder(column: Column, values: Floats, protect: int) -> Coder:
    """Learn the coder of a column of numbers (NaN for missing)."""
    distinct, counts = np.unique(values[~np.isnan(values)], return_counts=True)
    if not len(distinct):
        return Coder(column, np.zeros(0), np.nan, np.nan, Grid())
    grid = find_grid(distinct)
    low, high = grid.within(*safe_ends(distinct, counts, protect))
    return Coder(column, find_edges(distinct, counts, protect), low, high, grid)


def find_edges(distinct: Floats, counts: Ints, protect: int = 1) -> Floats:
    """Ends of at most 255 stretches, midway between neighbouring numbers.

    Stretches hold about equal shares of the rows where there are many distinct numbers, and at
    least ``protect`` rows always.
    """
    many = len(distinct) > MAX_EDGES
    size = max(protect, -(-int(counts.sum()) // MAX_EDGES)) if many else protect
    part = pool(counts, size)
    last = np.flatnonzero(np.diff(part))
    middle: Floats = distinct[last] / 2 + distinct[last + 1] / 2
    return middle
