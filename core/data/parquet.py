"""Parquet files."""

from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq

from core.data.archive import Budget, Source
from core.data.found import FoundTable, found_table
from core.data.infer import Inferred
from core.data.names import column_names, table_name
from core.data.storage import storage_of
from core.data.typed import typed_column
from core.errors import UnreadableFile

_INDEX = "__index_level_"


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
        budget.spend(size, source.name)
        names, notes = column_names(file.schema_arrow.names, repr(source.name), budget.limits)
        table = file.read().rename_columns(names)
    except (pa.ArrowException, OSError) as error:
        raise UnreadableFile(
            f"{source.name!r} is a damaged Parquet file. Write it again and upload it."
        ) from error
    kept = [name for name in names if not name.startswith(_INDEX)]
    if len(kept) < len(names):
        notes.append("the index of the data frame was left out")
    if table.num_rows == 0 or not kept:
        raise UnreadableFile(f"{source.name!r} has columns but no rows. Add rows to it.")
    columns = [_column(name, table.column(name)) for name in kept]
    titles = [t for t, name in zip(file.schema_arrow.names, names, strict=True) if name in kept]
    return [found_table(table_name(source.stem), columns, [f"{note}." for note in notes], titles)]


def _column(name: str, values: pa.ChunkedArray) -> Inferred:
    found = typed_column(name, values, dates_in_text=False)
    style = replace(found.column.format, storage=storage_of(values.type))
    return replace(found, column=replace(found.column, format=style))
