"""One generator, or several of which the best is kept: the choice on the generate page."""

from collections.abc import Mapping

import streamlit as st

from core.studio.contests import USUAL, WEIGHTS
from core.studio.fallback import LEAST_TRIED, MOST_TRIED
from core.studio.routing import Route
from core.synthesis.protocol import EngineInfo

ONE, SEVERAL = "One generator", "Try several, keep the best"
TOO_FEW = f"Choose at least {LEAST_TRIED} generators to try."


def choose_mode(start: tuple[str, ...], key: str) -> bool:
    """Let the user choose; return whether several are tried."""
    chosen = st.segmented_control(
        "How many generators",
        (ONE, SEVERAL),
        default=SEVERAL if start else ONE,
        required=True,
        label_visibility="collapsed",
        key=f"{key}_mode",
    )
    return chosen == SEVERAL


def choose_several(
    found: Route, engines: Mapping[str, EngineInfo], start: tuple[str, ...], key: str
) -> tuple[str, ...]:
    """Let the user choose the engines to try; those with a guarantee are not among them."""
    names = [one.engine for one in found.candidates if not one.is_guaranteed and not one.why_not]
    names = [name for name in names if name in engines]
    usual = [name for name in start if name in names] or list(found.best(USUAL))
    chosen = st.multiselect(
        f"Generators, from {LEAST_TRIED} to {MOST_TRIED}",
        names,
        default=usual[:MOST_TRIED],
        format_func=lambda name: engines[name].title,
        max_selections=MOST_TRIED,
        key=f"{key}_several",
        placeholder="Choose generators",
    )
    parts = ", ".join(f"{name} {weight:.0%}" for name, weight in WEIGHTS.items())
    st.caption(
        "Each is fitted to the same rows with the same seed and its usual parameters, and judged "
        f"quickly. The highest score is kept: {parts}. One that fails on privacy cannot win."
    )
    return tuple(chosen)
