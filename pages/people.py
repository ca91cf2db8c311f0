"""People: accounts, roles, passwords and sessions, for the platform administrator."""

import streamlit as st

from app.components.auth import agreed_password, new_password_inputs
from app.components.page import guard, page_header, plain
from app.resources import studio
from app.session import require_actor
from app.words import ROLE_NAMES, ROLE_TEXTS
from core.governance.policy import Actor, UserRole
from core.studio.values import Member

ROLES = list(UserRole)


def show() -> None:
    actor = require_actor()
    page_header(
        "People",
        text="Everybody who may sign in. Access to data comes from being a member of a project.",
        icon=":material/group:",
    )
    with guard():
        members = studio().people.list(actor)
        new_account(actor)
        show_table(members)
        change_account(actor, members)


def role_name(role: str) -> str:
    return ROLE_NAMES[UserRole(role)]


def new_account(actor: Actor) -> None:
    with (
        st.expander("New account", icon=":material/person_add:"),
        st.form("new_account", border=False),
    ):
        left, right = st.columns(2)
        username = left.text_input("User name", autocomplete="off", key="new_username")
        name = right.text_input("Name", autocomplete="off", key="new_name")
        role = st.radio(
            "Role",
            ROLES,
            format_func=role_name,
            captions=[ROLE_TEXTS[r] for r in ROLES],
            key="new_role",
        )
        passwords = new_password_inputs("new", "Password")
        created = st.form_submit_button("Create account", type="primary")
    if created:
        with guard(stop=False):
            studio().people.create(
                actor, username.strip(), name.strip(), agreed_password(passwords), role
            )
            st.toast(f"Account {plain(username.strip())} created", icon=":material/check:")
            st.rerun()


def show_table(members: list[Member]) -> None:
    rows = [
        {
            "User name": m.username,
            "Name": m.name,
            "Role": role_name(m.role),
            "State": "disabled" if m.disabled else "active",
        }
        for m in members
    ]
    st.dataframe(rows, hide_index=True, width="stretch", alt="Accounts with role and state")


def change_account(actor: Actor, members: list[Member]) -> None:
    st.subheader("Change an account", anchor=False)
    by_id = {m.user_id: m for m in members}
    chosen = st.selectbox(
        "Account",
        list(by_id),
        format_func=lambda key: f"{by_id[key].name} ({by_id[key].username})",
        key="account",
    )
    member = by_id.get(chosen)
    if member is None:
        return
    left, middle, right = st.columns(3)
    with left.container(border=True, height="stretch"):
        change_role(actor, member)
    with middle.container(border=True, height="stretch"):
        change_password(actor, member)
    with right.container(border=True, height="stretch"):
        change_access(actor, member)


def change_role(actor: Actor, member: Member) -> None:
    role = st.selectbox(
        "Role",
        ROLES,
        index=ROLES.index(UserRole(member.role)),
        format_func=role_name,
        key=f"role_{member.user_id}",
    )
    st.caption(ROLE_TEXTS[role])
    if st.button("Change role", key="set_role", disabled=role == member.role):
        with guard(stop=False):
            studio().people.set_role(actor, member.user_id, role)
            st.rerun()


def change_password(actor: Actor, member: Member) -> None:
    with st.form(f"password_{member.user_id}", border=False, clear_on_submit=True):
        passwords = new_password_inputs("reset")
        changed = st.form_submit_button("Set password")
    if changed:
        with guard(stop=False):
            studio().people.set_password(actor, member.user_id, agreed_password(passwords))
            st.success("Password set. All sessions of this account have ended.")


def change_access(actor: Actor, member: Member) -> None:
    st.markdown("**Access**")
    st.caption("Ending the sessions signs the person out everywhere at their next click.")
    if st.button("End all sessions", key="end_sessions", width="stretch"):
        with guard(stop=False):
            studio().people.end_sessions(actor, member.user_id)
            st.success("All sessions have ended.")
    label = "Enable account" if member.disabled else "Disable account"
    if st.button(
        label, key="set_disabled", width="stretch", disabled=member.user_id == actor.user_id
    ):
        with guard(stop=False):
            studio().people.set_disabled(actor, member.user_id, not member.disabled)
            st.rerun()


show()
