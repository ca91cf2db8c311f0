"""Tables as files: CSV, Parquet, JSON, JSON lines and SQL, in the value formats they came in.

``FORMATS`` knows what can be written. Text formats are put together by Arrow a block of rows at
a time, without a Python loop over cells.
"""

import gzip
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO

import pandas as pd

from core.data.blocks import Frames, block_rows, empty_frame, rebatch
from core.data.names import unique
from core.data.schema import Table
from core.data.writers import (
    Tail,
    csv_blocks,
    json_blocks,
    jsonl_blocks,
    parquet_blocks,
    sql_blocks,
)
from core.errors import InvalidInput

Blocks = Callable[[Frames, Table, bool], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class FileFormat:
    """A format that tables can be written in; ``blocks`` makes its bytes from blocks of rows."""

    key: str
    title: str
    ending: str
    media_type: str
    blocks: Blocks


FORMATS: Mapping[str, FileFormat] = {
    f.key: f
    for f in (
        FileFormat("csv", "CSV", ".csv", "text/csv", csv_blocks),
        FileFormat(
            "parquet", "Parquet", ".parquet", "application/vnd.apache.parquet", parquet_blocks
        ),
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

    See :func:`write_blocks`.
    """
    write_blocks([frame], table, target, format, escape_formulas)


def write_blocks(
    frames: Frames,
    table: Table,
    target: Path | str | BinaryIO,
    format: str,
    escape_formulas: bool = True,
) -> int:
    """Write rows as they come, with memory for some blocks of them, and return how many.

    How the rows are cut into frames does not matter to the bytes written. A path that ends in
    ``.gz`` is gzipped, with the same bytes each time. A file appears whole or not at all: until
    it is complete, its name ends in ``.partial``.

    Parameters
    ----------
    frames
        Canonical frames with at least the table's columns.
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
    file_format(format)
    count = _Count(frames)
    with _opened(target) as stream:
        for block in encode_blocks(count, table, format, escape_formulas):
            stream.write(block)
    return count.rows


def encode_blocks(
    frames: Frames, table: Table, format: str, escape_formulas: bool = True
) -> Iterator[bytes]:
    """The bytes that :func:`write_blocks` writes, piece by piece."""
    rows = block_rows(len(table.columns))
    even = _never_empty(rebatch(frames, rows), table)
    return file_format(format).blocks(even, table, escape_formulas)


def zipped(files: Mapping[str, Iterable[bytes]]) -> Iterator[bytes]:
    """A zip archive of files that come in pieces, piece by piece."""
    tail = Tail()
    with zipfile.ZipFile(tail, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, pieces in files.items():
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(entry, "w", force_zip64=True) as member:
                for piece in pieces:
                    member.write(piece)
                    yield tail.take()
    yield tail.take()


class _Count:
    """Frames passed on, and how many rows they had."""

    def __init__(self, frames: Frames) -> None:
        self._frames = frames
        self.rows = 0

    def __iter__(self) -> Iterator[pd.DataFrame]:
        for frame in self._frames:
            self.rows += len(frame)
            yield frame


def _never_empty(frames: Iterator[pd.DataFrame], table: Table) -> Iterator[pd.DataFrame]:
    yield next(frames, empty_frame(table))
    yield from frames


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
    path = Path(target)
    if path.exists() and not path.is_file():
        with path.open("wb") as device:
            yield device
        return
    partial = path.with_name(path.name + ".partial")
    try:
        with partial.open("wb") as file:
            if path.name.lower().endswith(".gz"):
                with gzip.GzipFile(filename="", fileobj=file, mode="wb", mtime=0) as packed:
                    yield packed
            else:
                yield file
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
