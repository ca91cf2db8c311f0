"""Rules that every row has to keep, as values that know how a table keeps them.

A rule may change what an engine learns, so that what it draws keeps the rule *by construction*:
``encode`` turns the rule's columns into others, ``decode`` turns them back. Rows that still break
a rule are *repaired*, and where no repair is known they are *rejected* and drawn again
(``core.synthesis.asks.ruled`` does all three).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self

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


class AsItIs:
    """What most rules share: nothing is taken from training rows, rows are learned as they are."""

    __slots__ = ()

    def settled(self, frame: pd.DataFrame, table: Table) -> Self:
        """The rule itself."""
        return self

    def restored(self, state: Any, table: Table) -> Self:
        """The rule itself."""
        return self

    def state(self, table: Table) -> Any:
        """Nothing was taken from the training rows."""
        return None

    def encode(
        self, frame: pd.DataFrame, table: Table, given: Sequence[str]
    ) -> tuple[pd.DataFrame, Table] | None:
        """As it is: an engine that learns rows which keep the rule mostly stays with them."""
        return None

    def decode(self, drawn: pd.DataFrame, table: Table, given: Sequence[str]) -> pd.DataFrame:
        """As it is."""
        return drawn

    def repair(
        self, frame: pd.DataFrame, table: Table, given: Sequence[str], rng: np.random.Generator
    ) -> pd.DataFrame:
        """As it is: no repair is known, so that only drawing again helps."""
        return frame


@dataclass(frozen=True, slots=True)
class InRange(AsItIs):
    """Values lie in ``[low, high]``; an end that is None is open.

    With ``above`` values are greater than ``low``, with ``below`` less than ``high``.
    """

    column: str
    low: Any = None
    high: Any = None
    above: bool = False
    below: bool = False

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
        if found := unknown(self.columns, table):
            return found
        column = table[self.column]
        if not column.type.is_numeric:
            return [f"Column {self.column!r} is of type {column.type} and has no range."]
        try:
            low, high = self._ends(column)
        except ValueError as error:
            return [f"The range of {self.column!r} is of type {column.type}: give {error}."]
        if low == -np.inf and high == np.inf:
            return [f"The range of {self.column!r} needs a low or a high end."]
        return [f"The range of {self.column!r} ends before it begins."] if low > high else []

    def inside(self, numbers: Floats, column: Column) -> Mask:
        """Which of these numbers lie in the range; those that are missing do not."""
        low, high = self._ends(column)
        above = numbers > low if self.above else numbers >= low
        return np.asarray(above & (numbers < high if self.below else numbers <= high))

    def kept(self, frame: pd.DataFrame, table: Table) -> Mask:
        """Which rows lie in the range or have no value."""
        numbers = as_numbers(frame[self.column], table[self.column])
        return np.asarray(np.isnan(numbers) | self.inside(numbers, table[self.column]))

    def repair(
        self, frame: pd.DataFrame, table: Table, given: Sequence[str], rng: np.random.Generator
    ) -> pd.DataFrame:
        """Values outside become the nearer end."""
        if self.column in given:
            return frame
        column = table[self.column]
        low, high = self._ends(column)
        low = next_number(low, column, 1) if self.above else low
        high = next_number(high, column, -1) if self.below else high
        numbers = np.clip(as_numbers(frame[self.column], column), low, high)
        return changed(frame, self.column, numbers, ~self.kept(frame, table), column)

    def _ends(self, column: Column) -> tuple[float, float]:
        low, high = (read_scalar(end, column) for end in (self.low, self.high))
        return (
            low if isinstance(low, float) else -np.inf,
            high if isinstance(high, float) else np.inf,
        )


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
    """Raise ``InvalidInput`` with every problem of every rule that an engine is to keep."""
    _refuse([p for rule in rules for p in (rule.problems(table) or unlearned(rule, table))])


def check_measured(rules: Sequence[Rule], table: Table) -> None:
    """As :func:`check_rules`, for rules that are only measured: also of what is made up."""
    _refuse([problem for rule in rules for problem in rule.problems(table)])


def unknown(names: Sequence[str], table: Table) -> list[str]:
    """Of a rule's columns: those that do not exist."""
    absent = [name for name in names if name not in table.names]
    return [f"Table {table.name!r} has no column {name!r}." for name in absent]


def unlearned(rule: Rule, table: Table) -> list[str]:
    """Of a rule's columns: those that no engine learns, so that none can keep the rule."""
    return [
        f"Column {name!r} {reason}, so it can have no rule."
        for name in rule.columns
        if name in table.names and (reason := not_learned(table[name], table))
    ]


def changed(
    frame: pd.DataFrame, name: str, numbers: Floats, where: Mask, column: Column
) -> pd.DataFrame:
    """The frame with other values, given as :func:`as_numbers` has them, in some rows."""
    if not where.any():
        return frame
    values = from_numbers(np.where(where, numbers, np.nan), column)
    values.index = frame.index
    return frame.assign(**{name: values.where(where, frame[name])})


def next_number(number: float, column: Column, way: int) -> float:
    """The next number above (``way`` 1) or below (-1) that the column can hold."""
    if column.type is not ColumnType.NUMBER:
        return number + way
    decimals = column.format.decimals
    if decimals is None:
        return float(np.nextafter(number, way * np.inf))
    return round(number + way * 10.0**-decimals, decimals)


def _refuse(problems: list[str]) -> None:
    if problems:
        raise InvalidInput("The rules cannot be used. " + " ".join(problems), problems)
