"""What is remembered of a typed column (Parquet, database) while its blocks go by.

A column's type and format depend on few of its values: the largest number, a number for each count
of digits, a moment for each resolution. They are kept, and tried in the end as if they were the
column. How often words repeat is counted as for text tables.
"""

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from core.data.cast import cast_cells
from core.data.evidence import Evidence, Repeats
from core.data.infer import Hints, Inferred, series_of, string_series, string_type
from core.data.schema import Column, ColumnType
from core.data.typed import finite, infinities, json_text, mixed_text, typed_column

_DAY, _SECOND, _MILLI = 86_400_000_000, 1_000_000, 1_000
_STRINGS = frozenset({ColumnType.CATEGORY, ColumnType.TEXT})
_UNLIKE = (pa.ArrowTypeError, pa.ArrowInvalid, pa.ArrowNotImplementedError)
_MOST_DIGITS = 1_000

Places = npt.NDArray[np.int64]


@dataclass(slots=True)
class TypedEvidence:
    """One typed column, of which blocks are added in turn.

    Attributes
    ----------
    dates_in_text
        Whether text may hold dates.
    storage
        The name of the type it is to get in Parquet files; empty where it has none.
    few
        Values that tell its type and format, in a type that holds those of all blocks.
    is_mixed
        No one type holds those of all blocks.
    """

    dates_in_text: bool = False
    storage: str = ""
    few: pa.ChunkedArray = field(default_factory=lambda: pa.chunked_array([], pa.null()))
    is_mixed: bool = False
    in_hexadecimal: bool = False
    infinite: int = 0
    repeats: Repeats = field(default_factory=Repeats)
    dates: Evidence = field(default_factory=lambda: Evidence("", Hints(dates_only=True)))
    column: Column = field(default_factory=lambda: Column("", ColumnType.TEXT))
    notes: tuple[str, ...] = ()

    def add(self, cells: pa.ChunkedArray) -> None:
        """Look at the next cells."""
        values = _plain(cells).drop_null()
        if self.is_mixed:
            return
        try:
            both = _together(self.few, values)
        except _UNLIKE:
            self.is_mixed = True
            return
        kind = both.type
        if pa.types.is_floating(kind):
            self.infinite += _infinite(values)
        if _is_binary(kind) and not self.in_hexadecimal:
            self.in_hexadecimal = not _is_valid(values)
        if _is_counted(kind):
            self._count(json_text(values) if pa.types.is_nested(kind) else values)
        if _is_text(kind) and self.dates_in_text:
            self.dates.add(pc.cast(values, pa.string()))
        self.few = both.take(pa.array(_telling(both)))

    def absent(self, rows: int) -> None:
        """So many rows do not have the column: nothing is learned from them."""

    def settle(self, name: str) -> Column:
        """The column as its evidence has it; ``notes`` say what is worth knowing."""
        found = self._found(name)
        kind = found.column.type
        style = replace(found.column.format, storage=self.storage)
        kind = string_type(self.repeats.counts) if kind in _STRINGS else kind
        self.column, self.notes = replace(found.column, type=kind, format=style), found.notes
        return self.column

    def begin(self) -> None:
        """The cells are going to be read from the first one on."""
        if self._counts_late:
            self.repeats = Repeats()

    def read(self, cells: pa.ChunkedArray) -> tuple[pd.Series, pa.Array]:
        """The next cells as the settled column has them, and those that do not fit."""
        none, name, kind = pa.array([], pa.string()), self.column.name, self.column.type
        values = _plain(cells)
        if kind in _STRINGS:
            text = self._text(values)
            if self._counts_late:
                self._count(text.drop_null())
            return string_series(text, name), none
        if _is_text(self.few.type):
            return cast_cells(pc.cast(values, pa.string()), self.column)
        if values.type != self.few.type:
            values = pc.cast(values, self.few.type)
        if pa.types.is_floating(values.type):
            array, missing, _ = finite(values)
            return series_of(kind, array, missing, name), none
        return typed_column(name, values, dates_in_text=False).values, none

    def admit(self, cells: pa.Array) -> None:
        """Add cells that did not fit what was settled."""
        self.dates.admit(cells)

    def give_up(self) -> None:
        """Take the column for text."""
        self.dates.is_text, self.dates.typical = True, set()

    @property
    def _counts_late(self) -> bool:
        """Whether words are counted as they are read: it was not known before that it has any."""
        return self.column.type in _STRINGS and (self.is_mixed or not _is_counted(self.few.type))

    def _count(self, words: pa.ChunkedArray) -> None:
        if len(words):
            found = pc.value_counts(words)
            self.repeats.add(found.field("values"), found.field("counts").to_numpy())

    def _found(self, name: str) -> Inferred:
        text = Inferred(pd.Series([], dtype=ColumnType.TEXT.dtype), Column(name, ColumnType.TEXT))
        if self.is_mixed:
            return replace(text, notes=(f"Column {name!r}: mixed types are read as text.",))
        if _is_text(self.few.type):
            self.dates.name = name
            dated = None if "" in self.dates.marks else self.dates.settle()
            return dated if dated and dated.column.type.is_numeric else text
        if _is_binary(self.few.type):
            how = "hexadecimal digits" if self.in_hexadecimal else "text"
            return replace(text, notes=(f"Column {name!r}: binary values are read as {how}.",))
        found = typed_column(name, self.few, dates_in_text=False)
        if self.infinite:
            return replace(found, notes=infinities(name, self.infinite))
        return found

    def _text(self, values: pa.ChunkedArray) -> pa.ChunkedArray:
        if self.is_mixed:
            return mixed_text(values)
        if pa.types.is_nested(values.type):
            return json_text(values)
        if _is_binary(values.type):
            raw = pc.cast(values, pa.binary())
            return mixed_text(raw) if self.in_hexadecimal else pc.cast(raw, pa.string())
        return pc.cast(values, pa.string())


def _plain(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_dictionary(cells.type):
        return pc.cast(cells, cells.type.value_type)
    return cells


def _together(one: pa.ChunkedArray, other: pa.ChunkedArray) -> pa.ChunkedArray:
    if one.type == other.type:
        return pa.chunked_array([*one.chunks, *other.chunks], one.type)
    tables = [pa.table({"x": one}), pa.table({"x": other})]
    return pa.concat_tables(tables, promote_options="permissive").column("x")


def _is_text(kind: pa.DataType) -> bool:
    types = pa.types
    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind))


def _is_binary(kind: pa.DataType) -> bool:
    types = pa.types
    is_long = types.is_large_binary(kind) or types.is_fixed_size_binary(kind)
    return bool(types.is_binary(kind) or is_long)


def _is_counted(kind: pa.DataType) -> bool:
    return _is_text(kind) or _is_binary(kind) or bool(pa.types.is_nested(kind))


def _is_valid(values: pa.ChunkedArray) -> bool:
    """Whether binary values are UTF-8 text."""
    try:
        pc.cast(pc.cast(values, pa.binary()), pa.string())
    except pa.ArrowInvalid:
        return False
    return True


def _infinite(values: pa.ChunkedArray) -> int:
    if not pa.types.is_floating(values.type):
        return 0
    return int(pc.sum(pc.is_inf(_wide(values))).as_py() or 0)


def _wide(values: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.cast(values, pa.float32()) if values.type == pa.float16() else values


def _telling(values: pa.ChunkedArray) -> Places:
    """Places of values that together have the type and format that all have."""
    kind = values.type
    if not len(values):
        return np.zeros(0, np.int64)
    if pa.types.is_integer(kind):
        whole = values.to_numpy()
        return np.array([whole.argmin(), whole.argmax()])
    if pa.types.is_floating(kind):
        return _digits(_wide(values))
    if pa.types.is_duration(kind):
        micro = pc.cast(pc.cast(values, pa.duration("us"), safe=False), pa.int64())
        return _digits(pc.divide(pc.cast(micro, pa.float64()), 1e6))
    if pa.types.is_timestamp(kind):
        micro = pc.cast(values, pa.timestamp("us", kind.tz), safe=False)
        return _moments(pc.cast(micro, pa.int64()), values)
    if pa.types.is_time(kind):
        micro = pc.cast(values, pa.time64("us"), safe=False)
        return _moments(pc.cast(micro, pa.int64()), values)
    return np.zeros(0, np.int64)


def _digits(values: pa.ChunkedArray) -> Places:
    """One finite number for each count of digits, before and behind the point."""
    text = pc.cast(pc.abs(values), pa.string())
    point = pc.find_substring(text, ".").to_numpy()
    length = pc.utf8_length(text).to_numpy()
    digits = pc.utf8_ltrim(pc.replace_substring(text, ".", ""), "0")
    whole = pc.utf8_length(digits).to_numpy().astype(np.int64)
    after = np.where(point < 0, 0, length - point - 1).astype(np.int64)
    power = pc.match_substring(text, "e").to_numpy()
    shape = (power * _MOST_DIGITS + after) * _MOST_DIGITS + whole
    _, places = np.unique(shape, return_index=True)
    return places.astype(np.int64)


def _moments(micro: pa.ChunkedArray, values: pa.ChunkedArray) -> Places:
    """A moment, and one that is finer than each of a day, second, millisecond, microsecond."""
    whole = micro.to_numpy()
    places = [np.zeros(1, np.int64)]
    places.extend(np.flatnonzero(whole % unit)[:1] for unit in (_DAY, _SECOND, _MILLI))
    if values.type.unit == "ns":
        fine = values.combine_chunks().view(pa.int64()).to_numpy()
        places.append(np.flatnonzero(fine % _MILLI)[:1])
    return np.unique(np.concatenate(places))
