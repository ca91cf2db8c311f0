"""Steps that clean cells: spaces and case, words and sentinel values that mean missing."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from core.data.frames import as_numbers
from core.data.params import param
from core.data.pipeline.scalars import on_axis, written_as
from core.data.pipeline.step import ANY, STRINGS, Learned, Step, missing_where
from core.data.schema import Column, ColumnType, Table

MOST_WORDS = 100


@dataclass(frozen=True, slots=True)
class Trim(Step):
    """Takes spaces off, and sets the case of letters if asked."""

    kind: ClassVar[str] = "trim"
    title: ClassVar[str] = "Trim spaces"
    about: ClassVar[str] = "Takes spaces off both ends, and makes labels that differ so the same."
    inverse: ClassVar[str] = "None: how cells were padded is no property worth making."
    takes: ClassVar[frozenset[ColumnType]] = STRINGS

    inner: bool = param(True, "Inside too", "Make runs of spaces between words one space.")
    case: str = param(
        "keep", "Case", "Case of letters.", choices=("keep", "lower", "upper", "title")
    )

    @property
    def is_public(self) -> bool:
        """Whether no row but the cell's own is looked at."""
        return True

    def cells(self, values: pd.Series, column: Column, learned: Learned) -> pd.Series:
        """The cells with the step carried out."""
        text = values.str.strip()
        if self.inner:
            text = text.str.replace(r"\s+", " ", regex=True)
        if self.case != "keep":
            text = getattr(text.str, self.case)()
        return text.astype(values.dtype)


@dataclass(frozen=True, slots=True)
class Markers(Step):
    """Makes cells missing that say so in a word, or with a value that cannot be."""

    kind: ClassVar[str] = "markers"
    title: ClassVar[str] = "Unify missing markers"
    about: ClassVar[str] = "Cells that hold one of these words or values become missing."
    inverse: ClassVar[str] = (
        "None: a missing cell is written in the one way that the column's format says."
    )
    takes: ClassVar[frozenset[ColumnType]] = ANY - {ColumnType.BOOLEAN}

    words: tuple[str, ...] = param(
        (), "Markers", "Words or values that mean missing; an empty one stands for blank cells."
    )
    any_case: bool = param(False, "Any case", "Whether n/a is N/A, too.")

    @property
    def is_public(self) -> bool:
        """Whether no row but the cell's own is looked at."""
        return True

    def problems(self, table: Table) -> list[str]:
        """What speaks against the parameters."""
        column = table[self.column]
        if not self.words:
            return ["give at least one marker"]
        if len(self.words) > MOST_WORDS:
            return [f"give at most {MOST_WORDS} markers"]
        if column.type in STRINGS:
            return []
        return [
            f"a marker of a {column.type} column must be {written_as(column.type)}"
            for word in self.words
            if not _is_value(word, column)
        ][:1]

    def cells(self, values: pd.Series, column: Column, learned: Learned) -> pd.Series:
        """The cells with the step carried out."""
        if column.type in STRINGS:
            text, words = values.str.strip(), [word.strip() for word in self.words]
            if self.any_case:
                text, words = text.str.casefold(), [word.casefold() for word in words]
            return missing_where(values, text.isin(words).fillna(False))
        points = [on_axis(word, column) for word in self.words]
        return missing_where(values, np.isin(as_numbers(values, column), points))


def _is_value(word: str, column: Column) -> bool:
    try:
        on_axis(word, column)
    except (ValueError, OverflowError):
        return False
    return True
