"""The one question of access, whether an actor may use a use case here, and its answer.

The answer rests on the actor's role, on membership of the project, and on what the use case
declares of itself (see ``core.governance.actions``). What nothing allows is denied.
"""

from dataclasses import dataclass
from enum import Enum, StrEnum


class UserRole(StrEnum):
    """What an account is for."""

    GENERAL = "general"
    DOMAIN_ADMIN = "domain_admin"
    PLATFORM_ADMIN = "platform_admin"
    AUDITOR = "auditor"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks, and the network address that the request came from."""

    user_id: str
    username: str
    name: str
    role: UserRole
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who is not signed in; ``username`` is empty unless an account is known."""

    username: str = ""
    origin: str = ""


class Scope(Enum):
    """What a use case works on.

    ``PROJECT``: one project, always named. ``VISIBLE``: one project, or all that the actor may
    see when none is named. ``INSTALLATION``: no project. ``PUBLIC``: before or without sign-in.
    ``SYSTEM``: done by the studio itself, never by a person.
    """

    PROJECT = "project"
    VISIBLE = "visible"
    INSTALLATION = "installation"
    PUBLIC = "public"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class UseCase:
    """Something that can be asked of the studio, and who may ask it.

    Attributes
    ----------
    name
        ``thing.verb``, as the audit shows it.
    title
        What it does, in a few words for people.
    members
        Roles that may, in projects they are members of.
    anywhere
        Roles that may without membership.
    quiet_s
        An equal successful use by the same person within this many seconds adds no audit record:
        for looking at things, which pages repeat at every interaction. Refusals and failures are
        always recorded.
    """

    name: str
    title: str
    scope: Scope
    members: frozenset[UserRole] = frozenset()
    anywhere: frozenset[UserRole] = frozenset()
    quiet_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Decision:
    """The policy's answer, with a reason that can be shown.

    ``hidden``: the actor may not even learn that the thing exists; answer as if it did not.
    """

    allowed: bool
    reason: str
    hidden: bool = False


def allowed(
    use_case: UseCase,
    actor: Actor | Visitor,
    project_id: str | None = None,
    is_member: bool = False,
) -> Decision:
    """Answer whether ``actor`` may use ``use_case``, in a project or outside of any.

    Parameters
    ----------
    use_case
        One of ``core.governance.actions.ACTIONS``.
    actor
        Who asks.
    project_id
        The project concerned, if any.
    is_member
        Whether the actor is a member of that project.
    """
    if use_case.scope is Scope.PUBLIC:
        return Decision(True, "Open to everybody.")
    if use_case.scope is Scope.SYSTEM:
        return Decision(False, "Only the studio itself does this.")
    if not isinstance(actor, Actor):
        return Decision(False, "Sign in first.")
    if actor.role in use_case.anywhere:
        return Decision(True, f"The role {actor.role} may do this everywhere.")
    if actor.role not in use_case.members:
        return Decision(False, f"The role {actor.role} may not: {use_case.title.lower()}.")
    if project_id is None:
        return _without_project(use_case)
    if is_member:
        return Decision(True, f"The role {actor.role} may do this in its projects.")
    return Decision(False, "You are not a member of this project.", hidden=True)


def sees_everything(use_case: UseCase, actor: Actor) -> bool:
    """Whether a listing is for all projects; if not, only for those the actor is a member of."""
    return use_case.scope is Scope.VISIBLE and actor.role in use_case.anywhere


def _without_project(use_case: UseCase) -> Decision:
    if use_case.scope is Scope.VISIBLE:
        return Decision(True, "Shows the actor's own projects only.")
    return Decision(False, f"A project must be named for: {use_case.title.lower()}.")
