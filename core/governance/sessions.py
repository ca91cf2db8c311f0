"""Logins: a random token with the browser, its hash in the state, and an end.

Every request looks the session up, so that signing out, a new password, a disabled account or an
administrator end it at once.
"""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Update, delete, or_, select, update
from sqlalchemy.orm import Session

from core.governance.audit import clip
from core.store.tables import SessionRow, UserRow, now

TOKEN_BYTES = 32
MOST_TOKEN = 100


@dataclass(frozen=True, slots=True)
class SessionToken:
    """What the browser keeps; shown once, when the session starts.

    Attributes
    ----------
    token
        256 random bits as text fit for a cookie; absent from ``repr``.
    expires_at
        UTC without a zone.
    """

    token: str = field(repr=False)
    expires_at: datetime


def start_session(session: Session, user_id: str, hours: float, origin: str = "") -> SessionToken:
    """Sign a user in for so many hours."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    expires_at = now() + timedelta(hours=hours)
    session.add(
        SessionRow(
            token_hash=hash_token(token),
            user_id=user_id,
            expires_at=expires_at,
            origin=clip(origin, 64),
        )
    )
    return SessionToken(token, expires_at)


def session_user(session: Session, token: str) -> UserRow | None:
    """The account behind a token; None if the session or the account has ended."""
    if not token or len(token) > MOST_TOKEN:
        return None
    query = (
        select(UserRow)
        .join(SessionRow, SessionRow.user_id == UserRow.id)
        .where(
            SessionRow.token_hash == hash_token(token),
            SessionRow.ended_at.is_(None),
            SessionRow.expires_at > now(),
            UserRow.disabled.is_(False),
        )
    )
    return session.scalars(query).first()


def end_session(session: Session, token: str) -> None:
    """End one session; does nothing if there is none."""
    hashed = hash_token(token)
    session.execute(_ending().where(SessionRow.token_hash == hashed))


def end_sessions(session: Session, user_id: str) -> int:
    """End all sessions of a user; returns how many."""
    query = select(SessionRow.token_hash).where(
        SessionRow.user_id == user_id, SessionRow.ended_at.is_(None), SessionRow.expires_at > now()
    )
    count = len(session.scalars(query).all())
    session.execute(_ending().where(SessionRow.user_id == user_id))
    return count


def forget_old_sessions(session: Session, older_than: timedelta = timedelta(days=30)) -> None:
    """Delete rows of sessions that ended long ago."""
    before = now() - older_than
    old = or_(SessionRow.expires_at < before, SessionRow.ended_at < before)
    session.execute(delete(SessionRow).where(old))


def hash_token(token: str) -> str:
    """What the state keeps of a token: its SHA-256, enough for 256 random bits."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _ending() -> Update:
    return update(SessionRow).where(SessionRow.ended_at.is_(None)).values(ended_at=now())
