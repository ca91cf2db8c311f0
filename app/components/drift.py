"""What changed between two versions of a dataset, and what that means for synthetic data.

What matters comes first: what to do, then columns, keys and links, then how values moved. A click
on a column draws both versions.
"""

import streamlit as st

from app.components.datasets import code, size_line
from app.components.drift_columns import show_columns, show_pairs
from app.components.drift_words import advice_words, link_words, shape_words
from app.components.links import choose_linked
from app.resources import studio
from core.data.profile import Drift, Level, TableDrift
from core.governance.policy import Actor
from core.studio.drift import advice_on, earlier_version
from core.studio.values import Dataset

PARAM = "before"
FOUND_KEY = "drift_found"
ICONS = {
    Level.LARGE: ":material/error:",
    Level.SOME: ":material/info:",
    Level.NONE: ":material/check_circle:",
}


def show_drift(actor: Actor, dataset: Dataset, table: str) -> None:
    """Show what changed in a table since the version that the user chooses."""
    known = studio().datasets.list(actor, dataset.project_id)
    others = {one.id: version_label(one) for one in known if one.id != dataset.id}
    if not others:
        st.info(
            "There is no other dataset in this project to compare with. Import a newer version of "
            "this one, and what changed stands here.",
            icon=":material/difference:",
        )
        return
    before = choose_linked(
        "Compare with the earlier version",
        PARAM,
        others,
        default=earlier_version(dataset, known) or next(iter(others)),
        key=f"drift_{dataset.id}",
    )
    found = compared(actor, dataset, next(one for one in known if one.id == before))
    _show_advice(found, table)
    _show_around(found)
    own = next((t for t in found.tables if t.table == table), None)
    if own is None:
        st.info("The earlier version has no such table, so its values are not compared.")
        return
    _show_shape(own)
    show_columns(own)
    show_pairs(own)


def version_label(dataset: Dataset) -> str:
    """Return how a version is called in the choice."""
    return f"{dataset.name} · {dataset.created_at:%d %b %Y %H:%M} · {size_line(dataset)}"


def compared(actor: Actor, dataset: Dataset, before: Dataset) -> Drift:
    """Compare once for each choice: tables do not change, and schemas are part of what is known."""
    asked = (dataset.id, dataset.schema, before.id, before.schema, actor.user_id)
    known = st.session_state.get(FOUND_KEY)
    if known is None or known[0] != asked:
        with st.spinner("Comparing both versions…"):
            known = (asked, studio().datasets.drift(actor, dataset.id, before.id))
        st.session_state[FOUND_KEY] = known
    found: Drift = known[1]
    return found


def _show_advice(found: Drift, table: str) -> None:
    with st.container(border=True):
        st.markdown("**What this means for synthetic data**")
        for advised in advice_on(found):
            if advised.table in ("", table) or len(found.tables) > 1:
                st.markdown(f"{ICONS[advised.level]} {advice_words(advised, len(found.tables))}")


def _show_around(found: Drift) -> None:
    said = [f"Table {code(name)} is new." for name in found.tables_added]
    said += [f"Table {code(name)} is gone." for name in found.tables_removed]
    said += [f"New link: {link_words(link)}." for link in found.links_added]
    said += [f"Link gone: {link_words(link)}." for link in found.links_removed]
    if said:
        st.markdown("\n".join(f"- {sentence}" for sentence in said))


def row_change(table: TableDrift) -> str | None:
    """Return how many rows came or went; None, which draws no arrow, for as many as before."""
    change = table.rows_now - table.rows_before
    return f"{change:+,}" if change else None


def _show_shape(table: TableDrift) -> None:
    first, second, third, fourth = st.columns(4)
    first.metric(
        "Rows", f"{table.rows_now:,}", delta=row_change(table), delta_color="off", border=True
    )
    second.metric("Columns new or gone", len(table.added) + len(table.removed), border=True)
    third.metric("Moved far", len(table.of_level(Level.LARGE)), border=True)
    fourth.metric("Moved somewhat", len(table.of_level(Level.SOME)), border=True)
    said = shape_words(table)
    if said:
        st.subheader("Columns and keys", anchor=False)
        st.markdown("\n".join(f"- {sentence}" for sentence in said))
