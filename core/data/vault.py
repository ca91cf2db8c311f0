"""The vault: the only place where tables, models and reports rest, and only encrypted.

Tables are Parquet with AES-GCM, written and read by DuckDB; everything else is sealed blobs. A
vault is opened from a folder and a key, in the server and in job workers alike; nothing here
knows of state or of people.
"""

import base64
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from core.data.frames import canonical
from core.data.schema import ColumnType, Table
from core.errors import IntegrityError, NotFound
from core.keys import Keys, seal, unseal
from core.store.duck import connect, literal

_KEY_NAME = "vault"
_ENCRYPTION = f"ENCRYPTION_CONFIG {{footer_key: '{_KEY_NAME}'}}"


@dataclass(frozen=True, slots=True)
class VaultAccess:
    """What a job worker needs to open the vault: the folder and the keys. Its repr shows no key."""

    root: Path
    keys: Keys

    def open(self) -> "Vault":
        """Open the vault in this process."""
        return Vault(self.root, self.keys)


class Vault:
    """Encrypted tables and blobs under one folder, addressed by relative paths."""

    def __init__(self, root: Path, keys: Keys) -> None:
        self.root = root
        self._keys = keys
        self._lock = threading.Lock()
        self._connection: duckdb.DuckDBPyConnection | None = None
        root.mkdir(parents=True, exist_ok=True, mode=0o700)

    @property
    def access(self) -> VaultAccess:
        """What another process needs to open the same vault."""
        return VaultAccess(self.root, self._keys)

    def write_table(self, path: str, frame: pd.DataFrame, table: Table) -> None:
        """Write a canonical frame as encrypted Parquet; the file appears whole or not at all."""
        target = self._place(path)
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial = target.with_name(target.name + ".partial")
        with self._cursor() as cursor:
            cursor.register("frame", _to_arrow(frame, table))
            copy = f"COPY frame TO {literal(str(partial))} (FORMAT parquet, {_ENCRYPTION})"
            cursor.execute(copy)
        partial.replace(target)

    def read_table(self, path: str, table: Table, limit: int | None = None) -> pd.DataFrame:
        """Read a table, or its first ``limit`` rows, as a canonical frame.

        Raises
        ------
        NotFound
            There is no such file.
        IntegrityError
            The file was changed, or was written with another key.
        """
        source = self._existing(path)
        query = f"SELECT * FROM {_scan(source)}" + (f" LIMIT {int(limit)}" if limit else "")
        with self._cursor() as cursor:
            try:
                arrow = cursor.execute(query).to_arrow_table()
            except duckdb.Error as error:
                raise IntegrityError(
                    f"The vault's file {path!r} cannot be decrypted: it was changed, or written "
                    "with another key. Restore it from a backup, or set the key it was made with."
                ) from error
        return _from_arrow(arrow, table)

    def write_blob(self, path: str, blob: bytes) -> None:
        """Seal bytes into a file; the file appears whole or not at all."""
        target = self._place(path)
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial = target.with_name(target.name + ".partial")
        partial.write_bytes(seal(self._keys, blob, "vault", path.encode()))
        partial.replace(target)

    def read_blob(self, path: str) -> bytes:
        """The bytes sealed at ``path``; raises ``NotFound`` or ``IntegrityError``."""
        return unseal(self._keys, self._existing(path).read_bytes(), "vault", path.encode())

    def exists(self, path: str) -> bool:
        """Whether a file is there."""
        return self._place(path).is_file()

    def remove(self, folder: str) -> None:
        """Remove a folder and all it holds; nothing happens when it is not there."""
        shutil.rmtree(self._place(folder), ignore_errors=True)

    def check(self) -> None:
        """Write, read back and remove a probe; raises when the vault does not work."""
        self.write_blob("probe/health", b"probe")
        if self.read_blob("probe/health") != b"probe":
            raise IntegrityError("The vault gave back other bytes than were written.")
        self.remove("probe")

    def _place(self, path: str) -> Path:
        parts = PurePosixPath(path).parts
        if not parts or ".." in parts or PurePosixPath(path).is_absolute():
            raise NotFound(f"{path!r} is not a place in the vault.")
        return self.root.joinpath(*parts)

    def _existing(self, path: str) -> Path:
        place = self._place(path)
        if not place.is_file():
            raise NotFound(f"The vault has no file {path!r}.")
        return place

    def _cursor(self) -> "duckdb.DuckDBPyConnection":
        with self._lock:
            if self._connection is None:
                self._connection = _connect(self._keys.derive("vault"))
            return self._connection.cursor()


def _connect(key: bytes) -> duckdb.DuckDBPyConnection:
    """An in-memory DuckDB that knows the key and never spills plain rows to disk."""
    connection = connect()
    encoded = base64.b64encode(key).decode()
    connection.execute(f"PRAGMA add_parquet_key('{_KEY_NAME}', '{encoded}')")
    return connection


def _scan(path: Path) -> str:
    return f"read_parquet({literal(str(path))}, encryption_config = {{footer_key: '{_KEY_NAME}'}})"


def _to_arrow(frame: pd.DataFrame, table: Table) -> pa.Table:
    """Columns by position (``c0``, ``c1``, …), so that no name can trouble the file."""
    arrays = [pa.array(_storable(frame[c.name], c.type)) for c in table.columns]
    return pa.table(arrays, names=[f"c{i}" for i in range(len(arrays))])


def _storable(values: pd.Series, kind: ColumnType) -> pd.Series:
    if kind is not ColumnType.TIME:
        return values
    whole = values.to_numpy().astype("timedelta64[us]").view("int64")
    return pd.Series(pd.arrays.IntegerArray(whole.copy(), values.isna().to_numpy()))


def _from_arrow(arrow: pa.Table, table: Table) -> pd.DataFrame:
    columns = dict(_typed_columns(arrow, table))
    return canonical(pd.DataFrame(columns, index=range(arrow.num_rows)), table)


def _typed_columns(arrow: pa.Table, table: Table) -> Iterator[tuple[str, Any]]:
    for position, column in enumerate(table.columns):
        values = arrow.column(position)
        if column.type is ColumnType.TIME:
            values = values.cast(pa.int64()).cast(pa.duration("us"))
            yield column.name, values.to_pandas().astype("timedelta64[us]")
        elif column.type in {ColumnType.DATE, ColumnType.DATETIME}:
            yield column.name, values.cast(pa.timestamp("us")).to_pandas()
        elif column.type is ColumnType.NUMBER:
            yield column.name, values.to_pandas()
        elif column.type is ColumnType.INTEGER:
            yield column.name, values.to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get)
        elif column.type is ColumnType.BOOLEAN:
            yield column.name, values.to_pandas(types_mapper={pa.bool_(): pd.BooleanDtype()}.get)
        else:
            strings = values.cast(pa.string())
            yield (
                column.name,
                strings.to_pandas(types_mapper={pa.string(): pd.StringDtype("pyarrow")}.get),
            )
