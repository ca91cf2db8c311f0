"""What every use case works with, and how rows become values."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.data.schema import Schema
from core.data.vault import Vault
from core.governance.policy import Actor
from core.governance.spending import Spending
from core.governance.usecase import Entry, Guard, missing
from core.keys import Keys
from core.settings import Settings
from core.store.database import Database
from core.store.tables import ConnectionRow, DatasetRow, ReleaseRow, RunRow, UploadRow
from core.studio.carried import CarriedOver
from core.studio.spec_codec import spec_from_dict
from core.studio.values import Dataset, Release, Run, RunProgress, RunState

_KINDS: dict[type, str] = {
    DatasetRow: "dataset",
    RunRow: "run",
    ReleaseRow: "release",
    ConnectionRow: "connection",
    UploadRow: "upload",
}
Row = DatasetRow | RunRow | ReleaseRow | ConnectionRow | UploadRow
_Row = TypeVar("_Row", bound=Row)


@dataclass(frozen=True, slots=True)
class Context:
    """The open parts of a studio, handed to each group of use cases."""

    settings: Settings
    keys: Keys
    database: Database
    vault: Vault
    guard: Guard
    spending: Spending

    def about_project(
        self, actor: Actor, use_case: str, project_id: str
    ) -> AbstractContextManager[Entry]:
        """A guarded use case about a project as a whole."""
        return self.guard.use_case(
            actor, use_case, resource=f"project:{project_id}", project_id=project_id
        )

    def about(self, actor: Actor, use_case: str, row: Row) -> AbstractContextManager[Entry]:
        """A guarded use case about one dataset, run, release, connection or upload."""
        resource = f"{_KINDS[type(row)]}:{row.id}"
        return self.guard.use_case(actor, use_case, resource=resource, project_id=row.project_id)

    def dataset(self, dataset_id: str) -> DatasetRow:
        """The row of a dataset; to be looked at under a guarded use case only."""
        with self.database.reading() as session:
            return find(session, DatasetRow, dataset_id)

    def run(self, run_id: str) -> RunRow:
        """The row of a run; to be looked at under a guarded use case only."""
        with self.database.reading() as session:
            return find(session, RunRow, run_id)

    def release(self, release_id: str) -> ReleaseRow:
        """The row of a release; to be looked at under a guarded use case only."""
        with self.database.reading() as session:
            return find(session, ReleaseRow, release_id)

    def connection(self, connection_id: str) -> ConnectionRow:
        """The row of a connection; to be looked at under a guarded use case only."""
        with self.database.reading() as session:
            return find(session, ConnectionRow, connection_id)

    def upload(self, upload_id: str) -> UploadRow:
        """The row of an upload; to be looked at under a guarded use case only."""
        with self.database.reading() as session:
            return find(session, UploadRow, upload_id)


def find(session: Session, kind: type[_Row], key: str) -> _Row:
    """The row with that id; raises ``NotFound``, worded as for what one may not know of."""
    row = session.get(kind, key)
    if row is None:
        raise missing(f"{_KINDS[kind]}:{key}")
    return row


def runs_of(session: Session, dataset_id: str) -> list[RunRow]:
    """The runs of a dataset, newest first."""
    query = select(RunRow).where(RunRow.dataset_id == dataset_id)
    return list(session.scalars(query.order_by(RunRow.created_at.desc())))


def open_columns(row: DatasetRow) -> tuple[tuple[str, str], ...]:
    """``(table, column)`` of each column for which no action was chosen yet."""
    schema = Schema.from_dict(row.schema)
    return tuple(
        (table.name, column.name)
        for table in schema.tables
        for column in table.columns
        if column.action is None
    )


def to_dataset(row: DatasetRow) -> Dataset:
    """A row as a value."""
    return Dataset(
        id=row.id,
        project_id=row.project_id,
        name=row.name,
        sources=tuple(row.source),
        notes=tuple(row.notes),
        content_hash=row.content_hash,
        table_rows=dict(row.table_rows),
        schema=Schema.from_dict(row.schema),
        open_columns=open_columns(row),
        reviewed_at=row.reviewed_at,
        created_by=row.created_by,
        created_at=row.created_at,
        version_of=row.version_of or "",
        carried=CarriedOver.from_dict(row.carried) if row.carried else None,
    )


def to_run(row: RunRow, live: RunProgress | None = None) -> Run:
    """A row as a value, with the worker's last report while it runs."""
    return Run(
        id=row.id,
        project_id=row.project_id,
        dataset_id=row.dataset_id,
        spec=spec_from_dict(row.spec),
        state=RunState(row.state),
        progress=live or RunProgress(**row.progress),
        result=dict(row.result),
        error=row.error,
        retry_of=row.retry_of,
        created_by=row.created_by,
        created_at=row.created_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
    )


def to_release(row: ReleaseRow) -> Release:
    """A row as a value."""
    names = Release.__dataclass_fields__
    return Release(**{name: getattr(row, name) for name in names})
