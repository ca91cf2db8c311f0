"""Drawing rows from a fitted forest: tables made ready once, blocks of rows after that.

A block goes through the columns in their order. For each it finds every row's leaf, puts the rows
in the order of leaves (at random within a leaf) and gives them evenly spread uniform numbers, from
which class, cell and place in the cell follow. Where the model says so, rows that are drawn more
often than they are learned are drawn again.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.synthesis.forest.cells import Codes, Floats, Ints
from core.synthesis.forest.contrast import kept_share, log_odds
from core.synthesis.forest.draw import Choices, choices, golden, scale
from core.synthesis.forest.grow import leaves_of
from core.synthesis.forest.model import ColumnModel, Conditional
from core.synthesis.forest.model_file import Fitted

MOST_ROWS = 65_536
_MOST_CELLS = 4_000_000
_TURNS = 10

Raw = list[npt.NDArray[Any]]


class Sampler:
    """A fitted forest that is ready to be drawn from; the same generator gives the same rows."""

    def __init__(self, fitted: Fitted) -> None:
        self.given, self.names = fitted.given, fitted.table.names
        self.columns = [_column(m, len(self.given) + i) for i, m in enumerate(fitted.models)]
        self.width = len(self.given) + len(self.columns)
        self.scratch = max((len(model.slants) for model in fitted.models), default=0)
        self.steps, self.kept = fitted.steps, fitted.kept

    def sizes(self, rows: int) -> list[int]:
        """Rows of each block, at most ``MOST_ROWS`` and fewer in wide tables."""
        most = min(MOST_ROWS, max(4096, _MOST_CELLS // max(self.width, 1)))
        blocks = max(1, -(-rows // most))
        return [rows // blocks + (i < rows % blocks) for i in range(blocks)]

    def block(self, rows: int, rng: np.random.Generator, context: pd.DataFrame) -> pd.DataFrame:
        """Draw one block; ``context`` holds the given columns of its rows."""
        is_corrected = rows > 0 and len(self.steps) > 0
        raw = (
            self._corrected(rows, rng, context)
            if is_corrected
            else self.draw(rows, rng, context)[0]
        )
        drawn = {coder.column.name: context[coder.column.name] for coder in self.given}
        for column, values in zip(self.columns, raw, strict=True):
            drawn[column.coder.column.name] = column.write(values)
        return pd.DataFrame({name: drawn[name].reset_index(drop=True) for name in self.names})

    def draw(self, rows: int, rng: np.random.Generator, context: pd.DataFrame) -> tuple[Raw, Codes]:
        """Rows as the columns' models draw them, and their codes (columns in order x rows)."""
        codes = np.zeros((self.width + self.scratch, rows), np.uint8)
        values = np.empty((self.width, rows))
        for i, coder in enumerate(self.given):
            codes[i], values[i] = coder.see(context[coder.column.name])
        raw = [column.draw(codes, values, rng) for column in self.columns]
        return raw, codes[: self.width]

    def _corrected(self, rows: int, rng: np.random.Generator, context: pd.DataFrame) -> Raw:
        """Rows of which those that are drawn too often were drawn again, a few times at most."""
        out: Raw = []
        waiting = np.arange(rows)
        for turn in reversed(range(_TURNS)):
            wanted = waiting if self.given else np.resize(waiting, self._enough(len(waiting)))
            raw, codes = self.draw(len(wanted), rng, context.iloc[wanted])
            kept = np.flatnonzero(self._keeps(codes, rng)) if turn else np.arange(len(waiting))
            kept = kept if self.given else kept[: len(waiting)]
            filled = kept if self.given else np.arange(len(kept))
            out = out or [np.empty(rows, part.dtype) for part in raw]
            for whole, part in zip(out, raw, strict=True):
                whole[waiting[filled]] = part[kept]
            waiting = np.delete(waiting, filled)
            if not len(waiting):
                break
        return out

    def _enough(self, rows: int) -> int:
        """Rows to draw so that about ``rows`` are kept."""
        return int(rows / max(self.kept, 0.1) * 1.02) + 16

    def _keeps(self, codes: Codes, rng: np.random.Generator) -> npt.NDArray[np.bool_]:
        """Which rows are kept. Rows alike in the first columns are kept or not in turn."""
        share = kept_share(log_odds(self.steps, codes))
        alike = np.zeros((codes.shape[1], 8), np.uint8)
        alike[:, : len(codes)] = codes[:8].T
        order = np.argsort(alike.view(">u8").ravel(), kind="stable")
        keeps = np.empty(len(order), bool)
        keeps[order] = golden(len(order), rng) < share[order]
        return keeps


@dataclass(frozen=True, slots=True)
class _Law:
    """One tree of a column, ready to be drawn from."""

    law: Conditional
    leaf: npt.NDArray[np.uint16]
    shares: Choices
    ordered: tuple[bool, ...]

    def draw(self, codes: Codes, rows: Ints, rng: np.random.Generator) -> tuple[Ints, Codes]:
        """The rows in the order of their leaves, and the class of each."""
        leaf = np.zeros(len(rows), np.int64)
        if len(self.law.sources):
            found = self.leaf.take(leaves_of(self.law.tree, self._see(codes, rows)))
            order = np.argsort(found, kind="stable")
            rows, leaf = rows.take(order), found.take(order).astype(np.int64)
        entry = self.shares.draw(leaf, golden(len(rows), rng))
        return rows, (entry - leaf * self.law.shares.shape[1]).astype(np.uint8)

    def _see(self, codes: Codes, rows: Ints) -> Codes:
        seen = np.empty((len(self.law.sources), len(rows)), np.uint8)
        for number, source in enumerate(self.law.sources):
            code = codes[source].take(rows)
            seen[number] = code if self.ordered[number] else self.law.places[number].take(code)
        return seen


def _law(law: Conditional) -> _Law:
    leaves, classes = law.shares.shape
    group = np.repeat(np.arange(leaves), classes)
    shares = choices(law.shares.ravel().astype(np.float64), group)
    ordered = tuple(bool((place == np.arange(256)).all()) for place in law.places)
    return _Law(law, law.leaf.astype(np.uint16), shares, ordered)


class _Column:
    """One column, ready to be drawn from: its trees, and the cells of its classes."""

    def __init__(self, model: ColumnModel, place: int) -> None:
        self.coder, self.model, self.place = model.coder, model, place
        self.laws = [_law(law) for law in model.laws]
        self.slants = [(s.line, scale(s.edges)) for s in model.slants if len(s.edges)]
        cells = model.cells
        self.order = np.argsort(cells.group, kind="stable")
        sizes = np.bincount(cells.group)
        self.head = self.order[np.cumsum(sizes) - sizes]
        many = len(cells.mass) > cells.classes
        group = cells.group[self.order].astype(np.int64)
        self.inner = choices(cells.mass[self.order], group) if many else None

    def classes(self, codes: Codes, values: Floats, rng: np.random.Generator) -> tuple[Ints, Codes]:
        """All rows in some random order, and the class of each.

        The rows of ``codes`` from this column's own on are free to hold the slants until then.
        """
        for number, (line, edges) in enumerate(self.slants, self.place):
            codes[number] = edges.stretch(line.of(values))
        shuffled = rng.permutation(codes.shape[1])
        trees = len(self.laws)
        parts = [law.draw(codes, shuffled[i::trees], rng) for i, law in enumerate(self.laws)]
        if trees == 1:
            return parts[0]
        return np.concatenate([rows for rows, _ in parts]), np.concatenate([g for _, g in parts])

    def cells(
        self, rows: Ints, group: Codes, placed: bool, rng: np.random.Generator
    ) -> tuple[Ints, Ints, Floats]:
        """The rows in some order, the cell of each and (if ``placed``) its place in the cell."""
        if self.inner is None and not placed:
            return rows, self.head.take(group), np.zeros(0)
        order = np.argsort(group, kind="stable")
        rows, group = rows.take(order), group.take(order)
        uniform = golden(len(rows), rng)
        if self.inner is None:
            return rows, self.head.take(group), uniform
        entry = self.inner.draw(group, uniform)
        place = self.inner.place(entry, uniform) if placed else uniform
        return rows, self.order.take(entry), place


class _Labels(_Column):
    """A column of labels."""

    def __init__(self, model: ColumnModel, place: int) -> None:
        super().__init__(model, place)
        dtype: Any = model.coder.column.type.dtype
        self.labels = pd.array([*model.coder.labels, None], dtype=dtype)

    def draw(self, codes: Codes, values: Floats, rng: np.random.Generator) -> Ints:
        """The label's number of each row; its codes are left in its row of ``codes``."""
        rows, group = self.classes(codes, values, rng)
        rows, cell, _ = self.cells(rows, group, False, rng)
        codes[self.place][rows] = self.coder.codes.take(cell)
        number = np.empty(len(rows), np.int64)
        number[rows] = cell
        return number

    def write(self, drawn: Ints) -> pd.Series:
        """Labels of what was drawn."""
        return pd.Series(self.labels.take(drawn), name=self.coder.column.name)


class _Numbers(_Column):
    """A column of numbers, booleans, dates or times."""

    def __init__(self, model: ColumnModel, place: int) -> None:
        super().__init__(model, place)
        self.scale = scale(self.coder.edges) if len(self.coder.edges) else None
        self.low, self.high = model.cells.low, model.cells.high
        self.stretched = bool((self.high > self.low).any())
        ends = [self._code(self.coder.fit(end)) for end in (self.low, self.high)]
        self.code, self.crossed = ends[0], ends[0] != ends[1]
        relation = model.relation
        self.related = bool(len(relation.line.sources) + len(relation.below) + len(relation.above))

    def draw(self, codes: Codes, values: Floats, rng: np.random.Generator) -> Floats:
        """The number of each row; codes and numbers are left in the column's rows."""
        rows, group = self.classes(codes, values, rng)
        rows, cell, place = self.cells(rows, group, self.stretched, rng)
        drawn = self.low.take(cell)
        if self.stretched:
            drawn = drawn * (1 - place) + self.high.take(cell) * place
        if self.related:
            own = np.empty(len(rows))
            own[rows] = drawn
            values[self.place] = self.coder.fit(self.model.relation.restore(own, values))
            codes[self.place] = self._code(values[self.place])
        else:
            values[self.place][rows] = fitted = self.coder.fit(drawn)
            code, crossed = self.code.take(cell), np.flatnonzero(self.crossed.take(cell))
            code[crossed] = self._code(fitted[crossed])
            codes[self.place][rows] = code
        out: Floats = values[self.place]
        return out

    def write(self, drawn: Floats) -> pd.Series:
        """Values of what was drawn."""
        return self.coder.write(drawn)

    def _code(self, numbers: Floats) -> Codes:
        """Codes of numbers, as :meth:`Coder.code_numbers` gives them, but faster."""
        missing = np.isnan(numbers)
        if self.scale is None:
            return np.where(missing, 0, 1).astype(np.uint8)
        code = self.scale.stretch(np.where(missing, 0.0, numbers)) + 1
        code[missing] = 0
        return code.astype(np.uint8)


def _column(model: ColumnModel, place: int) -> _Labels | _Numbers:
    return _Labels(model, place) if model.coder.is_label else _Numbers(model, place)
