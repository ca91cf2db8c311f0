"""Connections: databases of a project, what is in them, and importing from them."""

import streamlit as st

from app.components.connections import choose_connection, choose_selections, show_add
from app.components.datasets import counted
from app.components.import_tasks import show_imports
from app.components.page import guard, page_header
from app.components.projects import project_or_start
from app.components.versions import choose_version
from app.resources import studio
from app.session import require_actor


def show() -> None:
    actor = require_actor()
    page_header(
        "Connections",
        text="Import tables from databases. Addresses are encrypted and never shown again.",
        icon=":material/database:",
    )
    project = project_or_start(actor)
    show_imports(actor, project.id)
    with guard():
        known = studio().connections.list(actor, project.id)
        show_add(actor, project, is_open=not known)
        connection = choose_connection(actor, project)
        if connection is None:
            return
        selections = choose_selections(actor, connection)
        if not selections:
            return
        name = st.text_input("Name of the dataset", connection.name, max_chars=200)
        version_of = choose_version(actor, project.id)
        label = f"Import {counted(len(selections), 'table')}"
        if st.button(label, key="import_tables", type="primary", icon=":material/upload:"):
            studio().connections.start_import(actor, connection.id, name, selections, version_of)
            st.rerun()


show()
