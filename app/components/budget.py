"""A dataset's privacy budget: what was spent on what, by whom, what is left, and its cap."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app.components.charts import bars, download_data, show_chart
from app.components.datasets import code, counted
from app.components.page import guard, plain
from app.components.promise import figure
from app.navigation import may
from app.resources import studio
from core.evaluation.dp_words import PURPOSE_TITLES
from core.governance.policy import Actor
from core.studio.budgets import Budget, BudgetEntry

STATES = {
    "reserved": ("Reserved", ":material/hourglass_top:"),
    "committed": ("Spent", ":material/check_circle:"),
    "stays spent": ("Stays spent", ":material/block:"),
    "released": ("Released", ":material/undo:"),
}
STATE_TEXTS = {
    "reserved": "**Reserved**: the run waits or is under way. It counts with all that it may "
    "spend, so that two runs cannot spend the same.",
    "committed": "**Spent**: the run came to its end. It counts with the noise that it drew.",
    "stays spent": "**Stays spent**: the run failed, was cancelled or was cut off. Nobody can say "
    "what it had drawn or shown until then, so that all of it stays spent.",
    "released": "**Released**: the run was cancelled while it still waited. It had not started, so "
    "that it looked at nothing and counts nothing.",
}
FEWEST = 0.001


def unit_title(budget: Budget) -> str:
    """Return whom a budget protects, in Markdown."""
    return f"Persons by {code(budget.unit)}" if budget.unit else "Single rows"


def show_budget(actor: Actor, budget: Budget) -> None:
    """Show one budget in full."""
    show_figures(budget)
    if budget.entries:
        show_purposes(budget)
        show_entries(budget)
    cap_form(actor, budget)


def show_figures(budget: Budget) -> None:
    """Show what was spent, added up simply and composed truly, and what is left."""
    simple = sum(entry.epsilon for entry in budget.entries if entry.state != "released")
    first, second, third, fourth = st.columns(4)
    first.metric(
        "Spent",
        f"ε {figure(budget.spent_epsilon)}",
        help="Composed truly, from the noise that was drawn.",
    )
    second.metric(
        "Added up simply",
        f"ε {figure(simple)}",
        help="The ε of all runs added up. True composition is never more, and mostly less.",
    )
    third.metric("Left", f"ε {figure(budget.left_epsilon)}")
    fourth.metric("Cap", f"ε {figure(budget.cap_epsilon)}")
    share = budget.spent_epsilon / budget.cap_epsilon if budget.cap_epsilon else 1.0
    st.progress(
        min(max(share, 0.0), 1.0),
        text=f"{share:.0%} of the cap · δ {budget.spent_delta:.2g} of {budget.cap_delta:.2g}",
    )
    if budget.split and budget.entries:
        st.caption(f"How it adds up: {plain(budget.split)}.")
    if budget.left_epsilon <= 0:
        st.warning(
            "Nothing is left. Sampling a fitted model again is free; a new fit needs a higher cap.",
            icon=":material/money_off:",
        )


def show_purposes(budget: Budget) -> None:
    """Show what each purpose would cost by itself."""
    if not budget.by_purpose:
        return
    st.markdown("**What it was spent on**")
    names = sorted(budget.by_purpose, key=[*PURPOSE_TITLES, *STATES].index)
    titles = [purpose_title(name) for name in names]
    costs = [budget.by_purpose[name] for name in names]
    said = ", ".join(f"{t} {figure(c)}" for t, c in zip(titles, costs, strict=True))
    show_chart(
        bars(titles, {"ε by itself": costs}, y_title="ε by itself", horizontal=True),
        f"ε of each purpose by itself: {said}.",
        pd.DataFrame({"purpose": titles, "epsilon": costs}),
        key=f"budget_purposes_{budget.dataset_id[:8]}_{budget.unit}",
        height=90 + 40 * len(titles),
    )
    st.caption("Each by itself. Together they cost less than the sum, since noise composes.")


def purpose_title(name: str) -> str:
    """Return a purpose, or a state of runs without a known purpose, in words."""
    return PURPOSE_TITLES.get(name, STATES.get(name, (name.capitalize(), ""))[0])


def show_entries(budget: Budget) -> None:
    """Show every run that took something, and what the states mean."""
    st.markdown(f"**{counted(len(budget.entries), 'run')}**")
    st.dataframe(
        entries_frame(budget.entries),
        hide_index=True,
        column_config={
            "At": st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm"),
            "ε": st.column_config.NumberColumn(format="%.3g", help="What the run promised."),
            "δ": st.column_config.NumberColumn(format="%.1e"),
        },
        alt=f"The {len(budget.entries)} runs that took something of the budget, newest first",
        width="stretch",
    )
    shown = [state for state in STATE_TEXTS if any(e.state == state for e in budget.entries)]
    st.caption("  \n".join(STATE_TEXTS[state] for state in shown))
    download_data(
        lambda: entries_frame(budget.entries),
        key=f"budget_{budget.dataset_id[:8]}_{budget.unit or 'rows'}",
    )


def entries_frame(entries: Sequence[BudgetEntry]) -> pd.DataFrame:
    """Return a row for each run, the newest first, with what it spent on each purpose."""
    purposes = [name for name in PURPOSE_TITLES if any(name in e.purposes for e in entries)]
    rows = [
        {
            "At": entry.at,
            "Who": entry.who,
            "Engine": entry.engine,
            "State": STATES.get(entry.state, (entry.state, ""))[0],
            "ε": entry.epsilon,
            "δ": entry.delta,
            **{
                PURPOSE_TITLES[name]: figure(entry.purposes[name])
                if name in entry.purposes
                else "–"
                for name in purposes
            },
            "Why": entry.why,
            "Run": entry.run_id[:8],
        }
        for entry in sorted(entries, key=lambda entry: entry.at, reverse=True)
    ]
    frame = pd.DataFrame(rows)
    return frame if any(entry.why for entry in entries) else frame.drop(columns="Why")


def cap_form(actor: Actor, budget: Budget) -> None:
    """Let who may change the cap, with a reason; the others learn who can."""
    if not may(actor, "budget.set_cap"):
        st.caption(
            f"The cap is ε {figure(budget.cap_epsilon)}, δ {budget.cap_delta:.1e}. A domain "
            "administrator of the project can change it."
        )
        return
    key = f"budget_cap_{budget.dataset_id}_{budget.unit}"
    with (
        st.expander("Change the cap", icon=":material/tune:"),
        st.form(key, border=False),
    ):
        left, right = st.columns(2)
        epsilon = left.number_input(
            "ε for all runs together",
            FEWEST,
            1_000.0,
            float(budget.cap_epsilon),
            step=1.0,
            format="%g",
            help="No less than what is spent already.",
            key=f"{key}_epsilon",
        )
        delta = right.number_input(
            "δ for all runs together",
            1e-15,
            0.5,
            float(budget.cap_delta),
            step=1e-5,
            format="%.1e",
            key=f"{key}_delta",
        )
        why = st.text_area(
            "Reason", placeholder="Kept in the audit", max_chars=500, key=f"{key}_why"
        )
        sent = st.form_submit_button("Change the cap", icon=":material/save:")
    if sent:
        with guard(stop=False):
            studio().budgets.set_cap(
                actor, budget.dataset_id, budget.unit, float(epsilon), float(delta), why.strip()
            )
            st.toast("The cap was changed; the audit says why.")
            st.rerun()
