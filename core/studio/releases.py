"""Use cases of releases: make one from a finished run, trace it, take it away."""

from collections.abc import Mapping, Sequence

from sqlalchemy import func, select

from core.errors import Conflict
from core.governance.lineage import add_edge, connected
from core.governance.policy import Actor
from core.store.tables import DatasetRow, ReleaseRow, RunRow, new_id, now
from core.studio.context import Context, to_release
from core.studio.downloads import Download, file_stem, packed
from core.studio.names import checked_name
from core.studio.spec_codec import spec_from_dict
from core.studio.stored import output_schema, read_synthetic_blocks
from core.studio.values import Edge, Purpose, Release

__all__ = ["Download", "Releases"]


class Releases:
    """Versions of synthetic tables; every call checks the policy and writes an audit entry."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def create(self, actor: Actor, run_id: str, name: str, notes: str = "") -> Release:
        """Make the next version of a release out of a finished run.

        Raises
        ------
        Conflict
            The run has no result, or its rows are real: what filled missing cells is no release.
        InvalidInput
            The name is empty or too long.
        """
        run = self._context.run(run_id)
        with self._context.about(actor, "release.create", run) as entry:
            _refuse_real(run)
            output_schema(run)
            row = ReleaseRow(
                id=new_id(),
                project_id=run.project_id,
                dataset_id=run.dataset_id,
                run_id=run.id,
                name=checked_name(name, "release"),
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
            output = output_schema(self._context.run(row.run_id))
            stem = f"{file_stem(row.name, 'release')}-v{row.version}"
            vault = self._context.vault
            tables = {
                name: read_synthetic_blocks(vault, row.run_id, output, name)
                for name in output.names
            }
            download = packed(stem, tables, output, format)
            entry.details.update(format=format)
            return download.begun()  # what cannot be read fails here, and is recorded

    def dataset_names(self, actor: Actor, project_id: str) -> Mapping[str, str]:
        """Names of the project's datasets by id, to show beside releases."""
        with (
            self._context.about_project(actor, "release.list", project_id),
            self._context.database.reading() as session,
        ):
            query = select(DatasetRow.id, DatasetRow.name)
            found = session.execute(query.where(DatasetRow.project_id == project_id))
            return {row.id: row.name for row in found}


def _refuse_real(run: RunRow) -> None:
    if spec_from_dict(run.spec).purpose is Purpose.IMPUTE:
        raise Conflict(
            "This run filled the missing cells of the real table: its rows are real and are never "
            "released. Make synthetic tables, and release those."
        )
