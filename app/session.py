"""Who looks at the page and which project they work in.

The session token lies in the server-side ``st.session_state`` of the tab that signed in, and in an
HttpOnly cookie that a reloaded or second tab brings along. The server's list of sessions has the
last word on every run, so that a sign-out, a changed password or an administrator ends it.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import streamlit as st

from app.memory import remembered
from app.resources import RESOURCES, settings, studio
from core.api import COOKIE, LOCAL, forwarded_client
from core.errors import AuthenticationFailed, NotFound, PermissionDenied
from core.governance.policy import Actor, UserRole
from core.studio.values import Project

TOKEN_KEY = "session_token"
USER_KEY = "session_user"
PROJECT_KEY = "project_id"
LINK_KEY = "followed_link"


@dataclass(frozen=True, slots=True)
class Connection:
    """What the browser's connection brought along when it was opened."""

    cookies: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    address: str | None = None


def connection() -> Connection:
    """Return the connection of this run's browser tab."""
    return Connection(st.context.cookies, st.context.headers, st.context.ip_address)


def origin() -> str:
    """Return the address that the browser's connection came from, for the audit."""
    if settings().trusted_proxy:
        forwarded = connection().headers.get("X-Forwarded-For", "")
        if forwarded:
            return forwarded_client(forwarded)
    return connection().address or LOCAL


def session_token() -> str | None:
    """Return the token of this tab's session, or the cookie's; it may have ended."""
    return st.session_state.get(TOKEN_KEY) or connection().cookies.get(COOKIE)


def current_actor() -> Actor | None:
    """Return who is signed in, or None; asks the server's list of sessions each time."""
    token = session_token()
    if not token:
        return None
    return remembered(("actor", token), lambda: studio().people.actor(token, origin()))


def begin_run() -> Actor | None:
    """Return who is signed in, as the entrypoint's first step.

    If this tab's session has ended since the last run, everything that the tab remembered is
    forgotten, so that the next person to sign in finds nothing of it.
    """
    actor = current_actor()
    known = st.session_state.get(USER_KEY)
    if known is not None and (actor is None or actor.user_id != known):
        st.session_state.clear()
    if actor is not None:
        st.session_state[USER_KEY] = actor.user_id
    return actor


def require_actor() -> Actor:
    """Return who is signed in, or end this run.

    Every page and every fragment calls it first: a fragment reruns without the entrypoint, so the
    gate in ``app/main.py`` does not stand before it. An ended session leads to the sign-in form.
    """
    actor = current_actor()
    if actor is not None:
        return actor
    if USER_KEY in st.session_state:
        st.session_state.clear()
        st.rerun()
    st.info("Your session has ended. Reload the page to sign in again.")
    st.stop()


def when_asked(work: Callable[[Actor], bytes | str]) -> Callable[[], bytes | str]:
    """Return the work of a download that is made when somebody asks for it, outside a page's run.

    The session is asked again then: a page that is still open does not outlive a sign-out.

    Raises
    ------
    AuthenticationFailed
        When called after the session has ended.
    """
    token, address = session_token(), origin()

    def answer() -> bytes | str:
        actor = studio().people.actor(token, address) if token else None
        if actor is None:
            raise AuthenticationFailed("Your session has ended. Sign in again.")
        return work(actor)

    return answer


def current_project() -> Project | None:
    """Return the project chosen in the sidebar, or None if the actor is in none."""
    actor = require_actor()
    projects = own_projects(actor)
    chosen = st.session_state.get(PROJECT_KEY) or RESOURCES.last_projects.get(actor.user_id)
    return next((p for p in projects if p.id == chosen), projects[0] if projects else None)


def own_projects(actor: Actor) -> list[Project]:
    """Return the projects that the actor can open.

    A platform admin lists every project, to manage its members, but opens only those that they
    are a member of themselves.
    """
    projects = studio().projects
    ask = projects.mine if actor.role is UserRole.PLATFORM_ADMIN else projects.list
    return list(remembered(("projects", actor.user_id), lambda: ask(actor)))


def project_labels(projects: Sequence[Project]) -> dict[str, str]:
    """Return a label by id, no two alike: a select box tells options apart by their labels."""
    names = Counter(project.name for project in projects)
    return {
        p.id: p.name if names[p.name] == 1 else f"{p.name} ({p.created_by}, {p.id[:6]})"
        for p in projects
    }


def choose_project(actor: Actor, project_id: str) -> None:
    """Make a project the current one, also after a reload."""
    st.session_state[PROJECT_KEY] = project_id
    RESOURCES.last_projects[actor.user_id] = project_id


def follow_link(actor: Actor) -> None:
    """Go to the project of the dataset, run or release that the address names, once."""
    getters = {
        "dataset": studio().datasets.get,
        "run": studio().runs.get,
        "from": studio().runs.get,
        "again": studio().runs.get,
        "release": studio().releases.get,
    }
    wanted = {kind: st.query_params[kind] for kind in getters if kind in st.query_params}
    if not wanted or st.session_state.get(LINK_KEY) == wanted:
        return
    st.session_state[LINK_KEY] = wanted
    for kind, key in wanted.items():
        try:
            choose_project(actor, getters[kind](actor, key).project_id)
        except (NotFound, PermissionDenied):
            continue
