"""CSV and TSV: encoding, delimiter, header, and every field as text for type inference."""

import codecs
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import BinaryIO

import duckdb
import numpy as np
import pyarrow as pa

from core.data.archive import Budget, ReadLimits, Source
from core.data.drawing import Places, drawn_note, drawn_places
from core.data.duck import duck
from core.data.found import FoundTable, found_table
from core.data.infer import Hints, infer_table
from core.data.names import column_names, table_name
from core.data.scratch import path_of, scratch
from core.errors import UnreadableFile

_CHUNK = 1 << 22
_LONGEST_LINE = 16 * 1024**2
_WINDOWS = ", new_line='\\r\\n'"
_DELIMITERS = (",", ";", "\t", "|")
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"),
         (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip
_REASONS = {
    "MISSING COLUMNS": "have too few fields",
    "TOO MANY COLUMNS": "have too many fields",
    "UNQUOTED VALUE": "have a quotation mark that is not closed",
    "LINE SIZE OVER MAXIMUM": "are longer than 16 MiB",
    "INVALID ENCODING": "are not valid text",
}


@dataclass(frozen=True, slots=True)
class _Dialect:
    delimiter: str
    quote: str
    escape: str
    skip: int
    columns: int
    line_end: str = ""


def read_delimited(source: Source, budget: Budget) -> list[FoundTable]:
    """Read a text table; the first row is its header unless it looks like data.

    Rows with a wrong number of fields are left out, counted in the notes.

    Raises
    ------
    UnreadableFile
        When it is no text table, holds no rows, or has too many columns.
    """
    with as_utf8(source) as (file, encoding):
        _check_width(file, source, budget.limits)
        with duck() as connection:
            dialect = _sniff(connection, file, source)
            _check_skipped(file, dialect, source)
            rows, notes, count = _rows(connection, file, dialect, source, budget.limits)
    if encoding not in {"utf-8", "utf-8-sig"}:
        notes.insert(0, f"the file is encoded in {encoding} and was read as such")
    if dialect.skip:
        notes.append(f"{dialect.skip} lines before the header were skipped")
    cells, titles = _with_header(rows, source, budget.limits, notes)
    columns = infer_table(cells, Hints(comma_is_point=dialect.delimiter != ","))
    found = found_table(table_name(source.stem), columns, [f"{note}." for note in notes], titles)
    return [replace(found, rows=count and count - bool(titles))]


@contextmanager
def as_utf8(source: Source) -> Iterator[tuple[BinaryIO, str]]:
    """The file as UTF-8 without zero bytes, and the encoding that it had."""
    encoding = _encoding(source)
    if encoding == "utf-8":
        yield source.file, encoding
        return
    with scratch() as out:
        source.file.seek(0)
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            while chunk := source.file.read(_CHUNK):
                out.write(decoder.decode(chunk).encode())
            out.write(decoder.decode(b"", final=True).encode())
        except UnicodeError as error:
            raise UnreadableFile(_not_text(source)) from error
        out.seek(0)
        yield out, encoding


def _encoding(source: Source) -> str:
    head = source.head(4096)
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return encoding
    if b"\0" in head:
        return _utf16(head, source)
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    broken = valid = 0
    while chunk := source.file.read(_CHUNK):
        if b"\0" in chunk:
            raise UnreadableFile(_not_text(source))
        text = decoder.decode(chunk)
        if not text.isascii():
            escaped = len(re.findall(r"[\udc80-\udcff]", text))
            broken += escaped
            valid += len(re.findall(r"[^\x00-\x7f]", text)) - escaped
    broken += len(decoder.decode(b"", final=True))
    source.file.seek(0)
    return _single_byte(source, head, broken, valid) if broken else "utf-8"


def _utf16(head: bytes, source: Source) -> str:
    """UTF-16 without a byte order mark, told by its zero bytes; anything else is no text."""
    even, odd = head[::2].count(0), head[1::2].count(0)
    if odd > 0.4 * len(head) / 2 and even == 0:
        return "utf-16-le"
    if even > 0.4 * len(head) / 2 and odd == 0:
        return "utf-16-be"
    raise UnreadableFile(_not_text(source))


def _single_byte(source: Source, head: bytes, broken: int, valid: int) -> str:
    control = sum(byte < 32 and byte not in b"\t\n\r\f" for byte in head)
    if control > 0.01 * len(head):
        raise UnreadableFile(_not_text(source))
    if valid > broken / 10:
        raise UnreadableFile(
            f"{source.name!r} mixes encodings: {broken} bytes are not valid UTF-8, while the "
            "rest is. Save it as UTF-8 and upload it again."
        )
    data = source.file.read()
    source.file.seek(0)
    try:
        data.decode("cp1252")
    except UnicodeDecodeError:
        return "latin-1"
    return "cp1252"


def _not_text(source: Source) -> str:
    return (
        f"{source.name!r} is not a text table: it holds binary data or zero bytes. Export the "
        "table as CSV, JSON, Parquet or Excel and upload that."
    )


def _check_width(file: BinaryIO, source: Source, limits: ReadLimits) -> None:
    """Refuse a very wide table before anything takes long on it."""
    file.seek(0)
    line = file.readline(_LONGEST_LINE).decode(errors="replace")
    file.seek(0)
    if not line.strip() and not file.read(1 << 16).strip():
        raise UnreadableFile(f"{source.name!r} is blank. Upload a file with a header and rows.")
    file.seek(0)
    widest = max(line.count(delimiter) for delimiter in _DELIMITERS) + 1
    if widest > limits.max_columns:
        column_names([""] * widest, repr(source.name), limits)


def _sniff(connection: duckdb.DuckDBPyConnection, file: BinaryIO, source: Source) -> _Dialect:
    """DuckDB's guess: for standard CSV, for any, and a lenient one, until one sees columns."""
    given = ", delim='\t'" if source.ending in {".tsv", ".tab"} else ""
    best: _Dialect | None = None
    modes = [", escape='\"'", "", ", ignore_errors=true, all_varchar=true"]
    file.seek(0)
    if b"\r\n" in file.read(_CHUNK):
        modes.insert(1, f"{_WINDOWS}, escape='\"'")
    for mode in modes:
        query = (
            "SELECT Delimiter, Escape, SkipRows, len(Columns) FROM "
            f"sniff_csv(?, comment='', quote='\"', max_line_size={_LONGEST_LINE}{given}{mode})"
        )
        try:
            found = connection.execute(query, [path_of(file)]).fetchone()
        except duckdb.Error:
            continue
        if found and (best is None or found[3] > best.columns):
            escape = "\\" if found[1] == "\\" else '"'
            line_end = _WINDOWS if _WINDOWS in mode else ""
            best = _Dialect(found[0], '"', escape, int(found[2]), int(found[3]), line_end)
        if best is not None and best.columns > 1:
            return best
    if best is None:
        raise UnreadableFile(
            f"{source.name!r} cannot be understood as a table. Save it as CSV with one header "
            "line and the same number of fields in each row."
        )
    return best


def _check_skipped(file: BinaryIO, dialect: _Dialect, source: Source) -> None:
    """Lines before the header may be a title, but not a header that does not fit."""
    file.seek(0)
    for number in range(1, dialect.skip + 1):
        if dialect.delimiter.encode() in file.readline(_LONGEST_LINE):
            raise UnreadableFile(
                f"{source.name!r}: line {number} has another number of fields than the rows, "
                f"which have {dialect.columns}. Give the header a name for each field, and "
                "delete what stands before it."
            )


def _rows(
    connection: duckdb.DuckDBPyConnection,
    file: BinaryIO,
    dialect: _Dialect,
    source: Source,
    limits: ReadLimits,
) -> tuple[pa.Table, list[str], int | None]:
    """Every field as text, notes, and how many rows there are if not all of them were taken."""
    columns = ", ".join(f"'{index}': 'VARCHAR'" for index in range(dialect.columns))
    query = (
        "FROM read_csv($path, auto_detect=false, header=false, delim=$delimiter, quote=$quote, "
        f"escape=$escape, skip={dialect.skip}, comment='', columns={{{columns}}}, "
        f"store_rejects=true, rejects_limit=0, max_line_size={_LONGEST_LINE}, "
        f"buffer_size={2 * _LONGEST_LINE}{dialect.line_end})"
    )
    values = {
        "path": path_of(file),
        "delimiter": dialect.delimiter,
        "quote": dialect.quote,
        "escape": dialect.escape,
    }
    try:
        count = _count(connection, query, values, source, limits)
        places = drawn_places(count, source, limits)
        if places is not None:
            query = _some(connection, query, places)
        table = connection.execute(query, values).to_arrow_table()
    except duckdb.Error as error:
        raise UnreadableFile(
            f"{source.name!r} cannot be read as CSV. Save it again as CSV in UTF-8, with the "
            "same number of fields in each row."
        ) from error
    notes = _rejected(connection, dialect, source, max(count, table.num_rows))
    if places is None:
        return table, notes, None
    return table, [*notes, drawn_note(len(places), count)], count


def _count(
    connection: duckdb.DuckDBPyConnection,
    query: str,
    values: Mapping[str, str],
    source: Source,
    limits: ReadLimits,
) -> int:
    """How many rows there are; 0 where that need not be known."""
    if limits.max_rows is None or not source.is_alone:
        return 0
    (found,) = connection.execute(f"SELECT count(*) {query}", values).fetchall()
    return int(found[0])


def _some(connection: duckdb.DuckDBPyConnection, query: str, places: Places) -> str:
    """The query for the first row, which may be the header, and the rows at these places."""
    taken = np.union1d(places, [0])
    connection.register("taken", pa.table({"place": taken}))
    return (
        f"SELECT * EXCLUDE (place) FROM (SELECT *, row_number() OVER () - 1 AS place {query}) "
        "WHERE place IN (SELECT place FROM taken) ORDER BY place"
    )


def _rejected(
    connection: duckdb.DuckDBPyConnection, dialect: _Dialect, source: Source, kept: int
) -> list[str]:
    """Notes on rows that were left out; an error when the header or most rows are among them."""
    query = (
        "SELECT error_type, count(DISTINCT line), min(line) FROM reject_errors "
        "GROUP BY error_type ORDER BY min(line)"
    )
    found = connection.execute(query).fetchall()
    if not found:
        return []
    reasons = [
        f"{count} rows were left out because they {_REASONS.get(kind, 'cannot be read')} "
        f"(the first is line {line})"
        for kind, count, line in found
    ]
    if found[0][2] == dialect.skip + 1 or sum(f[1] for f in found) > kept:
        raise UnreadableFile(
            f"{source.name!r} has rows that do not fit its header of {dialect.columns} columns: "
            + "; ".join(reasons) + ". Give the header and each row the same number of fields."
        )  # fmt: skip
    return reasons


def _with_header(
    rows: pa.Table, source: Source, limits: ReadLimits, notes: list[str]
) -> tuple[pa.Table, list[str]]:
    """The rows below the header with usable names, and the names in the file, if it has any."""
    first = [column[0].as_py() or "" for column in rows.columns] if rows.num_rows else []
    if not any(first):
        raise UnreadableFile(f"{source.name!r} has no header. Put column names in its first line.")
    if _is_data(first, [column[-1].as_py() or "" for column in rows.columns]):
        notes.append("the first row looks like data, so columns are called by their position")
        names, more = column_names([f"column_{i + 1}" for i in range(len(first))], "", limits)
        first = []
    else:
        rows = rows.slice(1)
        names, more = column_names(first, repr(source.name), limits)
    if rows.num_rows == 0:
        raise UnreadableFile(f"{source.name!r} has a header but no rows. Add rows to it.")
    notes.extend(more)
    return rows.rename_columns(names), first


def _is_data(first: list[str], last: list[str]) -> bool:
    """Whether a first row holds numbers that are no names: not years, not a running count.

    A word above a number is a name, whatever else stands beside it.
    """
    number = re.compile(r"^-?\d+(\.\d+)?$")
    numbers = [cell for cell in first if number.match(cell)]
    named = any(
        top and not number.match(top) and number.match(below)
        for top, below in zip(first, last, strict=True)
    )
    if not numbers or named:
        return False
    if all(re.match(r"^(1[89]|20)\d\d$", number) for number in numbers):
        return False
    start = int(numbers[0]) if numbers[0] in {"0", "1"} else None
    running = [str(i) for i in range(start, start + len(numbers))] if start is not None else []
    return numbers != running or len(numbers) < 2
