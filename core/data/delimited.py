"""CSV and TSV: how they are written, header, and every field as text for type inference."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import BinaryIO

import duckdb
import numpy as np
import pyarrow as pa

from core.data.archive import Budget, ReadLimits, Source
from core.data.broken import check_one_column, refusal
from core.data.drawing import Places, drawn_note, drawn_places
from core.data.duck import duck
from core.data.encodings import decoded, find_encoding
from core.data.found import FoundTable, found_table
from core.data.infer import infer_table
from core.data.kept_aside import AsideRow, aside_notes, aside_rows, check_aside
from core.data.names import column_names, table_name
from core.data.scratch import path_of, scratch
from core.data.sniff import (
    LONGEST_LINE,
    Dialect,
    ReadOptions,
    check_skipped,
    check_width,
    hints_of,
    sniff,
)
from core.errors import UnreadableFile

_FOUND = ReadOptions()


def read_delimited(
    source: Source, budget: Budget, options: ReadOptions = _FOUND
) -> list[FoundTable]:
    """Read a text table; the first row is its header unless it looks like data.

    Rows with a wrong number of fields are left out: counted in the notes, and kept aside.

    Raises
    ------
    UnreadableFile
        When it is no text table, holds no rows, or has too many columns.
    """
    with as_utf8(source, options) as (file, encoding):
        check_width(file, source, budget.limits)
        with duck() as connection:
            dialect = sniff(connection, file, source, options)
            check_one_column(file, source, dialect, options)
            if options.skip is None:
                check_skipped(file, dialect, source)
            rows, aside, count = _rows(connection, file, dialect, source, budget.limits)
    notes = opening_notes(encoding, dialect, options) + aside_notes(aside)
    if count is not None:
        notes.append(drawn_note(rows.num_rows, count))
    cells, titles = with_header(rows, source, budget.limits, notes, options)
    columns = infer_table(cells, hints_of(dialect, options))
    found = found_table(table_name(source.stem), columns, [f"{note}." for note in notes], titles)
    total = None if count is None else count - bool(titles)
    return [replace(found, rows=total, aside=tuple(aside))]


@dataclass(frozen=True, slots=True)
class FirstRows:
    """The beginning of a text table: its cells, the names in the file, rows that do not fit."""

    cells: pa.Table
    titles: list[str]
    dialect: Dialect
    aside: int


def first_rows(
    file: BinaryIO, source: Source, limits: ReadLimits, options: ReadOptions
) -> FirstRows:
    """Every field as text of ``file``, which is the beginning of ``source`` in UTF-8.

    Raises
    ------
    UnreadableFile
        As :func:`read_delimited`.
    """
    check_width(file, source, limits)
    with duck() as connection:
        dialect = sniff(connection, file, source, options)
        check_one_column(file, source, dialect, options)
        if options.skip is None:
            check_skipped(file, dialect, source)
        rows, aside, _ = _rows(connection, file, dialect, source, replace(limits, max_rows=None))
    cells, titles = with_header(rows, source, limits, [], options)
    return FirstRows(cells, titles, dialect, len(aside))


def opening_notes(encoding: str, dialect: Dialect, options: ReadOptions) -> list[str]:
    """What is unusual about how a file is written, and was found and not said."""
    notes = []
    if encoding not in {"utf-8", "utf-8-sig"} and options.encoding is None:
        notes.append(f"the file is encoded in {encoding} and was read as such")
    if dialect.skip:
        notes.append(f"{dialect.skip} lines before the header were skipped")
    return notes


@contextmanager
def as_utf8(source: Source, options: ReadOptions = _FOUND) -> Iterator[tuple[BinaryIO, str]]:
    """The file as UTF-8 without zero bytes, and the encoding that it had."""
    encoding = find_encoding(source, options)
    if encoding == "utf-8" and options.encoding is None:
        yield source.file, encoding
        return
    with scratch() as out:
        for piece in decoded(source, encoding):
            out.write(piece)
        out.seek(0)
        yield out, encoding


def reading(dialect: Dialect, skip: int) -> tuple[str, dict[str, str]]:
    """DuckDB's clause that reads every field of ``$path`` as text, and its parameters."""
    columns = ", ".join(f"'{index}': 'VARCHAR'" for index in range(dialect.columns))
    query = (
        "FROM read_csv($path, auto_detect=false, header=false, delim=$delimiter, quote=$quote, "
        f"escape=$escape, skip={skip}, comment='', columns={{{columns}}}, "
        f"store_rejects=true, rejects_limit=0, max_line_size={LONGEST_LINE}, "
        f"buffer_size={2 * LONGEST_LINE}{dialect.line_end})"
    )
    values = {
        "delimiter": dialect.delimiter,
        "quote": dialect.quote,
        "escape": dialect.escape,
    }
    return query, values


def _rows(
    connection: duckdb.DuckDBPyConnection,
    file: BinaryIO,
    dialect: Dialect,
    source: Source,
    limits: ReadLimits,
) -> tuple[pa.Table, list[AsideRow], int | None]:
    """Every field as text, rows kept aside, and how many rows there are if not all were taken."""
    query, values = reading(dialect, dialect.skip)
    values["path"] = path_of(file)
    try:
        count = _count(connection, query, values, source, limits)
        places = drawn_places(count, source, limits)
        if places is not None:
            query = _some(connection, query, places)
        table = connection.execute(query, values).to_arrow_table()
    except duckdb.Error as error:
        raise UnreadableFile(refusal(file, source, dialect)) from error
    aside = _aside(connection, file)
    if aside:
        kept = max(count, table.num_rows)
        check_aside(aside_notes(aside), aside[0].line, len(aside), kept, dialect, source)
    return table, aside, None if places is None else count


def _aside(connection: duckdb.DuckDBPyConnection, file: BinaryIO) -> list[AsideRow]:
    (found,) = connection.execute("SELECT count(*) FROM reject_errors").fetchall()[0]
    if not found:
        return []
    file.seek(0)
    return aside_rows(connection, file.read(), 1)


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


def with_header(
    rows: pa.Table,
    source: Source,
    limits: ReadLimits,
    notes: list[str],
    options: ReadOptions = _FOUND,
) -> tuple[pa.Table, list[str]]:
    """The rows below the header with usable names, and the names in the file, if it has any."""
    first = [column[0].as_py() or "" for column in rows.columns] if rows.num_rows else []
    if not any(first) and options.header is not False:
        raise UnreadableFile(f"{source.name!r} has no header. Put column names in its first line.")
    if _has_no_header(first, rows, options):
        if options.header is None:
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


def _has_no_header(first: list[str], rows: pa.Table, options: ReadOptions) -> bool:
    if options.header is not None:
        return not options.header
    return _is_data(first, [column[-1].as_py() or "" for column in rows.columns])


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
