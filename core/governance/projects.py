"""Projects and their members, as functions over a session of the state."""

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.errors import Conflict, InvalidInput, NotFound
from core.governance.people import find_by_username, to_member
from core.governance.values import Member, Project
from core.store.tables import MemberRow, ProjectRow, UserRow

MOST_NAME = 200
MOST_DOMAIN = 100


def create_project(
    session: Session, creator_id: str, created_by: str, name: str, domain: str = ""
) -> Project:
    """Add a project with its creator as first member.

    Parameters
    ----------
    session
        A writing session of the state.
    creator_id, created_by
        Id and username of who creates it.
    name
        What people call it; not twice among the creator's own projects.
    domain
        The part of the organisation that it belongs to, or nothing.

    Raises
    ------
    InvalidInput
        With all problems of name and domain at once.
    Conflict
        The creator is a member of a project of the same name.
    """
    name, domain = name.strip(), domain.strip()
    problems = _text_problems("name", name, 1, MOST_NAME)
    problems += _text_problems("domain", domain, 0, MOST_DOMAIN)
    if problems:
        raise InvalidInput("The project cannot be created. " + " ".join(problems), problems)
    if any(p.name.casefold() == name.casefold() for p in projects_of(session, creator_id)):
        raise Conflict(f"You already have a project named {name!r}. Choose another name.")
    row = ProjectRow(name=name, domain=domain, created_by=created_by)
    session.add(row)
    session.flush()
    session.add(MemberRow(project_id=row.id, user_id=creator_id, added_by=created_by))
    return to_project(row)


def projects_of(session: Session, user_id: str) -> list[Project]:
    """The projects that a user is a member of, by name."""
    query = (
        select(ProjectRow)
        .join(MemberRow, MemberRow.project_id == ProjectRow.id)
        .where(MemberRow.user_id == user_id)
    )
    return _sorted(list(session.scalars(query)))


def all_projects(session: Session) -> list[Project]:
    """Every project, by name; for those whose role sees all."""
    return _sorted(list(session.scalars(select(ProjectRow))))


def is_member(session: Session, project_id: str, user_id: str) -> bool:
    """Whether the user is a member of the project."""
    return session.get(MemberRow, (project_id, user_id)) is not None


def members_of(session: Session, project_id: str) -> list[Member]:
    """The members of a project, by username."""
    query = (
        select(UserRow)
        .join(MemberRow, MemberRow.user_id == UserRow.id)
        .where(MemberRow.project_id == project_id)
        .order_by(UserRow.username)
    )
    return [to_member(row) for row in session.scalars(query)]


def add_member(session: Session, project_id: str, username: str, added_by: str) -> Member:
    """Make the account of that name a member; twice is as good as once.

    Raises
    ------
    NotFound
        No such project or account.
    Conflict
        The account is disabled.
    """
    _require_project(session, project_id)
    user = find_by_username(session, username)
    if user is None:
        raise NotFound("There is no account of that username. Ask an administrator to create it.")
    if user.disabled:
        raise Conflict(f"The account {user.username} is disabled. Enable it first.")
    if not is_member(session, project_id, user.id):
        session.add(MemberRow(project_id=project_id, user_id=user.id, added_by=added_by))
        session.flush()
    return to_member(user)


def remove_member(session: Session, project_id: str, user_id: str) -> None:
    """End a membership; what the member made stays.

    Raises
    ------
    NotFound
        The user is not a member of the project.
    """
    if not is_member(session, project_id, user_id):
        raise NotFound("This user is not a member of the project.")
    session.execute(
        delete(MemberRow).where(MemberRow.project_id == project_id, MemberRow.user_id == user_id)
    )


def to_project(row: ProjectRow) -> Project:
    """The row as a value."""
    return Project(row.id, row.name, row.domain, row.created_by, row.created_at)


def _require_project(session: Session, project_id: str) -> None:
    if session.get(ProjectRow, project_id) is None:
        raise NotFound("There is no such project.")


def _sorted(rows: list[ProjectRow]) -> list[Project]:
    return [to_project(row) for row in sorted(rows, key=lambda row: row.name.casefold())]


def _text_problems(field: str, text: str, least: int, most: int) -> list[str]:
    problems = []
    if not least <= len(text) <= most:
        problems.append(f"`{field}` must have {least} to {most} characters. Got {len(text)}.")
    if not text.isprintable():
        problems.append(f"`{field}` must be one line of printable text.")
    return problems
