"""Steps that read text as numbers or dates, as ``core.data.cast`` reads the cells of files."""

import re
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from core.data.cast import cast_cells
from core.data.infer import MARKERS
from core.data.params import param
from core.data.pipeline.step import MISFITS, STRINGS, Learned, Step, retyped
from core.data.render import render, text_array
from core.data.schema import Column, ColumnType, Table, ValueFormat
from core.errors import InvalidInput

MOST_PATTERNS = 20


@dataclass(frozen=True, slots=True)
class ParseNumbers(Step):
    """Reads text as numbers."""

    kind: ClassVar[str] = "parse_numbers"
    title: ClassVar[str] = "Read as numbers"
    about: ClassVar[str] = "Text becomes numbers; what is no number becomes missing, or is refused."
    inverse: ClassVar[str] = (
        "With “original”: text with the same marks, without units, which not every cell had. Else "
        "none: numbers stay numbers."
    )
    takes: ClassVar[frozenset[ColumnType]] = STRINGS

    point: str = param(".", "Decimal mark", "What stands before the fraction.", choices=(".", ","))
    thousands: str = param(
        "", "Grouping", "What groups thousands.", choices=("", ",", ".", " ", "'", "\u00a0")
    )
    units: tuple[str, ...] = param((), "Units", "Words at either end that are taken off: €, kg, %.")
    whole: bool = param(False, "Whole numbers", "There are no fractions.")
    decimals: int = param(
        -1, "Decimals", "Digits after the decimal mark when written; -1: as many as needed.",
        low=-1, high=15,
    )  # fmt: skip
    misfits: str = param("missing", "What does not fit", "Becomes missing, or ends the run.",
                         choices=MISFITS)  # fmt: skip
    original: bool = param(False, "Back to text", "Turn numbers back into text after sampling.")

    @property
    def is_public(self) -> bool:
        """Whether no row but the cell's own is looked at."""
        return self.misfits == "missing"

    def problems(self, table: Table) -> list[str]:
        """What speaks against the parameters."""
        return ["decimal mark and grouping must differ"] if self.point == self.thousands else []

    def after(self, column: Column) -> Column:
        """The column as the step leaves it."""
        digits = 0 if self.whole else self.decimals
        style = ValueFormat(
            decimals=None if digits < 0 else digits,
            fixed=digits > 0,
            least=max(digits, 0),
            point=self.point,
            thousands=self.thousands,
        )
        return retyped(column, ColumnType.INTEGER if self.whole else ColumnType.NUMBER, style)

    def back(self, before: Column, arriving: Column) -> Column:
        """The column as it is given out."""
        return before if self.original else arriving

    def cells(self, values: pd.Series, column: Column, learned: Learned) -> pd.Series:
        """The cells with the step carried out."""
        text = values.str.strip()
        for unit in sorted(self.units, key=len, reverse=True):
            text = text.str.removeprefix(unit).str.removesuffix(unit).str.strip()
        fits = text.isin(list(MARKERS)) | text.str.fullmatch(self._pattern).fillna(False)
        read, _ = cast_cells(_cells(text.where(fits)), self.after(column))
        return _checked(read, text, self)

    def restore(
        self, values: pd.Series, before: Column, learned: Learned, rng: np.random.Generator
    ) -> pd.Series:
        """Sampled cells turned back."""
        return _written(values, self.after(before), before) if self.original else values

    @property
    def _pattern(self) -> str:
        """Numbers grouped by threes or not at all, so that no mark is taken for another."""
        point, sep = re.escape(self.point), re.escape(self.thousands)
        grouped = rf"|[1-9][0-9]{{0,2}}(?:{sep}[0-9]{{3}})+" if self.thousands else ""
        whole = f"(?:0|[1-9][0-9]*{grouped})"
        return rf"-?(?:{whole}(?:{point}[0-9]*)?|{point}[0-9]+)(?:[eE][+-]?[0-9]+)?"


@dataclass(frozen=True, slots=True)
class ParseDates(Step):
    """Reads text as dates, or as moments."""

    kind: ClassVar[str] = "parse_dates"
    title: ClassVar[str] = "Read as dates"
    about: ClassVar[str] = "Text becomes dates by these patterns; what fits none becomes missing."
    inverse: ClassVar[str] = (
        "With “original”: text in the first pattern; which cell had which pattern is not kept. "
        "Else none: dates stay dates."
    )
    takes: ClassVar[frozenset[ColumnType]] = STRINGS

    patterns: tuple[str, ...] = param(
        (), "Patterns", "How dates are written, such as %d.%m.%Y; they are tried in this order."
    )
    moments: bool = param(False, "With time of day", "Values have a time of day, too.")
    misfits: str = param("missing", "What does not fit", "Becomes missing, or ends the run.",
                         choices=MISFITS)  # fmt: skip
    original: bool = param(False, "Back to text", "Turn dates back into text after sampling.")

    @property
    def is_public(self) -> bool:
        """Whether no row but the cell's own is looked at."""
        return self.misfits == "missing"

    def problems(self, table: Table) -> list[str]:
        """What speaks against the parameters."""
        if not 1 <= len(self.patterns) <= MOST_PATTERNS:
            return [f"give from 1 to {MOST_PATTERNS} patterns"]
        return (
            ["a pattern must have codes such as %Y"] if not all(map(_usable, self.patterns)) else []
        )

    def after(self, column: Column) -> Column:
        """The column as the step leaves it."""
        return self._column(column, self.patterns[0])

    def back(self, before: Column, arriving: Column) -> Column:
        """The column as it is given out."""
        return before if self.original else arriving

    def cells(self, values: pd.Series, column: Column, learned: Learned) -> pd.Series:
        """The cells with the step carried out."""
        text = values.str.strip()
        read: pd.Series | None = None
        for pattern in self.patterns:
            left = text if read is None else text.where(read.isna())
            found, _ = cast_cells(_cells(left), self._column(column, pattern))
            found.index = text.index
            read = found if read is None else read.fillna(found)
        return values if read is None else _checked(read, text, self)

    def restore(
        self, values: pd.Series, before: Column, learned: Learned, rng: np.random.Generator
    ) -> pd.Series:
        """Sampled cells turned back."""
        return _written(values, self.after(before), before) if self.original else values

    def _column(self, column: Column, pattern: str) -> Column:
        kind = ColumnType.DATETIME if self.moments else ColumnType.DATE
        return retyped(column, kind, ValueFormat(pattern=pattern))


def _usable(pattern: str) -> bool:
    return any(f"%{code}" in pattern or f"%-{code}" in pattern for code in "YymdbBj")


def _cells(text: pd.Series) -> pa.ChunkedArray:
    return pa.chunked_array([pc.fill_null(text_array(text), "")])


def _checked(read: pd.Series, text: pd.Series, step: ParseNumbers | ParseDates) -> pd.Series:
    """The values that were read; raises where a cell fits nothing and that is refused."""
    read.index = text.index
    if step.misfits == "refuse":
        said = text.notna() & ~text.isin([*MARKERS, ""])
        lost = int((read.isna() & said).sum())
        if lost:
            raise InvalidInput(
                f"{step.title}: {lost:,} cells of column {step.column!r} do not fit. Change the "
                "step, or let them become missing."
            )
    return read


def _written(values: pd.Series, column: Column, before: Column) -> pd.Series:
    """Values as text, in the dtype of the column that the text came from."""
    text = pd.Series(render(values, column).to_pandas(), index=values.index)
    return text.astype(before.type.dtype)
