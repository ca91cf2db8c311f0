"""Fitting the columns one after the other: what each leaves behind for those that follow."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from core.data.frames import as_numbers
from core.data.schema import Column, ColumnType
from core.synthesis.forest.cells import Cells, Codes, Floats, Ints, number_cells
from core.synthesis.forest.columns import LABELS, Coder, find_edges, number_coder
from core.synthesis.forest.labels import label_cells, label_coder, number_labels, replace_rare
from core.synthesis.forest.model import ColumnModel, Conditional, fit_laws
from core.synthesis.forest.params import ForestParams
from core.synthesis.forest.relations import (
    NO_RELATION,
    NO_SLANT,
    Relation,
    Slant,
    find_line,
    find_order,
    left_over,
    steepest_line,
    within_length,
)

_NUMBERS = {ColumnType.INTEGER, ColumnType.NUMBER}
_FEW = 10


class Learner:
    """Learns columns in order; each may use the codes and numbers of those before."""

    def __init__(
        self, params: ForestParams, order: Sequence[Column], rows: int, rng: np.random.Generator
    ) -> None:
        self.params, self.order, self.rng = params, order, rng
        self.codes: Codes = np.zeros((len(order), rows), np.uint8)
        self.values: Floats = np.full((len(order), rows), np.nan)
        self.is_label = np.array([c.type in LABELS for c in order], bool)
        self.done = 0

    def look_at(self, values: pd.Series) -> Coder:
        """Take in a column that will be given."""
        coder, cells, cell = self._prepare(values)
        self._leave(coder, cells, cell)
        return coder

    def learn(self, values: pd.Series) -> ColumnModel:
        """Take in the next column and learn how to draw it."""
        coder, cells, cell = self._prepare(values)
        slant, relation = NO_SLANT, NO_RELATION
        related = coder.column.type not in LABELS and len(coder.edges) >= _FEW
        if related:
            slant = self._slant()
        laws, loss = self._fit(cells, cell, slant)
        if related:
            relation = self._relate(coder, cells, loss)
        if len(relation.line.sources):
            numbers, earlier = self.values[self.done], self.values[: self.done]
            rest = left_over(numbers, earlier, relation.line, coder.grid.quantum)
            cells, cell = number_cells(rest, self.params.bins, self.params.protect_rare)
            laws, _ = self._fit(cells, cell, slant)
        if not any(self.done in law.sources for law in laws):
            slant = NO_SLANT
        self._leave(coder, cells, cell)
        return ColumnModel(coder, cells, laws, slant, relation)

    def _prepare(self, values: pd.Series) -> tuple[Coder, Cells, Ints]:
        column, earlier = self.order[self.done], self.codes[: self.done]
        if column.type in LABELS:
            labels, number = number_labels(values)
            number = replace_rare(number, self.params.protect_rare, self.rng)
            cells, cell = label_cells(number, earlier[~self.is_label[: self.done]])
            return label_coder(column, labels[: int(number.max()) + 1], cells), cells, cell
        numbers = as_numbers(values, column)
        self.values[self.done] = numbers
        cells, cell = number_cells(numbers, self.params.bins, self.params.protect_rare)
        return number_coder(column, numbers, self.params.protect_rare), cells, cell

    def _fit(self, cells: Cells, cell: Ints, slant: Slant) -> tuple[tuple[Conditional, ...], float]:
        codes = slant.add(self.codes[: self.done], self.values[: self.done])
        label = np.append(self.is_label[: self.done], False)[: len(codes)]
        target = cells.group[cell].astype(np.uint8)
        return fit_laws(codes, label, target, cells.classes, self.params, self.rng)

    def _slant(self) -> Slant:
        earlier = self.values[: self.done]
        line = steepest_line(self.values[self.done], earlier)
        if not len(line.sources):
            return NO_SLANT
        found = np.unique(line.of(earlier), return_counts=True)
        return Slant(line, find_edges(*found, self.params.protect_rare))

    def _relate(self, coder: Coder, cells: Cells, loss: float) -> Relation:
        """The relation to earlier columns of the same kind that is worth keeping."""
        numbers = self.values[self.done]
        kind = coder.column.type
        kinds = _NUMBERS if kind in _NUMBERS else {kind}
        alike = np.array([c.type in kinds for c in self.order[: self.done]], bool)
        if not alike.any():
            return NO_RELATION
        earlier = self.values[: self.done].copy()
        earlier[~alike] = np.nan
        quantum = coder.grid.quantum
        length = loss + within_length(cells, quantum or _tiny(coder))
        line = find_line(numbers, earlier, quantum, length, self.params.protect_rare)
        return Relation(line, *find_order(numbers, earlier))

    def _leave(self, coder: Coder, cells: Cells, cell: Ints) -> None:
        """Leave the codes of the column to those that follow."""
        numbers = self.values[self.done]
        seen = coder.codes[cell] if coder.is_label else coder.code_numbers(numbers)
        self.codes[self.done] = seen
        self.done += 1


def _tiny(coder: Coder) -> float:
    """A resolution for a column that lies on no grid: a millionth of its range."""
    return (coder.high / 2 - coder.low / 2) * 2e-6
