"""Projects: make them and choose who works in them."""

import streamlit as st

from app.components.page import empty_state, guard, page_header, plain
from app.components.projects import project_form
from app.resources import studio
from app.session import require_actor
from app.words import ROLE_NAMES
from core.governance.policy import Actor, UserRole
from core.studio.values import Project


def show() -> None:
    actor = require_actor()
    page_header(
        "Projects",
        text="A project holds datasets, runs and releases. Only its members see them.",
        icon=":material/workspaces:",
    )
    with guard():
        with st.expander("New project", icon=":material/add:"):
            project_form(actor)
        projects = studio().projects.list(actor)
        if not projects:
            empty_state("No project yet", "Create one above; then add the people who share it.")
        for project in projects:
            show_project(actor, project)


def show_project(actor: Actor, project: Project) -> None:
    members = studio().projects.members(actor, project.id)
    with st.container(border=True, key=f"project_{project.id}"):
        st.subheader(plain(project.name), anchor=False)
        domain = f"{plain(project.domain)} · " if project.domain else ""
        st.caption(f"{domain}created by {plain(project.created_by)}, {project.created_at:%d %b %Y}")
        for member in members:
            name, role, button = st.columns([3, 2, 1], vertical_alignment="center")
            name.markdown(f"{plain(member.name)} :gray[({plain(member.username)})]")
            role.caption(ROLE_NAMES[UserRole(member.role)])
            key = f"remove_{project.id}_{member.user_id}"
            with button.container(horizontal_alignment="right"):
                removed = st.button("Remove", key=key, type="tertiary")
            if removed:
                with guard(stop=False):
                    studio().projects.remove_member(actor, project.id, member.user_id)
                    st.rerun()
        add_member(actor, project)


def add_member(actor: Actor, project: Project) -> None:
    with st.form(f"add_{project.id}", border=False, clear_on_submit=True):
        left, right = st.columns([4, 1], vertical_alignment="bottom")
        username = left.text_input("Add a member by user name", key=f"member_{project.id}")
        added = right.form_submit_button("Add", icon=":material/person_add:", width="stretch")
    if added:
        with guard(stop=False):
            studio().projects.add_member(actor, project.id, username.strip())
            st.rerun()


show()
