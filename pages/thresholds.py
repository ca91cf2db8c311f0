"""Thresholds: what the runs of a project are judged by."""

import streamlit as st

from app.components.page import guard, page_header, plain
from app.components.projects import project_or_start
from app.components.thresholds import policy_form, show_policy
from app.navigation import may
from app.resources import studio
from app.session import require_actor
from core.governance.policy import Actor
from core.studio.policies import ProjectPolicy


def show() -> None:
    actor = require_actor()
    page_header(
        "Thresholds",
        text="From where on a result is good, a warning or a failure. Reports that exist keep the "
        "thresholds that they were judged by.",
        icon=":material/tune:",
    )
    with guard():
        project = project_or_start(actor)
        found = studio().policies.get(actor, project.id)
        show_state(found, project.name)
        if may(actor, "policy.set"):
            edit(actor, found)
        else:
            show_policy(found.policy, found.default)


def show_state(found: ProjectPolicy, project: str) -> None:
    field = "" if found.field == "general" else f" for {found.field}"
    if found.set_at is None:
        st.caption(f"{plain(project)} has the defaults{field}: nobody has set others.")
    else:
        who = f"{plain(found.set_by)}, {found.set_at:%d %b %Y %H:%M} UTC"
        st.caption(f"Set for {plain(project)} by {who}.")


def edit(actor: Actor, found: ProjectPolicy) -> None:
    stamp = "" if found.set_at is None else f"{found.set_at:%y%m%d%H%M%S%f}"
    with guard(stop=False):
        policy = policy_form(found.policy, f"thresholds_{found.project_id}_{stamp}")
        if policy is not None:
            studio().policies.set(actor, found.project_id, policy)
            st.rerun()
    if not found.is_default and st.button(
        "Back to the defaults", icon=":material/restart_alt:", key="thresholds_reset"
    ):
        with guard(stop=False):
            studio().policies.set(actor, found.project_id, None)
            st.rerun()


show()
