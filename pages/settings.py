"""Settings: one's own password and sessions, and what this installation runs."""

import platform
from collections.abc import Sequence
from importlib import metadata

import streamlit as st

from app.components.auth import adopt_session, agreed_password, new_password_inputs, sign_out
from app.components.page import guard, page_header, plain
from app.navigation import may
from app.resources import studio
from app.session import require_actor
from app.words import ROLE_NAMES, ROLE_TEXTS
from core.governance.policy import Actor, UserRole
from core.studio.installation import Plugin

PACKAGES = ("streamlit", "duckdb", "pandas", "scikit-learn", "sdv", "torch")


def show() -> None:
    actor = require_actor()
    page_header("Settings", icon=":material/settings:")
    account, about = st.tabs(["Your account", "This installation"])
    with account:
        show_account(actor)
    with about:
        show_installation()
        if may(actor, "system.status"):
            with guard(stop=False):
                show_plugins(studio().installation.plugins(actor))


def show_account(actor: Actor) -> None:
    role = UserRole(actor.role)
    st.markdown(f"**{plain(actor.name)}** :gray[({plain(actor.username)})]  \n{ROLE_NAMES[role]}")
    st.caption(ROLE_TEXTS[role])
    left, right = st.columns(2)
    with left:
        change_password(actor)
    with right.container(border=True):
        st.markdown("**Sessions**")
        st.caption(
            "Sign out here and in every other browser where you are signed in. A new password "
            "ends all other sessions too."
        )
        if st.button("Sign out everywhere", icon=":material/logout:", key="sign_out_everywhere"):
            with guard(stop=False):
                studio().people.end_sessions(actor, actor.user_id)
                sign_out()
                st.rerun()


def change_password(actor: Actor) -> None:
    with st.form("own_password", clear_on_submit=True):
        st.markdown("**Change your password**")
        old = st.text_input(
            "Present password", type="password", autocomplete="current-password", key="own_old"
        )
        passwords = new_password_inputs("own")
        changed = st.form_submit_button("Change password", type="primary")
    if changed:
        with guard(stop=False):
            chosen = agreed_password(passwords)
            adopt_session(studio().people.change_own_password(actor, old, chosen))
            st.toast("Password changed. Your other sessions have ended.", icon=":material/check:")
            st.rerun()


def show_installation() -> None:
    rows = [{"Part": "Python", "Version": platform.python_version()}]
    for name in PACKAGES:
        try:
            rows.append({"Part": name, "Version": metadata.version(name)})
        except metadata.PackageNotFoundError:
            rows.append({"Part": name, "Version": "not installed"})
    st.dataframe(rows, hide_index=True, width=420, alt="Versions of the main parts")
    st.caption("The state of database, vault, job pool and disk is at /api/health.")


def show_plugins(plugins: Sequence[Plugin]) -> None:
    st.subheader("Plug-ins", anchor=False)
    if not plugins:
        st.caption("None. `STUDIO_PLUGINS` names installed packages to load at the next start.")
        return
    rows = [
        {
            "Package": plugin.package,
            "Version": plugin.version or "not installed",
            "Adds": str(part.kind),
            "Name": part.name,
            "Title": part.title,
        }
        for plugin in plugins
        for part in plugin.loaded
    ]
    if rows:
        st.dataframe(rows, hide_index=True, width=720, alt="What plug-ins add")
    for problem in (problem for plugin in plugins for problem in plugin.problems):
        st.warning(plain(problem), icon=":material/extension_off:")
    st.caption("Plug-ins run with all rights of the studio; nothing holds them in.")


show()
