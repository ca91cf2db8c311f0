"""How many rows to make: a number for each table that follows no other."""

from collections.abc import Mapping, Sequence

import streamlit as st

from app.components.datasets import code
from app.components.page import plain
from core.data.schema import Schema
from core.studio.values import Dataset

MOST_ROWS = 100_000_000
LIST_ROWS = 50
USES_OF_LIST = 10


def rows_form(
    dataset: Dataset, start: Mapping[str, int] | None = None, *, key: str
) -> dict[str, int]:
    """Show a number of rows for each table that points to no other; say what the others do.

    ``start`` says where numbers begin that are not as many as there are real rows.
    """
    followers = following_tables(dataset.schema)
    leaders = [name for name in dataset.schema.names if name not in followers]
    lists = short_lists(dataset, leaders)
    asked = [name for name in leaders if name not in lists]
    rows = {}
    columns = st.columns(min(len(asked), 3) or 1)
    for number, name in enumerate(asked):
        rows[name] = columns[number % len(columns)].number_input(
            f"Rows of {plain(name)}",
            1,
            MOST_ROWS,
            (start or {}).get(name, max(dataset.table_rows.get(name, 1), 1)),
            key=f"{key}_rows_{name}",
            persist_state="session",
        )
    if followers:
        st.caption(f"{_names(followers)} get as many rows as fit the rows that they point to.")
    if lists:
        st.caption(f"{_names(lists)}: a short list that keeps its number of rows.")
    return rows


def private_rows_form(
    dataset: Dataset, start: Mapping[str, int] | None = None, *, key: str
) -> dict[str, int]:
    """Show a number of rows that starts empty: how many real ones there are is private too."""
    (name,) = dataset.schema.names
    before = (start or {}).get(name)
    given = st.number_input(
        f"Rows of {plain(name)}",
        1,
        MOST_ROWS,
        None if before == dataset.table_rows.get(name) else before,
        placeholder="As many as the run estimates",
        help="Left empty, it is the number that the run estimates with noise, or the public one. "
        "The number of real rows is private, so that it does not stand here.",
        key=f"{key}_private_rows_{name}",
        width=280,
    )
    return {} if given is None else {name: given}


def following_tables(schema: Schema) -> list[str]:
    """Return the tables that point to another one; none, where all of them stand in a circle."""
    pointing = {link.child for link in schema.relationships if link.child != link.parent}
    return [] if pointing == set(schema.names) else [n for n in schema.names if n in pointing]


def short_lists(dataset: Dataset, leaders: Sequence[str]) -> list[str]:
    """Return the tables that are short lists which many rows of others use, such as products."""
    rows = dataset.table_rows
    found = []
    for name in leaders:
        uses = [r.child for r in dataset.schema.relationships if r.parent == name != r.child]
        is_short = 0 < rows.get(name, 0) <= LIST_ROWS
        if uses and is_short and all(rows[c] >= USES_OF_LIST * rows[name] for c in uses):
            found.append(name)
    return found if len(found) < len(leaders) else []


def _names(tables: Sequence[str]) -> str:
    return ", ".join(code(name) for name in tables)
