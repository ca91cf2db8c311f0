"""The rule that only some combinations of values occur together, kept as one joint column."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data.frames import as_numbers
from core.data.schema import Column, ColumnType, Table
from core.errors import InvalidInput
from core.synthesis.asks.rules import Keeper, Mask, unknown
from core.synthesis.asks.scalars import LABELS, Scalar, constant, read_scalar

Numbers = npt.NDArray[np.int64]
LEAST_ROWS = 5


@dataclass(frozen=True, slots=True)
class FixedCombinations:
    """Only some combinations of values occur: those listed, or those of the training rows.

    Kept by construction: the combination is learned as one column.

    Attributes
    ----------
    allowed
        Combinations of values in the order of ``columns`` (None: missing); empty for those of the
        training rows.
    """

    columns: tuple[str, ...]
    allowed: tuple[tuple[Any, ...], ...] = ()

    @property
    def words(self) -> str:
        """The rule in a few words."""
        return f"combinations of {', '.join(self.columns)}"

    def problems(self, table: Table) -> list[str]:
        """Unknown columns, too few of them, or combinations that cannot be read."""
        found = unknown(self.columns, table)
        if len(set(self.columns)) < 2:
            found.append("Combinations need at least two columns.")
        if not found and any(len(values) != len(self.columns) for values in self.allowed):
            found.append(f"Each allowed combination needs {len(self.columns)} values.")
        if found:
            return found
        for place, values in enumerate(self.allowed, 1):
            for name, value in zip(self.columns, values, strict=True):
                try:
                    read_scalar(value, table[name])
                except ValueError as error:
                    found.append(f"Combination {place}, column {name!r}: give {error}.")
        return found

    def settled(self, frame: pd.DataFrame, table: Table) -> Keeper:
        """The rule with its list of combinations as a frame."""
        if not self.allowed:
            own = frame[list(self.columns)]
            group = own.groupby(list(self.columns), dropna=False, sort=False).ngroup()
            _, first, counts = np.unique(group, return_index=True, return_counts=True)
            order = np.argsort(first)
            seen = own.iloc[first[order]].reset_index(drop=True)
            return _Combinations(self.columns, seen, tuple(counts[order].tolist()))
        listed = {}
        for place, name in enumerate(self.columns):
            column = table[name]
            cells = [constant(read_scalar(v[place], column), column, 1) for v in self.allowed]
            listed[name] = pd.concat(cells, ignore_index=True)
        return _Combinations(self.columns, pd.DataFrame(listed).drop_duplicates(ignore_index=True))

    def restored(self, state: Any, table: Table) -> Keeper:
        """The rule with the combinations of a model file; the commonest in place of rare ones."""
        counts = state["counts"]
        common = state["choices"][int(np.argmax(counts)) if counts else 0]
        filled = [common if values is None else values for values in state["choices"]]
        listed = {
            name: pd.concat([constant(v[place], table[name], 1) for v in filled], ignore_index=True)
            for place, name in enumerate(self.columns)
        }
        return _Combinations(self.columns, pd.DataFrame(listed), counts and tuple(counts))


@dataclass(frozen=True, slots=True, eq=False)
class _Combinations:
    """The combinations that are allowed, one a row of ``choices``.

    ``counts`` says how many training rows have each; None where a user listed them.
    """

    columns: tuple[str, ...]
    choices: pd.DataFrame
    counts: tuple[int, ...] | None = None

    @property
    def _joint(self) -> str:
        return f"joint: {', '.join(self.columns)}"

    def kept(self, frame: pd.DataFrame, table: Table) -> Mask:
        """Which rows have one of the combinations."""
        return self._numbers(frame, self.columns) >= 0

    def encode(
        self, frame: pd.DataFrame, table: Table, given: Sequence[str]
    ) -> tuple[pd.DataFrame, Table] | None:
        """One column with the number of the combination instead of the columns."""
        if set(self.columns) & set(given):
            return None
        numbers = pd.Series(self._numbers(frame, self.columns), index=frame.index)
        joint = Column(self._joint, ColumnType.CATEGORY)
        coded = frame.drop(columns=list(self.columns))
        coded[joint.name] = numbers.astype("string[pyarrow]")
        rest = tuple(c for c in table.columns if c.name not in self.columns)
        return coded, replace(table, columns=(*rest, joint))

    def decode(self, drawn: pd.DataFrame, table: Table, given: Sequence[str]) -> pd.DataFrame:
        """The columns of the combination that was drawn."""
        if self._joint not in drawn:
            return drawn
        numbers = drawn[self._joint].astype("Int64").to_numpy(dtype="int64", na_value=0)
        picked = self.choices.take(numbers).set_axis(drawn.index, axis=0)
        return pd.concat([drawn.drop(columns=self._joint), picked], axis=1)

    def repair(
        self, frame: pd.DataFrame, table: Table, given: Sequence[str], rng: np.random.Generator
    ) -> pd.DataFrame:
        """Rows with another combination take one at random that agrees with what is given."""
        wrong = np.flatnonzero(~self.kept(frame, table))
        fixed = [name for name in self.columns if name in given]
        picked = np.full(len(frame), -1, np.int64)
        if not fixed:
            picked[wrong] = rng.integers(len(self.choices), size=len(wrong))
        else:
            first = self._numbers(frame.iloc[wrong], fixed)
            group = self._numbers(self.choices, fixed)
            for number in np.unique(first[first >= 0]):
                rows, fitting = wrong[first == number], np.flatnonzero(group == number)
                picked[rows] = fitting[rng.integers(len(fitting), size=len(rows))]
        change = picked >= 0
        chosen = self.choices.take(np.maximum(picked, 0)).set_axis(frame.index, axis=0)
        return frame.assign(**{n: chosen[n].where(change, frame[n]) for n in self.columns})

    def state(self, table: Table) -> Any:
        """The combinations in order, without those that fewer than five training rows have."""
        cells = [_scalars(self.choices[name], table[name]) for name in self.columns]
        rows: list[list[Scalar] | None] = [list(values) for values in zip(*cells, strict=True)]
        if self.counts is None:
            return {"choices": rows, "counts": None}
        kept = [rows[p] if self.counts[p] >= LEAST_ROWS else None for p in range(len(rows))]
        if not any(values is not None for values in kept):
            raise InvalidInput(
                f"No combination of {', '.join(self.columns)} has {LEAST_ROWS} training rows, so "
                "that a model file would hold single rows' values. Leave the rule out."
            )
        return {"choices": kept, "counts": [c if c >= LEAST_ROWS else 0 for c in self.counts]}

    def _numbers(self, frame: pd.DataFrame, names: Sequence[str]) -> Numbers:
        """For each row the first choice that agrees in these columns, -1 for none."""
        both = pd.concat([self.choices[list(names)], frame[list(names)]], ignore_index=True)
        group = both.groupby(list(names), dropna=False, sort=False).ngroup().to_numpy()
        known = group[: len(self.choices)]
        first = np.full(int(group.max(initial=-1)) + 1, -1, np.int64)
        first[known[::-1]] = np.arange(len(known))[::-1]
        return np.asarray(first[group[len(self.choices) :]])


def _scalars(values: pd.Series, column: Column) -> list[Scalar]:
    if column.type in LABELS:
        return [None if pd.isna(value) else str(value) for value in values]
    return [None if np.isnan(v) else float(v) for v in as_numbers(values, column)]
