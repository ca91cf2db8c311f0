"""Use cases of real data: import, look, review, remove."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd
from sqlalchemy import select

from core.data.hashing import content_hash
from core.data.pii import Finding, find_pii, masked_columns
from core.data.profile import TableProfile, profile_table
from core.data.read import ReadLimits, read_files
from core.data.samples import SAMPLES, Sample, sample
from core.data.schema import Action, Relationship, Schema
from core.errors import InvalidInput
from core.governance.lineage import add_edge
from core.governance.policy import Actor
from core.store.tables import DatasetRow, ReleaseRow, new_id, now
from core.studio import review
from core.studio.context import Context, find, open_columns, runs_of, to_dataset, to_run
from core.studio.plans import remove_plan
from core.studio.stored import (
    ACTIVE,
    dataset_folder,
    dataset_path,
    filled_folder,
    profile_path,
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
        self, actor: Actor, project_id: str, name: str, files: Sequence[tuple[str, Path]]
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
        context = self._context
        dataset_id = new_id()
        resource = f"dataset:{dataset_id}"
        with context.guard.use_case(
            actor, "dataset.import", resource=resource, project_id=project_id
        ) as entry:
            limits = ReadLimits.from_settings(context.settings)
            read = read_files(files, limits=limits)
            folder = dataset_folder(dataset_id)
            try:
                context.vault.mark(folder)
                row = self._store(dataset_id, project_id, name, actor, read.tables, read.schema)
                row.source = [original for original, _ in files]
                row.notes = list(read.notes)
                with context.database.session() as session:
                    session.add(row)
                    for original in row.source:
                        add_edge(session, project_id, f"file:{original}", resource, "import")
            except BaseException:
                context.vault.remove(folder)
                raise
            context.vault.unmark(folder)
            entry.details["rows"] = sum(row.table_rows.values())
            entry.details["content_hash"] = row.content_hash
            entry.details["files"] = len(files)
            return to_dataset(row)

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

    def findings(self, actor: Actor, dataset_id: str) -> dict[str, dict[str, Finding]]:
        """What detection says of columns, by table and column; evidence is masked."""
        row = self._context.dataset(dataset_id)
        with self._context.about(actor, "dataset.findings", row):
            return {
                table: {name: Finding.from_dict(found) for name, found in columns.items()}
                for table, columns in row.findings.items()
            }

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
        self, actor: Actor, dataset_id: str, table: str, column: str, action: Action
    ) -> Sequence[str]:
        """What an action makes of a column: a few examples, never a real value."""
        return review.preview_action(self._context, actor, dataset_id, table, column, action)

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
                session.delete(find(session, DatasetRow, dataset_id))
                self._context.vault.mark(folder)
            self._context.vault.remove(folder)

    def _store(
        self,
        dataset_id: str,
        project_id: str,
        name: str,
        actor: Actor,
        tables: Mapping[str, pd.DataFrame],
        schema: Schema,
    ) -> DatasetRow:
        findings = {
            t.name: find_pii(tables[t.name], t, keys=schema.keys_of(t.name)) for t in schema.tables
        }
        profiles = {
            t.name: profile_table(tables[t.name], t, masked=masked_columns(findings[t.name]))
            for t in schema.tables
        }
        vault = self._context.vault
        for position, table in enumerate(schema.tables):
            vault.write_table(dataset_path(dataset_id, position), tables[table.name], table)
        plain = {name: profile.to_dict() for name, profile in profiles.items()}
        vault.write_blob(profile_path(dataset_id), json.dumps(plain).encode())
        return DatasetRow(
            id=dataset_id,
            project_id=project_id,
            name=_checked_name(name),
            content_hash=content_hash(tables, schema),
            table_rows={name: len(frame) for name, frame in tables.items()},
            stored_schema=schema.to_dict(),
            schema=_with_defaults(schema, findings).to_dict(),
            findings={
                table: {column: found.to_dict() for column, found in columns.items()}
                for table, columns in findings.items()
            },
            reviewed_at=None if any(findings.values()) else now(),
            created_by=actor.username,
            created_at=now(),
        )

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


def _checked_name(name: str) -> str:
    cleaned = " ".join(name.split())
    if not 1 <= len(cleaned) <= 200:
        raise InvalidInput("A dataset needs a name of 1 to 200 characters. Give it one.")
    return cleaned


def _with_defaults(schema: Schema, findings: Mapping[str, Mapping[str, Finding]]) -> Schema:
    """Columns without a finding are kept; the others wait for a person."""
    for table in schema.tables:
        columns = tuple(
            column if column.name in findings[table.name] else replace(column, action=Action.KEEP)
            for column in table.columns
        )
        schema = schema.with_table(replace(table, columns=columns))
    return schema
