"""The rule that holds where a condition does: if status = closed, then closed_on is not missing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from core.data.frames import as_numbers
from core.data.schema import Column, ColumnType, Table
from core.synthesis.asks.at_most import AtMost
from core.synthesis.asks.rules import AsItIs, InRange, Mask
from core.synthesis.asks.scalars import LABELS
from core.synthesis.asks.value_rules import Allowed, IsNull, Matches, NotNull

RowRule = Allowed | InRange | Matches | NotNull | IsNull | AtMost
"""Rules that look at one row at a time and take nothing from the others."""
_NONE = "-"


@dataclass(frozen=True, slots=True)
class Conditional(AsItIs):
    """Where ``when`` holds, ``then`` holds too.

    That a value is there, or is not, is kept by construction where the condition is on a label or
    a boolean: the label is learned together with whether there is a value.
    """

    when: RowRule
    then: RowRule

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of both."""
        return tuple(dict.fromkeys((*self.when.columns, *self.then.columns)))

    @property
    def words(self) -> str:
        """The rule in a few words."""
        return f"if {self.when.words}, then {self.then.words}"

    def problems(self, table: Table) -> list[str]:
        """What is wrong with the condition or with what follows."""
        found = [f"In the condition: {problem}" for problem in self.when.problems(table)]
        return found + [f"In what follows: {problem}" for problem in self.then.problems(table)]

    def kept(self, frame: pd.DataFrame, table: Table) -> Mask:
        """Which rows do not meet the condition, or keep what follows."""
        return np.asarray(~holds(self.when, frame, table) | self.then.kept(frame, table))

    @property
    def _joint(self) -> str:
        return f"joint: {', '.join(self.columns)}"

    def encode(
        self, frame: pd.DataFrame, table: Table, given: Sequence[str]
    ) -> tuple[pd.DataFrame, Table] | None:
        """The label together with whether there is a value, and a value in every row."""
        if not self._can_join(table) or set(self.columns) & set(given):
            return None
        label, name = self.columns
        missing = frame[name].isna().to_numpy()
        if not missing.any() or missing.all():
            return None
        known = frame[name][~missing]
        full = frame[name].reset_index(drop=True)
        full[missing] = known.take(np.arange(int(missing.sum())) % len(known)).array
        joint = Column(self._joint, ColumnType.CATEGORY)
        labels = _labels(frame[label], table[label])
        flags = pd.Series(np.where(missing, "0", "1"), index=frame.index)
        coded = frame.assign(**{name: full.astype(frame[name].dtype).array})
        coded = coded.drop(columns=label)
        coded[joint.name] = (flags + labels).astype("string[pyarrow]")
        rest = tuple(c for c in table.columns if c.name != label)
        return coded, replace(table, columns=(*rest, joint))

    def decode(self, drawn: pd.DataFrame, table: Table, given: Sequence[str]) -> pd.DataFrame:
        """The label, and no value where there is none."""
        if self._joint not in drawn:
            return drawn
        label, name = self.columns
        joint = drawn[self._joint].astype("string[pyarrow]").fillna("1" + _NONE)
        values = _unlabelled(joint.str.slice(1), table[label])
        shown = drawn[name].mask((joint.str.slice(0, 1) == "0").to_numpy(dtype=bool))
        drawn = drawn.drop(columns=self._joint)
        return drawn.assign(**{label: values.array, name: shown})

    def repair(
        self, frame: pd.DataFrame, table: Table, given: Sequence[str], rng: np.random.Generator
    ) -> pd.DataFrame:
        """What follows is repaired, by the rows that meet the condition and else by all."""
        for around in (holds(self.when, frame, table), np.ones(len(frame), np.bool_)):
            wrong = ~self.kept(frame, table)
            if not wrong.any():
                break
            some = frame[around].reset_index(drop=True)
            mended = self.then.repair(some, table, given, rng)
            for name in self.then.columns:
                values = frame[name].reset_index(drop=True)
                values[wrong] = mended[name][wrong[around]].array
                frame = frame.assign(**{name: values.array})
        return frame

    def _can_join(self, table: Table) -> bool:
        own, other = self.when.columns, self.then.columns
        if not isinstance(self.then, NotNull | IsNull) or len(own) != 1 or own == other:
            return False
        return table[own[0]].type in LABELS | {ColumnType.BOOLEAN}


def holds(condition: RowRule, frame: pd.DataFrame, table: Table) -> Mask:
    """Which rows meet a condition; rows that miss a value that it compares do not."""
    met = condition.kept(frame, table)
    if isinstance(condition, NotNull | IsNull):
        return met
    there = frame[list(condition.columns)].notna().all(axis=1).to_numpy()
    return np.asarray(met & there, np.bool_)


def _labels(values: pd.Series, column: Column) -> pd.Series:
    """A text of each label, marked so that a missing one is told from all others."""
    if column.type is ColumnType.BOOLEAN:
        numbers = as_numbers(values, column)
        plain = np.where(numbers > 0, "=1", "=0")
        return pd.Series(np.where(np.isnan(numbers), _NONE, plain), index=values.index)
    return ("=" + values.astype("string[pyarrow]")).fillna(_NONE)


def _unlabelled(texts: pd.Series, column: Column) -> pd.Series:
    missing = (texts == _NONE).to_numpy(dtype=bool)
    plain = texts.str.slice(1)
    if column.type is ColumnType.BOOLEAN:
        return (plain == "1").mask(missing).astype("boolean")
    return plain.mask(missing).astype(column.type.dtype)
