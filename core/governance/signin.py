"""Getting in: the first administrator's code, signing in and out, and changing passwords.

One object for each open state: it holds the code and the counts of failed attempts, both in memory.
"""

import base64
import hmac
import secrets
import threading
import time
from collections.abc import Callable

from core.errors import AuthenticationFailed, Conflict
from core.governance import people
from core.governance.passwords import (
    ROUNDS,
    check_password,
    hash_password,
    impossible_hash,
    password_problems,
)
from core.governance.policy import Actor, UserRole
from core.governance.ratelimit import Limits, RateLimiter
from core.governance.sessions import (
    SessionToken,
    end_session,
    forget_old_sessions,
    session_user,
    start_session,
)
from core.governance.values import Member
from core.store.database import Database

CODE_BYTES = 10
WRONG = "The username or the password is wrong."
ORIGIN_LIMITS = Limits(free=20)


class SignIn:
    """Checks who somebody is.

    Parameters
    ----------
    database
        The open state.
    hours
        How long a session lasts.
    rounds
        Cost of a password hash; less only in tests.
    clock
        Seconds for the rate limits.
    """

    def __init__(
        self,
        database: Database,
        hours: float,
        rounds: int = ROUNDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._hours = hours
        self._rounds = rounds
        self._by_name = RateLimiter(clock=clock)
        self._by_origin = RateLimiter(ORIGIN_LIMITS, clock)
        self._code = ""
        self._code_lock = threading.Lock()
        with database.session() as session:
            forget_old_sessions(session)

    def first_admin_code(self) -> str | None:
        """The code that creates the first administrator; None once any account exists.

        The same until the process ends; a restart makes a new one.
        """
        with self._database.reading() as session:
            if people.has_accounts(session):
                return None
        with self._code_lock:
            self._code = self._code or _new_code()
            return self._code

    def create_first_admin(
        self, code: str, username: str, name: str, password: str, origin: str
    ) -> SessionToken:
        """Create the first platform admin and sign them in.

        Raises
        ------
        AuthenticationFailed
            The code is wrong, or after too many wrong ones.
        Conflict
            There is an account already, so the code is void.
        InvalidInput
            With all problems of the account at once.
        """
        expected = self.first_admin_code()
        if expected is None:
            raise Conflict("The first administrator exists already. Sign in instead.")
        self._by_origin.attempt(_origin_key(origin))
        if not hmac.compare_digest(_plain_code(code), _plain_code(expected)):
            raise AuthenticationFailed(
                "The code is wrong. It is printed where the studio was started."
            )
        self._by_origin.take_back(_origin_key(origin))
        role = UserRole.PLATFORM_ADMIN
        people.check_account(username, name, password, role)
        hashed = hash_password(password, self._rounds)
        with self._database.session() as session:
            if people.has_accounts(session):
                raise Conflict("The first administrator exists already. Sign in instead.")
            row = people.add_account(session, username, name, hashed, role)
            return start_session(session, row.id, self._hours, origin)

    def sign_in(self, username: str, password: str, origin: str) -> SessionToken:
        """Start a session.

        Raises
        ------
        TooManyAttempts
            This name or this address failed too often.
        AuthenticationFailed
            Something is wrong; the message does not say what, nor does the time it takes.
        """
        name = people.normal_username(username)
        self._by_origin.attempt(_origin_key(origin))
        self._by_name.attempt(name)
        with self._database.reading() as session:
            row = people.find_by_username(session, name)
        hashed = row.password_hash if row else impossible_hash(self._rounds)
        if not check_password(password, hashed) or row is None or row.disabled:
            raise AuthenticationFailed(WRONG)
        with self._database.session() as session:
            fresh = people.get_account(session, row.id)
            if fresh.disabled or fresh.password_hash != hashed:
                raise AuthenticationFailed(WRONG)
            started = start_session(session, row.id, self._hours, origin)
        self._by_name.succeeded(name)
        self._by_origin.take_back(_origin_key(origin))
        return started

    def known_username(self, username: str) -> str:
        """The account's username, or nothing: so that the audit never repeats a mistyped secret."""
        with self._database.reading() as session:
            row = people.find_by_username(session, username)
        return row.username if row else ""

    def actor(self, token: str, origin: str) -> Actor | None:
        """Who is behind a token at this moment."""
        with self._database.reading() as session:
            row = session_user(session, token)
        return people.to_actor(row, origin) if row else None

    def sign_out(self, token: str) -> None:
        """End the session for good."""
        with self._database.session() as session:
            end_session(session, token)

    def create(self, username: str, name: str, password: str, role: str) -> Member:
        """Add an account.

        Raises
        ------
        InvalidInput
            With all problems at once.
        Conflict
            The username is taken.
        """
        people.check_account(username, name, password, role)
        hashed = hash_password(password, self._rounds)
        with self._database.session() as session:
            return people.to_member(people.add_account(session, username, name, hashed, role))

    def set_password(self, user_id: str, password: str) -> Member:
        """Set an account's password and end its sessions."""
        with self._database.reading() as session:
            username = people.get_account(session, user_id).username
        problems = password_problems(password, username)
        people.raise_problems("The password cannot be used.", problems)
        hashed = hash_password(password, self._rounds)
        with self._database.session() as session:
            return people.set_password_hash(session, user_id, hashed)

    def change_own_password(self, actor: Actor, old: str, new: str) -> SessionToken:
        """Replace one's password; all sessions end, and a new one starts.

        Raises
        ------
        AuthenticationFailed
            The old password is wrong; counts towards the rate limit.
        """
        self._by_name.attempt(actor.username)
        with self._database.reading() as session:
            hashed = people.get_account(session, actor.user_id).password_hash
        if not check_password(old, hashed):
            raise AuthenticationFailed("The old password is wrong.")
        self._by_name.succeeded(actor.username)
        self.set_password(actor.user_id, new)
        with self._database.session() as session:
            return start_session(session, actor.user_id, self._hours, actor.origin)


def _new_code() -> str:
    text = base64.b32encode(secrets.token_bytes(CODE_BYTES)).decode()
    return "-".join(text[i : i + 4] for i in range(0, len(text), 4))


def _plain_code(code: str) -> bytes:
    """The code without dashes, spaces and case, for people who type it."""
    return "".join(c for c in code.upper() if c.isalnum()).encode("utf-8", "replace")


def _origin_key(origin: str) -> str:
    return f"origin:{origin}"
