"""Use cases of files that lie elsewhere: keep a connection to them, list them, import them.

A connection to the web or to object storage is kept as those to databases are, with the same
permissions; listing and removing connections of all kinds is in :mod:`core.studio.connections`.
"""

from collections.abc import Mapping, Sequence

from core.data.importing import Imported, Job
from core.data.remote import (
    KINDS,
    Listing,
    Place,
    WebRules,
    chosen_files,
    import_remote,
    list_files,
)
from core.data.sniff import ReadOptions
from core.errors import InvalidInput
from core.governance.policy import Actor
from core.store.tables import ConnectionRow, new_id
from core.studio.context import Context
from core.studio.importing import Request
from core.studio.imports import Import, Imports
from core.studio.kept_connections import Connection, KeptConnections, new_connection


class RemoteFiles:
    """Files elsewhere; every call checks the policy and writes an audit entry."""

    def __init__(self, context: Context, imports: Imports) -> None:
        self._context = context
        self._imports = imports
        self._kept = KeptConnections(context)

    def add(self, actor: Actor, project_id: str, name: str, place: Place) -> Connection:
        """Try a place out, and keep it sealed.

        Raises
        ------
        InvalidInput, NotFound
            It is not written as it should be, is forbidden, or does not let us in.
        """
        connection_id = new_id()
        with self._kept.adding(actor, project_id, connection_id) as entry:
            new = new_connection(actor, connection_id, project_id, name, place.kind)
            entry.details["kind"] = place.kind
            list_files(place, self._rules())
            self._kept.keep(new, place.to_text())
            return new

    def test(self, actor: Actor, connection_id: str) -> int:
        """Ask the server, and say how many files there are; raises as :meth:`add`."""
        row = self._context.connection(connection_id)
        with self._context.about(actor, "connection.test", row):
            return len(list_files(self._place(row), self._rules()).files)

    def files(self, actor: Actor, connection_id: str) -> Listing:
        """Files of the place that the studio reads."""
        row = self._context.connection(connection_id)
        with self._context.about(actor, "connection.browse", row) as entry:
            found = list_files(self._place(row), self._rules())
            entry.details["files"] = len(found.files)
            return found

    def start_import(
        self,
        actor: Actor,
        connection_id: str,
        name: str,
        keys: Sequence[str],
        *,
        options: Mapping[str, ReadOptions] | None = None,
        version_of: str = "",
    ) -> Import:
        """Import files by their keys as one dataset, beside the page.

        Parameters
        ----------
        options
            How text files are read, by their names; what is not said is found out.
        version_of
            The dataset that this is a new version of.
        """
        row, rules = self._context.connection(connection_id), self._rules()
        with self._context.about(actor, "connection.import", row) as entry:
            entry.details["files"] = len(keys)
            place = self._place(row)
            files = chosen_files(place, keys, rules)

        def write(job: Job) -> Imported:
            return import_remote(place, files, rules, job)

        request = Request(
            row.project_id,
            name,
            tuple(f"{row.name}: {file.name}" for file in files),
            origin="remote",
            options=options or {},
            version_of=version_of,
        )
        return self._imports.start(actor, request, write)

    def _place(self, row: ConnectionRow) -> Place:
        if row.kind not in KINDS:
            raise InvalidInput("This connection leads to a database. Choose tables of it.")
        return Place.from_text(self._kept.address(row))

    def _rules(self) -> WebRules:
        settings = self._context.settings
        return WebRules(settings.forbid_private, settings.allow_http)
