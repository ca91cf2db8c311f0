"""Conditions on rows, built by choosing from what the real columns hold.

Each condition is a card: a column, then its values or a range. An unfinished one is named as a
problem and never passed over in silence.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from app.components.ask_words import condition_words, percent, value_text
from app.components.datasets import code
from app.components.page import plain
from app.components.ranges import has_range, range_input
from core.studio.values import Askable
from core.synthesis.asks import Between, Condition, Equals, OneOf

VALUES, RANGE = "Values", "Range"


@dataclass(frozen=True, slots=True)
class Slot:
    """A card of the form, and what it starts from."""

    number: int
    start: Condition | None = None


@dataclass(frozen=True, slots=True)
class Chosen:
    """What one card says: a condition, or why it says none."""

    condition: Condition | None = None
    problem: str = ""


def conditions_form(
    askable: Sequence[Askable], start: Sequence[Condition], *, key: str
) -> tuple[tuple[Condition, ...], list[str]]:
    """Show a card for each condition; return those that are finished, and what is not."""
    known = {asked.column: asked for asked in askable}
    usable = [condition for condition in start if condition.column in known]
    slots = st.session_state.setdefault(_name(key), _slots(usable) or [Slot(0)])
    chosen = [_card(slot, known, key) for slot in slots]
    st.button(
        "Add a condition",
        icon=":material/add:",
        key=f"{key}_add",
        on_click=_add,
        args=(key,),
        help="All conditions hold in every row.",
    )
    problems = list(dict.fromkeys(one.problem for one in chosen if one.problem))
    if lost := [condition.column for condition in start if condition.column not in known]:
        named = ", ".join(code(column) for column in lost)
        st.warning(f"Left out, since nothing can be asked of it any more: {named}.")
    if not slots:
        problems = ["Add a condition, or turn conditions off."]
    return tuple(one.condition for one in chosen if one.condition is not None), problems


def choices_of(asked: Askable) -> dict[str | int | None, float]:
    """Return the values that can be chosen with their real shares; None is the missing one."""
    missing = {None: asked.missing} if asked.missing > 0 else {}
    return {**{offer.value: offer.share for offer in asked.values}, **missing}


def _card(slot: Slot, known: Mapping[str, Askable], key: str) -> Chosen:
    own = f"{key}_{slot.number}"
    names = list(known)
    with st.container(border=True, key=own):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            column = st.selectbox(
                "Column",
                names,
                index=names.index(slot.start.column) if slot.start else None,
                placeholder="Choose a column",
                key=f"{own}_column",
                persist_state="session",
            )
            st.button(
                "Remove",
                icon=":material/close:",
                key=f"{own}_remove",
                on_click=_remove,
                args=(key, slot.number),
            )
        if column is None:
            return Chosen(problem="Choose a column for each condition, or remove it.")
        start = slot.start if slot.start and slot.start.column == column else None
        return _choose(known[column], start, f"{own}_{column}")


def _choose(asked: Askable, start: Condition | None, key: str) -> Chosen:
    kinds = [RANGE] * has_range(asked) + [VALUES] * bool(choices_of(asked))
    if not kinds:
        return Chosen(problem=f"Of {asked.column} nothing can be chosen: none may be shown.")
    kind = kinds[0]
    if len(kinds) > 1:
        is_values = isinstance(start, Equals | OneOf)
        kind = st.segmented_control(
            f"How {plain(asked.column)} is chosen",
            kinds,
            default=VALUES if is_values else RANGE,
            required=True,
            label_visibility="collapsed",
            key=f"{key}_kind",
            persist_state="session",
        )
    return _by_range(asked, start, key) if kind == RANGE else _by_values(asked, start, key)


def _by_range(asked: Askable, start: Condition | None, key: str) -> Chosen:
    between = start if isinstance(start, Between) else None
    made = range_input(asked, between, key=f"{key}_range")
    if made is None:
        return Chosen(problem=f"Move an end of the range of {asked.column}, or remove it.")
    if made.low is not None and made.high is not None and made.low > made.high:
        return Chosen(problem=f"The range of {asked.column} ends before it begins.")
    st.caption(f"{condition_words(made)}. An end that stands at its limit is open.")
    return Chosen(made)


def _by_values(asked: Askable, start: Condition | None, key: str) -> Chosen:
    shares = choices_of(asked)
    given = start.values if isinstance(start, OneOf) else ()
    given = (start.value,) if isinstance(start, Equals) else given
    by_text = {value_text(value): value for value in shares}
    texts = [text for text in (value_text(value) for value in given) if text in by_text]
    picked = st.multiselect(
        "Values",
        list(by_text),
        default=texts,
        format_func=lambda text: f"{text} ({percent(shares[by_text[text]])})",
        key=f"{key}_values",
        persist_state="session",
        placeholder="Choose one or more",
    )
    if not picked:
        return Chosen(problem=f"Choose a value of {asked.column}, or remove the condition.")
    values = tuple(by_text[text] for text in picked)
    st.caption(f"{percent(sum(shares[value] for value in values))} of the real rows are like this.")
    return Chosen(
        Equals(asked.column, *values) if len(values) == 1 else OneOf(asked.column, values)
    )


def _slots(conditions: Sequence[Condition]) -> list[Slot]:
    return [Slot(number, condition) for number, condition in enumerate(conditions)]


def _add(key: str) -> None:
    slots = st.session_state[_name(key)]
    number = max((slot.number for slot in slots), default=-1) + 1
    st.session_state[_name(key)] = [*slots, Slot(number)]


def _remove(key: str, number: int) -> None:
    slots = st.session_state[_name(key)]
    st.session_state[_name(key)] = [slot for slot in slots if slot.number != number]


def _name(key: str) -> str:
    return f"{key}_slots"
