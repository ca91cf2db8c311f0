"""The step that gives a column another type, and its cells back the type they had."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from core.data.convert import convert_column, possible_types
from core.data.convert import retyped as with_type
from core.data.params import param
from core.data.pipeline.step import MISFITS, STRINGS, Learned, Step, missing_where
from core.data.schema import Column, ColumnType, Table
from core.errors import InvalidInput

_T = ColumnType
_NUMBERS = {_T.INTEGER, _T.NUMBER}
_LARGEST = 2.0**63


@dataclass(frozen=True, slots=True)
class Convert(Step):
    """Gives a column another type."""

    kind: ClassVar[str] = "convert"
    title: ClassVar[str] = "Convert the type"
    about: ClassVar[str] = "Another type: codes as labels, labels as numbers, moments as dates, …"
    inverse: ClassVar[str] = "With “original”: the type of before. Else none: the new type stays."

    to: str = param("category", "Type", "The new type.", choices=tuple(map(str, ColumnType)))
    misfits: str = param("missing", "What does not fit", "Becomes missing, or ends the run.",
                         choices=MISFITS)  # fmt: skip
    original: bool = param(True, "Back to its type", "Give made values the type of before.")

    @property
    def is_public(self) -> bool:
        """Whether no row but the cell's own is looked at."""
        return self.misfits == "missing"

    def problems(self, table: Table) -> list[str]:
        """What speaks against the parameters."""
        column = table[self.column]
        able = possible_types(column)[1:]
        if ColumnType(self.to) in able:
            return []
        known = " or ".join(able) or "nothing else"
        return [f"a {column.type} column can become {known}, not {self.to}"]

    def after(self, column: Column) -> Column:
        """The column as the step leaves it."""
        made = with_type(column, ColumnType(self.to))
        pattern = made.format.pattern
        if {column.type, made.type} == {_T.DATE, _T.DATETIME}:
            pattern = None
        return replace(made, format=replace(made.format, storage="", pattern=pattern))

    def back(self, before: Column, arriving: Column) -> Column:
        """The column as it is given out."""
        return before if self.original else arriving

    def cells(self, values: pd.Series, column: Column, learned: Learned) -> pd.Series:
        """The cells with the step carried out."""
        wanted = self.after(column)
        unfit = _unfit(values, column.type, wanted.type)
        if self.misfits == "refuse" and unfit.any():
            raise InvalidInput(
                f"{self.title}: {int(unfit.sum()):,} cells of column {self.column!r} are no "
                f"{wanted.type}. Change the step, or let them become missing."
            )
        fitting = missing_where(values, unfit)
        if wanted.type is _T.DATE:
            fitting = fitting.dt.floor("D")
        return convert_column(fitting, column, wanted)

    def restore(
        self, values: pd.Series, before: Column, learned: Learned, rng: np.random.Generator
    ) -> pd.Series:
        """Sampled cells turned back."""
        return _returned(values, self.after(before), before) if self.original else values


def _unfit(values: pd.Series, stored: ColumnType, wanted: ColumnType) -> Any:
    """Cells that are no values of the wanted type."""
    if stored in STRINGS and wanted in _NUMBERS:
        numbers = pd.to_numeric(values, errors="coerce").astype("float64")
        bad = values.notna() & ~np.isfinite(numbers.to_numpy(na_value=np.nan))
        return bad | _not_whole(numbers) if wanted is _T.INTEGER else bad
    if stored is _T.NUMBER and wanted is _T.INTEGER:
        return _not_whole(values)
    return np.zeros(len(values), dtype=bool)


def _not_whole(numbers: pd.Series) -> Any:
    plain = numbers.to_numpy("float64", na_value=np.nan)
    with np.errstate(invalid="ignore"):
        return ~np.isnan(plain) & ((plain != np.floor(plain)) | (np.abs(plain) >= _LARGEST))


def _returned(values: pd.Series, made: Column, before: Column) -> pd.Series:
    """Made values in the type of before; what is none of it is missing."""
    if before.type is _T.BOOLEAN:
        words = {before.format.true: True, before.format.false: False}
        return values.map(words).astype("boolean")
    if before.type is _T.INTEGER and made.type is _T.NUMBER:
        values = values.round()
    if made.type is _T.DATETIME:
        values = values.dt.floor("D")
    fitting = missing_where(values, _unfit(values, made.type, before.type))
    return convert_column(fitting, made, before)
