"""How each format is written: blocks of bytes from blocks of rows, however many there are."""

import re
from collections.abc import Iterator
from dataclasses import replace
from io import RawIOBase
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from core.data.arrows import any_of, fits, joined
from core.data.blocks import Frames
from core.data.dates import write_dates
from core.data.render import render, stamps, text_array
from core.data.schema import Column, ColumnType, Table, ValueFormat
from core.data.storage import stored

_ROWS = 100_000
_INSERT_ROWS = 500
_FORMULA = r"^[=+\-@\t\r\n\x{ff1d}\x{ff0b}\x{ff0d}\x{ff20}]"
_PLAIN_NUMBER = r"^[+-]?([0-9]+([.,][0-9]+)?|[.,][0-9]+)([eE][+-]?[0-9]+)?$"
_STRINGS = frozenset({ColumnType.CATEGORY, ColumnType.TEXT})
_MOMENTS = frozenset({ColumnType.DATE, ColumnType.DATETIME, ColumnType.TIME})
_SQL_TYPES = {
    ColumnType.INTEGER: "BIGINT",
    ColumnType.NUMBER: "DOUBLE PRECISION",
    ColumnType.BOOLEAN: "BOOLEAN",
    ColumnType.DATE: "DATE",
    ColumnType.DATETIME: "TIMESTAMP",
    ColumnType.TIME: "TIME",
}
_SQL_PATTERNS = {
    ColumnType.DATE: "%Y-%m-%d",
    ColumnType.DATETIME: "%Y-%m-%d %H:%M:%S.%f",
    ColumnType.TIME: "%H:%M:%S.%f",
}


def csv_blocks(frames: Frames, table: Table, escape_formulas: bool) -> Iterator[bytes]:
    """Comma-separated UTF-8 with a header; fields are quoted where they must be."""
    header = pa.array([c.title for c in table.columns], pa.large_string())
    if escape_formulas:
        header = _without_formulas(header)
    yield (",".join(_quoted(header).to_pylist()) + "\n").encode()
    for rows in _slices(frames):
        yield _lines([_csv_cells(rows, c, escape_formulas) for c in table.columns], ",", "", "\n")


def json_blocks(frames: Frames, table: Table, escape_formulas: bool) -> Iterator[bytes]:
    """A list of records, one a line."""
    yield b"["
    for number, rows in enumerate(_slices(frames)):
        block = _records(rows, table, ",\n")
        yield (b"\n" if number == 0 else b",\n") + block[:-2]
    yield b"\n]\n"


def jsonl_blocks(frames: Frames, table: Table, escape_formulas: bool) -> Iterator[bytes]:
    """A record a line."""
    for rows in _slices(frames):
        yield _records(rows, table, "\n")


def sql_blocks(frames: Frames, table: Table, escape_formulas: bool) -> Iterator[bytes]:
    """Standard SQL: a table, and rows to insert, in UTF-8.

    Names are in double quotes, text in single ones, dates and times in ISO 8601. Text columns
    are as long as the longest text where the table is a single block; of larger tables they are
    ``TEXT``, keys ``VARCHAR(255)``. MySQL and MariaDB need
    ``SET sql_mode = 'ANSI,NO_BACKSLASH_ESCAPES'`` first.
    """
    blocks = iter(frames)
    ahead = [block for _, block in zip(range(2), blocks, strict=False)]
    known = ahead[0] if len(ahead) == 1 else None
    name = _sql_name(table.name)
    columns = [f"  {_sql_name(c.name)} {_sql_type(known, table, c)}" for c in table.columns]
    if table.primary_key:
        columns.append(f"  PRIMARY KEY ({_sql_name(table.primary_key)})")
    yield (f"CREATE TABLE {name} (\n" + ",\n".join(columns) + "\n);\n").encode()
    names = ", ".join(map(_sql_name, table.names))
    insert = f"INSERT INTO {name} ({names}) VALUES\n".encode()
    for rows in _slices(chain(ahead, blocks), _INSERT_ROWS * 40):
        cells = [_sql_cells(rows, c) for c in table.columns]
        for start in range(0, len(rows), _INSERT_ROWS):
            part = [c.slice(start, _INSERT_ROWS) for c in cells]
            yield insert + _lines(part, ", ", "(", "),\n")[:-2] + b";\n"


def parquet_blocks(frames: Frames, table: Table, escape_formulas: bool) -> Iterator[bytes]:
    """Parquet, compressed, a row group a block, dates, times and zones as types of their own."""
    tail = Tail()
    writer: pq.ParquetWriter | None = None
    for frame in frames:
        columns = [
            stored(_parquet_column(frame[c.name], c), c.format.storage) for c in table.columns
        ]
        rows = pa.table(columns, names=[c.title for c in table.columns])
        if writer is None:
            writer = pq.ParquetWriter(tail, rows.schema, compression="zstd")
        writer.write_table(rows, row_group_size=max(len(rows), 1))
        yield tail.take()
    if writer is not None:
        writer.close()
        yield tail.take()


class Tail(RawIOBase):
    """A file that is only written to, whose bytes are taken away as they come."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        """Always."""
        return True

    def write(self, data: Any) -> int:
        """Keep the bytes until they are taken."""
        self._pieces.append(bytes(data))
        return len(self._pieces[-1])

    def take(self) -> bytes:
        """What was written since the last time."""
        taken, self._pieces = b"".join(self._pieces), []
        return taken


def _slices(frames: Frames, rows: int = _ROWS) -> Iterator[pd.DataFrame]:
    for frame in frames:
        for start in range(0, len(frame), rows):
            yield frame.iloc[start : start + rows]


def _lines(cells: list[pa.Array], separator: str, before: str, after: str) -> bytes:
    """Cells joined to lines, as the bytes that Arrow holds them in."""
    lines = joined(before, joined(*cells, separator=separator), after)
    _, offsets, data = lines.buffers()
    ends = np.frombuffer(offsets, dtype="int64")[lines.offset : lines.offset + len(lines) + 1]
    return bytes(memoryview(data)[ends[0] : ends[-1]])


def _csv_cells(rows: pd.DataFrame, column: Column, escape_formulas: bool) -> pa.Array:
    text = render(rows[column.name], column)
    if column.type in _STRINGS:
        if escape_formulas:
            text = _without_formulas(text)
        text = _quoted(text)
    elif column.format.point == "," or column.format.thousands == "," or column.format.pattern:
        text = _quoted(text)
    marker = column.format.missing
    if marker:
        return pc.fill_null(text, _quoted(pa.array([marker], pa.large_string()))[0])
    return pc.fill_null(text, '""' if rows.shape[1] == 1 else "")


def _quoted(text: pa.Array) -> pa.Array:
    """Fields with quotation marks around them where the text would be misread without."""
    needs = fits(text, '[",\r\n]|^\\s|\\s$|^$')
    if not any_of(needs):
        return text
    return pc.if_else(needs, joined('"', pc.replace_substring(text, '"', '""'), '"'), text)


def _without_formulas(text: pa.Array) -> pa.Array:
    starts = fits(text, _FORMULA)
    if not any_of(starts):
        return text
    return pc.if_else(pc.and_not(starts, fits(text, _PLAIN_NUMBER)), joined("'", text), text)


def _records(rows: pd.DataFrame, table: Table, after: str) -> bytes:
    cells = [joined(f"{_json_text(c.title)}: ", _json_cells(rows, c)) for c in table.columns]
    return _lines(cells, ", ", "{", "}" + after)


def _json_cells(rows: pd.DataFrame, column: Column) -> pa.Array:
    """Numbers and booleans as such, the rest as JSON strings; missing is null."""
    if column.type in {ColumnType.INTEGER, ColumnType.NUMBER, ColumnType.BOOLEAN}:
        text = render(rows[column.name], replace(column, format=_plain(column)))
    else:
        text = _json_strings(render(rows[column.name], column))
    return pc.fill_null(text, "null")


def _plain(column: Column) -> ValueFormat:
    """The digits of the column's format without its marks and words."""
    style = column.format
    return ValueFormat(decimals=style.decimals, fixed=style.fixed, least=style.least)


def _json_strings(text: pa.Array) -> pa.Array:
    text = pc.replace_substring(text, "\\", "\\\\")
    text = pc.replace_substring(text, '"', '\\"')
    if any_of(fits(text, r"[\x00-\x1f]")):
        for code in range(32):
            text = pc.replace_substring(text, chr(code), f"\\u{code:04x}")
    return joined('"', text, '"')


def _json_text(name: str) -> str:
    return str(_json_strings(pa.array([name], pa.large_string()))[0].as_py())


def _sql_name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _sql_type(known: pd.DataFrame | None, table: Table, column: Column) -> str:
    """The column's type; of text the longest one's length where all rows are ``known``."""
    if column.type not in _STRINGS:
        return _SQL_TYPES[column.type]
    if known is None:
        return "VARCHAR(255)" if column.name == table.primary_key else "TEXT"
    longest = pc.max(pc.utf8_length(text_array(known[column.name]))).as_py() or 1
    return f"VARCHAR({longest})"


def _sql_cells(rows: pd.DataFrame, column: Column) -> pa.Array:
    kind, values = column.type, rows[column.name]
    if kind in _MOMENTS:
        iso = ValueFormat(pattern=_SQL_PATTERNS[kind])
        text = joined("'", write_dates(stamps(values, column), iso), "'")
    elif kind in _STRINGS:
        text = pc.replace_substring(render(values, column), "\0", "")
        text = joined("'", pc.replace_substring(text, "'", "''"), "'")
    else:
        text = render(values, replace(column, format=_plain(column)))
    return pc.fill_null(text, "NULL")


def _parquet_column(values: pd.Series, column: Column) -> pa.Array:
    missing = pa.array(values.isna().to_numpy(dtype=bool))
    if column.type in _STRINGS:
        return text_array(values)
    if column.type is ColumnType.DATE:
        return pc.cast(stamps(values, column), pa.date32(), safe=False)
    if column.type is ColumnType.DATETIME:
        zone = "UTC" if re.search(r"(Z|UTC|GMT|\+00:?00)$", column.format.pattern or "") else None
        return pc.cast(stamps(values, column), pa.timestamp("us", zone))
    if column.type is ColumnType.TIME:
        return pc.cast(pc.cast(stamps(values, column), pa.int64()), pa.time64("us"))
    plain = values.to_numpy(values.dtype.numpy_dtype, na_value=0) if hasattr(
        values.dtype, "numpy_dtype") else values.to_numpy()  # fmt: skip
    return pc.if_else(missing, None, pa.array(plain))
