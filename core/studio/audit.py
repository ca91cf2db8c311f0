"""Use cases of the audit: search it, take it out, verify it."""

from dataclasses import replace
from datetime import datetime

from core.governance.actions import find_use_case
from core.governance.policy import Actor, sees_everything
from core.governance.search import AuditFilter, export, search, used_actions
from core.governance.values import AuditEntry
from core.governance.verification import Verification, verify
from core.studio.context import Context
from core.studio.projects import visible_projects


class Audit:
    """The audit trail; looking at it is itself audited."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def search(
        self,
        actor: Actor,
        *,
        text: str = "",
        action: str = "",
        username: str = "",
        outcome: str = "",
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int | None = 500,
    ) -> list[AuditEntry]:
        """Records that fit, newest first; domain admins see those of their projects."""
        wanted = AuditFilter(text, action, username, outcome, since, until, None, limit)
        with self._context.guard.use_case(actor, "audit.search"):
            return self._find(actor, "audit.search", wanted)

    def actions(self, actor: Actor) -> list[str]:
        """Names of the use cases that occur in what the actor may see."""
        with (
            self._context.guard.use_case(actor, "audit.actions"),
            self._context.database.reading() as session,
        ):
            return used_actions(session, self._projects(actor, "audit.actions"))

    def export(
        self,
        actor: Actor,
        format: str,
        *,
        text: str = "",
        action: str = "",
        username: str = "",
        outcome: str = "",
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> bytes:
        """Every record that fits, as ``csv`` or ``json``."""
        wanted = AuditFilter(text, action, username, outcome, since, until, None, None)
        with self._context.guard.use_case(actor, "audit.export") as entry:
            found = self._find(actor, "audit.export", wanted)
            entry.details.update(format=format, entries=len(found))
            return export(found, format)

    def verify(self, actor: Actor) -> Verification:
        """Walk the whole chain."""
        with self._context.guard.use_case(actor, "audit.verify") as entry:
            verification = verify(self._context.database, self._context.keys)
            entry.details.update(ok=verification.ok, entries=verification.entries)
            return verification

    def _find(self, actor: Actor, use_case: str, wanted: AuditFilter) -> list[AuditEntry]:
        wanted = replace(wanted, project_ids=self._projects(actor, use_case))
        with self._context.database.reading() as session:
            return search(session, wanted)

    def _projects(self, actor: Actor, use_case: str) -> list[str] | None:
        """Ids of the projects whose records the actor may see; None for all."""
        if sees_everything(find_use_case(use_case), actor):
            return None
        with self._context.database.reading() as session:
            return [project.id for project in visible_projects(session, actor, use_case)]
