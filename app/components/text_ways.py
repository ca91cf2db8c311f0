"""Free text where it is decided: what else can be done with it than to leave it out.

The suggestion is to leave free text out. Beside it stand the ways in which it comes back made up,
with what each tells of the texts; what was left out can come back later.
"""

from dataclasses import dataclass

import streamlit as st

from app.components.datasets import code, counted
from app.components.page import guard, plain
from app.components.review import OpenFinding
from app.components.texts import LEARNED, NAMES, PLAIN
from app.resources import studio
from core.data.schema import Action, Column, Table
from core.data.texts import FEW
from core.governance.policy import Actor
from core.studio.values import Dataset, Decision

FREE_TEXT = "free_text"
MADE_UP = "comes back made up"
TEXTS = {
    PLAIN: "**Plain words**: texts that say nothing. How long the real ones are and how they are "
    "built (words, capitals, digits) is told, and nothing else.",
    LEARNED: "**In their style**: reads like the real texts. No training text comes back, and no "
    f"word that fewer than {FEW} texts have; what many texts say can come back. It is no formal "
    "guarantee.",
}
_HELP = {
    PLAIN: "Replaces the column: words that say nothing, of the same lengths.",
    LEARNED: "Replaces the column, and learns how its texts are written.",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A column of free text that is to come back, and how."""

    table: str
    column: Column
    way: str
    reason: str = MADE_UP


def is_free_text(item: OpenFinding) -> bool:
    """Whether a finding is one of free text."""
    return item.finding.semantic == FREE_TEXT


def show_ways(item: OpenFinding) -> Asked | None:
    """Offer the ways beside leaving free text out; return what a button asks for."""
    st.caption(
        "Dropping it tells nothing at all. It can come back made up instead:\n"
        + "\n".join(f"- {words}" for words in TEXTS.values())
    )
    return _buttons(item.table, item.column, item.key)


def show_left_out(dataset: Dataset, table: Table) -> Asked | None:
    """Name the free text that is left out, and offer to let it come back."""
    for column in studio().texts.left_out(table):
        st.markdown(f"{code(column.name)} is left out.")
        if asked := _buttons(table.name, column, f"{dataset.id}.{table.name}.{column.name}"):
            return asked
    return None


def say_left_out(dataset: Dataset) -> None:
    """Say that free text is left out, and where it can come back."""
    names = [c.name for table in dataset.schema.tables for c in studio().texts.left_out(table)]
    if names:
        shown = ", ".join(map(code, names))
        st.caption(
            f":material/notes: {counted(len(names), 'column')} of free text left out: {shown}. "
            "Under *Free text* below it can come back made up."
        )


def bring_back(actor: Actor, dataset: Dataset, asked: Asked) -> None:
    """Save that a column of free text comes back, and how."""
    column = asked.column
    finding = studio().datasets.findings(actor, dataset.id).get(asked.table, {}).get(column.name)
    role = finding.suggested_role if finding and column.action is None else column.role
    decision = Decision(asked.table, column.name, column.type, role, Action.REPLACE, asked.reason)
    with guard(stop=False):
        after = studio().datasets.decide(actor, dataset.id, [decision])
        if asked.way == LEARNED:
            studio().texts.learn_too(actor, after.id, asked.table, column.name)
        st.toast(f"{plain(column.name)} comes back made up.", icon=":material/check:")
        st.rerun()


def _buttons(table: str, column: Column, key: str) -> Asked | None:
    with st.container(horizontal=True):
        for way in TEXTS:
            if st.button(NAMES[way], key=f"{way}_{key}", help=_HELP[way]):
                return Asked(table, column, way)
    return None
