"""Reading what a user uploaded: files in, canonical frames, a schema and notes out.

``READERS`` knows the formats, those of plug-ins among them; the ending of a file picks one, its
content has the last word.
Archives are opened by ``core.data.unpack``, types are found by ``core.data.infer`` and
``core.data.typed``, keys by ``core.data.keys``.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from core.data.added import ADDED, ReaderInfo, reader_of
from core.data.archive import (
    Budget,
    Openable,
    ReadLimits,
    Source,
    is_excel,
    is_packed,
)
from core.data.delimited import read_delimited
from core.data.excel import read_excel
from core.data.found import FoundTable
from core.data.jsons import looks_like_json, read_json
from core.data.keys import detect_relationships, orphan_notes
from core.data.names import unique
from core.data.parquet import read_parquet
from core.data.schema import Schema, Table
from core.data.unpack import sources
from core.errors import InvalidInput, UnreadableFile

__all__ = [
    "READERS",
    "ReadLimits",
    "ReadResult",
    "add_reader",
    "own_endings",
    "read_files",
    "read_table",
]

Reader = Callable[..., list[FoundTable]]

READERS: dict[str, Reader] = {
    "csv": read_delimited,
    "json": read_json,
    "parquet": read_parquet,
    "excel": read_excel,
}

_ENDINGS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".tab": "csv",
    ".txt": "csv",
    ".data": "csv",
    ".json": "json",
    ".jsonl": "json",
    ".ndjson": "json",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".xlsx": "excel",
    ".xlsm": "excel",
    ".xls": "excel",
}
_NO_TABLES = frozenset({".md", ".pdf", ".html", ".htm", ".png", ".jpg", ".jpeg", ".docx", ".xml",
                        ".yaml", ".yml", ".py", ".sql", ".rst"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReadResult:
    """All tables of a dataset, its schema, and what is worth knowing, in plain words.

    ``rows`` is how many rows the files have; ``tables`` may have fewer where a limit was set.
    """

    tables: dict[str, pd.DataFrame]
    schema: Schema
    notes: tuple[str, ...]
    rows: dict[str, int] = field(default_factory=dict)


def read_files(
    files: Sequence[tuple[str, Path]], *, limits: ReadLimits | None = None
) -> ReadResult:
    """Read every table of the files as one dataset, and find out how they are related.

    Parameters
    ----------
    files
        The name of each file as it was uploaded, and where it lies now.
    limits
        What the files may unpack to.

    Raises
    ------
    UnreadableFile
        When a file cannot be read, is unsafe to open, or holds no table.
    """
    if not files:
        raise InvalidInput("No file was given. Choose at least one file with a table.")
    budget = Budget(limits or ReadLimits())
    found: list[FoundTable] = []
    notes: list[str] = []
    for name, path in files:
        for source in tables_of(name, path, budget, notes):
            found.extend(READERS[format_of(source)](source, budget))
    names = unique(f.table.name for f in found)
    renamed = [replace(f.table, name=n) for f, n in zip(found, names, strict=True)]
    tables = {t.name: f.frame for f, t in zip(found, renamed, strict=True)}
    schema = detect_relationships(tables, Schema(tuple(renamed)))
    for name, one in zip(names, found, strict=True):
        notes.extend(f"Table {name!r}: {note}" for note in one.notes)
    rows = {
        n: len(f.frame) if f.rows is None else f.rows for n, f in zip(names, found, strict=True)
    }
    return ReadResult(tables, schema, (*notes, *orphan_notes(tables, schema)), rows)


def read_table(path: Path, limits: ReadLimits | None = None) -> tuple[pd.DataFrame, Table]:
    """Read a file with one table, in any format.

    Raises
    ------
    UnreadableFile
        When the file cannot be read or holds more than one table.
    """
    path = Path(path)
    result = read_files([(path.name, path)], limits=limits)
    if len(result.tables) != 1:
        raise UnreadableFile(
            f"{path.name!r} holds {len(result.tables)} tables where one is needed. "
            "Save the one you want in a file of its own."
        )
    (table,) = result.schema.tables
    return result.tables[table.name], table


def own_endings() -> frozenset[str]:
    """Endings of the house's own formats, and of what it unpacks."""
    return frozenset({*_ENDINGS, ".gz", ".zip"})


def add_reader(info: ReaderInfo) -> None:
    """Let files with the endings of a format of an outside package be read."""
    READERS[info.name] = reader_of(info)
    ADDED.update(dict.fromkeys(info.endings, info))


def tables_of(name: str, place: Openable, budget: Budget, notes: list[str]) -> Iterator[Source]:
    """The files in a file that may hold tables, each open until the next is asked for.

    What is left out, because it is no table, is added to the notes.

    Raises
    ------
    UnreadableFile
        When there is none, and as :func:`core.data.unpack.sources`.
    """
    count = 0
    skipped: list[str] = []
    for source in sources(name, place, budget):
        if source.name != name and source.ending in _NO_TABLES - ADDED.keys():
            skipped.append(source.inner)
            continue
        count += 1
        yield source
    if not count:
        raise UnreadableFile(f"{name!r} holds no table. Upload CSV, JSON, Parquet or Excel files.")
    if skipped:
        notes.append(f"File {name!r}: left out, as they are no tables: {', '.join(skipped)}.")


def format_of(source: Source) -> str:
    """The format by content where that is certain, else by ending, else text."""
    if is_packed(source, b"PAR1"):
        return "parquet"
    if is_packed(source, b"\xd0\xcf\x11\xe0") or (
        is_packed(source, b"PK") and is_excel(source.file)
    ):
        return "excel"
    added = ADDED.get(source.ending)
    known = _ENDINGS.get(source.ending) or (added.name if added else None)
    if known is None and looks_like_json(source):
        return "json"
    return known or "csv"
