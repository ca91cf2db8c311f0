"""Sign-in, the first administrator, and the small script that trades a ticket for the cookie."""

import streamlit as st

from app.components.page import guard
from app.navigation import ROOT
from app.resources import studio, tickets
from app.session import TOKEN_KEY, origin, session_token
from core.errors import InvalidInput
from core.governance.sessions import SessionToken

TICKET_KEY = "session_ticket"
SIGNED_OUT_KEY = "signed_out"
PASSWORD_HINT = "12 characters or more"
COOKIE_SCRIPT = """
const used = new Set()
export default function ({ data }) {
  const { ticket, leave } = data ?? {}
  if (ticket && !used.has(ticket)) {
    used.add(ticket)
    fetch("/api/auth/session", {
      method: "POST",
      credentials: "same-origin",
      headers: { "X-Studio-Request": "1", "X-Studio-Ticket": ticket },
    })
  }
  if (leave && !used.has("leave")) {
    used.add("leave")
    fetch("/api/auth/logout", {
      method: "POST",
      credentials: "same-origin",
      headers: { "X-Studio-Request": "1" },
    }).finally(() => window.location.replace("/"))
  }
}
"""

_cookie_component = st.components.v2.component("studio_cookie", js=COOKIE_SCRIPT)


def keep_cookie() -> None:
    """Hand the browser its ticket once after a sign-in; mounted at the end of the sidebar."""
    ticket = st.session_state.get(TICKET_KEY)
    if ticket:
        _cookie_component(key="cookie", data={"ticket": ticket}, height=1)


def sign_out() -> None:
    """End the session on the server, forget this tab's state, and let the browser start anew."""
    token = session_token()
    if token:
        studio().people.sign_out(token, origin())
    st.session_state.clear()
    st.session_state[SIGNED_OUT_KEY] = True


def show_gate() -> None:
    """Show what stands before the studio: the first administrator's form, or the sign-in."""
    if st.session_state.get(SIGNED_OUT_KEY):
        _cookie_component(key="leave", data={"leave": True}, height=1)
    _, middle, _ = st.columns([1, 1.2, 1])
    with middle:
        st.space("large")
        st.image(str(ROOT / "assets" / "icon.svg"), width=56, alt="Synth Studio")
        if studio().people.first_admin_code() is None:
            _sign_in_form()
        else:
            _first_admin_form()


def _sign_in_form() -> None:
    st.title("Sign in", anchor=False)
    st.caption("Synthetic data with evidence, on your own premises.")
    with st.form("sign_in"):
        username = st.text_input("User name", autocomplete="username", key="sign_in_username")
        password = st.text_input(
            "Password", type="password", autocomplete="current-password", key="sign_in_password"
        )
        submitted = st.form_submit_button("Sign in", type="primary", width="stretch")
    if submitted:
        with guard():
            _begin(studio().people.sign_in(username.strip(), password, origin()))


def _first_admin_form() -> None:
    st.title("Create the first administrator", anchor=False)
    st.caption(
        "Nobody has an account yet. The one-time code is in the terminal where the studio was "
        "started, or in its log."
    )
    with st.form("first_admin"):
        code = st.text_input("One-time code", autocomplete="off", key="first_code")
        username = st.text_input("User name", autocomplete="username", key="first_username")
        name = st.text_input("Your name", autocomplete="name", key="first_name")
        password = new_password_inputs("first", "Password")
        submitted = st.form_submit_button("Create account", type="primary", width="stretch")
    if submitted:
        with guard():
            chosen = agreed_password(password)
            people = studio().people
            _begin(
                people.create_first_admin(
                    code.strip(), username.strip(), name.strip(), chosen, origin()
                )
            )


def new_password_inputs(key: str, label: str = "New password") -> tuple[str, str]:
    """Show the two fields of a new password and return what is in them."""
    first = st.text_input(
        label,
        type="password",
        autocomplete="new-password",
        placeholder=PASSWORD_HINT,
        key=f"{key}_password",
    )
    again = st.text_input(
        f"{label} again", type="password", autocomplete="new-password", key=f"{key}_again"
    )
    return first or "", again or ""


def agreed_password(pair: tuple[str, str]) -> str:
    """Return the password if both fields say the same.

    Raises
    ------
    InvalidInput
        If they differ.
    """
    if pair[0] != pair[1]:
        raise InvalidInput("The two passwords differ. Type the same password twice.")
    return pair[0]


def adopt_session(session: SessionToken) -> None:
    """Make a new session this tab's own, and have the browser fetch its cookie."""
    st.session_state.pop(SIGNED_OUT_KEY, None)
    st.session_state[TOKEN_KEY] = session.token
    st.session_state[TICKET_KEY] = tickets().issue(session.token, session.expires_at)


def _begin(session: SessionToken) -> None:
    adopt_session(session)
    st.rerun()
