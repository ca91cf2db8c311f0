"""Content hashes: what a dataset or a release is known by."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping

import pandas as pd

from core.data.schema import Schema, Table


class TableHash:
    """The hash of one table's rows, given in blocks of any size."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._rows = 0
        self._columns = {column.name: hashlib.sha256() for column in table.columns}

    def update(self, frame: pd.DataFrame) -> None:
        """Add the next rows."""
        self._rows += len(frame)
        for name, digest in self._columns.items():
            hashes = pd.util.hash_pandas_object(frame[name], index=False)
            digest.update(hashes.to_numpy().astype("<u8").tobytes())

    def passing(self, frames: Iterable[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        """The same frames, each added as it passes."""
        for frame in frames:
            self.update(frame)
            yield frame

    def renamed(self, table: Table) -> "TableHash":
        """The hash with the table's final name; its columns are the same."""
        self._table = table
        return self

    def digest(self) -> bytes:
        """SHA-256 of name, number of rows, and each column's name, type and values."""
        whole = hashlib.sha256(f"table:{self._table.name}:{self._rows}\n".encode())
        for column in self._table.columns:
            whole.update(f"column:{column.name}:{column.type}\n".encode())
            whole.update(self._columns[column.name].digest())
        return whole.digest()


def schema_hash(hashes: Mapping[str, TableHash], schema: Schema) -> str:
    """The content hash of all tables, each of which has been hashed."""
    digest = hashlib.sha256()
    for table in schema.tables:
        digest.update(hashes[table.name].digest())
    return digest.hexdigest()


def content_hash(tables: Mapping[str, pd.DataFrame], schema: Schema) -> str:
    """SHA-256 over names, types and values of all tables, the same wherever it is computed.

    Values enter as pandas' keyed 64-bit row hashes, column by column; file formats, dtype
    backends, compression and how the rows are cut into blocks do not matter.
    """
    hashes = {table.name: TableHash(table) for table in schema.tables}
    for name, one in hashes.items():
        one.update(tables[name])
    return schema_hash(hashes, schema)
