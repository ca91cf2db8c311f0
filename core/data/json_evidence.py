"""What is remembered of a field of JSON records while blocks of them go by.

A field whose values are all numbers, or all true or false, is read as a column of a text table is;
text may hold dates; all else is text.
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from core.data.arrows import all_of, any_of, fits
from core.data.cast import cast_cells
from core.data.duck import calculate
from core.data.evidence import Evidence
from core.data.infer import Hints, string_series, string_type
from core.data.schema import Column, ColumnType

NUMBER = r"^-?([0-9]|NaN|Infinity)"
FLAG = "^(true|false)$"
NESTED = r"^[\[{]"
TEXT = '^"'
_STRINGS = frozenset({ColumnType.CATEGORY, ColumnType.TEXT})


@dataclass(slots=True)
class JsonEvidence:
    """One field, of which blocks are added in turn as JSON text; null where it is absent.

    Attributes
    ----------
    has_text, has_other, is_nested
        Whether a value is text, is none, is a list or an object.
    are_numbers, are_flags
        Whether all are numbers, or all true or false.
    cells
        The evidence of the values as text.
    """

    has_text: bool = False
    has_other: bool = False
    is_nested: bool = False
    are_numbers: bool = True
    are_flags: bool = True
    cells: Evidence = field(default_factory=lambda: Evidence("", Hints()))
    column: Column = field(default_factory=lambda: Column("", ColumnType.TEXT))
    notes: tuple[str, ...] = ()

    def add(self, cells: pa.ChunkedArray) -> None:
        """Look at the next values."""
        raw = without_nulls(cells)
        present = raw.drop_null()
        was_typed = self._is_typed
        text = fits(present, TEXT)
        self.has_text = self.has_text or any_of(text)
        self.has_other = self.has_other or not all_of(text)
        self.is_nested = self.is_nested or any_of(fits(present, NESTED))
        self.are_numbers = self.are_numbers and all_of(fits(present, NUMBER))
        self.are_flags = self.are_flags and all_of(fits(present, FLAG))
        if self._is_typed:
            self.cells.add(raw)
            return
        if was_typed:
            self.cells.marks.pop("", None)
            self.cells.hints = Hints(dates_only=True)
        if self.has_other:
            self.give_up()
        self.cells.add(unquoted(present))

    def absent(self, rows: int) -> None:
        """So many records do not have the field."""
        if self._is_typed:
            self.cells.marks[""] += rows

    def settle(self, name: str) -> Column:
        """The column as its evidence has it; ``notes`` say what is worth knowing."""
        self.cells.name = name
        has_blank = not self._is_typed and "" in self.cells.marks
        found = None if has_blank else self.cells.settle()
        is_text = found is None or not (self._is_typed or found.column.type.is_numeric)
        self.notes = found.notes if found is not None and not is_text else ()
        if found is None or is_text:
            self.column = Column(name, string_type(self._counts()))
        else:
            self.column = found.column
        if not self._is_typed and self.has_other:
            self.notes = (*self.notes, mixed_note(name, is_nested=self.is_nested))
        return self.column

    def begin(self) -> None:
        """The values are going to be read from the first one on."""

    def read(self, cells: pa.ChunkedArray) -> tuple[pd.Series, pa.Array]:
        """The next values as the settled column has them, and those that do not fit."""
        raw = without_nulls(cells)
        text = unquoted(raw) if self.has_text else raw
        if self.column.type in _STRINGS:
            return string_series(text, self.column.name), pa.array([], pa.string())
        return cast_cells(text, self.column)

    def admit(self, cells: pa.Array) -> None:
        """Add values that did not fit what was settled."""
        self.cells.admit(cells)

    def give_up(self) -> None:
        """Take the field for text."""
        self.cells.is_text, self.cells.typical = True, set()

    @property
    def _is_typed(self) -> bool:
        return not self.has_text and (self.are_numbers or self.are_flags)

    def _counts(self) -> np.ndarray:
        """How often words occur, markers of missing values among them where they are words."""
        words = {**self.cells.marks}
        if self._is_typed:
            words.pop("", None)
        return np.concatenate((self.cells.repeats.counts, np.array([*words.values()], np.int64)))


def without_nulls(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """JSON text with null for JSON's own null."""
    raw = pc.cast(cells, pa.string())
    return pc.if_else(pc.equal(raw, "null"), None, raw)


def unquoted(raw: pa.ChunkedArray) -> pa.ChunkedArray:
    """Strings without quotation marks and escapes, all else as it is."""
    return pa.chunked_array([calculate("json_extract_string(x, '$')", raw, {})], pa.string())


def mixed_note(name: str, *, is_nested: bool) -> str:
    """What to say of a column that does not hold values of one simple type."""
    reason = "nested values are" if is_nested else "mixed types are"
    return f"Column {name!r}: {reason} read as {'JSON text' if is_nested else 'text'}."
