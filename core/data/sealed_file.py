"""A file in the vault in sealed pieces: written as it comes in, read from any place.

Nothing of an upload lies on the disk in plain, and what has arrived is there after a restart.
"""

import hashlib
import io
import shutil
from dataclasses import dataclass
from typing import BinaryIO, Literal, cast

from core.data.vault import Vault
from core.errors import IntegrityError, StorageError
from core.settings import GIB

PIECE = 8 * 1024**2
LEAST_FREE = 1 * GIB


def check_room(vault: Vault, name: str, size: int) -> None:
    """Raise ``StorageError`` where a file of so many bytes does not fit on the vault's disk."""
    if size + LEAST_FREE > shutil.disk_usage(vault.root).free:
        raise StorageError(
            f"{name!r} does not fit on the disk of the home folder. Make room, then try again."
        )


@dataclass(frozen=True, slots=True)
class SealedFile:
    """A folder of sealed pieces, all of :data:`PIECE` bytes but the last."""

    vault: Vault
    folder: str

    def size(self) -> int:
        """How many bytes have arrived."""
        count = self.count()
        if not count:
            return 0
        return (count - 1) * PIECE + len(self.piece(count - 1))

    def count(self) -> int:
        """How many pieces there are."""
        low, high = 0, 1
        while self.vault.exists(self._path(high - 1)):
            low, high = high, 2 * high
        while low < high - 1:
            middle = (low + high) // 2
            low, high = (
                (middle, high) if self.vault.exists(self._path(middle - 1)) else (low, middle)
            )
        return low

    def piece(self, number: int) -> bytes:
        """One piece; raises ``NotFound`` or ``IntegrityError``."""
        return self.vault.read_blob(self._path(number))

    def write(self, number: int, data: bytes) -> None:
        """Seal one piece, in place of what was there."""
        if len(data) > PIECE:
            raise IntegrityError(f"A piece has at most {PIECE} bytes. Got {len(data)}.")
        self.vault.write_blob(self._path(number), data)

    def sha256(self) -> str:
        """The SHA-256 of all bytes, in hexadecimal digits."""
        digest = hashlib.sha256()
        for number in range(self.count()):
            digest.update(self.piece(number))
        return digest.hexdigest()

    def sha256_of_pieces(self) -> str:
        """The SHA-256 over the SHA-256 of each piece: what a browser can make piece by piece."""
        digest = hashlib.sha256()
        for number in range(self.count()):
            digest.update(hashlib.sha256(self.piece(number)).digest())
        return digest.hexdigest()

    def open(self, mode: Literal["rb"]) -> BinaryIO:
        """The bytes as a file; one piece is in memory at a time."""
        return cast(BinaryIO, io.BufferedReader(_Reader(self), 1 << 20))

    def _path(self, number: int) -> str:
        return f"{self.folder}/{number}"


class _Reader(io.RawIOBase):
    def __init__(self, sealed: SealedFile) -> None:
        self._sealed = sealed
        self._size = sealed.size()
        self._place = 0
        self._number, self._piece = -1, b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        self._place = max(0, start + offset)
        return self._place

    def readinto(self, target: object) -> int:
        view = memoryview(cast(bytearray, target)).cast("B")
        if self._place >= self._size:
            return 0
        number, inside = divmod(self._place, PIECE)
        if number != self._number:
            self._number, self._piece = number, self._sealed.piece(number)
        part = self._piece[inside : inside + len(view)]
        view[: len(part)] = part
        self._place += len(part)
        return len(part)
