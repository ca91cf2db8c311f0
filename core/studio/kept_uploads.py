"""Uploads as they are kept: a row for each, and what has arrived, sealed in the vault.

How much has arrived is asked of the vault and not of the client.
"""

import threading
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from core.data.sealed_file import PIECE, SealedFile, check_room
from core.errors import Conflict, InvalidInput
from core.settings import GIB
from core.store.tables import UploadRow, now
from core.studio.context import Context

ABANDONED = timedelta(hours=48)
_FOLDER = "uploads"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that is on its way in, or waits for its import.

    ``received`` of ``size`` bytes have arrived; ``is_checked`` once all have, and are right.
    """

    id: str
    project_id: str
    name: str
    size: int
    received: int
    is_checked: bool
    created_by: str
    created_at: datetime


class KeptUploads:
    """Rows and bytes of uploads; what is done with them has to be guarded."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def file(self, row: UploadRow) -> SealedFile:
        """What has arrived of an upload."""
        return SealedFile(self._context.vault, f"{_FOLDER}/{row.id}")

    def value(self, row: UploadRow) -> Upload:
        """An upload with how much of it has arrived."""
        return Upload(
            row.id,
            row.project_id,
            row.name,
            row.size,
            self.file(row).size(),
            row.is_checked,
            row.created_by,
            row.created_at,
        )

    def check_size(self, name: str, size: int) -> None:
        """Refuse a file that is empty or larger than the administrator and the disk allow.

        Raises
        ------
        InvalidInput
            It is empty, or larger than ``STUDIO_UPLOAD_GIB``.
        StorageError
            It would not fit on the disk.
        """
        most = int(self._context.settings.upload_gib * GIB)
        if size <= 0:
            raise InvalidInput(f"{name!r} is empty. Upload a file with a header and rows.")
        if size > most:
            raise InvalidInput(
                f"{name!r} has {size / GIB:.3g} GiB; at most {most / GIB:.3g} GiB are taken. Have "
                "the limit raised (STUDIO_UPLOAD_GIB), or send fewer rows."
            )
        check_room(self._context.vault, name, size)

    def append(self, upload_id: str, offset: int, data: bytes) -> int:
        """Add bytes behind those that have arrived; returns how many there are now.

        Raises
        ------
        Conflict
            Another number of bytes has arrived, or two send at the same time.
        InvalidInput
            There are more than were announced.
        """
        lock = self._locks[upload_id]
        if not lock.acquire(blocking=False):
            raise Conflict("Another connection sends this file already. Wait for it to end.")
        try:
            return self._append(self._context.upload(upload_id), offset, data)
        finally:
            lock.release()

    def complete(self, row: UploadRow, sha256: str, sha256_of_pieces: str) -> None:
        """Note that all has arrived; a checksum that is given has to be right.

        Raises
        ------
        Conflict
            Bytes are missing, or the checksum is another one; then what arrived is removed.
        """
        file = self.file(row)
        received = file.size()
        if received != row.size:
            raise Conflict(
                f"{received:,} of {row.size:,} bytes have arrived. Send the rest from there."
            )
        wrong = (sha256 and sha256.lower() != file.sha256()) or (
            sha256_of_pieces and sha256_of_pieces.lower() != file.sha256_of_pieces()
        )
        if wrong:
            self.forget(row)
            raise Conflict(
                "The checksum is not that of the file that was sent, so it was removed. Send it "
                "again."
            )
        self._touch(row, is_checked=True)

    def forget(self, row: UploadRow) -> None:
        """Remove an upload and what of it has arrived."""
        with self._context.database.session() as session:
            stored = session.get(UploadRow, row.id)
            if stored is not None:
                session.delete(stored)
        self._context.vault.remove(f"{_FOLDER}/{row.id}")
        self._locks.pop(row.id, None)

    def sweep(self) -> int:
        """Remove uploads that nobody has continued for two days, and parts without one."""
        vault = self._context.vault
        with self._context.database.reading() as session:
            rows = list(session.scalars(select(UploadRow)))
        old = [row for row in rows if row.changed_at < now() - ABANDONED]
        for row in old:
            self.forget(row)
        known = {row.id for row in rows if row not in old}
        lost = [
            path.name
            for path in (vault.root / _FOLDER).glob("*")
            if path.is_dir() and path.name not in known and not path.name.endswith(".partial")
        ]
        for name in lost:
            vault.remove(f"{_FOLDER}/{name}")
        return len(old) + len(lost)

    def _append(self, row: UploadRow, offset: int, data: bytes) -> int:
        file = self.file(row)
        received = file.size()
        if offset != received or row.is_checked:
            raise Conflict(f"{received:,} bytes have arrived. Go on from there.")
        if received + len(data) > row.size:
            raise InvalidInput(
                f"More bytes were sent than the {row.size:,} that were announced. Begin again."
            )
        number, inside = divmod(received, PIECE)
        before = file.piece(number) if inside else b""
        file.write(number, before + data)
        self._touch(row)
        return received + len(data)

    def _touch(self, row: UploadRow, *, is_checked: bool = False) -> None:
        """Note that somebody goes on with an upload, and that it is complete."""
        with self._context.database.session() as session:
            stored = session.get(UploadRow, row.id)
            if stored is not None:
                stored.changed_at = now()
                stored.is_checked = stored.is_checked or is_checked
