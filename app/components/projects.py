"""Making a project: the same form on the first visit and on the projects page."""

import streamlit as st

from app.components.page import empty_state, guard
from app.navigation import may
from app.resources import studio
from app.session import choose_project, current_project
from core.governance.policy import Actor
from core.studio.values import Project


def project_form(actor: Actor, *, is_first: bool = False) -> None:
    """Show the form that makes a project, and make the new project the current one."""
    with st.form("new_project", width=560):
        name = st.text_input("Name", placeholder="Retail banking test data", key="project_name")
        domain = st.text_input(
            "Domain", placeholder="finance", key="project_domain", help="The field of work."
        )
        kind = "primary" if is_first else "secondary"
        submitted = st.form_submit_button("Create project", type=kind, icon=":material/add:")
    if submitted:
        with guard(stop=False):
            project = studio().projects.create(actor, name.strip(), domain.strip())
            choose_project(actor, project.id)
            st.rerun()


def project_or_start(actor: Actor) -> Project:
    """Return the current project; without one, show how to get one and end the run."""
    project = current_project()
    if project is not None:
        return project
    if may(actor, "project.create"):
        st.subheader("Create your first project", anchor=False)
        st.caption("A project holds datasets, runs and releases, and the people who share them.")
        project_form(actor, is_first=True)
    else:
        empty_state(
            "You are in no project yet",
            "Ask a domain or platform administrator to add you to one.",
            icon=":material/workspaces:",
        )
    st.stop()
