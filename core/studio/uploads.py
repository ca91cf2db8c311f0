"""Uploads that come in pieces: begun, continued, checked, imported; abandoned ones are removed.

A browser sends with its session; a terminal with a token that is good for one upload. What has
arrived lies sealed in the vault, see ``core.studio.kept_uploads``.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence

from sqlalchemy import select

from core.data.archive import Openable
from core.data.sniff import ReadOptions
from core.errors import AuthenticationFailed, Conflict, InvalidInput
from core.governance.people import find_by_username, to_actor
from core.governance.policy import Actor
from core.store.tables import UploadRow, new_id, now
from core.studio.context import Context
from core.studio.importing import Request, of_files
from core.studio.imports import Import, Imports
from core.studio.kept_uploads import KeptUploads, Upload

__all__ = ["Upload", "Uploads"]

MOST_OPEN = 20


class Uploads:
    """Large files on their way in; every call checks the policy and writes an audit entry."""

    def __init__(self, context: Context, imports: Imports) -> None:
        self._context = context
        self._imports = imports
        self._kept = KeptUploads(context)
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
            self._kept.check_size(name, size)
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
            return self._kept.value(row), token

    def get(self, actor: Actor, upload_id: str) -> Upload:
        """How much of an upload has arrived."""
        row = self._context.upload(upload_id)
        with self._context.about(actor, "upload.get", row):
            return self._kept.value(row)

    def list(self, actor: Actor, project_id: str) -> Sequence[Upload]:
        """Uploads of a project that wait for their import, newest first."""
        context = self._context
        with context.about_project(actor, "upload.get", project_id):
            with context.database.reading() as session:
                query = select(UploadRow).where(UploadRow.project_id == project_id)
                rows = list(session.scalars(query.order_by(UploadRow.created_at.desc())))
            return [self._kept.value(row) for row in rows if not self._is_importing(row.id)]

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
        with self._context.about(actor, "upload.get", row):
            return self._kept.value(row)

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
        return self._kept.append(upload.id, offset, data)

    def finish(self, upload: Upload, *, sha256: str = "", sha256_of_pieces: str = "") -> Upload:
        """Say that all was sent; the checksum, where one is given, has to be right.

        Raises
        ------
        Conflict
            Bytes are missing, or the checksum is another one; then what arrived is removed.
        """
        self._kept.complete(self._context.upload(upload.id), sha256, sha256_of_pieces)
        return self._kept.value(self._context.upload(upload.id))

    def remove(self, actor: Actor, upload_id: str) -> None:
        """Remove an upload and what of it has arrived."""
        row = self._context.upload(upload_id)
        with self._context.about(actor, "upload.remove", row):
            self._forget_all([row])

    def files(self, actor: Actor, upload_ids: Sequence[str]) -> Sequence[tuple[str, Openable]]:
        """Complete uploads as files, to look at or to import.

        Raises
        ------
        Conflict
            One of them is not complete.
        """
        found = []
        for upload_id in upload_ids:
            row = self._context.upload(upload_id)
            with self._context.about(actor, "upload.get", row):
                if not row.is_checked:
                    raise Conflict(f"{row.name!r} has not arrived completely. Send the rest first.")
                found.append((row.name, self._kept.file(row)))
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
        rows = [self._context.upload(upload_id) for upload_id in upload_ids]
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
        for upload_id in [key for key in list(self._importing) if not self._is_importing(key)]:
            self._importing.pop(upload_id, None)
        return self._kept.sweep()

    def _is_importing(self, upload_id: str) -> bool:
        return self._imports.is_running(self._importing.get(upload_id, ""))

    def _forget_all(self, rows: Sequence[UploadRow]) -> None:
        for row in rows:
            self._kept.forget(row)
            self._importing.pop(row.id, None)


def _plain_name(name: str) -> str:
    """The file's own name, without folders and control characters."""
    last = name.replace("\\", "/").rpartition("/")[2]
    plain = "".join(c for c in last if c.isprintable()).strip()[:200]
    if not plain:
        raise InvalidInput("The file has no name. Rename it, then send it again.")
    return plain


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
