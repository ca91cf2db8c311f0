"""Types and value formats of columns that were read as text.

A type is accepted when writing the values with the format found gives back what was read.
Exceptions are harmless and noted: powers of ten, very long fractions, spaces around a number.
Whatever else does not come back as it was stays text: codes with leading zeros, numbers of more
than 18 digits, mixed columns.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pandas.core.arrays.string_arrow import ArrowStringArray

from core.data.arrows import fits, mask
from core.data.dates import is_compact_date, parse_dates
from core.data.numbers import NUMBER, Parsed, parse_numbers
from core.data.schema import Column, ColumnType, ValueFormat

MARKERS = frozenset(
    {"NA", "N/A", "n/a", "na", "#N/A", "<NA>", "null", "NULL", "Null", "NaN", "nan", "NAN", "None",
     "none", "NONE", "-", "--", "?", ".", "\\N", "(null)", "missing"}
)  # fmt: skip
_SOFT_MARKERS = frozenset({"-", "--", "?", ".", "None", "none", "NONE", "missing", "na"})
_PAIRS = tuple(
    (case(true), case(false))
    for true, false in (("true", "false"), ("yes", "no"), ("t", "f"), ("y", "n"), ("on", "off"))
    for case in (str.lower, str.upper, str.capitalize)
)
_TEXT_DISTINCT = 20


@dataclass(frozen=True, slots=True)
class Hints:
    """What is known of a file beyond one column's cells.

    Attributes
    ----------
    comma_is_point
        A comma in a number is rather the decimal mark (fields are separated otherwise).
    dates_only
        The file has types of its own (JSON, Excel): text is text, except dates.
    point, thousands
        The marks that a person has said numbers have; empty and None: find out.
    month_first
        Whether a person has said that the month comes before the day; None: find out.
    """

    comma_is_point: bool = False
    dates_only: bool = False
    point: str = ""
    thousands: str | None = None
    month_first: bool | None = None

    @property
    def marks(self) -> tuple[str, str] | None:
        """Decimal mark and grouping that were said, if either was."""
        if not self.point and self.thousands is None:
            return None
        point = self.point or ("," if self.thousands == "." else ".")
        return point, self.thousands or ""


@dataclass(frozen=True, slots=True)
class Inferred:
    """A typed column, and notes in plain words."""

    values: pd.Series
    column: Column
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Cells:
    """A column's distinct cells, how often each occurs, and where."""

    name: str
    words: pa.Array
    counts: npt.NDArray[np.int64]
    codes: npt.NDArray[np.int64]


def infer_table(cells: pa.Table, hints: Hints) -> list[Inferred]:
    """The columns of a table of text, in order; an empty cell is null or an empty string.

    A marker of missing values that a number or date column uses (``NA``) counts as missing in
    the text columns of the same table too, unless these have empty cells.
    """
    split = [_distinct(name, cells.column(name)) for name in cells.column_names]
    typed = [_typed(column, hints) for column in split]
    markers = used_markers([t.column for t in typed if t is not None])
    return [
        found or _string(column, cells.column(column.name), markers)
        for column, found in zip(split, typed, strict=True)
    ]


def infer_cells(
    name: str, words: pa.Array, marks: Mapping[str, int], hints: Hints
) -> Inferred | None:
    """A column from cells that are typical of it, and how often markers of missing values occur.

    None when it holds words. The values are those of the typical cells, of no use but for their
    type and format.
    """
    both = pa.concat_arrays([words, pa.array(list(marks), words.type)])
    counts = np.array([1] * len(words) + list(marks.values()), dtype=np.int64)
    found = _typed(_Cells(name, both, counts, np.arange(len(both))), hints)
    if found is None:
        return None
    notes = tuple(re.sub(r"\b\d+ (values are written)", r"some \1", note) for note in found.notes)
    return replace(found, notes=notes)


def missing_word(marks: Mapping[str, int], blanks: Mapping[str, int], used: set[str]) -> str | None:
    """How a column of words writes a missing value; None when none is missing.

    As in a table that is read at once: empty cells, else the one marker that other columns use,
    else the one kind of blank.
    """
    if "" in marks:
        return ""
    marked = [word for word in marks if word in used]
    return marked[0] if len(marked) == 1 else next(iter(blanks)) if len(blanks) == 1 else None


def used_markers(columns: Sequence[Column]) -> set[str]:
    """Markers of missing values that number and date columns use, and words may mean too."""
    return {column.format.missing for column in columns} - _SOFT_MARKERS - {""}


def string_series(text: pa.Array | pa.ChunkedArray, name: str) -> pd.Series:
    """A canonical string column from Arrow text."""
    chunks = text if isinstance(text, pa.ChunkedArray) else pa.chunked_array([text])
    return pd.Series(ArrowStringArray(pc.cast(chunks, pa.large_string())), name=name)


def string_type(counts: npt.NDArray[np.int64]) -> ColumnType:
    """Text when most values occur once and there are many of them; else a category."""
    once, rows = int((counts == 1).sum()), int(counts.sum())
    many = len(counts) > _TEXT_DISTINCT and once > rows / 2
    return ColumnType.TEXT if many else ColumnType.CATEGORY


def series_of(
    kind: ColumnType, values: npt.NDArray[np.generic], missing: npt.NDArray[np.bool_], name: str
) -> pd.Series:
    """A canonical column from NumPy values and a mask of the missing ones."""
    if kind is ColumnType.INTEGER:
        return pd.Series(pd.arrays.IntegerArray(values.astype("int64"), missing), name=name)
    if kind is ColumnType.BOOLEAN:
        return pd.Series(pd.arrays.BooleanArray(values.astype(bool), missing), name=name)
    filled = values.astype(kind.dtype)
    filled[missing] = np.nan if kind is ColumnType.NUMBER else np.array("NaT", filled.dtype)
    return pd.Series(filled, name=name)


def _distinct(name: str, cells: pa.ChunkedArray) -> _Cells:
    encoded = pc.fill_null(cells, "").combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    codes = encoded.indices.to_numpy(zero_copy_only=False).astype("int64")
    counts = np.bincount(codes, minlength=len(encoded.dictionary))
    return _Cells(name, encoded.dictionary, counts, codes)


def _typed(cells: _Cells, hints: Hints) -> Inferred | None:
    """The column as numbers, booleans, dates or times; None when it is text."""
    markers = _one_of(cells.words, {""} if hints.dates_only else MARKERS | {""})
    core = cells.words.filter(pa.array(~markers))
    if len(core) == 0:
        return None
    parsed = _parse(core, cells.name, hints)
    if parsed is None:
        return None
    return _assemble(cells, markers, parsed)


def _parse(core: pa.Array, name: str, hints: Hints) -> Parsed | None:
    if hints.dates_only:
        return parse_dates(core, hints.month_first)
    for words in (core, pc.utf8_trim_whitespace(core)):
        parsed = _boolean(words)
        if parsed is None and is_compact_date(words, name):
            parsed = parse_dates(words)
        parsed = parsed or parse_numbers(words, hints.comma_is_point, hints.marks)
        parsed = parsed or parse_dates(words, hints.month_first)
        if parsed is not None:
            spaced = mask(pc.not_equal(words, core))
            return replace(parsed, rewritten=parsed.rewritten | spaced)
        if words.equals(pc.utf8_trim_whitespace(core)):
            return None
    return None


def _boolean(words: pa.Array) -> Parsed | None:
    """Booleans: both spellings of a pair, or one of ``true`` and ``false``."""
    if len(words) > 2:
        return None
    found = set(words.to_pylist())
    for true, false in _PAIRS:
        if found == {true, false} or (true.lower() == "true" and found <= {true, false}):
            truth = np.array([word == true for word in words.to_pylist()])
            none = np.zeros(len(words), dtype=bool)
            return Parsed(
                ColumnType.BOOLEAN, truth, none, ValueFormat(true=true, false=false), none
            )
    return None


def _assemble(cells: _Cells, markers: npt.NDArray[np.bool_], parsed: Parsed) -> Inferred:
    position = np.cumsum(~markers) - 1
    where = np.where(markers, 0, position)
    missing = np.where(markers, True, parsed.missing[where])
    values = parsed.values[where][cells.codes]
    series = series_of(parsed.type, values, missing[cells.codes], cells.name)
    style = replace(parsed.format, missing=_usual(cells, markers))
    column = Column(cells.name, parsed.type, format=style)
    rewritten = int(cells.counts[~markers][parsed.rewritten].sum())
    return Inferred(series, column, tuple(_notes(cells, markers, parsed, rewritten)))


def _notes(
    cells: _Cells, markers: npt.NDArray[np.bool_], parsed: Parsed, rewritten: int
) -> Sequence[str]:
    notes = [parsed.note] if parsed.note else []
    if rewritten:
        notes.append(f"{rewritten} values are written unlike the rest and come back as the rest")
    if int(markers.sum()) > 1:
        notes.append("missing values are marked in more than one way and come back in one")
    return [f"Column {cells.name!r}: {note}." for note in notes]


def _usual(cells: _Cells, markers: npt.NDArray[np.bool_]) -> str:
    """The marker of missing values that occurs most; an empty cell when there is none."""
    if not markers.any():
        return ""
    counts = np.where(markers, cells.counts, 0)
    return str(cells.words[int(counts.argmax())].as_py())


def _string(cells: _Cells, text: pa.ChunkedArray, markers: set[str]) -> Inferred:
    """A category or text. Empty cells are missing; without any, the table's marker or blanks."""
    words = cells.words
    blank = mask(pc.equal(pc.utf8_trim_whitespace(words), ""))
    empty = _one_of(words, {""})
    if not empty.any():
        marked = _one_of(words, markers)
        empty = marked if marked.sum() == 1 else blank if blank.sum() == 1 else empty
    marker = _usual(cells, empty)
    kept = pc.if_else(pc.equal(pc.fill_null(text, ""), marker), None, text) if empty.any() else text
    column = Column(
        cells.name, string_type(cells.counts[~empty]), format=ValueFormat(missing=marker)
    )
    return Inferred(string_series(kept, cells.name), column, tuple(_mixed(cells, empty)))


def _mixed(cells: _Cells, empty: npt.NDArray[np.bool_]) -> Sequence[str]:
    """A note when nearly all cells are numbers, since then the rest may be a mistake."""
    words = cells.words
    look = fits(words[:200], NUMBER)
    if 2 * (pc.sum(look).as_py() or 0) < len(look):
        return []
    number = mask(fits(words, NUMBER))
    rows = int(cells.counts[~empty].sum())
    other = int(cells.counts[~empty & ~number].sum())
    if not 0 < other <= rows / 10:
        return []
    return [f"Column {cells.name!r}: {other} of {rows} values are no numbers, so all are text."]


def _one_of(words: pa.Array, markers: frozenset[str] | set[str]) -> npt.NDArray[np.bool_]:
    return mask(pc.is_in(words, value_set=pa.array(sorted(markers), words.type)))
