"""Rules that every row has to keep, as values that know how a table keeps them.

A rule may change what an engine learns, so that what it draws keeps the rule *by construction*:
``encode`` turns the rule's columns into others, ``decode`` turns them back. Rows that still break
a rule are *repaired*, and where no repair is known they are *rejected* and drawn again
(``core.synthesis.asks.ruled`` does all three).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data.frames import as_numbers, from_numbers
from core.data.schema import Column, ColumnType, Table
from core.errors import InvalidInput
from core.synthesis.asks.scalars import read_scalar
from core.synthesis.asks.settle import not_learned

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
_PLAIN = {ColumnType.INTEGER, ColumnType.NUMBER}


class Rule(Protocol):
    """What a user says of a table: a frozen value."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the rule speaks of."""

    @property
    def words(self) -> str:
        """The rule in a few words."""

    def problems(self, table: Table) -> list[str]:
        """Why the rule makes no sense for the table; empty if it does."""

    def settled(self, frame: pd.DataFrame, table: Table) -> "Keeper":
        """How the rule is kept, with what it takes from the training rows."""

    def restored(self, state: Any, table: Table) -> "Keeper":
        """How the rule is kept, from what :meth:`Keeper.state` gave."""


class Keeper(Protocol):
    """How a rule is kept. Rows that miss a value which the rule compares count as keeping it."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the rule speaks of."""

    def kept(self, frame: pd.DataFrame, table: Table) -> Mask:
        """Which rows keep the rule."""

    def encode(
        self, frame: pd.DataFrame, table: Table, given: Sequence[str]
    ) -> tuple[pd.DataFrame, Table] | None:
        """What an engine learns instead of rows that keep the rule; None to leave them as they are.

        ``given`` columns are given when sampling and must stay as they are.
        """

    def decode(self, drawn: pd.DataFrame, table: Table, given: Sequence[str]) -> pd.DataFrame:
        """The rule's columns of ``table`` put back into what was drawn of an encoded table."""

    def repair(
        self, frame: pd.DataFrame, table: Table, given: Sequence[str], rng: np.random.Generator
    ) -> pd.DataFrame:
        """Rows changed so that they keep the rule, as far as that is possible."""

    def state(self, table: Table) -> Any:
        """What was taken from the training rows, fit for JSON and for a model file."""


@dataclass(frozen=True, slots=True)
class InRange:
    """Values lie in ``[low, high]``; an end that is None is open."""

    column: str
    low: Any = None
    high: Any = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The column."""
        return (self.column,)

    @property
    def words(self) -> str:
        """The rule in a few words."""
        return f"{self.column} in its range"

    def problems(self, table: Table) -> list[str]:
        """An unknown column, a wrong type, ends that cannot be read."""
        if found := unusable(self.columns, table):
            return found
        column = table[self.column]
        if not column.type.is_numeric:
            return [f"Column {self.column!r} is of type {column.type} and has no range."]
        try:
            low, high = self._ends(column)
        except ValueError as error:
            return [f"The range of {self.column!r} is of type {column.type}: give {error}."]
        return [f"The range of {self.column!r} ends before it begins."] if low > high else []

    def settled(self, frame: pd.DataFrame, table: Table) -> Keeper:
        """The rule itself."""
        return self

    def restored(self, state: Any, table: Table) -> Keeper:
        """The rule itself."""
        return self

    def state(self, table: Table) -> Any:
        """Nothing was taken from the training rows."""
        return None

    def kept(self, frame: pd.DataFrame, table: Table) -> Mask:
        """Which rows lie in the range or have no value."""
        numbers = as_numbers(frame[self.column], table[self.column])
        low, high = self._ends(table[self.column])
        return np.asarray(np.isnan(numbers) | ((numbers >= low) & (numbers <= high)))

    def encode(
        self, frame: pd.DataFrame, table: Table, given: Sequence[str]
    ) -> tuple[pd.DataFrame, Table] | None:
        """As it is: learned from rows in the range, the engine stays inside what it has seen."""
        return None

    def decode(self, drawn: pd.DataFrame, table: Table, given: Sequence[str]) -> pd.DataFrame:
        """As it is."""
        return drawn

    def repair(
        self, frame: pd.DataFrame, table: Table, given: Sequence[str], rng: np.random.Generator
    ) -> pd.DataFrame:
        """Values outside become the nearer end."""
        if self.column in given:
            return frame
        column = table[self.column]
        numbers = np.clip(as_numbers(frame[self.column], column), *self._ends(column))
        return _changed(frame, self.column, numbers, ~self.kept(frame, table), column)

    def _ends(self, column: Column) -> tuple[float, float]:
        low, high = (read_scalar(end, column) for end in (self.low, self.high))
        return (
            low if isinstance(low, float) else -np.inf,
            high if isinstance(high, float) else np.inf,
        )


@dataclass(frozen=True, slots=True)
class AtMost:
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
        if found := unusable(self.columns, table):
            return found
        kinds = {table[name].type for name in self.columns}
        if self.low == self.high:
            return [f"The rule compares {self.low!r} with itself."]
        if any(not kind.is_numeric for kind in kinds) or not (len(kinds) == 1 or kinds <= _PLAIN):
            return [f"Columns {self.low!r} and {self.high!r} cannot be compared: of other types."]
        return []

    def settled(self, frame: pd.DataFrame, table: Table) -> Keeper:
        """The rule itself."""
        return self

    def restored(self, state: Any, table: Table) -> Keeper:
        """The rule itself."""
        return self

    def state(self, table: Table) -> Any:
        """Nothing was taken from the training rows."""
        return None

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
            return _changed(drawn, self.low, high - gaps, known, table[self.low])
        return _changed(drawn, self.high, low + gaps, known, table[self.high])

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
            return _changed(frame, name, other, wrong, table[name])
        frame = _changed(frame, self.low, np.minimum(low, high), wrong, table[self.low])
        return _changed(frame, self.high, np.maximum(low, high), wrong, table[self.high])


def kept_share(frame: pd.DataFrame, table: Table, rules: Sequence[Rule]) -> float:
    """Share of rows that keep all rules; 1 for no rows."""
    return float(kept_by_all(frame, table, rules).mean()) if len(frame) else 1.0


def kept_by_all(frame: pd.DataFrame, table: Table, rules: Sequence[Rule]) -> Mask:
    """Which rows keep all rules."""
    kept = np.ones(len(frame), np.bool_)
    for rule in rules:
        kept &= rule.settled(frame, table).kept(frame, table)
    return kept


def check_rules(rules: Sequence[Rule], table: Table) -> None:
    """Raise ``InvalidInput`` with every problem of every rule."""
    problems = [problem for rule in rules for problem in rule.problems(table)]
    if problems:
        raise InvalidInput("The rules cannot be used. " + " ".join(problems), problems)


def unusable(names: Sequence[str], table: Table) -> list[str]:
    """Of a rule's columns: those that do not exist, or that no engine learns."""
    problems = []
    for name in names:
        if name not in table.names:
            problems.append(f"Table {table.name!r} has no column {name!r}.")
        elif reason := not_learned(table[name], table):
            problems.append(f"Column {name!r} {reason}, so it can have no rule.")
    return problems


def _changed(
    frame: pd.DataFrame, name: str, numbers: Floats, where: Mask, column: Column
) -> pd.DataFrame:
    if not where.any():
        return frame
    values = from_numbers(np.where(where, numbers, np.nan), column)
    values.index = frame.index
    return frame.assign(**{name: values.where(where, frame[name])})
