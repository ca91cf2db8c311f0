"""Which steps a run prepares its rows with: those of the dataset, fewer, or none."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import streamlit as st

from app.components.datasets import counted
from app.components.promise import is_guaranteed
from app.navigation import may, page_path
from app.resources import studio
from core.governance.policy import Actor
from core.studio.values import Dataset, RunSpec, Steps


@dataclass(frozen=True, slots=True)
class _Choice:
    """A choice in words, and what the specification has for it."""

    label: str
    steps: Steps | None


def choose_preparation(actor: Actor, dataset: Dataset, start: RunSpec, *, key: str) -> RunSpec:
    """Show which steps there are, where there are any, and let the user choose among them."""
    if not may(actor, "preparation.get"):
        return replace(start, preparation=None)
    choices = _choices(actor, dataset, start)
    if len(choices) < 2:
        return replace(start, preparation=None)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.segmented_control(
            "Preparation",
            list(choices),
            default=_default(choices, start),
            format_func=lambda name: choices[name].label,
            required=True,
            help="Steps that clean and protect the rows before they are learned.",
            key=f"{key}_preparation",
        )
        st.page_link(
            page_path("preparation"), label="See the steps", icon=":material/cleaning_services:"
        )
    if is_guaranteed(start.engine) and "dataset" not in choices:
        st.caption(
            "With a formal guarantee only steps that change each cell by itself are possible; the "
            "others look at the rows beside the budget and are left out."
        )
    return replace(start, preparation=choices[chosen or next(iter(choices))].steps)


def _choices(actor: Actor, dataset: Dataset, start: RunSpec) -> Mapping[str, _Choice]:
    held = studio().preparing.get(actor, dataset.id)
    allowed = studio().preparing.public_part(held.steps)
    is_fewer = _count(allowed) < held.count
    found: dict[str, _Choice] = {}
    if held.count and not (is_guaranteed(start.engine) and is_fewer):
        found["dataset"] = _Choice(f"{counted(held.count, 'step')} of the dataset", None)
    if allowed and is_fewer:
        label = f"{counted(_count(allowed), 'step')} that {_looks(_count(allowed))} at no rows"
        found["allowed"] = _Choice(label, allowed)
    asked = start.preparation
    if asked and asked not in (held.steps, allowed):
        found["before"] = _Choice(f"{counted(_count(asked), 'step')} of the earlier run", asked)
    if held.count or found:
        found["none"] = _Choice("None", {})
    return found


def _default(choices: Mapping[str, _Choice], start: RunSpec) -> str:
    """The choice that the start has, else the first."""
    same = [name for name, one in choices.items() if one.steps == start.preparation]
    return same[0] if same else next(iter(choices))


def _count(steps: Steps) -> int:
    return sum(map(len, steps.values()))


def _looks(count: int) -> str:
    return "looks" if count == 1 else "look"
