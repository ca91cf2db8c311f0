"""Columns as tokens: the class of a value, and where the class holds many, the slot within it.

Cells, classes and what of rare values is protected are those of the ``forest`` engine (see
``core.synthesis.forest.cells``): a cell is a label, a number that occurs often, a stretch between
rare numbers, or the missing value. A column of more than 250 cells is told in two tokens, of which
each has few values, however many the column has: the class first, then the *slot* of the class. A
slot is a cell, or several; labels seen fewer than ``protect_rare`` times share the last slot of
their class, so that the network never ties one of them to anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data.frames import as_numbers
from core.data.schema import Column
from core.synthesis.forest.cells import Cells, Floats, Ints
from core.synthesis.forest.columns import LABELS, Coder
from core.synthesis.forest.learn import Learner
from core.synthesis.forest.params import ForestParams

MOST_SLOTS = 32
FEATURES = 2
_OUTMOST = 1e-4

Float32 = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Scale:
    """Where a number lies in its column, in two ways that a network can work with.

    Attributes
    ----------
    knots, places
        Middles of the cells, ascending, and the share of rows below each.
    centre, spread
        The median, and the distance of the outer tenths.
    """

    knots: Floats
    places: Floats
    centre: float
    spread: float

    def features(self, values: Floats) -> Float32:
        """The normal score of each number's rank, and the number itself, bent (rows x 2).

        Missing values are zero in both.
        """
        from scipy.special import ndtri

        rank = np.interp(values, self.knots, self.places)
        score = ndtri(np.clip(rank, _OUTMOST, 1 - _OUTMOST))
        with np.errstate(over="ignore"):
            bent = np.arcsinh(np.clip((values / 2 - self.centre / 2) / self.spread * 4, -1e6, 1e6))
        made = np.stack([score, bent], axis=1)
        return np.where(np.isnan(made), 0.0, made).astype(np.float32)


def scale_of(cells: Cells) -> Scale:
    """The scale of a column of numbers, from its cells alone."""
    solid = ~np.isnan(cells.low)
    middle, mass = (cells.low / 2 + cells.high / 2)[solid], cells.mass[solid]
    order = np.argsort(middle, kind="stable")
    knots, mass = middle[order], mass[order]
    places = (np.cumsum(mass) - mass / 2) / mass.sum()
    low, centre, high = np.interp([0.1, 0.5, 0.9], places, knots)
    spread = (high / 2 - low / 2) or (knots[-1] / 2 - knots[0] / 2) or 1.0
    return Scale(knots, places, float(centre), float(spread))


@dataclass(frozen=True, slots=True)
class Field:
    """A column that was taken in.

    Attributes
    ----------
    coder
        How its values are written.
    cells
        What can be drawn, and the class of each cell.
    slot
        For each cell, its slot in the class.
    """

    coder: Coder
    cells: Cells
    slot: npt.NDArray[np.int32]

    @property
    def name(self) -> str:
        """The column's name."""
        return self.coder.column.name

    @property
    def classes(self) -> int:
        """Number of values of the first token."""
        return self.cells.classes

    @property
    def slots(self) -> int:
        """Number of values of the second token; 1 where there is none."""
        return int(self.slot.max()) + 1

    @property
    def is_number(self) -> bool:
        """Whether the network sees its values as numbers, too."""
        return not self.coder.is_label and bool((~np.isnan(self.cells.low)).any())

    def slot_mass(self) -> Floats:
        """Training rows in each slot of each class (classes x slots)."""
        mass = np.zeros((self.classes, self.slots))
        np.add.at(mass, (self.cells.group, self.slot), self.cells.mass)
        return mass

    def find(self, values: pd.Series) -> tuple[Ints, Floats]:
        """The cell and the number of given values; -1 for what no training row has.

        Numbers are NaN for labels and missing values.
        """
        if self.coder.is_label:
            return self._find_labels(values), np.full(len(values), np.nan)
        numbers = as_numbers(values, self.coder.column)
        return _find_numbers(self.cells, numbers), numbers

    def _find_labels(self, values: pd.Series) -> Ints:
        known = {label: place for place, label in enumerate(self.coder.labels)}
        gap = len(known) if len(self.cells.mass) > len(known) else -1
        number, found = pd.factorize(values, use_na_sentinel=True)
        table = np.array([known.get(str(label), -1) for label in found] + [gap], np.int64)
        return np.asarray(table.take(number))


def _find_numbers(cells: Cells, numbers: Floats) -> Ints:
    """The cell of each number: the single value it is, else the stretch it lies in or nearest."""
    gap = np.flatnonzero(np.isnan(cells.low))
    solid = np.flatnonzero(~np.isnan(cells.low))
    found = np.full(len(numbers), gap[0] if len(gap) else -1, np.int64)
    known = ~np.isnan(numbers)
    if not len(solid) or not known.any():
        return found
    wanted = numbers[known]
    single = solid[cells.low[solid] == cells.high[solid]]
    wide = solid[cells.low[solid] < cells.high[solid]]
    if not len(wide):
        found[known] = _nearest(cells, wanted, single)
        return found
    inside = _nearest(cells, wanted, wide)
    if len(single):
        chosen = _nearest(cells, wanted, single)
        inside = np.where(cells.low[chosen] == wanted, chosen, inside)
    found[known] = inside
    return found


def _nearest(cells: Cells, wanted: Floats, some: Ints) -> Ints:
    """For each wanted number the nearest of some cells that do not overlap."""
    cell = some[np.argsort(cells.low[some], kind="stable")]
    low, high = cells.low[cell], cells.high[cell]
    after = np.minimum(np.searchsorted(low, wanted, side="right"), len(low) - 1)
    before = np.maximum(after - 1, 0)
    past = np.maximum(wanted / 2 - high[before] / 2, 0)
    return np.where(past <= np.abs(low[after] / 2 - wanted / 2), cell[before], cell[after])


@dataclass(frozen=True, slots=True)
class Taken:
    """All columns, taken in.

    Attributes
    ----------
    fields
        The columns, those that will be given first, in drawing order.
    cell
        The cell of each value (rows x columns).
    numbers
        Values of the columns of numbers, NaN elsewhere (columns x rows).
    """

    fields: tuple[Field, ...]
    cell: Ints
    numbers: Floats


def take_in(
    frame: pd.DataFrame,
    order: Sequence[Column],
    bins: int,
    protect: int,
    rng: np.random.Generator,
) -> Taken:
    """Cells of all columns in the given order; labels are grouped by the numbers of the table."""
    is_label = np.array([column.type in LABELS for column in order], bool)
    numbers_first = np.argsort(is_label, kind="stable")
    params = ForestParams(bins=bins, protect_rare=protect)
    learner = Learner(params, [order[place] for place in numbers_first], len(frame), rng)
    for column in learner.order:
        learner.take(frame[column.name])
    back = np.argsort(numbers_first, kind="stable")
    fields = []
    for place in back:
        taken = learner.taken[place]
        coder = replace(taken.coder, edges=np.zeros(0))
        fields.append(Field(coder, taken.cells, slots_of(taken.cells, coder.is_label, protect)))
    cell = np.stack([learner.taken[place].cell for place in back], axis=1).astype(np.int32)
    return Taken(tuple(fields), cell, learner.values[back])


def slots_of(cells: Cells, is_label: bool, protect: int) -> npt.NDArray[np.int32]:
    """The slot of each cell in its class: at most ``MOST_SLOTS``, of about equal mass if joined."""
    slot = np.zeros(len(cells.mass), np.int32)
    if len(cells.mass) == cells.classes:
        return slot
    order = np.argsort(cells.group, kind="stable")
    for own in np.split(order, np.flatnonzero(np.diff(cells.group[order])) + 1):
        if len(own) > 1:
            rare = cells.mass[own] < protect if is_label else np.zeros(len(own), bool)
            common = own[~rare]
            slot[common] = _joined(cells.mass[common], MOST_SLOTS - bool(rare.any()))
            slot[own[rare]] = slot[common].max() + 1 if len(common) else 0
    return slot


def _joined(mass: Floats, most: int) -> Ints:
    """Neighbours joined into at most ``most`` slots."""
    if len(mass) <= most:
        return np.arange(len(mass))
    place = ((np.cumsum(mass) - mass) * most / mass.sum()).astype(np.int64)
    return np.unique(place, return_inverse=True)[1]
