"""Use cases of databases: keep a connection, look at what is there, import tables.

The address with its password is sealed with a key of its own as soon as it is given, and never
shown again, to nobody: who has forgotten it makes a new connection.
"""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

import pandas as pd
from sqlalchemy import URL, select

from core.data.archive import ReadLimits
from core.data.folders import import_folders
from core.data.importing import Imported, Job
from core.data.remote import KINDS
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
from core.governance.usecase import Entry
from core.store.tables import ConnectionRow, new_id
from core.studio.context import Context
from core.studio.importing import Request
from core.studio.imports import Import, Imports
from core.studio.kept_connections import Connection, KeptConnections, new_connection

__all__ = ["Connection", "Connections"]


class Connections:
    """Databases of projects; every call checks the policy and writes an audit entry."""

    def __init__(self, context: Context, imports: Imports) -> None:
        self._context = context
        self._imports = imports
        self._kept = KeptConnections(context)

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
        with self._kept.adding(actor, project_id, connection_id) as entry:
            url = checked_url(address, import_folders(context.settings.import_folders))
            kind = url.get_backend_name()
            new = new_connection(actor, connection_id, project_id, name, kind)
            entry.details["kind"] = kind
            with self._open(url) as source:
                schemas(source)
            self._kept.keep(new, address.strip())
            return new

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
        row = self._context.connection(connection_id)
        with self._context.about(actor, "connection.import", row) as entry:
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
        row = self._context.connection(connection_id)
        with (
            self._context.about(actor, "connection.remove", row),
            self._context.database.session() as s,
        ):
            stored = s.get(ConnectionRow, connection_id)
            if stored is not None:
                s.delete(stored)

    @contextmanager
    def _using(
        self, actor: Actor, use_case: str, connection_id: str
    ) -> Iterator[tuple[Opened, Entry]]:
        row = self._context.connection(connection_id)
        with (
            self._context.about(actor, use_case, row) as entry,
            self._open(self._url(row)) as source,
        ):
            yield source, entry

    def _open(self, url: URL) -> AbstractContextManager[Opened]:
        return opened(url, forbid_private=self._context.settings.forbid_private)

    def _url(self, row: ConnectionRow) -> URL:
        """The address, looked at again: what is allowed may have changed since."""
        if row.kind in KINDS:
            raise InvalidInput("This connection leads to files, not to a database.")
        folders = import_folders(self._context.settings.import_folders)
        return checked_url(self._kept.address(row), folders)


def _value(row: ConnectionRow) -> Connection:
    return Connection(row.id, row.project_id, row.name, row.kind, row.created_by, row.created_at)
