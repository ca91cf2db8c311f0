"""Tables as files: CSV, Parquet, JSON, JSON lines and SQL, in the value formats they came in.

``FORMATS`` knows what can be written. Text formats are put together by Arrow a block of rows at
a time, without a Python loop over cells.
"""

import gzip
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO

import pandas as pd

from core.data.names import unique
from core.data.schema import Table
from core.data.writers import csv_blocks, json_blocks, jsonl_blocks, sql_blocks, write_parquet
from core.errors import InvalidInput

Blocks = Callable[[pd.DataFrame, Table, bool], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class FileFormat:
    """A format that tables can be written in. ``blocks`` is None for Parquet."""

    key: str
    title: str
    ending: str
    media_type: str
    blocks: Blocks | None


FORMATS: Mapping[str, FileFormat] = {
    f.key: f
    for f in (
        FileFormat("csv", "CSV", ".csv", "text/csv", csv_blocks),
        FileFormat("parquet", "Parquet", ".parquet", "application/vnd.apache.parquet", None),
        FileFormat("json", "JSON", ".json", "application/json", json_blocks),
        FileFormat("jsonl", "JSON lines", ".jsonl", "application/jsonl", jsonl_blocks),
        FileFormat("sql", "SQL", ".sql", "application/sql", sql_blocks),
    )
}


def write_table(
    frame: pd.DataFrame,
    table: Table,
    target: Path | str | BinaryIO,
    format: str,
    escape_formulas: bool = True,
) -> None:
    """Write the table's columns, in order, to a path or into a binary stream.

    A path that ends in ``.gz`` is gzipped, with the same bytes each time.

    Parameters
    ----------
    frame
        A canonical frame with at least the table's columns.
    table
        Its columns and how their values are written.
    target
        A path, or a binary stream that is left open.
    format
        A key of ``FORMATS``.
    escape_formulas
        In CSV, put an apostrophe before text (and names) that a spreadsheet would run as a
        formula: what begins with ``=``, ``+``, ``-``, ``@``, a tab or a line break and is not a
        plain number. Without it, what was read from CSV is written back unchanged.

    Raises
    ------
    InvalidInput
        For an unknown format, naming the known ones.
    """
    chosen = file_format(format)
    with _opened(target) as stream:
        if chosen.blocks is None:
            write_parquet(frame, table, stream)
            return
        for block in chosen.blocks(frame, table, escape_formulas):
            stream.write(block)


def file_format(key: str) -> FileFormat:
    """The format of this key; raises ``InvalidInput`` for an unknown one."""
    if key not in FORMATS:
        raise InvalidInput(f"`format` must be one of {', '.join(FORMATS)}. Got {key!r}.")
    return FORMATS[key]


def format_of(path: Path | str) -> str:
    """The key of the format that a file name's ending picks; ``.gz`` behind it is ignored."""
    path = Path(path)
    ending = (Path(path.stem) if path.suffix.lower() == ".gz" else path).suffix.lower()
    for known in FORMATS.values():
        if known.ending == ending:
            return known.key
    endings = ", ".join(f.ending for f in FORMATS.values())
    raise InvalidInput(f"{path.name!r} must end in one of {endings}.")


def file_names(tables: Mapping[str, Table], format: str) -> dict[str, str]:
    """A safe file name for each table of a dataset, for use in an archive."""
    ending = file_format(format).ending
    safe = ["".join(c if c.isalnum() or c in "-_. " else "_" for c in name) for name in tables]
    stems = unique(s.strip(". ") or "table" for s in safe)
    return {name: stem + ending for name, stem in zip(tables, stems, strict=True)}


@contextmanager
def _opened(target: Path | str | BinaryIO) -> Iterator[IO[bytes] | gzip.GzipFile]:
    if not isinstance(target, (str, Path)):
        yield target
        return
    with Path(target).open("wb") as file:
        if str(target).lower().endswith(".gz"):
            with gzip.GzipFile(filename="", fileobj=file, mode="wb", mtime=0) as packed:
                yield packed
        else:
            yield file
