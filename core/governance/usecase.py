"""One use case, guarded: the policy is asked, the outcome goes into the audit.

::

    with guard.use_case(actor, "dataset.import", project_id=project_id) as entry:
        ...
        entry.resource = f"dataset:{dataset.id}"
        entry.details["rows"] = 120

Refusals are recorded as ``denied``, errors as ``failed`` with the error's class and never its
message, the rest as ``ok``. The record is written before the caller gets anything back: what
cannot be recorded fails.
"""

import threading
import time
from collections import UserDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from core.errors import AuthenticationFailed, NotFound, PermissionDenied
from core.governance.actions import find_use_case
from core.governance.audit import AuditTrail, Record, check_details
from core.governance.policy import Actor, Decision, Scope, UseCase, UserRole, Visitor, allowed
from core.store.database import Database
from core.store.tables import MemberRow, UserRow

SYSTEM = "system"
MOST_REMEMBERED = 20_000


class Details(UserDict[str, Any]):
    """Details of an audit record; refuses what is not small and plain as it is put in."""

    def __setitem__(self, name: str, value: Any) -> None:
        self.data = check_details({**self.data, name: value})


@dataclass(slots=True)
class Entry:
    """What the body of a use case can still say about itself.

    ``actor`` is who asks, with the role that the account has at this moment.
    """

    actor: Actor | Visitor
    resource: str = ""
    project_id: str = ""
    details: Details = field(default_factory=Details)


class Guard:
    """Asks the policy and writes the audit for every use case."""

    def __init__(
        self, database: Database, trail: AuditTrail, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._database = database
        self._trail = trail
        self._clock = clock
        self._seen: dict[tuple[str, ...], float] = {}
        self._seen_lock = threading.Lock()

    @contextmanager
    def use_case(
        self,
        actor: Actor | Visitor,
        name: str,
        *,
        resource: str = "",
        project_id: str | None = None,
    ) -> Iterator[Entry]:
        """Run the body if the policy allows it, and record how it ended.

        Parameters
        ----------
        actor
            Who asks. The account is looked up again: a disabled one, or a role that was taken
            away, counts at once.
        name
            A declared use case.
        resource
            ``kind:id`` of what it is about; the body may set it later.
        project_id
            The project that the resource belongs to.

        Raises
        ------
        PermissionDenied
            The policy says no.
        NotFound
            The policy says no, and the actor may not know that the resource exists.
        AuthenticationFailed
            The actor's account is gone or disabled.
        """
        case = find_use_case(name)
        entry = Entry(actor, resource, project_id or "")
        try:
            decision = self._decide(case, entry, project_id)
            if not decision.allowed:
                entry.details["reason"] = decision.reason
                raise missing(resource) if decision.hidden else PermissionDenied(decision.reason)
        except (PermissionDenied, NotFound, AuthenticationFailed):
            self._record(case, entry, "denied")
            raise
        try:
            yield entry
        except PermissionDenied:
            self._record(case, entry, "denied")
            raise
        except BaseException as error:  # recorded and passed on, interrupts too
            entry.details["error"] = type(error).__name__
            self._record(case, entry, "failed")
            raise
        self._record(case, entry, "ok")

    def record(
        self, name: str, *, resource: str = "", project_id: str = "", **details: Any
    ) -> None:
        """Write down something that the studio did by itself, such as a run that ended."""
        case = find_use_case(name)
        if case.scope is not Scope.SYSTEM:
            raise PermissionDenied(f"{name} is done by people: use `use_case`.")
        entry = Entry(Visitor(SYSTEM), resource, project_id, Details(details))
        self._record(case, entry, "ok")

    def _decide(self, case: UseCase, entry: Entry, project_id: str | None) -> Decision:
        if case.scope is Scope.PUBLIC or not isinstance(entry.actor, Actor):
            return allowed(case, entry.actor)
        with self._database.reading() as session:
            user = session.get(UserRow, entry.actor.user_id)
            key = (project_id or "", entry.actor.user_id)
            is_member = project_id is not None and session.get(MemberRow, key) is not None
        if user is None or user.disabled:
            raise AuthenticationFailed("This account is closed or disabled. Ask an administrator.")
        entry.actor = replace(entry.actor, username=user.username, role=UserRole(user.role))
        return allowed(case, entry.actor, project_id, is_member)

    def _record(self, case: UseCase, entry: Entry, outcome: str) -> None:
        record = Record(
            actor=entry.actor.username,
            action=case.name,
            resource=entry.resource,
            project_id=entry.project_id,
            outcome=outcome,
            details=dict(entry.details),
            origin=entry.actor.origin,
        )
        if outcome == "ok" and case.quiet_s and self._was_just_seen(record, case.quiet_s):
            return
        with self._database.session() as session:
            self._trail.append(session, record)

    def _was_just_seen(self, record: Record, quiet_s: float) -> bool:
        key = (record.actor, record.origin, record.action, record.resource, record.project_id)
        moment = self._clock()
        with self._seen_lock:
            last = self._seen.get(key)
            if last is not None and moment - last < quiet_s:
                return True
            if len(self._seen) >= MOST_REMEMBERED:
                self._seen.clear()
            self._seen[key] = moment
        return False


def missing(resource: str) -> NotFound:
    """The answer for what does not exist, and for what the actor may not know of: the same."""
    kind, _, key = resource.partition(":")
    what = f"{kind} {key}" if key else (kind or "thing")
    return NotFound(f"There is no {what} in your projects. Check the link, or ask for membership.")
