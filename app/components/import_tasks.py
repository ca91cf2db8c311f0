"""Imports that go on beside the page: how far they are, cancelling them, where they led."""

import streamlit as st

from app.components.page import guard, plain
from app.navigation import page_path
from app.resources import studio
from app.session import require_actor
from core.governance.policy import Actor
from core.studio.imports import Import, ImportState

SHOWN = 3
EVERY = 2.0


def show_imports(actor: Actor, project_id: str) -> None:
    """Show imports under way and the last that ended; nothing where there are none."""
    known = list(studio().imports.list(actor, project_id))
    if not known:
        return
    is_running = any(task.state is ImportState.RUNNING for task in known)
    st.fragment(_show, run_every=EVERY if is_running else None)(project_id, is_running)


def _show(project_id: str, was_running: bool) -> None:
    with guard():
        known = list(studio().imports.list(require_actor(), project_id))
        for task in known[:SHOWN]:
            with st.container(border=True):
                _one(task)
        if was_running and not any(t.state is ImportState.RUNNING for t in known):
            st.rerun()


def _one(task: Import) -> None:
    name = plain(task.name)
    if task.state is ImportState.RUNNING:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.progress(task.share, f"Importing {name}. {plain(task.note)}")
            if st.button("Cancel", key=f"cancel_{task.id}", icon=":material/close:"):
                studio().imports.cancel(require_actor(), task.id)
    elif task.state is ImportState.DONE:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f":material/check_circle: **{name}** was imported.")
            if st.button("Look inside", key=f"imported_{task.id}"):
                st.switch_page(page_path("datasets"), query_params={"dataset": task.dataset_id})
    elif task.state is ImportState.CANCELLED:
        st.markdown(f":material/cancel: The import of **{name}** was cancelled. Nothing was kept.")
    else:
        lines = [f"**{name} was not imported.** {plain(task.error)}"]
        st.error(lines[0], icon=":material/edit_off:")
