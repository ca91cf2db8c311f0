"""Parquet files: small ones at once, large ones batch by batch."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from core.data.archive import Budget, Source
from core.data.blocks import block_rows
from core.data.drawing import Places, drawn_note, drawn_places
from core.data.found import FoundTable, found_table
from core.data.infer import Inferred
from core.data.names import column_names, table_name
from core.data.storage import storage_of
from core.data.typed import typed_column
from core.data.typed_evidence import TypedEvidence
from core.data.typed_stream import TypedStream
from core.errors import UnreadableFile
from core.progress import Progress

_INDEX = "__index_level_"
_BATCH = 65_536
_BATCH_BYTES = 16 * 1024**2
_BUFFERS = 64 * 1024**2
_LEFT_OUT = "the index of the data frame was left out"


def read_parquet(source: Source, budget: Budget) -> list[FoundTable]:
    """Read a Parquet file; an unnamed pandas index in it is left out.

    Raises
    ------
    UnreadableFile
        When the file is damaged, holds no rows, or unpacks to more than the limits allow.
    """
    with _whole(source):
        file = pq.ParquetFile(source.file)
        meta = file.metadata
        places = drawn_places(meta.num_rows, source, budget.limits)
        if places is None:
            budget.spend(_size(meta), source.name)
        names, notes = column_names(file.schema_arrow.names, repr(source.name), budget.limits)
        table = (file.read() if places is None else _drawn(file, places)).rename_columns(names)
    kept = [name for name in names if not name.startswith(_INDEX)]
    if len(kept) < len(names):
        notes.append(_LEFT_OUT)
    if places is not None:
        notes.append(drawn_note(len(places), meta.num_rows))
    if table.num_rows == 0 or not kept:
        raise UnreadableFile(_no_rows(source))
    columns = [_column(name, table.column(name)) for name in kept]
    titles = [t for t, name in zip(file.schema_arrow.names, names, strict=True) if name in kept]
    found = found_table(table_name(source.stem), columns, [f"{note}." for note in notes], titles)
    return [replace(found, rows=meta.num_rows)]


def unpacked_size(source: Source) -> int:
    """How many bytes a Parquet file unpacks to; raises ``UnreadableFile`` for a damaged one."""
    with _whole(source):
        return _size(pq.ParquetFile(source.file).metadata)


def open_parquet(source: Source, budget: Budget, progress: Progress) -> TypedStream:
    """A large file, to be read in batches; what it holds is as :func:`read_parquet` has it.

    Raises
    ------
    UnreadableFile
        When the file is damaged, or unpacks to more than the limits allow.
    """
    with _whole(source):
        schema = pq.ParquetFile(source.file).schema_arrow
        budget.spend(unpacked_size(source), source.name)
    names, _ = column_names(schema.names, repr(source.name), budget.limits)
    batches = _Batches(source, progress, tuple(names))
    kept = {n: i for i, n in enumerate(names) if not n.startswith(_INDEX)}
    stream = TypedStream(
        table_name(source.stem),
        repr(source.name),
        batches.read,
        lambda name: TypedEvidence(storage=storage_of(schema.field(kept[name]).type)),
        budget.limits,
        {name: schema.names[place] for name, place in kept.items()},
    )
    if len(kept) < len(names):
        stream.leading.append(f"{_LEFT_OUT}.")
    return stream


@dataclass(frozen=True, slots=True)
class _Batches:
    source: Source
    progress: Progress
    names: tuple[str, ...]

    def read(self, turn: int) -> Iterator[pa.Table]:
        """The rows in batches that hold little, whatever the size of the row groups."""
        kept = [name for name in self.names if not name.startswith(_INDEX)]
        with _whole(self.source):
            wide = max(len(self.names), 1)
            buffer = min(max(_BUFFERS // wide, 1 << 16), 1 << 22)
            file = pq.ParquetFile(self.source.file, buffer_size=buffer)
            meta, done = file.metadata, 0
            each = max(_size(meta) // max(meta.num_rows, 1), 1)
            rows = max(min(_BATCH_BYTES // each, block_rows(wide), _BATCH), 1)
            said = f"{self.source.name}: {'reading' if turn else 'looking'}"
            for groups in _runs(meta, rows):
                for batch in file.iter_batches(rows, row_groups=groups, use_threads=False):
                    yield pa.Table.from_batches([batch]).rename_columns(self.names).select(kept)
                    done += len(batch)
                    self.progress.step(turn * meta.num_rows + done, 2 * meta.num_rows, said)


def _runs(meta: pq.FileMetaData, rows: int) -> Iterator[list[int]]:
    """Row groups in runs of about so many rows.

    Arrow's reader, where it is to read a whole file, keeps memory until the end of the file.
    """
    run: list[int] = []
    count = 0
    for place in range(meta.num_row_groups):
        run.append(place)
        count += meta.row_group(place).num_rows
        if count >= rows:
            yield run
            run, count = [], 0
    if run:
        yield run


@contextmanager
def _whole(source: Source) -> Iterator[None]:
    """Say in our words that a file is damaged."""
    try:
        yield
    except (pa.ArrowException, OSError) as error:
        raise UnreadableFile(
            f"{source.name!r} is a damaged Parquet file. Write it again and upload it."
        ) from error


def _size(meta: pq.FileMetaData) -> int:
    return sum(meta.row_group(i).total_byte_size for i in range(meta.num_row_groups))


def _no_rows(source: Source) -> str:
    return f"{source.name!r} has columns but no rows. Add rows to it."


def _drawn(file: pq.ParquetFile, places: Places) -> pa.Table:
    """Some rows of a file, of which a small part is held at a time."""
    start, pieces = 0, []
    for batch in file.iter_batches(_BATCH):
        first, last = np.searchsorted(places, [start, start + len(batch)])
        pieces.append(batch.take(pa.array(places[first:last] - start)))
        start += len(batch)
    return pa.Table.from_batches(pieces)


def _column(name: str, values: pa.ChunkedArray) -> Inferred:
    found = typed_column(name, values, dates_in_text=False)
    style = replace(found.column.format, storage=storage_of(values.type))
    return replace(found, column=replace(found.column, format=style))
