"""Batches of rows that can be had only once: held while they are few, else sealed in the vault."""

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

import pyarrow as pa

from core.data.vault import Vault

HELD = 64 * 1024**2
PIECE = 16 * 1024**2
_LENGTH = struct.Struct("<Q")


@dataclass(slots=True)
class Spool:
    """Takes batches as they come and gives them back in order, as often as is wanted.

    Attributes
    ----------
    folder
        Where in the vault they go once they are more than :data:`HELD` bytes.
    held
        Batches in memory, all of them while ``pieces`` is 0.
    """

    vault: Vault
    folder: str
    held: list[pa.Table] = field(default_factory=list)
    pieces: int = 0
    _waiting: int = 0

    def add(self, batch: pa.Table) -> None:
        """Take the next batch."""
        self.held.append(batch)
        self._waiting += batch.nbytes
        if self._waiting > (PIECE if self.pieces else HELD):
            self._write()

    def read(self) -> Iterator[pa.Table]:
        """All batches, those of one type joined."""
        for number in range(self.pieces):
            yield from _unpacked(self.vault.read_blob(f"{self.folder}/{number}"))
        yield from _joined(self.held)

    def close(self) -> None:
        """Forget all batches."""
        self.held.clear()
        self.vault.remove(self.folder)

    def _write(self) -> None:
        out = io.BytesIO()
        for batch in self.held:
            packed = _packed(batch)
            out.write(_LENGTH.pack(packed.size))
            out.write(packed)
        self.vault.write_blob(f"{self.folder}/{self.pieces}", out.getvalue())
        self.pieces, self._waiting = self.pieces + 1, 0
        self.held.clear()


def _packed(batch: pa.Table) -> pa.Buffer:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_table(batch)
    return sink.getvalue()


def _unpacked(piece: bytes) -> Iterator[pa.Table]:
    batches, place = [], 0
    while place < len(piece):
        (size,) = _LENGTH.unpack_from(piece, place)
        place += _LENGTH.size
        batches.append(pa.ipc.open_stream(memoryview(piece)[place : place + size]).read_all())
        place += size
    yield from _joined(batches)


def _joined(batches: list[pa.Table]) -> Iterator[pa.Table]:
    """Runs of batches with the same types, each as one."""
    run: list[pa.Table] = []
    for batch in batches:
        if run and run[0].schema != batch.schema:
            yield pa.concat_tables(run)
            run = []
        run.append(batch)
    if run:
        yield pa.concat_tables(run)
