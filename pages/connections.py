"""Connections: databases, files and buckets of a project, and importing from them."""

import streamlit as st

from app.components.connections import choose_connection, choose_selections, show_add
from app.components.datasets import counted
from app.components.import_tasks import show_imports
from app.components.page import guard, page_header
from app.components.projects import project_or_start
from app.components.remote import choose_remote_files
from app.components.versions import choose_version
from app.resources import studio
from app.session import require_actor
from core.data.remote import KINDS
from core.governance.policy import Actor
from core.studio.kept_connections import Connection
from core.studio.values import Project


def show() -> None:
    actor = require_actor()
    page_header(
        "Connections",
        text="Import tables from databases, files over https and object storage. Addresses are "
        "encrypted and never shown again.",
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
        if connection.kind in KINDS:
            _import_files(actor, project, connection)
        else:
            _import_tables(actor, project, connection)


def _import_tables(actor: Actor, project: Project, connection: Connection) -> None:
    selections = choose_selections(actor, connection)
    if not selections:
        return
    name, version_of = _about(actor, project, connection)
    label = f"Import {counted(len(selections), 'table')}"
    if st.button(label, key="import_tables", type="primary", icon=":material/upload:"):
        studio().connections.start_import(actor, connection.id, name, selections, version_of)
        st.rerun()


def _import_files(actor: Actor, project: Project, connection: Connection) -> None:
    keys = choose_remote_files(actor, connection)
    if not keys:
        return
    name, version_of = _about(actor, project, connection)
    label = f"Import {counted(len(keys), 'file')}"
    if st.button(label, key="import_files", type="primary", icon=":material/upload:"):
        studio().remote.start_import(actor, connection.id, name, keys, version_of=version_of)
        st.rerun()


def _about(actor: Actor, project: Project, connection: Connection) -> tuple[str, str]:
    """The name of the dataset, and what it is a new version of."""
    name = st.text_input("Name of the dataset", connection.name, max_chars=200)
    return name, choose_version(actor, project.id)


show()
