"""Deciding many columns of a review at once: by what was found, by certainty, by picking them."""

from collections.abc import Mapping, Sequence

import streamlit as st

from app.components.datasets import ACTION_NAMES, code, counted
from app.components.review import ACCEPTED, Findings, OpenFinding
from core.data.coarser import BAND, PREFIX, ROUND, WAYS, usual
from core.data.pii import SEMANTICS, Finding
from core.data.schema import Action, Coarser, Column, Table
from core.errors import InvalidInput
from core.studio.values import Dataset, Decision

SHOWN = 12
AMOUNTS = {
    BAND: ("Width of a band", 1e-6, 1e9),
    PREFIX: ("Characters that stay", 1.0, 20.0),
    ROUND: ("Decimals that stay", 0.0, 6.0),
}
WAY_NAMES = {
    "month": "To months",
    "quarter": "To quarters",
    "year": "To years",
    "hour": "To hours",
    BAND: "To bands",
    PREFIX: "To the first characters",
    ROUND: "To fewer decimals",
}


def choose_coarser(column: Column, key: str) -> Coarser | None:
    """Let the user say how a column is generalised; None where it has no coarser values."""
    try:
        start = column.coarser or usual(column)
    except InvalidInput as error:
        st.warning(str(error), icon=":material/block:")
        return None
    ways = list(WAYS[column.type])
    way = st.selectbox(
        "How",
        ways,
        index=ways.index(start.way),
        format_func=WAY_NAMES.__getitem__,
        key=f"way_{key}",
    )
    if way not in AMOUNTS:
        return Coarser(way)
    label, low, high = AMOUNTS[way]
    fits = {PREFIX: 3, ROUND: 1, BAND: 10}
    first = start.amount if start.way == way else fits[way]
    amount = st.number_input(label, low, high, float(first), format="%g", key=f"amount_{key}_{way}")
    return Coarser(way, float(amount))


def bulk_form(
    dataset: Dataset, findings: Findings, waiting: Sequence[OpenFinding]
) -> list[Decision]:
    """Show the ways to decide many columns of all tables; return what a button asks for."""
    if not any(findings.values()):
        return []
    with st.expander("Decide several columns at once", icon=":material/checklist:"):
        sure, kinds = st.columns(2, gap="large")
        with sure:
            certain = _by_certainty(waiting)
        with kinds:
            found = _by_kind(dataset, findings)
    return certain or found


def picked_form(
    table: Table, picked: Sequence[str], findings: Mapping[str, Finding]
) -> list[Decision]:
    """Show what can be done to the columns that are picked in the table; return what is asked."""
    if not picked:
        st.caption("Pick columns in the table to decide them together.")
        return []
    with st.container(horizontal=True, vertical_alignment="bottom"):
        action = _action("picked_action", None)
        reason = st.text_input("Reason", key="picked_reason", max_chars=500)
        label = f"Apply to {counted(len(picked), 'column')}"
        asked = st.button(label, key="apply_picked", icon=":material/done_all:")
    if not asked:
        return []
    columns = [(table.name, table[name], findings.get(name)) for name in picked]
    return decided(columns, action, reason)


def above(waiting: Sequence[OpenFinding], least: float) -> list[OpenFinding]:
    """Return the open findings that are at least so certain."""
    return [item for item in waiting if item.finding.confidence >= least]


def of_kinds(
    dataset: Dataset, findings: Findings, kinds: Sequence[str], *, only_open: bool
) -> list[tuple[str, Column, Finding]]:
    """Return the columns of all tables in which one of some kinds of data was found."""
    waiting = set(dataset.open_columns)
    return [
        (table, dataset.schema[table][name], finding)
        for table, own in findings.items()
        for name, finding in own.items()
        if finding.semantic in kinds and (not only_open or (table, name) in waiting)
    ]


def decided(
    columns: Sequence[tuple[str, Column, Finding | None]], action: Action, reason: str
) -> list[Decision]:
    """Return the same action for many columns; an open one gets the role that is suggested."""
    return [
        Decision(
            table,
            column.name,
            column.type,
            found.suggested_role if found and column.action is None else column.role,
            action,
            reason or column.reason,
            column.coarser if action is Action.GENERALISE else None,
        )
        for table, column, found in columns
    ]


def _by_certainty(waiting: Sequence[OpenFinding]) -> list[Decision]:
    st.markdown("**Suggestions that are certain enough**")
    least = st.slider(
        "At least so certain", 0.0, 1.0, 0.9, 0.05, format="percent", key="least_sure"
    )
    chosen = above(waiting, least)
    _names([item.column.name for item in chosen])
    label = f"Accept {counted(len(chosen), 'suggestion')}"
    if st.button(label, key="accept_sure", icon=":material/done_all:", disabled=not chosen):
        return [item.accepted() for item in chosen]
    return []


def _by_kind(dataset: Dataset, findings: Findings) -> list[Decision]:
    st.markdown("**All columns of a kind**")
    counts = sorted({found.semantic for own in findings.values() for found in own.values()})
    kinds = st.multiselect(
        "What was found",
        counts,
        format_func=lambda kind: SEMANTICS[kind].title,
        key="bulk_kinds",
        placeholder="Choose kinds of data",
    )
    only_open = st.toggle("Only columns that are not decided yet", True, key="bulk_open")
    columns = of_kinds(dataset, findings, kinds, only_open=only_open)
    suggested = columns[0][2].suggested_action if columns else None
    action = _action(f"bulk_action_{'_'.join(kinds)}", suggested)
    reason = st.text_input("Reason", key="bulk_reason", max_chars=500)
    _names([column.name for _, column, _ in columns])
    label = f"{ACTION_NAMES[action]} {counted(len(columns), 'column')}"
    if st.button(label, key="apply_kinds", icon=":material/done_all:", disabled=not columns):
        return decided(columns, action, reason or ACCEPTED * (action is suggested))
    return []


def _action(key: str, suggested: Action | None) -> Action:
    actions = list(Action)
    return st.selectbox(
        "Action",
        actions,
        index=actions.index(suggested or Action.KEEP),
        format_func=ACTION_NAMES.__getitem__,
        key=key,
    )


def _names(names: Sequence[str]) -> None:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    st.caption((" · ".join(code(name) for name in names[:SHOWN]) + more) or "No column.")
