"""The rule that one column is never above another, kept by learning the gap between them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from core.data.frames import as_numbers
from core.data.schema import Column, ColumnType, Table
from core.synthesis.asks.rules import AsItIs, Mask, changed, unknown

_PLAIN = {ColumnType.INTEGER, ColumnType.NUMBER}


@dataclass(frozen=True, slots=True)
class AtMost(AsItIs):
    """One column is never above another: ``low ≤ high``, or ``low < high`` if ``strict``.

    Kept by construction: the gap ``high - low`` is learned beside both and never drawn below 0.
    """

    low: str
    high: str
    strict: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """Both columns."""
        return (self.low, self.high)

    @property
    def words(self) -> str:
        """The rule in a few words."""
        return f"{self.low} {'<' if self.strict else '≤'} {self.high}"

    @property
    def _gap(self) -> str:
        return f"gap: {self.words}"

    def problems(self, table: Table) -> list[str]:
        """Unknown columns, or columns that cannot be compared."""
        if found := unknown(self.columns, table):
            return found
        kinds = {table[name].type for name in self.columns}
        if self.low == self.high:
            return [f"The rule compares {self.low!r} with itself."]
        if any(not kind.is_numeric for kind in kinds) or not (len(kinds) == 1 or kinds <= _PLAIN):
            return [f"Columns {self.low!r} and {self.high!r} cannot be compared: of other types."]
        return []

    def kept(self, frame: pd.DataFrame, table: Table) -> Mask:
        """Which rows have both in order, or miss one."""
        low, high = (as_numbers(frame[name], table[name]) for name in self.columns)
        return np.asarray(~(low >= high) if self.strict else ~(low > high))

    def encode(
        self, frame: pd.DataFrame, table: Table, given: Sequence[str]
    ) -> tuple[pd.DataFrame, Table] | None:
        """The gap as a further column."""
        if set(self.columns) <= set(given) or not self.kept(frame, table).any():
            return None
        low, high = (as_numbers(frame[name], table[name]) for name in self.columns)
        gap = Column(self._gap, ColumnType.NUMBER)
        gaps = pd.Series(high - low, index=frame.index, name=gap.name)
        return frame.assign(**{gap.name: gaps}), replace(table, columns=(*table.columns, gap))

    def decode(self, drawn: pd.DataFrame, table: Table, given: Sequence[str]) -> pd.DataFrame:
        """The upper column from the lower and the gap, or the lower where the upper is given."""
        if self._gap not in drawn:
            return drawn
        gaps = np.maximum(drawn[self._gap].to_numpy(dtype="float64"), 0.0)
        low, high = (as_numbers(drawn[name], table[name]) for name in self.columns)
        known = ~(np.isnan(low) | np.isnan(high) | np.isnan(gaps))
        if self.high in given:
            return changed(drawn, self.low, high - gaps, known, table[self.low])
        return changed(drawn, self.high, low + gaps, known, table[self.high])

    def repair(
        self, frame: pd.DataFrame, table: Table, given: Sequence[str], rng: np.random.Generator
    ) -> pd.DataFrame:
        """Both in order: exchanged, or the one that is not given set to the other."""
        wrong = ~self.kept(frame, table)
        if not wrong.any() or set(self.columns) <= set(given):
            return frame
        low, high = (as_numbers(frame[name], table[name]) for name in self.columns)
        if self.high in given or self.low in given:
            name = self.low if self.high in given else self.high
            other = high if self.high in given else low
            return changed(frame, name, other, wrong, table[name])
        frame = changed(frame, self.low, np.minimum(low, high), wrong, table[self.low])
        return changed(frame, self.high, np.maximum(low, high), wrong, table[self.high])
