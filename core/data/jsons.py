"""JSON: a list of records, JSON lines, or an object that holds lists of records (a table each)."""

import json
import re
from collections.abc import Iterator
from typing import BinaryIO

import duckdb
import pyarrow as pa

from core.data.archive import Budget, Source
from core.data.arrows import all_of, any_of, fits
from core.data.delimited import as_utf8
from core.data.duck import duck
from core.data.found import FoundTable, found_table
from core.data.infer import Hints, Inferred, infer_table
from core.data.json_evidence import (
    FLAG,
    NESTED,
    NUMBER,
    TEXT,
    mixed_note,
    unquoted,
    without_nulls,
)
from core.data.names import column_names, table_name
from core.data.scratch import path_of, scratch
from core.data.typed import typed_column
from core.errors import UnreadableFile

_LOOK = 1 << 20
_LONGEST_RECORD = 64 * 1024**2


def looks_like_json(source: Source) -> bool:
    """Whether a text begins as JSON records do."""
    return bool(re.match(rb"^(\xef\xbb\xbf)?\s*(\[\s*)?\{\s*[\"}]", source.head(4096)))


def read_json(source: Source, budget: Budget) -> list[FoundTable]:
    """Read records; values keep their types, text that holds dates becomes dates.

    Raises
    ------
    UnreadableFile
        When it is not JSON, holds no records, or has too many columns.
    """
    with as_utf8(source) as (file, _):
        file.seek(0)
        head = file.read(_LOOK).lstrip()
        file.seek(0)
        if head[:1] == b"[":
            if not re.match(rb"\[\s*(\{|$)", head):
                raise UnreadableFile(_not_records(source))
            return [_table(table_name(source.stem), file, "array", source, budget)]
        if are_lines(head):
            return [_table(table_name(source.stem), file, "newline_delimited", source, budget)]
        return list(_from_object(file, source, budget))


def are_lines(head: bytes) -> bool:
    """Whether a text begins with a record that has a line to itself, and goes on."""
    line, _, rest = head.partition(b"\n")
    try:
        return isinstance(json.loads(line), dict) and bool(rest.strip())
    except (ValueError, RecursionError):
        return False


def _from_object(file: BinaryIO, source: Source, budget: Budget) -> Iterator[FoundTable]:
    """An object with lists of records in it, or a single record."""
    try:
        content = json.load(file)
    except (ValueError, RecursionError) as error:
        raise UnreadableFile(
            f"{source.name!r} is not valid JSON. Save it as a list of records: "
            '[{"name": value, …}, …].'
        ) from error
    if not isinstance(content, dict) or not content:
        raise UnreadableFile(_not_records(source))
    lists = {k: v for k, v in content.items() if _is_records(v)}
    if not lists:
        lists = {source.stem: [content]}
    for name, records in lists.items():
        with scratch() as out:
            out.write(json.dumps(records, ensure_ascii=False).encode("utf-8", "replace"))
            only = source.stem if len(lists) == 1 else name
            yield _table(table_name(only), out, "array", source, budget)


def _is_records(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, dict) for v in value)


def _table(name: str, file: BinaryIO, layout: str, source: Source, budget: Budget) -> FoundTable:
    rows = _raw(file, layout, source)
    if rows.num_rows == 0 or rows.num_columns == 0:
        raise UnreadableFile(f"{source.name!r} holds no records. Add records to it.")
    names, notes = column_names(rows.column_names, repr(source.name), budget.limits)
    columns = [_column(n, rows.column(i)) for i, n in enumerate(names)]
    return found_table(name, columns, [f"{note}." for note in notes], rows.column_names)


def raw_records(file: BinaryIO, layout: str) -> pa.Table:
    """Each field of each record as JSON text; absent and null ones are null.

    ``layout`` is ``array`` or ``newline_delimited``. Raises DuckDB's errors.
    """
    query = (
        "FROM read_json($path, format=$layout, records='true', maximum_depth=1, sample_size=-1, "
        "field_appearance_threshold=0, map_inference_threshold=-1, "
        f"maximum_object_size={_LONGEST_RECORD})"
    )
    with duck() as connection:
        values = {"path": path_of(file), "layout": layout}
        return connection.execute(query, values).to_arrow_table()


def _raw(file: BinaryIO, layout: str, source: Source) -> pa.Table:
    try:
        return raw_records(file, layout)
    except duckdb.Error as error:
        raise UnreadableFile(
            f"{source.name!r} is not valid JSON: {_reason(str(error))}. Save it as a list of "
            'records: [{"name": value, …}, …].'
        ) from error


def _reason(message: str) -> str:
    """What DuckDB found wrong, without the text that it quotes."""
    if "duplicate key" in message:
        return "a record has a key twice"
    where = re.search(r"in record/value (\d+)", message)
    return f"it breaks off or is malformed in record {where[1]}" if where else "it is malformed"


def _column(name: str, cells: pa.ChunkedArray) -> Inferred:
    raw = without_nulls(cells)
    present = raw.drop_null()
    text = fits(present, TEXT)
    if not any_of(text):
        if all_of(fits(present, NUMBER)) or all_of(fits(present, FLAG)):
            return infer_table(pa.table({name: raw}), Hints())[0]
        return _noted(typed_column(name, raw, dates_in_text=False), name, present)
    found = typed_column(name, unquoted(raw), dates_in_text=True)
    return found if all_of(text) else _noted(found, name, present)


def _noted(found: Inferred, name: str, present: pa.ChunkedArray) -> Inferred:
    note = mixed_note(name, is_nested=any_of(fits(present, NESTED)))
    return Inferred(found.values, found.column, (*found.notes, note))


def _not_records(source: Source) -> str:
    return (
        f"{source.name!r} holds no records. A table in JSON is a list of objects: "
        '[{"name": value, …}, …].'
    )
