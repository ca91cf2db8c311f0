"""The thresholds of a project: a form for those who may set them, tables for the others."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from app.components.params_form import params_form
from core.evaluation.criteria import DialLevels, GateThresholds
from core.evaluation.policy import ATTACK_BOUNDS, Bounds, EvaluationPolicy
from core.synthesis.params import ParamSpec, specs, to_dict

PARTS = ("Privacy attacks", "Data quality gates", "Dials")
_GATES_HELP = (
    "A table that fails types, keys, metadata or foreign keys is not ready for use, whatever else "
    "it reaches; the other gates make it usable with care."
)


def policy_form(policy: EvaluationPolicy, key: str) -> EvaluationPolicy | None:
    """Show every threshold, and return the policy once the form is sent."""
    with st.form(key, border=False):
        attacks, gates, dials = st.tabs(PARTS)
        with attacks:
            bounds, small = _attacks_form(policy, key)
        with gates:
            st.caption(_GATES_HELP)
            gate_values = params_form(
                specs(GateThresholds), to_dict(policy.gates), key=f"{key}_gate"
            )
        with dials:
            levels = params_form(specs(DialLevels), to_dict(policy.levels), key=f"{key}_level")
        sent = st.form_submit_button("Save", type="primary", icon=":material/save:")
    if not sent:
        return None
    values = {"attacks": bounds, "gates": gate_values, "levels": levels, "small_group": small}
    return EvaluationPolicy.from_dict(values)


def _attacks_form(policy: EvaluationPolicy, key: str) -> tuple[dict[str, dict[str, float]], int]:
    st.caption(
        "Above the first value an attack is a warning; above the second it fails, once its whole "
        "interval lies there."
    )
    found = {}
    for name, words in ATTACK_BOUNDS.items():
        bounds = policy.attacks[name]
        found[name] = {
            part: column.number_input(
                f"{words.title}: {label}",
                words.low,
                words.high,
                getattr(bounds, part),
                step=0.005,
                format="%g",
                help=words.help,
                key=f"{key}_{name}_{part}",
            )
            for part, label, column in zip(
                ("warn", "fail"),
                ("warns above", "fails above"),
                st.columns(2, gap="medium"),
                strict=True,
            )
        }
    small = st.number_input(
        "Small group: fewer training rows than",
        2,
        1000,
        policy.small_group,
        help="Values and combinations of so few training rows are rare: attacks look for them.",
        key=f"{key}_small_group",
    )
    return found, int(small)


def show_policy(policy: EvaluationPolicy, default: EvaluationPolicy) -> None:
    """Show every threshold beside its default, to read only."""
    attacks, gates, dials = st.tabs(PARTS)
    with attacks:
        _frame(_attack_rows(policy.attacks, default.attacks), "Thresholds of the attacks")
        st.caption(f"A group of fewer than {policy.small_group} training rows is small.")
    with gates:
        st.caption(_GATES_HELP)
        rows = _rows(specs(GateThresholds), to_dict(policy.gates), to_dict(default.gates))
        _frame(rows, "Thresholds of the gates")
    with dials:
        rows = _rows(specs(DialLevels), to_dict(policy.levels), to_dict(default.levels))
        _frame(rows, "Levels of the dials")


def _frame(rows: list[dict[str, str]], alt: str) -> None:
    st.dataframe(pd.DataFrame(rows), hide_index=True, alt=alt, width="stretch", height="content")


def _attack_rows(
    policy: Mapping[str, Bounds], default: Mapping[str, Bounds]
) -> list[dict[str, str]]:
    return [
        {
            "Attack": words.title,
            "Warns above": f"{policy[name].warn:g}",
            "Fails above": f"{policy[name].fail:g}",
            "By default": f"{default[name].warn:g} and {default[name].fail:g}",
            "Meaning": words.help,
        }
        for name, words in ATTACK_BOUNDS.items()
    ]


def _rows(
    known: tuple[ParamSpec, ...], values: Mapping[str, Any], defaults: Mapping[str, Any]
) -> list[dict[str, str]]:
    return [
        {
            "Threshold": spec.title,
            "Value": _text(values[spec.name]),
            "By default": _text(defaults[spec.name]),
            "Meaning": spec.help,
        }
        for spec in known
    ]


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)
