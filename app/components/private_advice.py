"""What stands against a private run, what is recommended, and adjusting with a list of changes."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from app.components.drafts import draft_of, restart
from app.components.page import plain
from app.components.promise import PROMISED
from app.resources import studio
from core.governance.policy import Actor
from core.privacy.guards import ERROR, WARNING, Change
from core.studio.budgets import PrivateCheck
from core.studio.values import RunSpec

NOT_ACCEPTED = "Read the warnings about the promise, and say that you go on."
NAMES = {
    "epsilon": "ε",
    "delta": "δ",
    "rows_per_person": "Rows of one person",
    "sample_share": "Share of rows in a step",
}


def show_recommended(
    actor: Actor, place: str, spec: RunSpec, check: PrivateCheck, key: str
) -> None:
    """Offer the configuration that is recommended for this data, with the reasons."""
    found = check.recommended
    with st.expander("Recommended for this data", icon=":material/lightbulb:"):
        st.markdown(
            f"**ε = {found.wanted.epsilon:g}, δ = {found.wanted.delta:g}** with the engine "
            f"**{plain(found.engine)}**."
        )
        st.markdown("\n".join(f"- {plain(reason)}" for reason in found.reasons))
        names = {info.name: info for info in studio().runs.engines()}
        asked = {"epsilon": found.wanted.epsilon, "delta": found.wanted.delta}
        engine = found.engine if found.engine in names else spec.engine
        same = all(spec.params.get(name) == value for name, value in asked.items())
        if same and engine == spec.engine:
            st.caption(":material/check: This is what you have.")
            return
        st.button(
            "Use it",
            icon=":material/check:",
            key=f"{key}_recommended",
            on_click=_take,
            args=(actor, place, engine, asked),
        )


def settle(
    actor: Actor, place: str, spec: RunSpec, check: PrivateCheck, key: str
) -> tuple[RunSpec, tuple[str, ...]]:
    """Show what stands against the run; return it with what was accepted, and what is left."""
    errors = [r.message for r in check.remarks if r.severity == ERROR]
    warnings = [r.message for r in check.remarks if r.severity == WARNING]
    if errors:
        st.error(_bullets("This cannot run:", errors), icon=":material/block:")
    if warnings:
        st.warning(_bullets("Think about this first:", warnings), icon=":material/warning:")
    _offer_changes(actor, place, check.changes, key)
    accepted = bool(warnings) and st.checkbox(
        "I have read these warnings and go on",
        key=f"{key}_accepted_{'_'.join(r.name for r in check.remarks)}",
    )
    problems = list(errors)
    if warnings and not accepted:
        problems.append(NOT_ACCEPTED)
    if not check.is_within:
        problems.append(over_cap(check))
    return replace(spec, accepted=accepted), tuple(problems)


def over_cap(check: PrivateCheck) -> str:
    """Say that the budget does not allow the run, and what to do."""
    return (
        f"The run would bring the dataset to ε = {check.spent_after:.3g} of {check.cap:g} allowed. "
        "Ask for a smaller ε, sample a fitted model again, which is free, or have a domain "
        "administrator raise the cap."
    )


def _offer_changes(actor: Actor, place: str, changes: tuple[Change, ...], key: str) -> None:
    if not changes:
        return
    st.button(
        "Adjust for me",
        icon=":material/auto_fix_high:",
        key=f"{key}_adjust",
        help="\n".join(f"- {change_text(change)}" for change in changes),
        on_click=_adjust,
        args=(actor, place, changes),
    )


def change_text(change: Change) -> str:
    """One change in words: from what to what, and why."""
    name = NAMES.get(change.name, change.name)
    return f"{name} from {change.before:g} to {change.after:g}. {change.why}"


def _adjust(actor: Actor, place: str, changes: tuple[Change, ...]) -> None:
    settings = {c.name: c.after for c in changes}
    _take(actor, place, "", settings)
    st.session_state[f"{place}_adjusted"] = changes


def _take(actor: Actor, place: str, engine: str, settings: Mapping[str, Any]) -> None:
    """Put settings into the draft, and let the forms start from it."""
    st.session_state.pop(f"{place}_adjusted", None)
    draft = draft_of(actor, place)
    if draft is None:
        return
    known = draft.spec.params
    if engine and engine != draft.spec.engine:
        known = {name: value for name, value in known.items() if name in PROMISED}
    spec = replace(draft.spec, engine=engine or draft.spec.engine, params={**known, **settings})
    restart(actor, place, replace(draft, spec=replace(spec, accepted=False)))


def say_adjusted(place: str) -> None:
    """Show what the adjustment changed, and why."""
    changes = st.session_state.get(f"{place}_adjusted")
    if changes:
        texts = [change_text(change) for change in changes]
        st.success(_bullets("Changed for you:", texts), icon=":material/auto_fix_high:")


def _bullets(head: str, texts: list[str]) -> str:
    return "\n".join([f"**{head}**", *(f"- {plain(text)}" for text in texts)])
