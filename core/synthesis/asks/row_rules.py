"""Rules that bind several columns of a row: one-hot groups and sums."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from core.data.frames import as_numbers
from core.data.schema import ColumnType, Table
from core.synthesis.asks.combinations import FixedCombinations
from core.synthesis.asks.rules import AsItIs, Floats, Keeper, Mask, changed, unknown

_FLAGS = {ColumnType.BOOLEAN, ColumnType.INTEGER, ColumnType.NUMBER}
_PLAIN = {ColumnType.INTEGER, ColumnType.NUMBER}
_SLACK = 1e-9


@dataclass(frozen=True, slots=True)
class OneHot:
    """Of several columns of 0 and 1 exactly one is 1; with ``or_none``, at most one.

    Kept by construction: the group is learned as one category.
    """

    columns: tuple[str, ...]
    or_none: bool = False

    @property
    def words(self) -> str:
        """The rule in a few words."""
        return f"{'at most' if self.or_none else 'exactly'} one of {', '.join(self.columns)}"

    def problems(self, table: Table) -> list[str]:
        """Unknown columns, too few of them, or columns that are no flags."""
        if found := unknown(self.columns, table):
            return found
        if len(set(self.columns)) < 2 or len(set(self.columns)) < len(self.columns):
            return ["A one-hot group needs at least two columns, each once."]
        wrong = [name for name in self.columns if table[name].type not in _FLAGS]
        return [f"Column {n!r} is of type {table[n].type} and holds no 0 and 1." for n in wrong]

    def settled(self, frame: pd.DataFrame, table: Table) -> Keeper:
        """Fixed combinations: one for each column."""
        return self._combinations(table).settled(frame, table)

    def restored(self, state: Any, table: Table) -> Keeper:
        """As :meth:`settled`, from a model file."""
        return self._combinations(table).restored(state, table)

    def _combinations(self, table: Table) -> FixedCombinations:
        width = len(self.columns)
        rows = [[int(i == place) for i in range(width)] for place in range(width)]
        rows += [[0] * width] * self.or_none
        flags = [table[name].type is ColumnType.BOOLEAN for name in self.columns]
        allowed = tuple(
            tuple(bool(v) if flag else v for v, flag in zip(row, flags, strict=True))
            for row in rows
        )
        return FixedCombinations(self.columns, allowed)


@dataclass(frozen=True, slots=True)
class SumOf(AsItIs):
    """One column is the sum of others; with one part, the two are equal.

    Kept by construction: the total is left out, and computed from its parts. A row that misses
    one of the columns counts as keeping the rule. Sums may differ by what rounding to the total's
    decimals explains.
    """

    total: str
    parts: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The parts, then the total."""
        return (*self.parts, self.total)

    @property
    def words(self) -> str:
        """The rule in a few words."""
        return f"{' + '.join(self.parts)} = {self.total}"

    def problems(self, table: Table) -> list[str]:
        """Unknown columns, columns that occur twice, or that hold no numbers."""
        if found := unknown(self.columns, table):
            return found
        if not self.parts or len(set(self.columns)) < len(self.columns):
            return ["A sum needs at least one part and a total, each column once."]
        wrong = [name for name in self.columns if table[name].type not in _PLAIN]
        return [f"Column {n!r} is of type {table[n].type} and cannot be added." for n in wrong]

    def kept(self, frame: pd.DataFrame, table: Table) -> Mask:
        """Which rows have the sum, or miss a column."""
        total, summed = as_numbers(frame[self.total], table[self.total]), self._sum(frame, table)
        with np.errstate(invalid="ignore"):
            return np.asarray(~(np.abs(total - summed) > self._tolerance(total, table)))

    def encode(
        self, frame: pd.DataFrame, table: Table, given: Sequence[str]
    ) -> tuple[pd.DataFrame, Table] | None:
        """The total is left out, where it is missing just where a part is."""
        total = frame[self.total].isna().to_numpy()
        if self.total in given or (total != np.isnan(self._sum(frame, table))).any():
            return None
        rest = tuple(c for c in table.columns if c.name != self.total)
        return frame.drop(columns=self.total), replace(table, columns=rest)

    def decode(self, drawn: pd.DataFrame, table: Table, given: Sequence[str]) -> pd.DataFrame:
        """The total from its parts; the last part that is free, where the total is given."""
        if self.total in drawn:
            return self._settle(drawn, table, given, ~self.kept(drawn, table))
        sums = pd.Series(np.zeros(len(drawn)), index=drawn.index)
        blank = drawn.assign(**{self.total: sums.astype(table[self.total].type.dtype)})
        summed = self._sum(drawn, table)
        made = changed(blank, self.total, summed, np.ones(len(drawn), np.bool_), table[self.total])
        return made

    def repair(
        self, frame: pd.DataFrame, table: Table, given: Sequence[str], rng: np.random.Generator
    ) -> pd.DataFrame:
        """The total is set to the sum, or where it is given, the last part that is free."""
        return self._settle(frame, table, given, ~self.kept(frame, table))

    def _settle(
        self, frame: pd.DataFrame, table: Table, given: Sequence[str], wrong: Mask
    ) -> pd.DataFrame:
        free = [name for name in (*self.parts, self.total) if name not in given]
        if not free or not wrong.any():
            return frame
        name, summed = free[-1], self._sum(frame, table)
        if name != self.total:
            own = as_numbers(frame[name], table[name])
            summed = as_numbers(frame[self.total], table[self.total]) - (summed - own)
        return changed(frame, name, summed, wrong, table[name])

    def _sum(self, frame: pd.DataFrame, table: Table) -> Floats:
        columns = [as_numbers(frame[name], table[name]) for name in self.parts]
        return np.asarray(np.sum(columns, axis=0), np.float64)

    def _tolerance(self, total: Floats, table: Table) -> Floats:
        column = table[self.total]
        decimals = 0 if column.type is ColumnType.INTEGER else column.format.decimals
        rounding = 0.0 if decimals is None else 0.5 * 10.0**-decimals
        return np.asarray(rounding * (1 + 1e-6) + _SLACK * np.abs(total))
