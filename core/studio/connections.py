"""Use cases of databases: keep a connection, look at what is there, import tables.

The address with its password is sealed with a key of its own as soon as it is given, and never
shown again, to nobody: who has forgotten it makes a new connection.
"""

import base64
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime

import pandas as pd
from sqlalchemy import URL, select

from core.data.archive import ReadLimits
from core.data.folders import import_folders
from core.data.importing import Imported, Job
from core.data.sources import (
    Opened,
    Selection,
    TableDetails,
    TableName,
    checked_url,
    describe,
    first_rows,
    import_selections,
    opened,
    schemas,
    tables,
)
from core.errors import InvalidInput
from core.governance.policy import Actor
from core.governance.usecase import Entry, missing
from core.keys import Purpose, seal, unseal
from core.store.tables import ConnectionRow, new_id, now
from core.studio.context import Context
from core.studio.importing import Request
from core.studio.imports import Import, Imports


@dataclass(frozen=True, slots=True)
class Connection:
    """A database that a project may import from. Its address is not in it."""

    id: str
    project_id: str
    name: str
    kind: str
    created_by: str
    created_at: datetime


class Connections:
    """Databases of projects; every call checks the policy and writes an audit entry."""

    def __init__(self, context: Context, imports: Imports) -> None:
        self._context = context
        self._imports = imports

    def add(self, actor: Actor, project_id: str, name: str, address: str) -> Connection:
        """Try an address out, and keep it sealed.

        Parameters
        ----------
        address
            A SQLAlchemy URL, ``postgresql://user:password@host:5432/name`` for example.

        Raises
        ------
        InvalidInput
            It cannot be understood, is not allowed, or does not lead to a database.
        """
        context, connection_id = self._context, new_id()
        with context.guard.use_case(
            actor,
            "connection.add",
            resource=f"connection:{connection_id}",
            project_id=project_id,
        ) as entry:
            cleaned = " ".join(name.split())
            if not 1 <= len(cleaned) <= 200:
                raise InvalidInput("A connection needs a name of 1 to 200 characters.")
            url = checked_url(address, import_folders(context.settings.import_folders))
            entry.details["kind"] = url.get_backend_name()
            with self._open(url) as source:
                schemas(source)
            row = ConnectionRow(
                id=connection_id,
                project_id=project_id,
                name=cleaned,
                kind=url.get_backend_name(),
                sealed=self._sealed(connection_id, address.strip()),
                created_by=actor.username,
                created_at=now(),
            )
            with context.database.session() as session:
                session.add(row)
            return _value(row)

    def list(self, actor: Actor, project_id: str) -> Sequence[Connection]:
        """A project's connections by name."""
        context = self._context
        with context.about_project(actor, "connection.list", project_id):
            with context.database.reading() as session:
                query = select(ConnectionRow).where(ConnectionRow.project_id == project_id)
                rows = list(session.scalars(query.order_by(ConnectionRow.name)))
            return [_value(row) for row in rows]

    def test(self, actor: Actor, connection_id: str) -> int:
        """Connect, and say how many schemas there are; raises ``InvalidInput`` if it fails."""
        with self._using(actor, "connection.test", connection_id) as (source, _):
            return len(schemas(source))

    def schemas(self, actor: Actor, connection_id: str) -> Sequence[str]:
        """Schemas of the database; one empty name where it has none."""
        with self._using(actor, "connection.browse", connection_id) as (source, _):
            return schemas(source)

    def tables(self, actor: Actor, connection_id: str, schema: str) -> Sequence[TableName]:
        """Tables and views of a schema."""
        with self._using(actor, "connection.browse", connection_id) as (source, _):
            return tables(source, schema)

    def describe(self, actor: Actor, connection_id: str, name: TableName) -> TableDetails:
        """Columns and keys of a table."""
        with self._using(actor, "connection.browse", connection_id) as (source, _):
            return describe(source, name)

    def first_rows(self, actor: Actor, connection_id: str, selection: Selection) -> pd.DataFrame:
        """The first rows of a selection; for those who may see real rows."""
        with self._using(actor, "connection.rows", connection_id) as (source, entry):
            entry.details["is_query"] = bool(selection.query)
            limits = ReadLimits.from_settings(self._context.settings)
            return first_rows(source, selection, limits)

    def start_import(
        self,
        actor: Actor,
        connection_id: str,
        name: str,
        selections: Sequence[Selection],
        version_of: str = "",
    ) -> Import:
        """Import selections as one dataset, beside the page, all as of one moment.

        ``version_of`` is the dataset that this is a new version of.
        """
        row = self._row(connection_id)
        with self._about(actor, "connection.import", row) as entry:
            entry.details["tables"] = len(selections)
            url = self._url(row)

        def write(job: Job) -> Imported:
            with self._open(url) as source:
                return import_selections(source, selections, job)

        sources = tuple(f"{row.name}: {s.name.name}" for s in selections)
        request = Request(row.project_id, name, sources, origin="database", version_of=version_of)
        return self._imports.start(actor, request, write)

    def remove(self, actor: Actor, connection_id: str) -> None:
        """Forget a connection; datasets that came from it stay."""
        row = self._row(connection_id)
        with self._about(actor, "connection.remove", row), self._context.database.session() as s:
            stored = s.get(ConnectionRow, connection_id)
            if stored is not None:
                s.delete(stored)

    @contextmanager
    def _using(
        self, actor: Actor, use_case: str, connection_id: str
    ) -> Iterator[tuple[Opened, Entry]]:
        row = self._row(connection_id)
        with self._about(actor, use_case, row) as entry, self._open(self._url(row)) as source:
            yield source, entry

    def _open(self, url: URL) -> AbstractContextManager[Opened]:
        return opened(url, forbid_private=self._context.settings.forbid_private)

    def _url(self, row: ConnectionRow) -> URL:
        """The address, looked at again: what is allowed may have changed since."""
        folders = import_folders(self._context.settings.import_folders)
        raw = unseal(
            self._context.keys,
            base64.b64decode(row.sealed),
            Purpose.CONNECTIONS,
            row.id.encode(),
        )
        return checked_url(raw.decode(), folders)

    def _sealed(self, connection_id: str, address: str) -> str:
        blob = seal(
            self._context.keys, address.encode(), Purpose.CONNECTIONS, connection_id.encode()
        )
        return base64.b64encode(blob).decode()

    def _about(
        self, actor: Actor, use_case: str, row: ConnectionRow
    ) -> AbstractContextManager[Entry]:
        return self._context.guard.use_case(
            actor, use_case, resource=f"connection:{row.id}", project_id=row.project_id
        )

    def _row(self, connection_id: str) -> ConnectionRow:
        with self._context.database.reading() as session:
            row = session.get(ConnectionRow, connection_id)
        if row is None:
            raise missing(f"connection:{connection_id}")
        return row


def _value(row: ConnectionRow) -> Connection:
    return Connection(row.id, row.project_id, row.name, row.kind, row.created_by, row.created_at)
