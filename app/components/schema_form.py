"""The schema of a dataset as a form: types, roles and meanings of columns, keys and links."""

import zlib
from collections.abc import Iterable
from dataclasses import replace

import pandas as pd
import streamlit as st

from app.components.datasets import ROLE_NAMES, TYPE_NAMES
from app.components.page import plain
from app.components.review import links_frame, links_of
from core.data.pii import SEMANTICS
from core.data.schema import Column, Relationship, Schema, Table
from core.studio.schemas import SchemaDraft, retyped_column

CONTENT_ROWS = 12
MEANINGS = {name: semantic.title for name, semantic in SEMANTICS.items()}
NOTHING = "Nothing special"


def columns_frame(table: Table) -> pd.DataFrame:
    """Return a row for each column, in words."""
    rows = [
        {
            "Column": c.name,
            "Type": TYPE_NAMES[c.type],
            "Role": ROLE_NAMES[c.role],
            "Meaning": MEANINGS.get(c.semantic or "", NOTHING),
        }
        for c in table.columns
    ]
    return pd.DataFrame(rows, columns=["Column", "Type", "Role", "Meaning"])


def edit_schema(draft: SchemaDraft, name: str, *, key: str) -> SchemaDraft:
    """Show one table's part of a draft and all links; return the draft with what was changed."""
    table = draft.schema[name]
    changed = _edit_columns(table, key)
    chosen = _choose_key(draft, table, key)
    changed = replace(changed, primary_key=chosen[0] if len(chosen) == 1 else None)
    composite = {**draft.composite, name: tuple(chosen) if len(chosen) > 1 else ()}
    schema = draft.schema.with_table(changed)
    links = [*_edit_links(schema, key), *_edit_wide_links(draft.schema, key)]
    schema = replace(schema, relationships=tuple(links))
    return SchemaDraft(schema, {n: columns for n, columns in composite.items() if columns})


def _edit_columns(table: Table, key: str) -> Table:
    before = columns_frame(table)
    after = st.data_editor(
        before,
        hide_index=True,
        key=f"{key}_columns_{zlib.crc32(before.to_csv(index=False).encode())}",
        disabled=["Column"],
        height="content" if len(before) <= CONTENT_ROWS else "auto",
        column_config={
            "Column": st.column_config.TextColumn(pinned=True),
            "Type": _choice("How values are understood.", TYPE_NAMES.values()),
            "Role": _choice("What the column tells about a person.", ROLE_NAMES.values()),
            "Meaning": _choice("What its values are.", [NOTHING, *MEANINGS.values()]),
        },
        alt=f"The {len(before)} columns of {table.name}: type, role and meaning of each.",
    )
    columns = zip(table.columns, after.to_dict("records"), strict=True)
    return replace(table, columns=tuple(_changed(column, row) for column, row in columns))


def _changed(column: Column, row: dict[str, str]) -> Column:
    kinds = {title: kind for kind, title in TYPE_NAMES.items()}
    roles = {title: role for role, title in ROLE_NAMES.items()}
    meanings = {title: name for name, title in MEANINGS.items()}
    kind = kinds[row["Type"]]
    column = column if kind is column.type else retyped_column(column, kind)
    if row["Meaning"] != MEANINGS.get(column.semantic or "", NOTHING):
        column = replace(column, semantic=meanings.get(row["Meaning"]))
    return replace(column, role=roles[row["Role"]])


def _choose_key(draft: SchemaDraft, table: Table, key: str) -> list[str]:
    several = list(draft.composite.get(table.name, ()))
    return st.multiselect(
        f"Key of {plain(table.name)}",
        table.names,
        default=several or ([table.primary_key] if table.primary_key else []),
        key=f"{key}_key",
        placeholder="None",
        help="The column that tells rows apart, or the columns that do so together.",
    )


def _edit_links(schema: Schema, key: str) -> list[object]:
    st.markdown("**Links between tables**")
    st.caption("A column that names the key of a table; a table may point to itself.")
    before = links_frame(schema)
    names = [f"{table.name}.{name}" for table in schema.tables for name in table.names]
    after = st.data_editor(
        before,
        hide_index=True,
        num_rows="dynamic",
        key=f"{key}_links_{zlib.crc32(before.to_csv(index=False).encode())}",
        column_config={
            "Column": _choice("The column that points.", names),
            "Points to": _choice("The table whose key it names.", schema.names),
        },
        alt="Which column points to which table, one link a row.",
    )
    return list(links_of(after, {t.name: t.primary_key for t in schema.tables}))


def _edit_wide_links(schema: Schema, key: str) -> list[Relationship]:
    """Let links of several columns be added and taken out; return those that are wanted."""
    if len(schema.tables) < 2:
        return [link for link in schema.relationships if link.more]
    own = f"{key}_wide"
    known = st.session_state.setdefault(own, [x for x in schema.relationships if x.more])
    labels = {wide_label(link): link for link in known}
    chosen = list(labels)
    if labels:
        chosen = st.multiselect(
            "Links of several columns",
            list(labels),
            default=list(labels),
            key=f"{own}_kept_{len(labels)}",
            help="Take one out to remove it.",
        )
    with st.popover("Add a link of several columns", icon=":material/add_link:"):
        link = _wide_link(schema, own)
        if st.button("Add the link", key=f"{own}_add", disabled=link is None) and link is not None:
            if link not in known:
                known.append(link)
            st.rerun()
    return [labels[label] for label in chosen]


def _wide_link(schema: Schema, key: str) -> Relationship | None:
    """Ask for a link of several columns; None until it is whole."""
    child = st.selectbox("Table that points", schema.names, key=f"{key}_child")
    own = st.multiselect("With these columns", schema[child].names, key=f"{key}_own_{child}")
    parent = st.selectbox("To the table", schema.names, index=1, key=f"{key}_parent")
    other = st.multiselect(
        "Its columns, in the same order", schema[parent].names, key=f"{key}_other_{parent}"
    )
    if len(own) < 2 or len(own) != len(other):
        st.caption("Choose two columns or more, and as many of either table.")
        return None
    return Relationship.of(parent, other, child, own)


def wide_label(link: Relationship) -> str:
    """Say a link of several columns in a line."""
    own, other = ", ".join(link.child_columns), ", ".join(link.parent_columns)
    return f"{link.child} ({own}) → {link.parent} ({other})"


def _choice(help: str, options: Iterable[str]) -> object:
    return st.column_config.SelectboxColumn(help=help, options=list(options), required=True)
