"""Parquet files."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from core.data.archive import Budget, Source
from core.data.drawing import Places, drawn_note, drawn_places
from core.data.found import FoundTable, found_table
from core.data.infer import Inferred
from core.data.names import column_names, table_name
from core.data.storage import storage_of
from core.data.typed import typed_column
from core.errors import UnreadableFile

_INDEX = "__index_level_"
_BATCH = 65_536


def read_parquet(source: Source, budget: Budget) -> list[FoundTable]:
    """Read a Parquet file; an unnamed pandas index in it is left out.

    Raises
    ------
    UnreadableFile
        When the file is damaged, holds no rows, or unpacks to more than the limits allow.
    """
    try:
        file = pq.ParquetFile(source.file)
        meta = file.metadata
        size = sum(meta.row_group(i).total_byte_size for i in range(meta.num_row_groups))
        places = drawn_places(meta.num_rows, source, budget.limits)
        if places is None:
            budget.spend(size, source.name)
        names, notes = column_names(file.schema_arrow.names, repr(source.name), budget.limits)
        table = (file.read() if places is None else _drawn(file, places)).rename_columns(names)
    except (pa.ArrowException, OSError) as error:
        raise UnreadableFile(
            f"{source.name!r} is a damaged Parquet file. Write it again and upload it."
        ) from error
    kept = [name for name in names if not name.startswith(_INDEX)]
    if len(kept) < len(names):
        notes.append("the index of the data frame was left out")
    if places is not None:
        notes.append(drawn_note(len(places), meta.num_rows))
    if table.num_rows == 0 or not kept:
        raise UnreadableFile(f"{source.name!r} has columns but no rows. Add rows to it.")
    columns = [_column(name, table.column(name)) for name in kept]
    titles = [t for t, name in zip(file.schema_arrow.names, names, strict=True) if name in kept]
    found = found_table(table_name(source.stem), columns, [f"{note}." for note in notes], titles)
    return [replace(found, rows=meta.num_rows)]


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
