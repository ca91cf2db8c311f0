"""The promise of a private run: ε in words, δ, who a person is, and what is public.

What stands against it is listed; the settings can be adjusted, and the list of what was changed
stays in sight.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from app.components.drafts import draft_of, restart
from app.components.page import guard, plain
from app.components.promise import PROMISED, asked_of, bands_line, percent
from app.components.public_form import public_form
from app.resources import studio
from core.data.schema import Table
from core.governance.policy import Actor
from core.privacy.guards import ERROR, WARNING, Change, Valid
from core.studio.budgets import PrivateCheck
from core.studio.values import Dataset, RunSpec

ONE_TABLE = (
    "A guarantee over several tables is not offered. Join them into one before the upload, or "
    "choose an engine without a guarantee."
)
NOT_ACCEPTED = "Read the warnings about the promise, and say that you go on."
NAMES = {
    "epsilon": "ε",
    "delta": "δ",
    "rows_per_person": "Rows of one person",
    "batch": "Batch",
}
PARAMS = {"batch": "batch_size"}
EXPERT_ROWS = 10_000_000_000
MOST_OF_ONE = 1_000


@dataclass(frozen=True, slots=True)
class Promise:
    """What the form says: the run with its promise, what stands in its way, what it would spend."""

    spec: RunSpec
    problems: tuple[str, ...] = ()
    check: PrivateCheck | None = None


def private_form(actor: Actor, place: str, dataset: Dataset, spec: RunSpec, key: str) -> Promise:
    """Show the promise of a run of an engine with a formal guarantee."""
    st.subheader("The promise", anchor=False)
    if len(dataset.schema.tables) != 1:
        st.warning(ONE_TABLE, icon=":material/table_view:")
        return Promise(spec, (ONE_TABLE,))
    (table,) = dataset.schema.tables
    say_adjusted(place)
    params, notes = _fields(table, spec.params, key)
    person = str(params["person"])
    public, problems = public_form(table, spec.public, person, key=f"{key}_public")
    asked = replace(spec, params={**spec.params, **params}, public=public)
    check = None
    with guard(stop=False):
        check = studio().budgets.check(actor, dataset.id, asked)
    if check is None:
        return Promise(asked, (*problems, "The promise cannot be checked. See above."))
    for name, where in notes.items():
        if name in check.ranges:
            where.caption(range_text(name, check.ranges[name]))
    show_recommended(actor, place, asked, check, key)
    asked, more = _settled(actor, place, asked, check, key)
    return Promise(asked, (*problems, *more), check)


def _fields(
    table: Table, start: Mapping[str, Any], key: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Show ε, δ and who a person is; return their values, and a place for a note on each."""
    left, right = st.columns(2, gap="medium")
    with left:
        epsilon = st.number_input(
            "ε, how much may be told of one person",
            0.001,
            100.0,
            min(max(float(start["epsilon"]), 0.001), 100.0),
            step=0.5,
            format="%g",
            help="Smaller is more private and less close. Every run spends its ε for good.",
            key=f"{key}_epsilon",
        )
        notes = {"epsilon": st.container()}
    with right:
        delta = st.number_input(
            "δ, the chance that the bound fails",
            1e-15,
            0.1,
            float(start["delta"]),
            step=1e-6,
            format="%.1e",
            help="Has to be well below one over the number of rows: at one over it, handing out "
            "one person's row as it is would be allowed.",
            key=f"{key}_delta",
        )
        notes["delta"] = st.container()
    say_odds(epsilon, delta)
    person, each = _person(table, start, key, notes)
    rows = st.number_input(
        "Number of rows, if it is public",
        0,
        EXPERT_ROWS,
        int(start.get("rows", 0)),
        help="With 0 it is estimated with noise. A number given here is taken as known to all.",
        key=f"{key}_rows_public",
        width=280,
    )
    values = {"epsilon": epsilon, "delta": delta, "person": person}
    return values | {"rows_per_person": each, "rows": rows}, notes


def say_odds(epsilon: float, delta: float) -> None:
    """Say what ε means for one person, and what it is usually called."""
    promised = asked_of({"epsilon": epsilon, "delta": delta})
    if promised is None:
        return
    with st.container(border=True, gap="small"):
        st.markdown(
            ":material/person_search: Somebody who thinks it **50%** likely that a person is in "
            f"the data, and then sees all that comes out, becomes at most **"
            f"{percent(promised.odds)}** sure of it. With a chance of {delta:.0e}, this may fail."
        )
        st.markdown(bands_line(epsilon))
        st.caption("These words are convention in the field; no law says so.")


def _person(
    table: Table, start: Mapping[str, Any], key: str, notes: dict[str, Any]
) -> tuple[str, int]:
    left, right = st.columns(2, gap="medium")
    options = ["", *table.names]
    known = str(start.get("person") or "")
    with left:
        person = st.selectbox(
            "Who a person is",
            options,
            index=options.index(known) if known in options else 0,
            format_func=lambda name: name or "Each row is a person of its own",
            help="The column that tells persons apart. The promise is about all rows of one "
            "person; a wrong choice makes it a promise about single rows.",
            key=f"{key}_person",
        )
    each = int(start.get("rows_per_person", 1)) if person else 1
    if person:
        with right:
            each = st.number_input(
                "Rows that one person may own",
                1,
                MOST_OF_ONE,
                each,
                help="Further rows of a person are left out before anything else. Noise grows "
                "with it.",
                key=f"{key}_rows_per_person",
            )
            notes["rows_per_person"] = st.container()
    return person or "", int(each)


def range_text(name: str, valid: Valid) -> str:
    """Say which values are possible and usual with this many rows."""
    if name == "delta":
        return f"Valid here below {valid.high:.2g}; usual up to {valid.usual_high:.2g}."
    return (
        f"Valid here from {valid.low:,.3g} to {valid.high:,.3g}; usual from "
        f"{valid.usual_low:,.3g} to {valid.usual_high:,.3g}."
    )


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


def _settled(
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
    settings = {PARAMS.get(c.name, c.name): c.after for c in changes}
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
