"""Which rows are wanted: conditions, shares of a column, and fairness, each behind a switch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from app.components.ask_words import ask_sentences
from app.components.conditions_form import conditions_form
from app.components.datasets import code
from app.components.fairness_form import fairness_form
from app.components.shares_form import shares_form
from core.data.schema import Schema
from core.studio.values import Askable, RunSpec
from core.synthesis.asks import Ask, Fairness

Askables = Mapping[str, Sequence[Askable]]
NEITHER = (
    "Fairness sets shares itself, so that it goes with neither conditions nor shares of a column."
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked of the rows, and what stands in its way."""

    ask: Ask | None = None
    fairness: Fairness | None = None
    problems: tuple[str, ...] = ()


def ask_form(askables: Askables, start: Ask | None, *, key: str) -> tuple[Ask | None, list[str]]:
    """Show conditions and shares of one table's rows; return them and what is not finished."""
    table = choose_table(askables, start, key)
    asked = askables[table]
    given = start if start and start.table in {None, table} else Ask()
    conditions, shares, problems = (), None, []
    own = f"{key}_{table}"
    if switch("Only rows that fit conditions", bool(given.conditions), f"{key}_conditions"):
        conditions, problems = conditions_form(asked, given.conditions, key=f"{own}_condition")
    if switch("Set the shares of a column's values", given.shares is not None, f"{key}_shares"):
        shares, more = shares_form(asked, given.shares, key=f"{own}_share")
        problems = [*problems, *more]
    made = Ask(conditions, shares, table)
    if made.columns:
        st.markdown(" ".join([":material/filter_alt:", *ask_sentences(made)]))
    return (made if made.columns else None), problems


def wish_form(askables: Askables, schema: Schema, start: RunSpec, *, key: str) -> Wish:
    """Show everything that can be asked of rows; fairness goes alone."""
    usable = {name: asked for name, asked in askables.items() if asked}
    if not usable:
        st.caption("No column of this dataset is learned as it is, so that nothing can be asked.")
        return Wish()
    is_fair = bool(st.session_state.get(f"{key}_fair", start.fairness is not None))
    ask, problems = None, []
    if is_fair:
        st.caption(NEITHER)
    else:
        ask, problems = ask_form(usable, start.ask, key=key)
    if len(schema.tables) != 1:
        return Wish(ask, None, tuple(problems))
    is_asked = ask is not None or bool(problems)
    fairness = None
    if switch(
        "Break the dependence on a sensitive column",
        is_fair,
        f"{key}_fair",
        why_not=NEITHER if is_asked and not is_fair else "",
    ):
        table = schema.tables[0]
        fairness = fairness_form(usable[table.name], table, start.fairness, key=f"{key}_fairness")
        problems += [] if fairness else ["No dependence can be broken here: turn fairness off."]
    return Wish(ask, fairness, tuple(problems))


def rules_switch(start: RunSpec, *, key: str) -> Mapping[str, tuple[str, ...]]:
    """Show the rules that came with an earlier run, and let the user leave them out."""
    rules = st.session_state.setdefault(f"{key}_known", dict(start.rules))
    if not rules:
        return {}
    is_kept = switch("Every row keeps the rules of that run", bool(start.rules), key)
    said = [f"{code(rule)} in {code(table)}" for table, texts in rules.items() for rule in texts]
    st.caption(", ".join(said))
    return rules if is_kept else {}


def choose_table(askables: Askables, start: Ask | None, key: str) -> str:
    """Let the user choose of which table something is asked; one needs no choice."""
    names = list(askables)
    if len(names) == 1:
        return names[0]
    first = names.index(start.table) if start and start.table in names else 0
    return st.selectbox(
        "Ask of the rows of", names, first, key=f"{key}_table", persist_state="session"
    )


def switch(label: str, value: bool, key: str, *, why_not: str = "") -> bool:
    """Show a switch that remembers its position while it is out of sight."""
    return st.toggle(
        label,
        value=value,
        key=key,
        help=why_not or None,
        disabled=bool(why_not),
        persist_state="session",
    )
