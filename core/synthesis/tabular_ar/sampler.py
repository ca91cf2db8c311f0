"""Drawing rows: column after column, each given all that is known of its row so far.

Columns that are given are known from the start, whichever they are. Rows go through the columns in
blocks. A class is drawn by the network's shares, where there are slots the slot by a second pass,
then a cell of them by the cells' rows and a place in the cell. Uniform numbers are spread evenly
over rows of like shares (golden-ratio sequence) instead of drawn independently, so that columns
miss the model's shares by less than chance.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.synthesis.forest.cells import Floats, Ints
from core.synthesis.forest.draw import choices, golden
from core.synthesis.tabular_ar.columns import FEATURES, Field, Float32, scale_of
from core.synthesis.tabular_ar.network import Shape, Weights, hidden, logits, slot_biases

BLOCK_ROWS = 8_192
MOVES = "moves"


class Column:
    """One column, ready to be drawn from."""

    def __init__(self, field: Field) -> None:
        self.field = field
        cells, slots = field.cells, field.slots
        drawn = np.flatnonzero(cells.mass > 0)
        entry = cells.group[drawn].astype(np.int64) * slots + field.slot[drawn]
        order = np.argsort(entry, kind="stable")
        self._cell = drawn[order]
        found, group = np.unique(entry[order], return_inverse=True)
        self._entry = np.zeros(field.classes * slots, np.int64)
        self._entry[found] = np.arange(len(found))
        self._choices = choices(cells.mass[self._cell], group)
        self.scale = scale_of(cells) if field.is_number else None
        dtype: Any = field.coder.column.type.dtype
        if field.coder.is_label:
            self._labels = pd.array([*field.coder.labels, None], dtype=dtype)

    def value(self, kind: Ints, slot: Ints, rng: np.random.Generator) -> tuple[pd.Series, Floats]:
        """Values of rows with these classes and slots, and as numbers (NaN for labels)."""
        entry = self._entry[kind * self.field.slots + slot]
        order = shuffled_sort(entry, rng)
        uniform = golden(len(order), rng)
        chosen = self._choices.draw(entry[order], uniform)
        cell, place = np.empty(len(order), np.int64), np.empty(len(order))
        cell[order], place[order] = self._cell[chosen], self._choices.place(chosen, uniform)
        if self.field.coder.is_label:
            values = pd.Series(self._labels.take(cell), name=self.field.name)
            return values, np.full(len(cell), np.nan)
        cells = self.field.cells
        raw = cells.low[cell] * (1 - place) + cells.high[cell] * place
        single = cells.low[cell] == cells.high[cell]
        numbers = self.field.coder.fit(np.where(single, cells.low[cell], raw))
        return self.field.coder.write(numbers).rename(self.field.name), numbers


@dataclass(slots=True)
class Rows:
    """What is known of the rows of a block: embedding entries and features of numbers."""

    ids: npt.NDArray[np.int64]
    numbers: Float32


class Sampler:
    """A fitted network that is ready to be drawn from; the same generator gives the same rows."""

    def __init__(
        self, fields: tuple[Field, ...], shape: Shape, weights: Weights, device: str
    ) -> None:
        import torch

        self.shape, self._device = shape, device
        self._weights = {n: torch.from_numpy(w).to(device) for n, w in weights.items()}
        self.moves: Float32 = weights.get(MOVES, np.zeros(shape.starts[-1], np.float32))
        self.columns = [Column(field) for field in fields]
        self._biases = slot_biases(fields, shape)
        self._starts = shape.starts
        self._feature = {place: FEATURES * i for i, place in enumerate(shape.numbers)}

    def block(
        self, rows: int, rng: np.random.Generator, given: pd.DataFrame, is_moved: bool = False
    ) -> pd.DataFrame:
        """Draw one block; ``given`` holds the columns of its rows that are known.

        ``is_moved`` says that they are those of the fit, for which logits were calibrated.
        """
        unknown = self._starts[-1] + np.arange(self.shape.columns)
        state = Rows(
            np.tile(unknown, (rows, 1)), np.zeros((rows, FEATURES * len(self._feature)), "f4")
        )
        drawn: dict[str, pd.Series] = {}
        for place, column in enumerate(self.columns):
            name = column.field.name
            if name in given.columns:
                drawn[name] = given[name].reset_index(drop=True)
                self._see(state, place, *column.field.find(drawn[name]))
        for place, column in enumerate(self.columns):
            if column.field.name not in drawn:
                drawn[column.field.name] = self._draw(state, place, rng, is_moved)
        return pd.DataFrame(drawn)

    def _see(self, state: Rows, place: int, cell: Ints, numbers: Floats) -> None:
        kind = self.columns[place].field.cells.group[cell]
        known = cell >= 0
        state.ids[known, place] = self._starts[place] + kind[known]
        self._note(state, place, np.where(known, numbers, np.nan))

    def _note(self, state: Rows, place: int, numbers: Floats) -> None:
        scale = self.columns[place].scale
        if scale is not None:
            start = self._feature[place]
            state.numbers[:, start : start + FEATURES] = scale.features(numbers)

    def _draw(self, state: Rows, place: int, rng: np.random.Generator, is_moved: bool) -> pd.Series:
        column, start = self.columns[place], int(self._starts[place])
        field = column.field
        rows = len(state.ids)
        kind: Ints = np.zeros(rows, np.int64)
        if field.classes > 1:
            kind = pick(self._scores(state, place, is_moved), rng)
        state.ids[:, place] = start + kind
        slot: Ints = np.zeros(rows, np.int64)
        if field.slots > 1:
            begin = self.shape.slot_starts[place]
            out = self._outputs(state, begin, begin + field.slots)
            slot = pick(out + self._biases[place][kind], rng)
        values, numbers = column.value(kind, slot, rng)
        self._note(state, place, numbers)
        return values

    def tensor(self, values: Float32) -> Any:
        """The values on the sampler's device."""
        import torch

        return torch.from_numpy(values).to(self._device)

    def _scores(self, state: Rows, place: int, is_moved: bool) -> Float32:
        """Logits of the classes of a column for each row."""
        start, stop = (int(end) for end in self._starts[place : place + 2])
        scores = self._outputs(state, start, stop)
        return scores + self.moves[start:stop] if is_moved else scores

    def _outputs(self, state: Rows, start: int, stop: int) -> Float32:
        import torch

        with torch.no_grad():
            ids = torch.from_numpy(state.ids).to(self._device)
            row = hidden(self._weights, self.shape, ids, self.tensor(state.numbers))
            out: Float32 = logits(self._weights, row, start, stop).cpu().numpy()
        return out


def shares_of(scores: Float32 | Floats) -> Floats:
    """Shares from logits, row by row; they add up to 1."""
    wide = scores.astype(np.float64)
    shares = np.exp(wide - wide.max(axis=1, keepdims=True))
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))


def pick(scores: Float32, rng: np.random.Generator) -> Ints:
    """One entry of each row of logits (rows x entries), by their shares."""
    shares = shares_of(scores)
    total = np.cumsum(shares, axis=1)
    middle = (shares @ np.arange(shares.shape[1])) / total[:, -1]
    uniform = np.empty(len(scores))
    uniform[shuffled_sort(middle, rng)] = golden(len(scores), rng)
    found = (total <= (uniform * total[:, -1])[:, None]).sum(axis=1)
    return np.asarray(np.minimum(found, shares.shape[1] - 1))


def shuffled_sort(keys: Ints | Floats, rng: np.random.Generator) -> Ints:
    """An order that sorts the keys; equal ones lie in random order.

    Evenly spread numbers that were dealt out to equal rows in the order of the rows would tie one
    column to the next.
    """
    mixed = rng.permutation(len(keys))
    return np.asarray(mixed[np.argsort(keys[mixed], kind="stable")])


def as_kept(weights: Mapping[str, Any]) -> dict[str, npt.NDArray[np.float16]]:
    """Weights as they stand in a model file: two bytes each."""
    return {name: np.asarray(value).astype(np.float16) for name, value in weights.items()}
