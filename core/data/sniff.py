"""How a text table is written: delimiter, quotes, and which lines come first.

DuckDB sniffs; what a person has said in :class:`ReadOptions` has the last word.
"""

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count, islice
from typing import Any, BinaryIO, Self

import duckdb

from core.data.archive import ReadLimits, Source
from core.data.infer import Hints
from core.data.names import column_names
from core.data.scratch import path_of
from core.errors import InvalidParameter, UnreadableFile
from core.store.duck import literal

CHUNK = 1 << 22
LONGEST_LINE = 16 * 1024**2
DELIMITERS = (",", ";", "\t", "|")
_LINES, _NEARLY = 200, 0.9
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "latin-1")
_WINDOWS = ", new_line='\\r\\n'"


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What a person says of how a text table is written; None is: find out.

    Attributes
    ----------
    encoding
        A name that Python knows, such as ``cp1252``.
    delimiter, quote
        One character each; an empty quote is: none are used.
    header
        Whether the first row holds the names of the columns.
    skip
        Lines before the header, or before the first row.
    point, thousands
        The decimal mark, ``.`` or ``,``, and what groups thousands (empty: nothing).
    month_first
        Whether 03/04/2024 is in March.
    """

    encoding: str | None = None
    delimiter: str | None = None
    quote: str | None = None
    header: bool | None = None
    skip: int | None = None
    point: str | None = None
    thousands: str | None = None
    month_first: bool | None = None

    def __post_init__(self) -> None:
        problems = list(_problems(self))
        if problems:
            raise InvalidParameter(" ".join(problems), problems)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """The inverse of ``dataclasses.asdict``; unknown names raise ``InvalidParameter``."""
        unknown = sorted(set(data) - set(cls.__dataclass_fields__))
        if unknown:
            known = ", ".join(cls.__dataclass_fields__)
            raise InvalidParameter(f"No such option: {', '.join(unknown)}. Known: {known}.")
        return cls(**data)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a text table is written, found or said.

    ``columns`` is how many fields a row has; ``line_end`` is a clause for DuckDB's reader.
    """

    delimiter: str
    quote: str
    escape: str
    skip: int
    columns: int
    line_end: str = ""


def hints_of(dialect: Dialect, options: ReadOptions) -> Hints:
    """What types are inferred with."""
    return Hints(
        comma_is_point=dialect.delimiter != "," if options.point is None else options.point == ",",
        point=options.point or "",
        thousands=options.thousands,
        month_first=options.month_first,
    )


def check_width(file: BinaryIO, source: Source, limits: ReadLimits) -> None:
    """Refuse a blank file, and a very wide table before anything takes long on it."""
    file.seek(0)
    line = file.readline(LONGEST_LINE).decode(errors="replace")
    file.seek(0)
    if not line.strip() and not file.read(1 << 16).strip():
        raise UnreadableFile(f"{source.name!r} is blank. Upload a file with a header and rows.")
    file.seek(0)
    widest = max(line.count(delimiter) for delimiter in DELIMITERS) + 1
    if widest > limits.max_columns:
        column_names([""] * widest, repr(source.name), limits)


def sniff(
    connection: duckdb.DuckDBPyConnection, file: BinaryIO, source: Source, options: ReadOptions
) -> Dialect:
    """DuckDB's guess, unless it passes over the first line and another delimiter does not.

    A row that does not fit can make DuckDB prefer a decimal comma to the semicolons around it.

    Raises
    ------
    UnreadableFile
        When nothing sees a table.
    """
    found = _sniffed(connection, file, source, options)
    if options.delimiter is None and options.skip is None and found.skip:
        better = _own_delimiter(file, found)
        if better is not None:
            return _sniffed(connection, file, source, replace(options, delimiter=better, skip=0))
    return found


def _sniffed(
    connection: duckdb.DuckDBPyConnection, file: BinaryIO, source: Source, options: ReadOptions
) -> Dialect:
    """DuckDB's guess: for standard CSV, for any, and a lenient one, until one sees columns."""
    best: Dialect | None = None
    for mode in _modes(file, source, options):
        query = (
            "SELECT Delimiter, Quote, Escape, SkipRows, len(Columns) FROM "
            f"sniff_csv(?, comment='', max_line_size={LONGEST_LINE}{mode})"
        )
        try:
            found = connection.execute(query, [path_of(file)]).fetchone()
        except duckdb.Error:
            continue
        if found and (best is None or found[4] > best.columns):
            best = _dialect(found, mode, options)
        if best is not None and best.columns > 1:
            return best
    if best is None:
        raise UnreadableFile(
            too_long(file, source)
            or f"{source.name!r} cannot be understood as a table. Save it as CSV with one header "
            "line and the same number of fields in each row."
        )
    return best


def too_long(file: BinaryIO, source: Source) -> str:
    """Which line is too long to be read, in words; empty for none."""
    file.seek(0)
    for number in count(1):
        line = file.readline(LONGEST_LINE + 1)
        if not line:
            return ""
        if len(line) > LONGEST_LINE:
            return (
                f"{source.name!r} cannot be read as CSV: line {number} is longer than "
                f"{LONGEST_LINE >> 20} MiB. Break it up, or look for a line end that is missing."
            )
    return ""


def check_skipped(file: BinaryIO, dialect: Dialect, source: Source) -> None:
    """Lines before the header may be a title, but not a header that does not fit."""
    file.seek(0)
    for number in range(1, dialect.skip + 1):
        if dialect.delimiter.encode() in file.readline(LONGEST_LINE):
            raise UnreadableFile(
                f"{source.name!r}: line {number} has another number of fields than the rows, "
                f"which have {dialect.columns}. Give the header a name for each field, and "
                "delete what stands before it."
            )


def shared_delimiter(file: BinaryIO) -> str | None:
    """The delimiter that nearly all lines have as often as the first, quotation marks aside."""
    file.seek(0)
    head = file.read(1 << 16).decode(errors="replace")
    lines = [line for line in head[: head.rfind("\n") + 1 or len(head)].splitlines() if line]
    for delimiter in DELIMITERS:
        counts = [line.count(delimiter) for line in lines[:_LINES]]
        if len(counts) > 1 and counts[0] and counts.count(counts[0]) >= _NEARLY * len(counts):
            return delimiter
    return None


def _modes(file: BinaryIO, source: Source, options: ReadOptions) -> list[str]:
    """Clauses of ``sniff_csv``, strict ones first."""
    quote = '"' if options.quote is None else options.quote
    given = f", quote={literal(quote)}"
    if options.delimiter is not None:
        given += f", delim={literal(options.delimiter)}"
    elif source.ending in {".tsv", ".tab"}:
        given += ", delim='\t'"
    if options.skip is not None:
        given += f", skip={int(options.skip)}"
    escape = f", escape={literal(quote)}" if quote else ""
    modes = [escape, "", ", ignore_errors=true, all_varchar=true"]
    file.seek(0)
    if b"\r\n" in file.read(CHUNK):
        modes.insert(1, f"{_WINDOWS}{escape}")
    return [given + mode for mode in modes]


def _dialect(found: tuple[Any, ...], mode: str, options: ReadOptions) -> Dialect:
    delimiter, _, escape, skip, columns = found
    quote = '"' if options.quote is None else options.quote
    line_end = _WINDOWS if _WINDOWS in mode else ""
    marked = "\\" if escape == "\\" else quote
    plain = replace(Dialect(delimiter, quote, marked, int(skip), int(columns)), line_end=line_end)
    return plain if options.skip is None else replace(plain, skip=options.skip)


def _own_delimiter(file: BinaryIO, found: Dialect) -> str | None:
    """Another delimiter of which the first line has as many as nearly all others."""
    file.seek(0)
    head = file.read(1 << 16).decode(errors="replace")
    text = head[: head.rfind("\n") + 1 or len(head)]
    for delimiter in DELIMITERS:
        if delimiter == found.delimiter:
            continue
        try:
            rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
            counts = [len(row) for row in islice(rows, _LINES) if row]
        except csv.Error:
            continue
        if counts and counts[0] > 1 and counts.count(counts[0]) >= _NEARLY * len(counts):
            return delimiter
    return None


def _problems(options: ReadOptions) -> Iterator[str]:
    for name in ("delimiter", "quote"):
        value = getattr(options, name)
        if value is not None and not _is_mark(value, may_be_empty=name == "quote"):
            yield f"`{name}` must be one plain character. Type the one that the file uses."
    if options.delimiter is not None and options.delimiter == options.quote:
        yield "`delimiter` and `quote` must differ."
    if options.point not in {None, ".", ","}:
        yield "`point` must be . or , (or left out)."
    if options.point is not None and options.point == options.thousands:
        yield "`point` and `thousands` must differ."
    if options.skip is not None and not 0 <= options.skip <= 1000:
        yield "`skip` must be between 0 and 1000."
    if options.encoding is not None and not _is_text_encoding(options.encoding):
        yield "`encoding` is not known. Use utf-8, utf-16, cp1252 or latin-1, for example."


def _is_mark(value: str, *, may_be_empty: bool) -> bool:
    if not value:
        return may_be_empty
    return len(value) == 1 and value.isascii() and value not in "\r\n\0" and not value.isalnum()


def _is_text_encoding(name: str) -> bool:
    try:
        return codecs.lookup(name)._is_text_encoding
    except LookupError:
        return False
