"""Use cases of real data: import, look, review, remove."""

from collections.abc import Mapping, Sequence

import pandas as pd
from sqlalchemy import select

from core.data.archive import Openable
from core.data.pii import Finding
from core.data.profile import Drift, Exposure, Pair, TableProfile
from core.data.samples import SAMPLES, Sample, sample
from core.data.schema import Action, Coarser, Relationship
from core.governance.policy import Actor
from core.store.tables import DatasetRow, ReleaseRow
from core.studio import drift, profiling, review
from core.studio.context import Context, find, open_columns, runs_of, to_dataset, to_run
from core.studio.importing import Request, carry_out, of_files
from core.studio.pipelines import remove_pipelines
from core.studio.plans import remove_plan
from core.studio.stored import (
    ACTIVE,
    dataset_folder,
    filled_folder,
    read_profile,
    read_table,
    refuse_while_training,
)
from core.studio.values import Dataset, Decision, Stage


class Datasets:
    """Real tables of projects; every call checks the policy and writes an audit entry."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def samples(self) -> Sequence[Sample]:
        """The samples that ship."""
        return list(SAMPLES.values())

    def import_sample(self, actor: Actor, project_id: str, key: str) -> Dataset:
        """Import a sample that ships, through the same way as an upload."""
        found = sample(key)
        return self.import_files(actor, project_id, found.title, found.paths)

    def import_files(
        self, actor: Actor, project_id: str, name: str, files: Sequence[tuple[str, Openable]]
    ) -> Dataset:
        """Read files into the vault as one dataset, profile it and look for personal data.

        Parameters
        ----------
        files
            ``(original name, where it lies)``; the caller removes the files afterwards.

        Raises
        ------
        InvalidInput
            When a file cannot be read; nothing is kept then.
        """
        sources = tuple(original for original, _ in files)
        request = Request(project_id, name, sources)
        return carry_out(self._context, actor, request, of_files(files))

    def list(self, actor: Actor, project_id: str) -> Sequence[Dataset]:
        """The project's datasets, newest first."""
        context = self._context
        with (
            context.about_project(actor, "dataset.list", project_id),
            context.database.reading() as session,
        ):
            query = select(DatasetRow).where(DatasetRow.project_id == project_id)
            rows = session.scalars(query.order_by(DatasetRow.created_at.desc()))
            return [to_dataset(row) for row in rows]

    def get(self, actor: Actor, dataset_id: str) -> Dataset:
        """One dataset's description: schema, counts, what is open; no rows."""
        row = self._context.dataset(dataset_id)
        with self._context.about(actor, "dataset.get", row):
            return to_dataset(row)

    def stage(self, actor: Actor, dataset_id: str) -> Stage:
        """How far a dataset has come."""
        row = self._context.dataset(dataset_id)
        with self._context.about(actor, "dataset.stage", row):
            return self._stage(row)

    def stages(self, actor: Actor, project_id: str) -> dict[str, Stage]:
        """How far each dataset of a project has come, by id."""
        context = self._context
        with context.about_project(actor, "dataset.list", project_id):
            with context.database.reading() as session:
                query = select(DatasetRow).where(DatasetRow.project_id == project_id)
                rows = list(session.scalars(query))
            return {row.id: self._stage(row) for row in rows}

    def rows(self, actor: Actor, dataset_id: str, table: str, limit: int = 100) -> pd.DataFrame:
        """The first real rows of a table; for members only."""
        row = self._context.dataset(dataset_id)
        with self._context.about(actor, "dataset.rows", row) as entry:
            entry.details["limit"] = limit
            return read_table(self._context.vault, row, table, limit)

    def profile(self, actor: Actor, dataset_id: str) -> dict[str, TableProfile]:
        """The profile of each table, taken at import."""
        row = self._context.dataset(dataset_id)
        with self._context.about(actor, "dataset.profile", row):
            return read_profile(self._context.vault, dataset_id)

    def pair(self, actor: Actor, dataset_id: str, table: str, left: str, right: str) -> Pair:
        """Two columns together: what a chart of them needs, without anything rare."""
        return profiling.paired(self._context, actor, dataset_id, table, left, right)

    def drift(self, actor: Actor, dataset_id: str, before_id: str) -> Drift:
        """What changed since an earlier version; any two datasets of one project."""
        return drift.compared(self._context, actor, dataset_id, before_id)

    def findings(self, actor: Actor, dataset_id: str) -> dict[str, dict[str, Finding]]:
        """What detection says of columns, by table and column; evidence is masked."""
        row = self._context.dataset(dataset_id)
        with self._context.about(actor, "dataset.findings", row):
            return {
                table: {name: Finding.from_dict(found) for name, found in columns.items()}
                for table, columns in row.findings.items()
            }

    def why_not(self, actor: Actor, dataset_id: str, table: str, column: str) -> str:
        """Why a column does not count as personal data; shows no value."""
        return profiling.not_flagged(self._context, actor, dataset_id, table, column)

    def exposure(
        self,
        actor: Actor,
        dataset_id: str,
        table: str,
        columns: Sequence[str],
        sensitive: str | None = None,
    ) -> Exposure:
        """How many people one to four columns single out; what they tell of a sensitive one."""
        return profiling.exposed(self._context, actor, dataset_id, table, columns, sensitive)

    def exposures(
        self, actor: Actor, dataset_id: str, table: str, columns: Sequence[str]
    ) -> Sequence[Exposure]:
        """What combinations of up to four of these columns give away, the worst first."""
        return profiling.exposures_of(self._context, actor, dataset_id, table, columns)

    def decide(self, actor: Actor, dataset_id: str, decisions: Sequence[Decision]) -> Dataset:
        """Settle types, roles and actions of columns; see :func:`core.studio.review.decide`."""
        return review.decide(self._context, actor, dataset_id, decisions)

    def set_keys(
        self,
        actor: Actor,
        dataset_id: str,
        primary_keys: Mapping[str, str | None],
        relationships: Sequence[Relationship],
    ) -> Dataset:
        """Settle primary keys by table, and which table points to which."""
        return review.set_keys(self._context, actor, dataset_id, primary_keys, relationships)

    def preview_action(
        self,
        actor: Actor,
        dataset_id: str,
        table: str,
        column: str,
        action: Action,
        coarser: Coarser | None = None,
    ) -> Sequence[str]:
        """What an action makes of a column; see :func:`core.studio.review.preview_action`."""
        wanted = review.Treatment(table, column, action, coarser)
        return review.preview_action(self._context, actor, dataset_id, wanted)

    def remove(self, actor: Actor, dataset_id: str) -> None:
        """Remove the real tables for good, also those with their missing cells filled.

        Runs and releases made from them stay.
        """
        row = self._context.dataset(dataset_id)
        folder = dataset_folder(dataset_id)
        with self._context.about(actor, "dataset.remove", row):
            with self._context.database.session() as session:
                refuse_while_training(session, dataset_id)
                for run in runs_of(session, dataset_id):
                    self._context.vault.remove(filled_folder(run.id))
                remove_plan(session, dataset_id)
                remove_pipelines(session, dataset_id)
                session.delete(find(session, DatasetRow, dataset_id))
                self._context.vault.mark(folder)
            self._context.vault.remove(folder)

    def _stage(self, row: DatasetRow) -> Stage:
        if open_columns(row):
            return Stage.REVIEW
        with self._context.database.reading() as session:
            runs = [to_run(run) for run in runs_of(session, row.id)]
            query = select(ReleaseRow.id).where(ReleaseRow.dataset_id == row.id)
            released = session.scalars(query).first() is not None
        if any(run.state in ACTIVE for run in runs):
            return Stage.TRAINING
        if released:
            return Stage.RELEASED
        return Stage.RESULT if any(run.is_judged for run in runs) else Stage.GENERATE
