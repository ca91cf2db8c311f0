"""What is public about a table's columns: nothing, a table to fill in, or a YAML file.

Nothing here is filled in from the rows: a range or a code list that is read from the data is no
longer free of privacy, and would break the promise unseen.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import pandas as pd
import streamlit as st

from app.components.datasets import TYPE_NAMES, code, counted
from app.components.page import guard
from core.data.schema import Table
from core.errors import InvalidInput
from core.studio.public_schemas import (
    Declared,
    declarable,
    declared_of,
    public_of_table,
    public_of_yaml,
    template,
)

NOTHING, TYPED, FILE = "nothing", "typed", "file"
MODES = {NOTHING: "Nothing", TYPED: "Fill in a table", FILE: "Upload YAML"}
HELP = (
    "Ranges and code lists that anybody may know, such as those of a published code book, cost no "
    "privacy. What is not declared is found with noise, for a part of ε. Never copy them from the "
    "rows: then they are not public."
)
SHOWN = 8
Public = Mapping[str, Any] | None


def public_form(
    table: Table, start: Public, person: str, *, key: str
) -> tuple[Public, tuple[str, ...]]:
    """Show what can be declared; return it, and what stands in its way."""
    chosen = st.segmented_control(
        "What is public about the columns",
        list(MODES),
        default=TYPED if start and start.get("columns") else NOTHING,
        format_func=MODES.__getitem__,
        required=True,
        help=HELP,
        key=f"{key}_mode",
    )
    mode = chosen or NOTHING
    public, problems = start, ()
    if mode == NOTHING:
        public = None
    elif mode == TYPED:
        public, problems = _typed(table, start, person, key)
    else:
        public, problems = _uploaded(table, start, key)
    if mode != TYPED:
        st.session_state.pop(f"{key}_base", None)
    say_declared(table, public, person)
    return public, problems


def _typed(table: Table, start: Public, person: str, key: str) -> tuple[Public, tuple[str, ...]]:
    """Let ranges and codes be typed; the table keeps what was typed while it is open."""
    base = st.session_state.setdefault(f"{key}_base", declared_frame(table, start))
    base = base[base["column"].isin([c.name for c in declarable(table, person)])]
    edited = st.data_editor(
        base,
        hide_index=True,
        num_rows="fixed",
        disabled=["column", "type"],
        column_config=_columns(),
        key=f"{key}_declared_{person}",
        width="stretch",
        alt="Ranges and code lists that are public, a row for each column",
    )
    st.caption(
        "Numbers, dates as 1990-01-31, times as 12:00:00. Codes are parted by commas; a code with "
        "a comma stands in double quotes. Leave out what is not public."
    )
    typed = [_declared(row) for row in edited.to_dict("records")]
    try:
        return public_of_table(typed, table), ()
    except InvalidInput as error:
        return start, tuple(error.problems) or (str(error),)


def declared_frame(table: Table, public: Public) -> pd.DataFrame:
    """Return what is declared as a table to fill in, with no value of the data."""
    types = {column.name: TYPE_NAMES[column.type] for column in table.columns}
    rows = [{**asdict(one), "type": types[one.column]} for one in declared_of(public, table)]
    order = ["column", "type", "low", "high", "step", "missing", "codes"]
    return pd.DataFrame(rows, columns=order)


def _declared(row: Mapping[Any, Any]) -> Declared:
    texts = {
        name: "" if pd.isna(row[name]) else str(row[name])
        for name in ("low", "high", "step", "codes")
    }
    return Declared(str(row["column"]), **texts, missing=bool(row["missing"]))


def _columns() -> dict[str, object]:
    text = st.column_config.TextColumn
    return {
        "column": text("Column"),
        "type": text("Type"),
        "low": text("Lowest", width="small"),
        "high": text("Highest", width="small"),
        "step": text(
            "Step", help="Distance of neighbouring values, where there is one.", width="small"
        ),
        "missing": st.column_config.CheckboxColumn("Gaps", help="Whether a value may be missing."),
        "codes": text("Codes", help="All codes that can occur, parted by commas."),
    }


def _uploaded(table: Table, start: Public, key: str) -> tuple[Public, tuple[str, ...]]:
    """Take a YAML file, and offer one to fill in."""
    given = st.file_uploader(
        "Public schema", type=["yaml", "yml"], key=f"{key}_file", label_visibility="collapsed"
    )
    st.download_button(
        "Template without values",
        lambda: template(table),
        file_name="public_schema.yaml",
        mime="application/yaml",
        icon=":material/download:",
        type="tertiary",
        key=f"{key}_template",
        on_click="ignore",
    )
    if given is None:
        return start, ()
    with guard(stop=False):
        return public_of_yaml(given.getvalue(), given.name, table), ()
    return start, ("The public schema cannot be used. See what is wrong with it above.",)


def say_declared(table: Table, public: Public, person: str) -> None:
    """Say which columns are declared, and which are paid for."""
    learned = [column.name for column in declarable(table, person)]
    known = set((public or {}).get("columns") or {})
    paid = [name for name in learned if name not in known]
    if not paid:
        st.caption(f":material/check: All {counted(len(learned), 'column')} are declared.")
        return
    named = ", ".join(code(name) for name in paid[:SHOWN])
    rest = f" and {len(paid) - SHOWN} more" if len(paid) > SHOWN else ""
    st.caption(
        f"{len(learned) - len(paid)} of {counted(len(learned), 'column')} declared. "
        f"A part of ε finds bounds and categories of {named}{rest}."
    )
