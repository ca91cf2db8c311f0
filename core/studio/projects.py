"""Use cases of projects and their members."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from core.governance import projects
from core.governance.actions import find_use_case
from core.governance.policy import Actor, sees_everything
from core.governance.values import Member, Project
from core.studio.context import Context


class Projects:
    """Projects; every call checks the policy and writes an audit entry."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def list(self, actor: Actor) -> Sequence[Project]:
        """The projects that the actor may see."""
        with (
            self._context.guard.use_case(actor, "project.list"),
            self._context.database.reading() as session,
        ):
            return visible_projects(session, actor, "project.list")

    def mine(self, actor: Actor) -> Sequence[Project]:
        """The projects that the actor is a member of, also where the role sees every project."""
        with (
            self._context.guard.use_case(actor, "project.list"),
            self._context.database.reading() as session,
        ):
            return projects.projects_of(session, actor.user_id)

    def create(self, actor: Actor, name: str, domain: str = "") -> Project:
        """Add a project with the actor as its first member."""
        with (
            self._context.guard.use_case(actor, "project.create") as entry,
            self._context.database.session() as session,
        ):
            project = projects.create_project(session, actor.user_id, actor.username, name, domain)
            entry.resource, entry.project_id = f"project:{project.id}", project.id
            return project

    def members(self, actor: Actor, project_id: str) -> Sequence[Member]:
        """Who works in a project."""
        with (
            self._context.about_project(actor, "project.members", project_id),
            self._context.database.reading() as session,
        ):
            return projects.members_of(session, project_id)

    def add_member(self, actor: Actor, project_id: str, username: str) -> Member:
        """Make the account of that name a member."""
        with (
            self._context.about_project(actor, "project.add_member", project_id) as entry,
            self._context.database.session() as session,
        ):
            member = projects.add_member(session, project_id, username, actor.username)
            entry.details["username"] = member.username
            return member

    def remove_member(self, actor: Actor, project_id: str, user_id: str) -> None:
        """End a membership; what the member made stays."""
        with (
            self._context.about_project(actor, "project.remove_member", project_id) as entry,
            self._context.database.session() as session,
        ):
            entry.details["user"] = user_id
            projects.remove_member(session, project_id, user_id)


def visible_projects(session: Session, actor: Actor, use_case: str) -> Sequence[Project]:
    """All projects for those whose role sees all in this use case, else the actor's own."""
    if sees_everything(find_use_case(use_case), actor):
        return projects.all_projects(session)
    return projects.projects_of(session, actor.user_id)
