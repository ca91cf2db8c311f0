"""Uploads that come in pieces: begun, continued, checked, imported; abandoned ones are removed.

A browser sends with its session; a terminal with a token that is good for one upload. What has
arrived lies in the vault, sealed; how much that is, is asked of the vault and not of the client.
"""

import hashlib
import hmac
import secrets
import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from core.data.archive import Openable
from core.data.sealed_file import PIECE, SealedFile, check_room
from core.data.sniff import ReadOptions
from core.errors import AuthenticationFailed, Conflict, InvalidInput
from core.governance.people import find_by_username, to_actor
from core.governance.policy import Actor
from core.governance.usecase import Entry, missing
from core.settings import GIB
from core.store.tables import UploadRow, new_id, now
from core.studio.context import Context
from core.studio.importing import Request, of_files
from core.studio.imports import Import, Imports

ABANDONED = timedelta(hours=48)
MOST_OPEN = 20


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


class Uploads:
    """Large files on their way in; every call checks the policy and writes an audit entry."""

    def __init__(self, context: Context, imports: Imports) -> None:
        self._context = context
        self._imports = imports
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._importing: dict[str, str] = {}

    def begin(self, actor: Actor, project_id: str, name: str, size: int) -> tuple[Upload, str]:
        """Announce a file; returns it, and a token that lets a terminal send it.

        Raises
        ------
        InvalidInput
            It is larger than the administrator allows, or empty.
        StorageError
            It would not fit on the disk.
        """
        context = self._context
        upload_id = new_id()
        with context.guard.use_case(
            actor, "upload.begin", resource=f"upload:{upload_id}", project_id=project_id
        ) as entry:
            self.sweep()
            self._check_size(name, size)
            token = secrets.token_urlsafe(32)
            row = UploadRow(
                id=upload_id,
                project_id=project_id,
                name=_plain_name(name),
                size=size,
                token_hash=_hashed(token),
                created_by=actor.username,
                created_at=now(),
                changed_at=now(),
            )
            entry.details["bytes"] = size
            with context.database.session() as session:
                query = select(UploadRow.id).where(UploadRow.created_by == actor.username)
                if len(list(session.scalars(query))) >= MOST_OPEN:
                    raise Conflict(
                        f"You have {MOST_OPEN} uploads that were not imported. Import or remove "
                        "some first."
                    )
                session.add(row)
            return self._value(row), token

    def get(self, actor: Actor, upload_id: str) -> Upload:
        """How much of an upload has arrived."""
        row = self._row(upload_id)
        with self._about(actor, "upload.get", row):
            return self._value(row)

    def list(self, actor: Actor, project_id: str) -> Sequence[Upload]:
        """Uploads of a project that wait for their import, newest first."""
        context = self._context
        with context.about_project(actor, "upload.get", project_id):
            with context.database.reading() as session:
                query = select(UploadRow).where(UploadRow.project_id == project_id)
                rows = list(session.scalars(query.order_by(UploadRow.created_at.desc())))
            return [self._value(row) for row in rows if not self._is_importing(row.id)]

    def by_token(self, upload_id: str, token: str) -> Upload:
        """The upload that a terminal's token is good for, as long as who began it may see it.

        Raises
        ------
        AuthenticationFailed
            It is good for no upload, or for another one, or the account is closed.
        NotFound
            Who began it is not a member of the project any more.
        """
        refused = AuthenticationFailed("The token is not good for this upload. Begin a new one.")
        with self._context.database.reading() as session:
            row = session.get(UploadRow, upload_id)
            if row is None or not hmac.compare_digest(row.token_hash, _hashed(token)):
                raise refused
            user = find_by_username(session, row.created_by)
            if user is None:
                raise refused
            actor = to_actor(user, "token")
        with self._about(actor, "upload.get", row):
            return self._value(row)

    def append(self, upload: Upload, offset: int, data: bytes, sha256: str = "") -> int:
        """Add bytes behind those that have arrived; returns how many there are now.

        Parameters
        ----------
        upload
            As :meth:`get` or :meth:`by_token` gave it: who may see it may continue it.
        offset
            How many bytes the sender believes to have arrived.
        data
            At most as many as the rest of the piece that begins there has room for.
        sha256
            Of ``data``, in hexadecimal digits, if the sender has it.

        Raises
        ------
        Conflict
            Another number of bytes has arrived, two send at the same time, or the bytes are not
            those that were sent.
        InvalidInput
            There are more than were announced.
        """
        if sha256 and not hmac.compare_digest(sha256.lower(), hashlib.sha256(data).hexdigest()):
            raise Conflict("The bytes arrived changed. Send this piece again.")
        lock = self._locks[upload.id]
        if not lock.acquire(blocking=False):
            raise Conflict("Another connection sends this file already. Wait for it to end.")
        try:
            return self._append(upload, offset, data)
        finally:
            lock.release()

    def finish(self, upload: Upload, *, sha256: str = "", sha256_of_pieces: str = "") -> Upload:
        """Say that all was sent; the checksum, where one is given, has to be right.

        Raises
        ------
        Conflict
            Bytes are missing, or the checksum is another one; then what arrived is removed.
        """
        row = self._row(upload.id)
        file = self._file(row)
        received = file.size()
        if received != row.size:
            raise Conflict(
                f"{received:,} of {row.size:,} bytes have arrived. Send the rest from there."
            )
        wrong = (sha256 and sha256.lower() != file.sha256()) or (
            sha256_of_pieces and sha256_of_pieces.lower() != file.sha256_of_pieces()
        )
        if wrong:
            self._forget(row)
            raise Conflict(
                "The checksum is not that of the file that was sent, so it was removed. Send it "
                "again."
            )
        with self._context.database.session() as session:
            stored = session.get(UploadRow, row.id)
            if stored is not None:
                stored.is_checked, stored.changed_at = True, now()
        return self._value(self._row(row.id))

    def remove(self, actor: Actor, upload_id: str) -> None:
        """Remove an upload and what of it has arrived."""
        row = self._row(upload_id)
        with self._about(actor, "upload.remove", row):
            self._forget(row)

    def files(self, actor: Actor, upload_ids: Sequence[str]) -> Sequence[tuple[str, Openable]]:
        """Complete uploads as files, to look at or to import.

        Raises
        ------
        Conflict
            One of them is not complete.
        """
        found = []
        for upload_id in upload_ids:
            row = self._row(upload_id)
            with self._about(actor, "upload.get", row):
                if not row.is_checked:
                    raise Conflict(f"{row.name!r} has not arrived completely. Send the rest first.")
                found.append((row.name, self._file(row)))
        return found

    def start_import(
        self,
        actor: Actor,
        name: str,
        upload_ids: Sequence[str],
        options: Mapping[str, ReadOptions] | None = None,
        version_of: str = "",
    ) -> Import:
        """Import complete uploads of one project as a dataset, beside the page.

        The uploads are removed once all is in the vault.
        """
        rows = [self._row(upload_id) for upload_id in upload_ids]
        files = self.files(actor, upload_ids)
        if len({row.project_id for row in rows}) != 1:
            raise InvalidInput("Choose uploads of one project.")
        if any(self._is_importing(row.id) for row in rows):
            raise Conflict("One of these files is being imported already. Wait for that to end.")
        sources = tuple(original for original, _ in files)
        request = Request(
            rows[0].project_id, name, sources, options=options or {}, version_of=version_of
        )
        task = self._imports.start(
            actor, request, of_files(files), after=lambda: self._forget_all(rows)
        )
        self._importing |= {row.id: task.id for row in rows}
        return task

    def sweep(self) -> int:
        """Remove uploads that nobody has continued for two days, and parts without one."""
        context = self._context
        with context.database.reading() as session:
            rows = list(session.scalars(select(UploadRow)))
        old = [row for row in rows if row.changed_at < now() - ABANDONED]
        self._forget_all(old)
        known = {row.id for row in rows if row not in old}
        lost = [
            path.name
            for path in (context.vault.root / "uploads").glob("*")
            if path.is_dir() and path.name not in known and not path.name.endswith(".partial")
        ]
        for name in lost:
            context.vault.remove(f"uploads/{name}")
        return len(old) + len(lost)

    def _append(self, upload: Upload, offset: int, data: bytes) -> int:
        row = self._row(upload.id)
        file = self._file(row)
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
        with self._context.database.session() as session:
            stored = session.get(UploadRow, row.id)
            if stored is not None:
                stored.changed_at = now()
        return received + len(data)

    def _is_importing(self, upload_id: str) -> bool:
        return self._imports.is_running(self._importing.get(upload_id, ""))

    def _check_size(self, name: str, size: int) -> None:
        most = int(self._context.settings.upload_gib * GIB)
        if size <= 0:
            raise InvalidInput(f"{name!r} is empty. Upload a file with a header and rows.")
        if size > most:
            raise InvalidInput(
                f"{name!r} has {size / GIB:.3g} GiB; at most {most / GIB:.3g} GiB are taken. Have "
                "the limit raised (STUDIO_UPLOAD_GIB), or send fewer rows."
            )
        check_room(self._context.vault, name, size)

    def _about(self, actor: Actor, use_case: str, row: UploadRow) -> AbstractContextManager[Entry]:
        return self._context.guard.use_case(
            actor, use_case, resource=f"upload:{row.id}", project_id=row.project_id
        )

    def _row(self, upload_id: str) -> UploadRow:
        with self._context.database.reading() as session:
            row = session.get(UploadRow, upload_id)
        if row is None:
            raise missing(f"upload:{upload_id}")
        return row

    def _file(self, row: UploadRow) -> SealedFile:
        return SealedFile(self._context.vault, f"uploads/{row.id}")

    def _forget_all(self, rows: Sequence[UploadRow]) -> None:
        for row in rows:
            self._forget(row)

    def _forget(self, row: UploadRow) -> None:
        with self._context.database.session() as session:
            stored = session.get(UploadRow, row.id)
            if stored is not None:
                session.delete(stored)
        self._context.vault.remove(f"uploads/{row.id}")
        self._locks.pop(row.id, None)
        self._importing.pop(row.id, None)

    def _value(self, row: UploadRow) -> Upload:
        return Upload(
            row.id,
            row.project_id,
            row.name,
            row.size,
            self._file(row).size(),
            row.is_checked,
            row.created_by,
            row.created_at,
        )


def _plain_name(name: str) -> str:
    """The file's own name, without folders and control characters."""
    last = name.replace("\\", "/").rpartition("/")[2]
    plain = "".join(c for c in last if c.isprintable()).strip()[:200]
    if not plain:
        raise InvalidInput("The file has no name. Rename it, then send it again.")
    return plain


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
