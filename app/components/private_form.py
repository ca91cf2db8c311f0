"""The promise of a private run: ε in words, δ, who a person is, and what is public.

What stands against it is listed; the settings can be adjusted, and the list of what was changed
stays in sight.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from app.components.page import guard
from app.components.private_advice import say_adjusted, settle, show_recommended
from app.components.promise import asked_of, bands_line, percent
from app.components.public_form import public_form
from app.resources import studio
from core.data.schema import Table
from core.governance.policy import Actor
from core.privacy.guards import Valid
from core.studio.budgets import PrivateCheck
from core.studio.values import Dataset, RunSpec

ONE_TABLE = (
    "A guarantee over several tables is not offered. Join them into one before the upload, or "
    "choose an engine without a guarantee."
)
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
    start = spec.public
    if start is None and dataset.carried is not None:
        start = dataset.carried.public
    public, problems = public_form(table, start, person, key=f"{key}_public")
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
    asked, more = settle(actor, place, asked, check, key)
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
