"""The vault: the only place where tables, models and reports rest, and only encrypted.

Tables are Parquet with AES-GCM, written and read by DuckDB; everything else is sealed blobs. A
vault is opened from a folder and a key, in the server and in job workers alike; nothing here
knows of state or of people.
"""

import base64
import errno
import os
import secrets
import shutil
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from core.data.blocks import empty_frame
from core.data.frames import canonical
from core.data.schema import ColumnType, Table
from core.errors import IntegrityError, NotFound, StorageError
from core.keys import Keys, seal, unseal
from core.store.duck import connect, literal

PARTIAL = ".partial"
_MARK = "unfinished"
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
        """Write a canonical frame as encrypted Parquet; the file appears whole or not at all.

        Raises
        ------
        StorageError
            The disk is full or cannot be written.
        """
        with self._whole(path) as draft, self._cursor() as cursor:
            cursor.register("frame", _to_arrow(frame, table))
            copy = f"COPY frame TO {literal(str(draft))} (FORMAT parquet, {_ENCRYPTION})"
            cursor.execute(copy)

    def write_blocks(self, path: str, frames: Iterable[pd.DataFrame], table: Table) -> None:
        """Write canonical frames as they come into one file, as :meth:`write_table`.

        Memory holds a few of the frames. Whatever the frames raise is raised, and nothing is kept.
        """
        schema = _to_arrow(empty_frame(table), table).schema
        failed: list[BaseException] = []
        batches = _batches(frames, table, schema, failed)
        reader = pa.RecordBatchReader.from_batches(schema, batches)
        with self._whole(path) as draft, self._cursor() as cursor:
            cursor.register("frames", reader)
            copy = f"COPY frames TO {literal(str(draft))} (FORMAT parquet, {_ENCRYPTION})"
            try:
                cursor.execute(copy)
            except duckdb.Error:
                if failed:
                    raise failed[0] from None
                raise

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
        some = "" if limit is None else f" LIMIT {max(0, int(limit))}"
        query = f"SELECT * FROM {_scan(source)}{some}"
        with self._cursor() as cursor, _reading(path):
            arrow = cursor.execute(query).to_arrow_table()
        return _from_arrow(arrow, table)

    def read_column(self, path: str, table: Table, name: str) -> pd.Series:
        """One column of a table, all its rows; raises as :meth:`read_table`."""
        source, place = self._existing(path), table.names.index(name)
        with self._cursor() as cursor, _reading(path):
            arrow = cursor.execute(f"SELECT c{place} FROM {_scan(source)}").to_arrow_table()
        return _from_arrow(arrow, table.select((name,)))[name]

    def sample_table(
        self, path: str, table: Table, most: int, rng: np.random.Generator
    ) -> tuple[pd.DataFrame, int]:
        """At most ``most`` rows of a table, drawn at random, and how many it has.

        Only the drawn rows are held in memory; they are in the order they have in the table.
        Raises as :meth:`read_table`.
        """
        source = _scan(self._existing(path), "file_row_number = true")
        with self._cursor() as cursor, _reading(path):
            (rows,) = cursor.execute(f"SELECT count(*) FROM {source}").fetchall()[0]
            if rows <= most:
                return self.read_table(path, table), rows
            drawn = np.sort(rng.choice(rows, most, replace=False))
            cursor.register("drawn", pa.table({"place": drawn}))
            arrow = cursor.execute(
                f"SELECT * EXCLUDE (file_row_number) FROM {source} "
                "WHERE file_row_number IN (SELECT place FROM drawn) ORDER BY file_row_number"
            ).to_arrow_table()
        return _from_arrow(arrow, table), rows

    @contextmanager
    def querying(self, path: str) -> Iterator[tuple[duckdb.DuckDBPyConnection, str]]:
        """A cursor and what to select a table from, columns ``c0``, ``c1``, … by position.

        Raises as :meth:`read_table`.
        """
        source = _scan(self._existing(path))
        with self._cursor() as cursor, _reading(path):
            yield cursor, source

    def write_blob(self, path: str, blob: bytes) -> None:
        """Seal bytes into a file; the file appears whole or not at all.

        Raises
        ------
        StorageError
            The disk is full or cannot be written.
        """
        with self._whole(path) as draft:
            draft.write_bytes(seal(self._keys, blob, "vault", path.encode()))

    def read_blob(self, path: str) -> bytes:
        """The bytes sealed at ``path``; raises ``NotFound`` or ``IntegrityError``."""
        return unseal(self._keys, self._existing(path).read_bytes(), "vault", path.encode())

    def exists(self, path: str) -> bool:
        """Whether a file is there."""
        return self._place(path).is_file()

    def remove(self, folder: str) -> None:
        """Remove a folder and all it holds, or a file; nothing happens when it is not there.

        It is renamed first, so that it is gone as a whole, and what an interruption leaves of it
        is a leftover for :meth:`sweep`.
        """
        place = self._place(folder)
        doomed = _draft_of(place)
        try:
            place.rename(doomed)
        except FileNotFoundError:
            return
        except OSError as error:
            raise _writing_error(folder, error) from error
        if doomed.is_dir():
            shutil.rmtree(doomed, ignore_errors=True)
        else:
            doomed.unlink(missing_ok=True)

    def mark(self, folder: str) -> None:
        """Say that a folder is being made or removed, until :meth:`unmark` or its removal."""
        with self._whole(f"{folder}/{_MARK}") as draft:
            draft.touch()

    def unmark(self, folder: str) -> None:
        """Say that a folder is complete."""
        (self._place(folder) / _MARK).unlink(missing_ok=True)

    def marked(self) -> list[str]:
        """Folders whose making or removal was interrupted."""
        return [str(mark.parent.relative_to(self.root)) for mark in self.root.rglob(_MARK)]

    def sweep(self) -> int:
        """Remove what writes and removals left behind that were interrupted; how many.

        Only for the process that holds the workspace, before it writes anything itself.
        """
        left = list(self.root.rglob(f"*{PARTIAL}"))
        for path in left:
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
        for folder in self.root.glob("*/*"):
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()
        return len(left)

    def check(self) -> None:
        """Write, read back and remove a probe; raises when the vault does not work."""
        path = f"probe-{secrets.token_hex(4)}"
        self.write_blob(path, b"probe")
        if self.read_blob(path) != b"probe":
            raise IntegrityError("The vault gave back other bytes than were written.")
        self._place(path).unlink()

    @contextmanager
    def _whole(self, path: str) -> Iterator[Path]:
        """A draft beside the file's place; it is put there, safe on disk, if the block succeeds."""
        target = self._place(path)
        draft = _draft_of(target)
        try:
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            yield draft
            _flush(draft)
            draft.replace(target)
        except (OSError, duckdb.IOException) as error:
            raise _writing_error(path, error) from error
        finally:
            draft.unlink(missing_ok=True)

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


def _draft_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.{secrets.token_hex(4)}{PARTIAL}")


def _flush(path: Path) -> None:
    """Have the system write a file to the disk, so that no power cut leaves half of it."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _writing_error(path: str, error: OSError | duckdb.IOException) -> StorageError:
    full = getattr(error, "errno", None) == errno.ENOSPC or "No space left" in str(error)
    reason = "the disk is full" if full else f"the disk refuses it ({type(error).__name__})"
    return StorageError(
        f"The vault's file {path!r} cannot be written: {reason}. Nothing of it was kept. Make "
        "room on the disk of the home folder, or have its owner and mode put right, and try again."
    )


def _connect(key: bytes) -> duckdb.DuckDBPyConnection:
    """An in-memory DuckDB that knows the key and never spills plain rows to disk."""
    connection = connect()
    encoded = base64.b64encode(key).decode()
    connection.execute(f"PRAGMA add_parquet_key('{_KEY_NAME}', '{encoded}')")
    return connection


@contextmanager
def _reading(path: str) -> Iterator[None]:
    """Say what is wrong with a file that DuckDB does not read."""
    try:
        yield
    except duckdb.Error as error:
        raise IntegrityError(
            f"The vault's file {path!r} cannot be decrypted: it was changed, or written "
            "with another key. Restore it from a backup, or set the key it was made with."
        ) from error


def _scan(path: Path, options: str = "") -> str:
    more = f", {options}" if options else ""
    key = f"encryption_config = {{footer_key: '{_KEY_NAME}'}}"
    return f"read_parquet({literal(str(path))}, {key}{more})"


def _to_arrow(frame: pd.DataFrame, table: Table) -> pa.Table:
    """Columns by position (``c0``, ``c1``, …), so that no name can trouble the file."""
    arrays = [pa.array(_storable(frame[c.name], c.type)) for c in table.columns]
    return pa.table(arrays, names=[f"c{i}" for i in range(len(arrays))])


def _batches(
    frames: Iterable[pd.DataFrame], table: Table, schema: pa.Schema, failed: list[BaseException]
) -> Iterator[pa.RecordBatch]:
    """Frames as batches of one schema; an error is noted, since DuckDB passes on its words only."""
    try:
        for frame in frames:
            yield from _to_arrow(frame, table).cast(schema).to_batches()
    except BaseException as error:
        failed.append(error)
        raise


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
