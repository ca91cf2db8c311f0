"""How files are going to be read: what was sniffed and the first rows, before anything is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from core.data.archive import Budget, Openable, ReadLimits, Source
from core.data.delimited import first_rows
from core.data.encodings import find_encoding
from core.data.infer import infer_table
from core.data.read import format_of, tables_of
from core.data.schema import Column
from core.data.scratch import scratch
from core.data.sniff import Dialect, ReadOptions, hints_of
from core.data.streamed import beginning
from core.errors import InvalidInput

SHOWN_ROWS = 20
HEAD = 1 << 20


@dataclass(frozen=True, slots=True)
class Preview:
    """One file as it is going to be read.

    Attributes
    ----------
    name
        What options are given under, and how messages call it.
    kind
        ``csv``, ``json``, ``parquet``, ``excel`` or a format of a plug-in; only text tables are
        written in ways that can be mistaken, so only they have what follows.
    dialect, encoding, has_header
        How it is written.
    columns
        Names, types and formats, as the first part of the file has them.
    rows
        The first rows, as they are in the file.
    aside
        How many rows of the first part cannot be read.
    problem
        Why it cannot be read in this way; empty when it can.
    """

    name: str
    kind: str
    dialect: Dialect | None = None
    encoding: str = ""
    has_header: bool = True
    columns: tuple[Column, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    aside: int = 0
    problem: str = ""


def preview_files(
    files: Sequence[tuple[str, Openable]],
    limits: ReadLimits,
    options: Mapping[str, ReadOptions],
) -> list[Preview]:
    """Look at the beginning of each file.

    Raises
    ------
    UnreadableFile
        When an archive is unsafe to open or damaged, or nothing may hold a table. What is wrong
        with one text table is in its preview, so that it can be corrected.
    """
    budget = Budget(limits)
    found = []
    for name, place in files:
        for source in tables_of(name, place, budget, []):
            kind = format_of(source)
            said = options.get(source.name, ReadOptions())
            found.append(_text(source, limits, said) if kind == "csv" else _plain(source, kind))
    return found


def _plain(source: Source, kind: str) -> Preview:
    return Preview(source.name, kind)


def _text(source: Source, limits: ReadLimits, options: ReadOptions) -> Preview:
    try:
        encoding = find_encoding(source, options)
        with scratch() as head:
            head.write(beginning(source, encoding, HEAD))
            head.seek(0)
            found = first_rows(head, source, limits, options)
    except InvalidInput as error:
        return Preview(source.name, "csv", problem=str(error))
    shown = found.cells.slice(0, SHOWN_ROWS)
    typed = infer_table(found.cells, hints_of(found.dialect, options))
    return Preview(
        source.name,
        "csv",
        found.dialect,
        encoding,
        bool(found.titles),
        tuple(one.column for one in typed),
        _texts(shown),
        found.aside,
    )


def _texts(cells: pa.Table) -> tuple[tuple[str, ...], ...]:
    columns = [[value or "" for value in column.to_pylist()] for column in cells.columns]
    return tuple(zip(*columns, strict=True))
