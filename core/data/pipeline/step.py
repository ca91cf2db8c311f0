"""One step of a preparation: what every kind of step says of itself and can do."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from core.data.params import param
from core.data.schema import Column, ColumnType, Table, ValueFormat

Learned = Mapping[str, Any]
STRINGS = frozenset({ColumnType.CATEGORY, ColumnType.TEXT})
ANY = frozenset(ColumnType)
LINES = ANY - STRINGS - {ColumnType.BOOLEAN}
MISFITS = ("missing", "refuse")


@dataclass(frozen=True, slots=True)
class Step:
    """What is done to one column, with what a person chose.

    Class attributes: ``kind`` is its name in files, ``title`` and ``about`` are for people,
    ``inverse`` says what comes back after sampling and why, ``takes`` are the types it works on.
    """

    kind: ClassVar[str] = ""
    title: ClassVar[str] = ""
    about: ClassVar[str] = ""
    inverse: ClassVar[str] = ""
    takes: ClassVar[frozenset[ColumnType]] = ANY

    column: str = param("", "Column", "The column that the step changes.")

    @property
    def others(self) -> tuple[str, ...]:
        """Further columns of the table that it reads."""
        return ()

    @property
    def is_public(self) -> bool:
        """Whether each cell is changed by itself, by nothing but what a person gave."""
        return False

    @property
    def keeps_values(self) -> bool:
        """Whether what it learns holds values of the column, which are kept with the model."""
        return False

    def problems(self, table: Table) -> list[str]:
        """What speaks against its parameters, the column being there and of a type it takes."""
        return []

    def after(self, column: Column) -> Column:
        """The column as the step leaves it."""
        return column

    def back(self, before: Column, arriving: Column) -> Column:
        """The column as it is given out, where it was ``before`` and comes back as ``arriving``."""
        return arriving

    def learn(self, frame: pd.DataFrame, table: Table) -> dict[str, Any]:
        """What has to be known of the training rows, fit for JSON."""
        return {}

    def apply(self, frame: pd.DataFrame, table: Table, learned: Learned) -> pd.DataFrame:
        """The rows with the step carried out; raises ``InvalidInput`` for refused misfits."""
        values = self.cells(frame[self.column], table[self.column], learned)
        return frame.assign(**{self.column: values})

    def cells(self, values: pd.Series, column: Column, learned: Learned) -> pd.Series:
        """The column's cells with the step carried out, where they need no other column."""
        return values

    def restore(
        self, values: pd.Series, before: Column, learned: Learned, rng: np.random.Generator
    ) -> pd.Series:
        """Sampled cells turned back, as far as the step has an inverse."""
        return values


def retyped(column: Column, kind: ColumnType, style: ValueFormat | None = None) -> Column:
    """The column with another type, written in another way; a missing cell as before."""
    fresh = ValueFormat() if style is None else style
    return replace(column, type=kind, format=replace(fresh, missing=column.format.missing))


def missing_where(values: pd.Series, rows: Any) -> pd.Series:
    """The column with these rows missing, of the same dtype."""
    return values.mask(pd.Series(np.asarray(rows, dtype=bool), index=values.index))
