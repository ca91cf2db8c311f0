"""Who looks at the page and which project they work in.

The session token lies in the server-side ``st.session_state`` of the tab that signed in, and in an
HttpOnly cookie that a reloaded or second tab brings along. The server's list of sessions has the
last word on every run, so that a sign-out, a changed password or an administrator ends it.
"""

import streamlit as st

from app.resources import settings, studio
from core.governance.policy import Actor
from core.studio.values import Project

COOKIE = "studio_session"
TOKEN_KEY = "session_token"
PROJECT_KEY = "project_id"


def origin() -> str:
    """Return the address that the browser's connection came from, for the audit."""
    if settings().trusted_proxy:
        forwarded = st.context.headers.get("X-Forwarded-For", "")
        if forwarded:
            return forwarded.split(",")[0].strip()[:64]
    return st.context.ip_address or "local"


def session_token() -> str | None:
    """Return the token of this tab's session, or the cookie's; it may have ended."""
    return st.session_state.get(TOKEN_KEY) or st.context.cookies.get(COOKIE)


def current_actor() -> Actor | None:
    """Return who is signed in, or None; asks the server's list of sessions each time."""
    token = session_token()
    return studio().people.actor(token, origin()) if token else None


def require_actor() -> Actor:
    """Return who is signed in, or end this run.

    Every page and every fragment calls it first: a fragment reruns without the entrypoint, so the
    gate in ``app/main.py`` does not stand before it. An ended session leads to the sign-in form.
    """
    actor = current_actor()
    if actor is not None:
        return actor
    if st.session_state.get(TOKEN_KEY):
        del st.session_state[TOKEN_KEY]
        st.rerun()
    st.info("Your session has ended. Reload the page to sign in again.")
    st.stop()


def current_project() -> Project | None:
    """Return the project chosen in the sidebar, or None if the actor is in none."""
    projects = studio().projects.list(require_actor())
    chosen = st.session_state.get(PROJECT_KEY)
    return next((p for p in projects if p.id == chosen), projects[0] if projects else None)


def choose_project(project_id: str) -> None:
    """Make a project the current one for this tab."""
    st.session_state[PROJECT_KEY] = project_id
