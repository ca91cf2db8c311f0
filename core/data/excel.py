"""Excel workbooks: every sheet with a header and rows is a table."""

import datetime as dt
import itertools
import zipfile
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from core.data.archive import Budget, Source, check_workbook, is_packed
from core.data.found import FoundTable, found_table
from core.data.infer import Inferred
from core.data.names import column_names, table_name
from core.data.typed import typed_column
from core.errors import UnreadableFile

_ERRORS = frozenset({"#N/A", "#DIV/0!", "#REF!", "#NAME?", "#NULL!", "#NUM!", "#VALUE!"})


def read_excel(source: Source, budget: Budget) -> list[FoundTable]:
    """Read the sheets of a workbook; cells with an Excel error are missing.

    Raises
    ------
    UnreadableFile
        An old or encrypted workbook, a damaged one, or one without a table.
    """
    if is_packed(source, b"\xd0\xcf\x11\xe0"):
        raise UnreadableFile(
            f"{source.name!r} is protected by a password or in the old .xls format. Save it as "
            ".xlsx without a password."
        )
    sheets = _sheets(source, budget)
    found = [
        _table(title if len(sheets) > 1 else source.stem, title, rows, source, budget)
        for title, rows in sheets
        if len(rows) > 1
    ]
    if not found:
        rowless = "has a header but no rows" if sheets else "is empty"
        raise UnreadableFile(f"{source.name!r} {rowless}. Add a header and rows to a sheet.")
    return found


def _sheets(source: Source, budget: Budget) -> list[tuple[str, list[Sequence[Any]]]]:
    """Title and rows, without blank ones, of each sheet that is not blank."""
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        check_workbook(source, budget)
        book = openpyxl.load_workbook(source.file, read_only=True, data_only=True)
        try:
            sheets = [(s.title, _rows(s, source, budget)) for s in book.worksheets]
        finally:
            book.close()
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, SyntaxError, OSError,
            EOFError) as error:  # fmt: skip
        if isinstance(error, UnreadableFile):
            raise
        raise UnreadableFile(
            f"{source.name!r} is a damaged Excel workbook. Open it, save it again as .xlsx and "
            "upload that."
        ) from error
    return [(title, rows) for title, rows in sheets if rows]


def _rows(sheet: Any, source: Source, budget: Budget) -> list[Sequence[Any]]:
    """The rows that hold something; the sheet's own claim of its size is not believed."""
    sheet.reset_dimensions()
    rows = []
    for row in sheet.iter_rows(values_only=True):
        width = max((i for i, v in enumerate(row, start=1) if v not in {None, ""}), default=0)
        if width > budget.limits.max_columns:
            column_names([""] * width, f"Sheet {sheet.title!r} of {source.name!r}", budget.limits)
        if width:
            rows.append(row[:width])
    return rows


def _table(
    name: str, title: str, rows: list[Sequence[Any]], source: Source, budget: Budget
) -> FoundTable:
    header = ["" if v is None else str(v) for v in rows[0]]
    width = max(map(len, rows))
    header += [""] * (width - len(header))
    where = f"Sheet {title!r} of {source.name!r}"
    names, notes = column_names(header, where, budget.limits)
    cells = itertools.zip_longest(*rows[1:])
    columns = [_column(n, values) for n, values in itertools.zip_longest(names, cells)]
    return found_table(table_name(name), columns, [f"{note}." for note in notes], header)


def _column(name: str, cells: Iterable[Any] | None) -> Inferred:
    values = [None if _is_missing(v) else v for v in cells or ()]
    kinds = {type(v) for v in values if v is not None}
    if kinds == {int, float}:
        return typed_column(name, _chunked([None if v is None else float(v) for v in values]),
                            dates_in_text=False)  # fmt: skip
    if kinds == {dt.datetime, dt.date}:
        values = [v if v is None else _moment(v) for v in values]
    elif len(kinds) > 1:
        values = [None if v is None else _as_text(v) for v in values]
        found = typed_column(name, _chunked(values), dates_in_text=True)
        note = f"Column {name!r}: mixed types are read as text."
        return Inferred(found.values, found.column, (*found.notes, note))
    return typed_column(name, _chunked(values), dates_in_text=kinds == {str})


def _chunked(values: list[Any]) -> pa.ChunkedArray:
    try:
        return pa.chunked_array([pa.array(values)])
    except (pa.ArrowException, OverflowError):
        text = [None if v is None else _as_text(v) for v in values]
        return pa.chunked_array([pa.array(text, pa.string())])


def _is_missing(value: object) -> bool:
    return value is None or (isinstance(value, str) and (value == "" or value in _ERRORS))


def _moment(value: dt.date) -> dt.datetime:
    if isinstance(value, dt.datetime):
        return value
    return dt.datetime(value.year, value.month, value.day)


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and np.isfinite(value) and value == int(value):
        return str(int(value))
    return value.isoformat(" ") if isinstance(value, dt.datetime) else str(value)
