"""Connections of a project: keeping them, looking at them, choosing what to import."""

import streamlit as st

from app.components.datasets import counted
from app.components.page import empty_state, guard, plain
from app.components.remote import KEPT, forget_typed, show_add_bucket, show_add_web
from app.resources import studio
from core.data.remote import KINDS
from core.data.sources import Filter, Operator, Selection, TableName
from core.governance.policy import Actor
from core.studio.connections import Connection
from core.studio.values import Project

EXAMPLE = "postgresql://reader:password@db.example.org:5432/bank"
TABLES, QUERY = "Tables", "A query"
DATABASE, WEB, BUCKET = "A database", "A file over https", "Object storage"


def show_add(actor: Actor, project: Project, *, is_open: bool) -> None:
    """Show the form for a new connection."""
    with st.expander("Add a connection", icon=":material/add:", expanded=is_open):
        kind = st.segmented_control(
            "Where tables are",
            [DATABASE, WEB, BUCKET],
            default=DATABASE,
            required=True,
            key="connection_kind",
            label_visibility="collapsed",
        )
        if kind == WEB:
            show_add_web(actor, project)
        elif kind == BUCKET:
            show_add_bucket(actor, project)
        else:
            _show_add_database(actor, project)


def _show_add_database(actor: Actor, project: Project) -> None:
    forget_typed("connection_name", "connection_address")
    with st.form("new_connection", border=False):
        name = st.text_input("Name", max_chars=200, key="connection_name")
        address = st.text_input(
            "Address",
            type="password",
            key="connection_address",
            placeholder=EXAMPLE,
            autocomplete="off",
            help="A SQLAlchemy URL. It is encrypted at once and never shown again, to nobody. "
            "Use an account that may only read.",
        )
        st.caption(f"For example `{EXAMPLE}`; special characters of the password as `%40`.")
        added = st.form_submit_button("Try it and keep it", type="primary")
    if added:
        with guard(stop=False), st.spinner("Connecting"):
            studio().connections.add(actor, project.id, name, address)
            st.session_state[KEPT] = True
            st.rerun()


def choose_connection(actor: Actor, project: Project) -> Connection | None:
    """Show the project's connections; return the one to look into."""
    known = {c.id: c for c in studio().connections.list(actor, project.id)}
    if not known:
        empty_state(
            "No connection yet",
            "Add one above: a database, a file over https, or object storage. PostgreSQL works at "
            "once; other databases with their driver.",
            icon=":material/database:",
        )
        return None
    chosen = st.selectbox(
        "Connection",
        list(known),
        format_func=lambda key: f"{known[key].name} ({known[key].kind})",
        key="connection",
    )
    connection = known[chosen]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"Added {connection.created_at:%d %b %Y} by {plain(connection.created_by)}")
        if st.button("Test", key="test_connection", icon=":material/network_check:"):
            with guard(stop=False), st.spinner("Connecting"):
                if connection.kind in KINDS:
                    studio().remote.test(actor, connection.id)
                else:
                    studio().connections.test(actor, connection.id)
                st.toast("It answers.", icon=":material/check:")
        with st.popover("Remove", icon=":material/delete:"):
            st.caption("Datasets that came from it stay.")
            if st.button("Remove the connection", key="remove_connection"):
                studio().connections.remove(actor, connection.id)
                st.rerun()
    return connection


def choose_selections(actor: Actor, connection: Connection) -> list[Selection]:
    """Let the user choose tables with columns, filters and a sample, or write a query."""
    ways = [TABLES, QUERY] if connection.kind in {"postgresql", "sqlite"} else [TABLES]
    way = TABLES
    if len(ways) > 1:
        way = st.segmented_control("What to import", ways, default=TABLES, required=True, key="way")
    return _query() if way == QUERY else _tables(actor, connection)


def show_first_rows(actor: Actor, connection: Connection, selection: Selection) -> None:
    """Show the first real rows of a selection, on request."""
    label = plain(selection.name.name)
    if st.button(f"Show first rows of {label}", key=f"rows_{selection.name}"):
        with guard(stop=False), st.spinner("Asking the database"):
            rows = studio().connections.first_rows(actor, connection.id, selection)
            st.dataframe(rows, hide_index=True, alt=f"First rows of {selection.name.name}.")


def _query() -> list[Selection]:
    name = st.text_input("Name of the table", "result", max_chars=100, key="query_name")
    query = st.text_area(
        "Query",
        key="query",
        placeholder="SELECT id, amount FROM orders WHERE placed_on >= '2024-01-01'",
        help="One SELECT. It runs in a transaction that changes nothing.",
    )
    return [Selection(TableName("", name or "result"), query=query)] if query.strip() else []


def _tables(actor: Actor, connection: Connection) -> list[Selection]:
    connections = studio().connections
    names = list(connections.schemas(actor, connection.id))
    schema = names[0] if names else ""
    if len(names) > 1:
        first = names.index("public") if "public" in names else 0
        schema = st.selectbox("Schema", names, first, key=f"schema_{connection.id}")
    found = list(connections.tables(actor, connection.id, schema))
    chosen = st.multiselect(
        "Tables",
        found,
        format_func=lambda t: f"{t.name} (view)" if t.is_view else t.name,
        key=f"tables_{connection.id}_{schema}",
        placeholder="Choose tables" if found else "This schema holds no tables",
        help="Keys and links between them come along from the database's catalogue.",
    )
    return [_selection(actor, connection, name) for name in chosen]


def _selection(actor: Actor, connection: Connection, name: TableName) -> Selection:
    details = studio().connections.describe(actor, connection.id, name)
    kinds = dict(details.columns)
    key = f"{connection.id}_{name.schema}_{name.name}"
    with st.expander(f"{plain(name.name)}: columns, filter, sample", icon=":material/tune:"):
        links = [
            f"{', '.join(k.columns)} → {k.table}.{', '.join(k.targets)}"
            for k in details.foreign_keys
        ]
        key_columns = details.composite_key or (details.primary_key,)
        said = [f"key {', '.join(key_columns)}"] if key_columns[0] else []
        st.caption(plain("; ".join([counted(len(kinds), "column"), *said, *links])))
        columns = st.multiselect(
            "Columns", list(kinds), key=f"columns_{key}", placeholder="All columns"
        )
        first, second, third = st.columns(3)
        column = first.selectbox(
            "Only rows where", [None, *kinds], key=f"filter_{key}",
            format_func=lambda c: "(no filter)" if c is None else c,
        )  # fmt: skip
        operator = second.selectbox(
            "Comparison", list(Operator), key=f"operator_{key}", format_func=str
        )
        value = third.text_input("Value", key=f"value_{key}")
        sample = st.number_input(
            "Rows drawn at random", 1, None, None, key=f"sample_{key}", placeholder="All rows"
        )
        filters = (Filter(column, operator, _typed(value, kinds[column])),) if column else ()
        selection = Selection(name, tuple(columns), filters, sample)
        show_first_rows(actor, connection, selection)
    return selection


def _typed(value: str, kind: str) -> str | int | float | None:
    """A filter's value as a number where the column holds numbers."""
    if not value:
        return None
    if any(
        word in kind.upper() for word in ("INT", "NUMERIC", "DECIMAL", "FLOAT", "REAL", "DOUBLE")
    ):
        for number in (int, float):
            try:
                return number(value)
            except ValueError:
                continue
    return value
