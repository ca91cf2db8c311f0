"""A form from an engine's parameters: one widget for each, with its bounds and its help."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from core.synthesis.params import ParamSpec

LARGEST_EXACT = 2**53 - 1


def params_form(
    specs: Sequence[ParamSpec],
    values: Mapping[str, Any],
    *,
    key: str,
    keys: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Show the parameters, those for experts behind a switch, and return all their values.

    Parameters
    ----------
    specs
        What :func:`core.synthesis.params.specs` says of the engine's parameters.
    values
        Where the widgets start when not at the default, for example a preset's values.
    key
        Starts the widgets' keys. Another key, for another engine, starts them afresh.
    keys
        Another start of the key for some parameters, by name: those that a preset or a dial sets
        start afresh when it is moved, and the others stay as they are.
    """
    if not specs:
        st.caption("This engine has nothing to set.")
        return {}
    usual = [spec for spec in specs if not spec.advanced]
    expert = [spec for spec in specs if spec.advanced]
    own = {spec.name: f"{(keys or {}).get(spec.name, key)}_{spec.name}" for spec in specs}
    chosen = _two_columns(usual, values, own)
    starts = {spec.name: values.get(spec.name, spec.default) for spec in expert}
    if expert and st.toggle("Show parameters for experts", key=f"{key}_expert"):
        return chosen | _two_columns(expert, values, own)
    return chosen | starts


def bounds_text(spec: ParamSpec) -> str:
    """Say in words which values a parameter takes."""
    if spec.choices:
        return "One of " + ", ".join(spec.choices) + "."
    if spec.low is not None and spec.high is not None:
        return f"From {spec.low:,g} to {spec.high:,g}; {spec.default:g} by default."
    if spec.low is not None:
        return f"At least {spec.low:,g}; {spec.default:g} by default."
    if spec.high is not None:
        return f"At most {spec.high:,g}; {spec.default:g} by default."
    return ""


def _two_columns(
    specs: Sequence[ParamSpec], values: Mapping[str, Any], keys: Mapping[str, str]
) -> dict[str, Any]:
    columns = st.columns(2, gap="medium")
    chosen = {}
    for number, spec in enumerate(specs):
        with columns[number % 2]:
            start = values.get(spec.name, spec.default)
            chosen[spec.name] = param_widget(spec, start, key=keys[spec.name])
    return chosen


def param_widget(spec: ParamSpec, start: Any, *, key: str) -> Any:
    """Show the widget that fits one parameter and return its value."""
    tip = f"{spec.help} {bounds_text(spec)}".strip()
    if isinstance(spec.default, bool):
        return st.toggle(spec.title, value=bool(start), help=tip, key=key)
    if spec.choices:
        index = spec.choices.index(start)
        return st.selectbox(spec.title, spec.choices, index=index, help=tip, key=key)
    if isinstance(spec.default, int):
        return _whole_number(spec, int(start), tip, key)
    if isinstance(spec.default, float):
        return _number(spec, float(start), tip, key)
    return st.text_input(spec.title, value=str(start), help=tip, key=key)


def _whole_number(spec: ParamSpec, start: int, tip: str, key: str) -> int:
    low = -LARGEST_EXACT if spec.low is None else math.ceil(spec.low)
    high = LARGEST_EXACT if spec.high is None else min(math.floor(spec.high), LARGEST_EXACT)
    return st.number_input(spec.title, low, high, start, step=_whole_step(start), help=tip, key=key)


def _number(spec: ParamSpec, start: float, tip: str, key: str) -> float:
    return st.number_input(
        spec.title,
        None if spec.low is None else float(spec.low),
        None if spec.high is None else float(spec.high),
        start,
        step=10.0 ** (_magnitude(start) - 1),
        format="%g",
        help=tip,
        key=key,
    )


def _whole_step(start: int) -> int:
    return max(1, int(10 ** (_magnitude(start) - 1)))


def _magnitude(number: float) -> int:
    return math.floor(math.log10(abs(number))) if number else 0
