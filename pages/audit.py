"""Audit: who did what to which resource, when, from where and how it ended."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import Any

import streamlit as st

from app.components.page import empty_state, guard, page_header
from app.navigation import may
from app.resources import studio
from app.session import require_actor, when_asked
from core.governance.actions import ACTIONS
from core.governance.policy import Actor
from core.studio.values import AuditEntry

SPANS = {"Today": 0, "7 days": 6, "30 days": 29, "All": None}
OUTCOMES = {"": "All", "ok": "Done", "denied": "Denied", "failed": "Failed"}
LIMIT = 500


def show() -> None:
    actor = require_actor()
    page_header(
        "Audit",
        text="Whatever anybody does here leaves a record. Each one seals the record before it, so "
        "that a change shows.",
        icon=":material/history:",
    )
    with guard():
        filters = filter_bar(actor)
        entries = studio().audit.search(actor, limit=LIMIT, **filters)
        if entries:
            show_entries(entries)
        else:
            empty_state(
                "No record matches",
                "Take away a filter or choose a longer time.",
                icon=":material/search_off:",
            )
        left, right = st.columns([1, 2], vertical_alignment="top")
        with left:
            export(filters)
        if may(actor, "audit.verify"):
            with right:
                verify(actor)


def filter_bar(actor: Actor) -> dict[str, Any]:
    text, action, user, outcome = st.columns([2, 2, 1.4, 1.2])
    span = st.segmented_control(
        "Time", list(SPANS), default="7 days", key="audit_span", label_visibility="collapsed"
    )
    days = SPANS[span or "All"]
    return {
        "text": text.text_input(
            "Search",
            placeholder="resource, detail, address",
            icon=":material/search:",
            key="audit_text",
        ),
        "action": action.selectbox(
            "Action",
            ["", *studio().audit.actions(actor)],
            format_func=lambda name: action_name(name) if name else "All",
            key="audit_action",
        ),
        "username": user.text_input("User name", key="audit_user"),
        "outcome": outcome.selectbox(
            "Outcome", list(OUTCOMES), format_func=OUTCOMES.__getitem__, key="audit_outcome"
        ),
        "since": None if days is None else start_of_day(days),
    }


def action_name(name: str) -> str:
    """Return an action in words; one that is no longer known keeps its name."""
    return ACTIONS[name].title if name in ACTIONS else name


def start_of_day(days_ago: int) -> datetime:
    today = datetime.now(UTC).date()
    return datetime.combine(today - timedelta(days=days_ago), time.min)


def details_words(details: Mapping[str, Any]) -> str:
    """Return what an entry says beside its action, as names with their values."""
    return " · ".join(
        f"{name.replace('_', ' ')}: {_value(value)}" for name, value in details.items()
    )


def _value(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(_value, value)) or "none"
    if isinstance(value, Mapping):
        return "; ".join(f"{name} {_value(part)}" for name, part in value.items()) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else str(value)


def show_entries(entries: Sequence[AuditEntry]) -> None:
    rows = [
        {
            "No.": e.number,
            "Time (UTC)": e.recorded_at,
            "User": e.actor,
            "Action": action_name(e.action),
            "Resource": e.resource,
            "Outcome": OUTCOMES.get(e.outcome, e.outcome),
            "Details": details_words(e.details),
            "From": e.origin,
        }
        for e in entries
    ]
    st.dataframe(
        rows,
        hide_index=True,
        width="stretch",
        height=430,
        alt=f"{len(rows)} audit records, newest first",
        column_config={
            "Time (UTC)": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm:ss"),
            "No.": st.column_config.NumberColumn(format="%d", width=60),
            "User": st.column_config.TextColumn(width=90),
            "Details": st.column_config.TextColumn(width="medium"),
            "Action": st.column_config.TextColumn(width="medium"),
            "Outcome": st.column_config.TextColumn(width="small"),
        },
    )
    more = " The newest are shown; the export has all." if len(rows) == LIMIT else ""
    st.caption(f"{len(rows)} records.{more}")


def exported(kind: str, filters: dict[str, Any], actor: Actor) -> bytes:
    return studio().audit.export(actor, kind, **filters)


def export(filters: dict[str, Any]) -> None:
    st.markdown("**Export what is shown**")
    with st.container(horizontal=True):
        for kind, mime in (("csv", "text/csv"), ("json", "application/json")):
            st.download_button(
                kind.upper(),
                when_asked(partial(exported, kind, filters)),
                file_name=f"audit.{kind}",
                mime=mime,
                icon=":material/download:",
                key=f"audit_{kind}",
                on_click="ignore",
            )


def verify(actor: Actor) -> None:
    st.markdown("**Is the chain whole?**")
    if not st.button("Verify the chain", icon=":material/verified:", key="audit_verify"):
        st.caption("Computes every hash again and finds changed, removed or reordered records.")
        return
    with st.spinner("Reading every record"):
        result = studio().audit.verify(actor)
    if result.ok:
        st.success(
            f"All {result.entries:,} records are as they were written.", icon=":material/verified:"
        )
    else:
        st.error(
            f"**The chain is broken.** {result.first_problem} Keep a copy of the workspace as it "
            "is, and find out who had access to it.",
            icon=":material/gpp_bad:",
        )


show()
