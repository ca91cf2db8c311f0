"""Use cases of accounts: getting in and out, and managing who exists."""

from collections.abc import Sequence

from core.governance import people
from core.governance.policy import Actor, Visitor
from core.governance.sessions import SessionToken, end_sessions
from core.governance.signin import SignIn
from core.governance.values import Member
from core.studio.context import Context


class People:
    """Accounts and logins; every call checks the policy and writes an audit entry."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._sign_in = SignIn(context.database, context.settings.session_hours)

    def first_admin_code(self) -> str | None:
        """The one-time code for the first administrator; None once an account exists."""
        return self._sign_in.first_admin_code()

    def create_first_admin(
        self, code: str, username: str, name: str, password: str, origin: str
    ) -> SessionToken:
        """Create the first platform admin with the one-time code, and sign them in."""
        visitor = Visitor(origin=origin)
        with self._context.guard.use_case(visitor, "people.first_admin") as entry:
            token = self._sign_in.create_first_admin(code, username, name, password, origin)
            entry.details["username"] = people.normal_username(username)
            return token

    def sign_in(self, username: str, password: str, origin: str) -> SessionToken:
        """Start a session.

        Raises
        ------
        AuthenticationFailed
            Something is wrong; the message does not say what.
        TooManyAttempts
            This name or this address failed too often.
        """
        visitor = Visitor(self._sign_in.known_username(username), origin)
        with self._context.guard.use_case(visitor, "people.sign_in"):
            return self._sign_in.sign_in(username, password, origin)

    def actor(self, token: str, origin: str) -> Actor | None:
        """Who is behind a session's token at this moment; None when it has ended."""
        return self._sign_in.actor(token, origin)

    def sign_out(self, token: str, origin: str = "") -> None:
        """End a session for good; nothing happens when it has ended."""
        actor = self._sign_in.actor(token, origin)
        if actor is None:
            return
        with self._context.guard.use_case(Visitor(actor.username, origin), "people.sign_out"):
            self._sign_in.sign_out(token)

    def list(self, actor: Actor) -> Sequence[Member]:
        """All accounts."""
        with (
            self._context.guard.use_case(actor, "people.list"),
            self._context.database.reading() as session,
        ):
            return people.list_people(session)

    def create(self, actor: Actor, username: str, name: str, password: str, role: str) -> Member:
        """Add an account; all problems at once."""
        with self._context.guard.use_case(actor, "people.create") as entry:
            member = self._sign_in.create(username, name, password, role)
            entry.resource = f"user:{member.user_id}"
            entry.details.update(username=member.username, role=str(role))
            return member

    def set_role(self, actor: Actor, user_id: str, role: str) -> Member:
        """Give an account another role, from its next request on."""
        with (
            self._context.guard.use_case(
                actor, "people.set_role", resource=f"user:{user_id}"
            ) as entry,
            self._context.database.session() as session,
        ):
            entry.details["role"] = str(role)
            return people.set_role(session, user_id, role)

    def set_password(self, actor: Actor, user_id: str, password: str) -> Member:
        """Set an account's password; all its sessions end."""
        with self._context.guard.use_case(actor, "people.set_password", resource=f"user:{user_id}"):
            return self._sign_in.set_password(user_id, password)

    def change_own_password(self, actor: Actor, old: str, new: str) -> SessionToken:
        """Replace one's password; all sessions end and a new one starts."""
        with self._context.guard.use_case(
            actor, "people.change_own_password", resource=f"user:{actor.user_id}"
        ):
            return self._sign_in.change_own_password(actor, old, new)

    def set_disabled(self, actor: Actor, user_id: str, disabled: bool) -> Member:
        """Close an account and end its sessions, or open it again."""
        with (
            self._context.guard.use_case(
                actor, "people.set_disabled", resource=f"user:{user_id}"
            ) as entry,
            self._context.database.session() as session,
        ):
            entry.details["disabled"] = disabled
            return people.set_disabled(session, user_id, disabled)

    def end_sessions(self, actor: Actor, user_id: str) -> int:
        """End all sessions of an account; one's own, or anybody's as a platform admin."""
        use_case = "people.end_own_sessions" if user_id == actor.user_id else "people.end_sessions"
        with (
            self._context.guard.use_case(actor, use_case, resource=f"user:{user_id}") as entry,
            self._context.database.session() as session,
        ):
            people.get_account(session, user_id)
            ended = end_sessions(session, user_id)
            entry.details["ended"] = ended
            return ended
