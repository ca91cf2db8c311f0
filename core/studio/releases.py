"""Use cases of releases: make one from a finished run, trace it, take it away."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from sqlalchemy import func, select

from core.data.schema import Schema
from core.data.vault import Vault
from core.data.write import encode_blocks, file_format, file_names, zipped
from core.errors import InvalidInput
from core.governance.lineage import add_edge, connected
from core.governance.policy import Actor
from core.store.tables import DatasetRow, ReleaseRow, new_id, now
from core.studio.context import Context, to_release
from core.studio.stored import output_schema, read_synthetic_blocks
from core.studio.values import Edge, Release


@dataclass(frozen=True, slots=True)
class Download:
    """A file to hand out: its name, its media type and its bytes, which come in pieces, once.

    What is read from the vault is read while the pieces are taken.
    """

    filename: str
    media_type: str
    chunks: Iterator[bytes]

    def content(self) -> bytes:
        """All bytes that were not taken yet."""
        return b"".join(self.chunks)


class Releases:
    """Versions of synthetic tables; every call checks the policy and writes an audit entry."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def create(self, actor: Actor, run_id: str, name: str, notes: str = "") -> Release:
        """Make the next version of a release out of a finished run.

        Raises
        ------
        Conflict
            The run has no result.
        InvalidInput
            The name is empty or too long.
        """
        run = self._context.run(run_id)
        with self._context.about(actor, "release.create", run) as entry:
            output_schema(run)
            row = ReleaseRow(
                id=new_id(),
                project_id=run.project_id,
                dataset_id=run.dataset_id,
                run_id=run.id,
                name=_checked_name(name),
                state="draft",
                content_hash=run.result["content_hash"],
                notes=notes.strip()[:2_000],
                created_by=actor.username,
                created_at=now(),
            )
            with self._context.database.session() as session:
                query = select(func.max(ReleaseRow.version)).where(
                    ReleaseRow.project_id == run.project_id, ReleaseRow.name == row.name
                )
                row.version = (session.scalar(query) or 0) + 1
                session.add(row)
                target = f"release:{row.id}"
                add_edge(session, run.project_id, f"run:{run.id}", target, f"version {row.version}")
            entry.resource = f"release:{row.id}"
            entry.details.update(version=row.version, content_hash=row.content_hash)
            return to_release(row)

    def list(self, actor: Actor, project_id: str) -> Sequence[Release]:
        """The project's releases, newest first."""
        with (
            self._context.about_project(actor, "release.list", project_id),
            self._context.database.reading() as session,
        ):
            query = select(ReleaseRow).where(ReleaseRow.project_id == project_id)
            rows = session.scalars(query.order_by(ReleaseRow.created_at.desc()))
            return [to_release(row) for row in rows]

    def get(self, actor: Actor, release_id: str) -> Release:
        """One release's description."""
        row = self._context.release(release_id)
        with self._context.about(actor, "release.get", row):
            return to_release(row)

    def lineage(self, actor: Actor, release_id: str) -> Sequence[Edge]:
        """Every step from the files that were read to what was taken away of this release."""
        row = self._context.release(release_id)
        with (
            self._context.about(actor, "release.lineage", row),
            self._context.database.reading() as session,
        ):
            return connected(session, f"release:{row.id}")

    def download(self, actor: Actor, release_id: str, format: str) -> Download:
        """The synthetic tables as one file, or as a zip of one file a table.

        The audit entry is written before the first byte leaves.

        Raises
        ------
        InvalidInput
            The format is not one of ``core.data.write.FORMATS``.
        """
        row = self._context.release(release_id)
        with self._context.about(actor, "release.download", row) as entry:
            file_format(format)
            output = output_schema(self._context.run(row.run_id))
            stem = f"{_file_stem(row.name)}-v{row.version}"
            download = _pack(stem, self._context.vault, row.run_id, output, format)
            entry.details.update(format=format)
            first = next(download.chunks, b"")  # what cannot be read fails here, and is recorded
            return replace(download, chunks=chain([first], download.chunks))

    def dataset_names(self, actor: Actor, project_id: str) -> Mapping[str, str]:
        """Names of the project's datasets by id, to show beside releases."""
        with (
            self._context.about_project(actor, "release.list", project_id),
            self._context.database.reading() as session,
        ):
            query = select(DatasetRow.id, DatasetRow.name)
            found = session.execute(query.where(DatasetRow.project_id == project_id))
            return {row.id: row.name for row in found}


def _pack(stem: str, vault: Vault, run_id: str, output: Schema, format: str) -> Download:
    kind = file_format(format)
    tables = {
        table.name: encode_blocks(
            read_synthetic_blocks(vault, run_id, output, table.name), table, format
        )
        for table in output.tables
    }
    if len(tables) == 1:
        return Download(f"{stem}{kind.ending}", kind.media_type, *tables.values())
    names = file_names({table.name: table for table in output.tables}, format)
    files = {names[name]: chunks for name, chunks in tables.items()}
    return Download(f"{stem}.zip", "application/zip", zipped(files))


def _checked_name(name: str) -> str:
    cleaned = " ".join(name.split())
    if not 1 <= len(cleaned) <= 200:
        raise InvalidInput("A release needs a name of 1 to 200 characters. Give it one.")
    return cleaned


def _file_stem(name: str) -> str:
    """A file name that every system takes."""
    kept = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "-" for c in name)
    return kept.strip("-")[:80] or "release"
