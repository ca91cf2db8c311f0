"""Accounts: who exists, with which role, and what keeps the last administrator in place.

Functions over a session of the state. Passwords arrive hashed, because hashing takes a quarter of
a second and a writing session must be short.
"""

import re
import unicodedata

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.errors import Conflict, InvalidInput, NotFound
from core.governance.passwords import password_problems
from core.governance.policy import Actor, UserRole
from core.governance.sessions import end_sessions
from core.governance.values import Member
from core.store.tables import UserRow

MOST_NAME = 200
RESERVED = frozenset({"system", "anonymous"})
_USERNAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{1,62}[a-z0-9]|[a-z0-9]{2}")


def normal_username(text: str) -> str:
    """The one spelling of a username: trimmed, compatible characters unified, lower case."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def account_problems(username: str, name: str, password: str, role: str) -> list[str]:
    """Everything that is wrong with what somebody wants a new account to be."""
    problems = []
    normal = normal_username(username)
    if not _USERNAME.fullmatch(normal):
        problems.append(
            "`username` must have 2 to 64 characters: a-z, 0-9 and inside also . _ @ + -."
        )
    if normal in RESERVED:
        problems.append(f"`username` must not be {normal}: the studio uses it itself.")
    problems += name_problems(name)
    problems += password_problems(password, normal)
    if role not in set(UserRole):
        problems.append(f"`role` must be one of {', '.join(UserRole)}.")
    return problems


def name_problems(name: str) -> list[str]:
    """What is wrong with a person's name as shown."""
    name = name.strip()
    if 1 <= len(name) <= MOST_NAME and name.isprintable():
        return []
    return [f"`name` must be one line of 1 to {MOST_NAME} characters."]


def check_account(username: str, name: str, password: str, role: str) -> None:
    """Raise ``InvalidInput`` with all of :func:`account_problems`, if there are any."""
    raise_problems(
        "The account cannot be created.", account_problems(username, name, password, role)
    )


def raise_problems(message: str, problems: list[str]) -> None:
    """Raise ``InvalidInput`` if there is any problem."""
    if problems:
        raise InvalidInput(" ".join([message, *problems]), problems)


def has_accounts(session: Session) -> bool:
    """Whether anybody can sign in at all."""
    return session.scalars(select(UserRow.id).limit(1)).first() is not None


def list_people(session: Session) -> list[Member]:
    """All accounts, by username."""
    return [to_member(row) for row in session.scalars(select(UserRow).order_by(UserRow.username))]


def find_by_username(session: Session, username: str) -> UserRow | None:
    """The account of that name in any spelling; text that is no username asks nothing."""
    normal = normal_username(username)
    if not _USERNAME.fullmatch(normal):
        return None
    query = select(UserRow).where(UserRow.username == normal)
    return session.scalars(query).first()


def add_account(
    session: Session, username: str, name: str, password_hash: str, role: str
) -> UserRow:
    """Add an account that :func:`check_account` has passed.

    Raises
    ------
    Conflict
        The username is taken.
    """
    if find_by_username(session, username) is not None:
        raise Conflict(f"There is already an account {normal_username(username)!r}.")
    row = UserRow(
        username=normal_username(username),
        name=name.strip(),
        role=UserRole(role).value,
        password_hash=password_hash,
    )
    session.add(row)
    session.flush()
    return row


def set_role(session: Session, user_id: str, role: str) -> Member:
    """Give an account another role, from its next request on.

    Raises
    ------
    Conflict
        It is the last active platform admin.
    """
    raise_problems(
        "The role cannot be set.",
        [] if role in set(UserRole) else [f"`role` must be one of {', '.join(UserRole)}."],
    )
    row = get_account(session, user_id)
    if role != UserRole.PLATFORM_ADMIN:
        _keep_one_admin(session, row)
    row.role = UserRole(role).value
    return to_member(row)


def set_disabled(session: Session, user_id: str, disabled: bool) -> Member:
    """Close an account and end its sessions, or open it again.

    Raises
    ------
    Conflict
        It is the last active platform admin.
    """
    row = get_account(session, user_id)
    if disabled:
        _keep_one_admin(session, row)
        end_sessions(session, user_id)
    row.disabled = disabled
    return to_member(row)


def set_password_hash(session: Session, user_id: str, password_hash: str) -> Member:
    """Set a new password and end all sessions of the account."""
    row = get_account(session, user_id)
    row.password_hash = password_hash
    end_sessions(session, user_id)
    return to_member(row)


def get_account(session: Session, user_id: str) -> UserRow:
    """The account's row; raises ``NotFound``."""
    row = session.get(UserRow, user_id)
    if row is None:
        raise NotFound("There is no such account.")
    return row


def to_member(row: UserRow) -> Member:
    """The row as a value, without its password."""
    return Member(row.id, row.username, row.name, row.role, row.disabled)


def to_actor(row: UserRow, origin: str) -> Actor:
    """Who asks, once signed in."""
    return Actor(row.id, row.username, row.name, UserRole(row.role), origin)


def _keep_one_admin(session: Session, row: UserRow) -> None:
    if row.role != UserRole.PLATFORM_ADMIN or row.disabled:
        return
    others = select(func.count()).where(
        UserRow.role == UserRole.PLATFORM_ADMIN.value,
        UserRow.disabled.is_(False),
        UserRow.id != row.id,
    )
    if not session.scalar(others):
        raise Conflict(
            "This is the last active platform admin. Give another account that role first."
        )
