"""Fitting the columns: first what each leaves behind for the others, then each one's model.

What later columns see of a column are its codes and numbers, not its model. So once all columns
have been taken in, their models can be learned in any order and at the same time.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data.frames import as_numbers
from core.data.schema import Column, ColumnType
from core.synthesis.forest.cells import Cells, Codes, Floats, number_cells
from core.synthesis.forest.columns import LABELS, Coder, number_coder
from core.synthesis.forest.labels import label_cells, label_coder, number_labels, replace_rare
from core.synthesis.forest.lines import Line
from core.synthesis.forest.model import ColumnModel, Conditional, fit_law
from core.synthesis.forest.params import ForestParams
from core.synthesis.forest.relations import (
    HOPE,
    MARGIN,
    NO_RELATION,
    Relation,
    Rest,
    Search,
    Slant,
    find_line,
    find_order,
    find_slants,
    itself,
    left_over,
    length_within,
)
from core.synthesis.forest.threads import in_order

_NUMBERS = {ColumnType.INTEGER, ColumnType.NUMBER}
_FEW = 10


@dataclass(frozen=True, slots=True)
class Taken:
    """A column that was taken in: its coder, its cells and the cell of each row."""

    coder: Coder
    cells: Cells
    cell: npt.NDArray[np.int32]

    @property
    def target(self) -> Codes:
        """The class of each row."""
        return self.cells.group.astype(np.uint8)[self.cell]


@dataclass(frozen=True, slots=True)
class _Draft:
    """A way to draw a column: by which cells, along which line, and the nats per row it takes."""

    cells: Cells
    target: Codes
    law: Conditional
    line: Line
    length: float


class Learner:
    """Takes in columns in order; then learns each, given the codes and numbers before it."""

    def __init__(
        self, params: ForestParams, order: Sequence[Column], rows: int, rng: np.random.Generator
    ) -> None:
        self.params, self.order, self.rng = params, order, rng
        self.codes: Codes = np.zeros((len(order), rows), np.uint8)
        self.values: Floats = np.full((len(order), rows), np.nan)
        self.is_label = np.array([c.type in LABELS for c in order], bool)
        self.taken: list[Taken] = []

    def take(self, values: pd.Series) -> Coder:
        """Take in the next column, and leave its codes and numbers to those that follow."""
        number = len(self.taken)
        found = self._labels(values) if self.is_label[number] else self._numbers(values)
        self.taken.append(found)
        coder, seen = found.coder, self.values[number]
        self.codes[number] = coder.codes[found.cell] if coder.is_label else coder.code_numbers(seen)
        return coder

    def _labels(self, values: pd.Series) -> Taken:
        done = len(self.taken)
        labels, number = number_labels(values)
        number = replace_rare(number, self.params.protect_rare, self.rng)
        cells, cell = label_cells(number, self.codes[:done][~self.is_label[:done]])
        coder = label_coder(self.order[done], labels[: int(number.max()) + 1], cells)
        return Taken(coder, cells, cell.astype(np.int32))

    def _numbers(self, values: pd.Series) -> Taken:
        done, protect = len(self.taken), self.params.protect_rare
        numbers = as_numbers(values, self.order[done])
        self.values[done] = numbers
        cells, cell = number_cells(numbers, self.params.bins, protect)
        coder = number_coder(self.order[done], numbers, protect)
        return Taken(coder, cells, cell.astype(np.int32))

    def learn(self, first: int, rng: np.random.Generator) -> Iterator[tuple[ColumnModel, float]]:
        """The models of the columns from ``first`` on, in order, and the nats per row of each.

        Several are learned at the same time; each has a seed of its own.
        """
        seeds = rng.integers(0, 2**63, len(self.taken) - first)

        def learn(place: int) -> tuple[ColumnModel, float]:
            return _Learning(self, first + place, np.random.default_rng(seeds[place])).model()

        return in_order(learn, len(seeds))


class _Learning:
    """Learning one column."""

    def __init__(self, learner: Learner, number: int, rng: np.random.Generator) -> None:
        self.params, self.rng = learner.params, rng
        self.taken, self.numbers = learner.taken[number], learner.values[number]
        self.codes, self.values = learner.codes[:number], learner.values[:number]
        self.is_label = learner.is_label[:number]
        kind = learner.order[number].type
        kinds = _NUMBERS if kind in _NUMBERS else {kind}
        alike = np.array([c.type in kinds for c in learner.order[:number]], bool)
        coder = self.taken.coder
        self.quantum = coder.grid.quantum or _tiny(coder)
        protect = self.params.protect_rare
        self.search = Search(
            self.values, np.flatnonzero(alike), self.quantum, protect, kinds is _NUMBERS
        )

    def model(self) -> tuple[ColumnModel, float]:
        """The model of the column, and the nats per row that it takes."""
        coder = self.taken.coder
        related = not coder.is_label and len(coder.edges) >= _FEW
        slants = find_slants(self.numbers, self.search) if related else ()
        features = np.concatenate([self.codes, *(s.see(self.values)[None] for s in slants)])
        draft = self._draft(features, self.taken.cells, self.taken.cell, itself(self.numbers))
        relation = NO_RELATION
        if related and len(self.search.alike):
            draft = self._follow(features, draft)
            relation = Relation(draft.line, *find_order(self.numbers, self.search))
        laws = [draft.law]
        if len(draft.law.sources):
            more = range(self.params.trees - 1)
            laws += [self._law(features, draft.cells, draft.target)[0] for _ in more]
        used, kept = _used(laws, len(self.codes), slants)
        return ColumnModel(coder, draft.cells, used, kept, relation), draft.length

    def _follow(self, features: Codes, plain: _Draft) -> _Draft:
        """The better of drawing the column itself and drawing what is left of it after a line."""
        line, step, length = find_line(self.numbers, self.search)
        if not len(line.sources) or length > plain.length + HOPE:
            return plain
        rest = left_over(self.numbers, self.values, line, step, self.quantum)
        cells, cell = number_cells(rest.numbers, self.params.bins, self.params.protect_rare)
        draft = self._draft(features, cells, cell.astype(np.int32), rest)
        return draft if draft.length < plain.length - MARGIN else plain

    def _draft(
        self, features: Codes, cells: Cells, cell: npt.NDArray[np.int32], rest: Rest
    ) -> _Draft:
        target = cells.group.astype(np.uint8)[cell]
        law, loss = self._law(features, cells, target)
        length = loss + length_within(rest, cells, cell, self.quantum)
        return _Draft(cells, target, law, rest.line, length)

    def _law(self, features: Codes, cells: Cells, target: Codes) -> tuple[Conditional, float]:
        label = np.append(self.is_label, np.zeros(len(features) - len(self.codes), bool))
        return fit_law(features, label, target, cells.classes, self.params, self.rng)


def _used(
    laws: Sequence[Conditional], before: int, slants: Sequence[Slant]
) -> tuple[tuple[Conditional, ...], tuple[Slant, ...]]:
    """The laws, and of the slants those that they use; slants come after the earlier columns."""
    used = np.array([any(before + n in law.sources for law in laws) for n in range(len(slants))])
    place = np.concatenate([np.arange(before), before + np.cumsum(used) - 1]).astype(np.int32)
    moved = tuple(replace(law, sources=place[law.sources]) for law in laws)
    return moved, tuple(slant for slant, wanted in zip(slants, used, strict=True) if wanted)


def _tiny(coder: Coder) -> float:
    """A resolution for a column that lies on no grid: a millionth of its range; 1 for labels."""
    return 1.0 if coder.is_label else (coder.high / 2 - coder.low / 2) * 2e-6 or 1.0
