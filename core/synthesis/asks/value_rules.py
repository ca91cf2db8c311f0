"""Rules on the values of one column: which are allowed, which form they have, that there is one."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from core.data.frames import as_numbers
from core.data.schema import Table
from core.synthesis.asks.rules import AsItIs, Mask, unknown
from core.synthesis.asks.scalars import LABELS, constant, read_scalar

MOST_VALUES = 10_000
LONGEST_PATTERN = 1_000


class OneColumn(AsItIs, ABC):
    """What rules on one column share."""

    __slots__ = ()
    column: str

    @property
    def columns(self) -> tuple[str, ...]:
        """The column."""
        return (self.column,)

    def problems(self, table: Table) -> list[str]:
        """An unknown column."""
        return unknown(self.columns, table)

    @abstractmethod
    def kept(self, frame: pd.DataFrame, table: Table) -> Mask:
        """Which rows keep the rule."""

    def repair(
        self, frame: pd.DataFrame, table: Table, given: Sequence[str], rng: np.random.Generator
    ) -> pd.DataFrame:
        """Other values become some that were drawn and keep the rule; without any, missing."""
        if self.column in given:
            return frame
        return refilled(frame, self.column, ~self.kept(frame, table), None, rng)


@dataclass(frozen=True, slots=True)
class Allowed(OneColumn):
    """Values are among those listed; a missing one counts as keeping the rule."""

    column: str
    values: tuple[Any, ...]

    @property
    def words(self) -> str:
        """The rule in a few words."""
        return f"{self.column} among its allowed values"

    def problems(self, table: Table) -> list[str]:
        """An unknown column, no values, too many of them, or some of another type."""
        if found := unknown(self.columns, table):
            return found
        if not 1 <= len(self.values) <= MOST_VALUES:
            return [f"Allowed values of {self.column!r}: give 1 to {MOST_VALUES:,} of them."]
        for place, value in enumerate(self.values, 1):
            try:
                read = read_scalar(value, table[self.column])
            except ValueError as error:
                return [f"Allowed value {place} of {self.column!r}: give {error}."]
            if read is None:
                return [f"Allowed value {place} of {self.column!r} is empty; leave it out."]
        return []

    def kept(self, frame: pd.DataFrame, table: Table) -> Mask:
        """Which rows have one of the values, or none."""
        column, values = table[self.column], frame[self.column]
        read = [read_scalar(value, column) for value in self.values]
        if column.type in LABELS:
            return np.asarray(values.isna() | values.isin([str(v) for v in read]), np.bool_)
        numbers = as_numbers(values, column)
        return np.asarray(np.isnan(numbers) | np.isin(numbers, np.array(read, np.float64)))

    def repair(
        self, frame: pd.DataFrame, table: Table, given: Sequence[str], rng: np.random.Generator
    ) -> pd.DataFrame:
        """Other values become allowed ones, as often as these were drawn."""
        wrong = ~self.kept(frame, table)
        if self.column in given or not wrong.any():
            return frame
        column = table[self.column]
        cells = [constant(read_scalar(value, column), column, 1) for value in self.values]
        return refilled(frame, self.column, wrong, pd.concat(cells, ignore_index=True), rng)


@dataclass(frozen=True, slots=True)
class Matches(OneColumn):
    """Texts have the form of a regular expression (RE2), from their first to their last letter."""

    column: str
    pattern: str

    @property
    def words(self) -> str:
        """The rule in a few words."""
        return f"{self.column} in its form"

    def problems(self, table: Table) -> list[str]:
        """An unknown column, one that holds no text, or no regular expression."""
        if found := unknown(self.columns, table):
            return found
        if table[self.column].type not in LABELS:
            kind = table[self.column].type
            return [f"Column {self.column!r} is of type {kind}; only texts have a form."]
        if not 1 <= len(self.pattern) <= LONGEST_PATTERN:
            return [f"The form of {self.column!r} needs 1 to {LONGEST_PATTERN:,} characters."]
        try:
            self._found(pa.array([""]))
        except pa.ArrowInvalid:
            return [
                f"The form of {self.column!r} is no regular expression that is known here (RE2: "
                "no look-around and no back references)."
            ]
        return []

    def kept(self, frame: pd.DataFrame, table: Table) -> Mask:
        """Which rows have the form, or no value."""
        found = self._found(pa.array(frame[self.column], pa.string(), from_pandas=True))
        return np.asarray(pc.fill_null(found, True).to_numpy(zero_copy_only=False), np.bool_)

    def _found(self, values: pa.Array) -> pa.Array:
        found = pc.match_substring_regex(values, f"\\A(?:{self.pattern})\\z")
        return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found


@dataclass(frozen=True, slots=True)
class NotNull(OneColumn):
    """Every row has a value."""

    column: str

    @property
    def words(self) -> str:
        """The rule in a few words."""
        return f"{self.column} is never missing"

    def kept(self, frame: pd.DataFrame, table: Table) -> Mask:
        """Which rows have a value."""
        return np.asarray(frame[self.column].notna(), np.bool_)


@dataclass(frozen=True, slots=True)
class IsNull(OneColumn):
    """No row has a value; of use under a condition."""

    column: str

    @property
    def words(self) -> str:
        """The rule in a few words."""
        return f"{self.column} is missing"

    def kept(self, frame: pd.DataFrame, table: Table) -> Mask:
        """Which rows have no value."""
        return np.asarray(frame[self.column].isna(), np.bool_)

    def repair(
        self, frame: pd.DataFrame, table: Table, given: Sequence[str], rng: np.random.Generator
    ) -> pd.DataFrame:
        """Values become missing."""
        if self.column in given:
            return frame
        blank = frame[self.column].mask(~self.kept(frame, table))
        return frame.assign(**{self.column: blank.astype(table[self.column].type.dtype)})


def refilled(
    frame: pd.DataFrame,
    name: str,
    wrong: Mask,
    values: pd.Series | None,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """The frame with new values in the rows that are ``wrong``.

    They are drawn from the values of the other rows; where those have none, from ``values``, and
    without these they are missing.
    """
    if not wrong.any():
        return frame
    good = frame[name][~wrong].dropna()
    pool = good if len(good) or values is None else values
    new = frame[name].mask(wrong).reset_index(drop=True)
    if len(pool):
        new[wrong] = pool.take(rng.integers(len(pool), size=int(wrong.sum()))).array
    return frame.assign(**{name: new.astype(frame[name].dtype).array})
