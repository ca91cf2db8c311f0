"""Connections as they are kept: their addresses sealed, each with its own id."""

import base64
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

from core.governance.policy import Actor
from core.governance.usecase import Entry
from core.keys import Purpose, seal, unseal
from core.store.tables import ConnectionRow, now
from core.studio.context import Context
from core.studio.names import checked_name


@dataclass(frozen=True, slots=True)
class Connection:
    """A place that a project may import from. Its address is not in it."""

    id: str
    project_id: str
    name: str
    kind: str
    created_by: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class KeptConnections:
    """Rows of connections; what is done with them has to be guarded."""

    context: Context

    def keep(self, new: Connection, address: str) -> None:
        """Seal what leads to a place, and keep it."""
        blob = seal(self.context.keys, address.encode(), Purpose.CONNECTIONS, new.id.encode())
        with self.context.database.session() as session:
            session.add(
                ConnectionRow(
                    id=new.id,
                    project_id=new.project_id,
                    name=new.name,
                    kind=new.kind,
                    sealed=base64.b64encode(blob).decode(),
                    created_by=new.created_by,
                    created_at=new.created_at,
                )
            )

    def address(self, row: ConnectionRow) -> str:
        """What was sealed."""
        sealed = base64.b64decode(row.sealed)
        return unseal(self.context.keys, sealed, Purpose.CONNECTIONS, row.id.encode()).decode()

    def adding(
        self, actor: Actor, project_id: str, connection_id: str
    ) -> AbstractContextManager[Entry]:
        """The guarded use case of a new connection."""
        return self.context.guard.use_case(
            actor, "connection.add", resource=f"connection:{connection_id}", project_id=project_id
        )


def new_connection(
    actor: Actor, connection_id: str, project_id: str, name: str, kind: str
) -> Connection:
    """A connection of a proper name; raises ``InvalidInput`` for none and for one too long."""
    cleaned = checked_name(name, "connection")
    return Connection(connection_id, project_id, cleaned, kind, actor.username, now())
