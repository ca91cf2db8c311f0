"""A form for one step of a preparation: its kind, its column, then what that kind needs."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from app.components.params_form import bounds_text, param_widget
from core.data.schema import Table
from core.studio.preparing import StepKind
from core.synthesis.params import ParamSpec

CHOICE_NAMES = {
    "": "nothing",
    " ": "a space",
    "\u00a0": "a hard space",
    "keep": "as it is",
    "missing": "becomes missing",
    "refuse": "ends the run",
    "bound": "become the bound",
    "usual": "the most frequent value",
    "constant": "a constant",
    "both": "both ends",
    "low": "the low end",
    "high": "the high end",
}


def step_form(
    kinds: Mapping[str, StepKind], table: Table, *, key: str
) -> tuple[str, dict[str, Any]]:
    """Show the form and return the kind and its parameters, which may still be wrong."""
    left, right = st.columns(2, gap="medium")
    with left:
        name = st.selectbox(
            "Step", list(kinds), format_func=lambda one: kinds[one].title, key=f"{key}_kind"
        )
    kind = kinds[name]
    able = [column.name for column in table.columns if str(column.type) in kind.takes]
    with right:
        column = st.selectbox(
            "Column", able, index=None, key=f"{key}_{name}_column", placeholder="Choose a column"
        )
    st.caption(f"{kind.about} **What comes back:** {kind.inverse}")
    values: dict[str, Any] = {"column": column or ""}
    sides = st.columns(2, gap="medium")
    for place, spec in enumerate(kind.params):
        with sides[place % 2]:
            values[spec.name] = _widget(spec, kind, table, f"{key}_{name}_{spec.name}")
    return name, values


def _widget(spec: ParamSpec, kind: StepKind, table: Table, key: str) -> Any:
    if spec.name in kind.columns:
        chosen = st.selectbox(
            spec.title, table.names, index=None, help=spec.help, key=key, placeholder="None"
        )
        return chosen or ""
    if isinstance(spec.default, tuple):
        text = st.text_area(
            spec.title, help=spec.help, key=key, placeholder="One a line", height=100
        )
        return [line.strip() for line in text.splitlines()]
    if spec.choices:
        return st.selectbox(
            spec.title,
            spec.choices,
            index=spec.choices.index(spec.default),
            format_func=lambda one: CHOICE_NAMES.get(one, one),
            help=f"{spec.help} {bounds_text(spec) if '' not in spec.choices else ''}".strip(),
            key=key,
        )
    return param_widget(spec, spec.default, key=key)
