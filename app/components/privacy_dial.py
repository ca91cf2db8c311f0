"""The privacy dial: a few steps from closest to most private, with what each was measured to do.

The dial sets some of an engine's parameters and presets set others, so that the two never speak of
the same one.
"""

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from core.synthesis.forest.params import PRIVACY_DIAL, DialStep
from core.synthesis.params import specs
from core.synthesis.protocol import EngineInfo

DIALS: Mapping[str, tuple[DialStep, ...]] = {"forest": PRIVACY_DIAL}
MEASURES = {
    "Pairs kept": (
        "biv",
        "Similarity of all pairs of columns to fresh real rows. 1 is best.",
    ),
    "Told from real": (
        "c2st",
        "How well a model tells synthetic rows from fresh real ones (AUC). 0.5 is best.",
    ),
    "Nearer to learned": (
        "dcr",
        "Share of synthetic rows that are nearer to a learned row than to a fresh one. 0.5 is "
        "what fresh real rows have; above it, rows are remembered.",
    ),
    "Members found": (
        "mia",
        "How well an attacker tells who was learned from by distances (AUC). 0.5 is guessing.",
    ),
}


def dial_of(info: EngineInfo) -> tuple[DialStep, ...]:
    """Return the steps of an engine's dial; nothing for engines without one."""
    known = {spec.name for spec in specs(info.params)}
    return tuple(step for step in DIALS.get(info.name, ()) if set(step.params) <= known)


def default_step(info: EngineInfo) -> str:
    """Return the step that leaves the engine's parameters as they are; empty without a dial."""
    defaults = {spec.name: spec.default for spec in specs(info.params)}
    steps = dial_of(info)
    plain = (s.name for s in steps if all(defaults[n] == v for n, v in s.params.items()))
    return next(plain, steps[len(steps) // 2].name if steps else "")


def privacy_dial(steps: Sequence[DialStep], start: str, *, key: str) -> DialStep:
    """Show the dial and what its step was measured to do; return the step."""
    names = [step.name for step in steps]
    chosen = st.select_slider(
        "Privacy",
        names,
        value=start if start in names else names[len(names) // 2],
        format_func=str.capitalize,
        help="From closest to the real rows to most private. What it sets is shown among the "
        "parameters below. It is no formal guarantee at any step.",
        key=key,
    )
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        st.caption(names[0].capitalize(), width="content")
        st.caption(names[-1].capitalize(), width="content")
    step = steps[names.index(chosen)]
    st.markdown(f"**{step.name.capitalize()}.** {step.help}")
    if step.measured:
        show_effect(steps, step)
    return step


def show_effect(steps: Sequence[DialStep], step: DialStep) -> None:
    """Show the figures of a step, and of all of them one click away."""
    st.dataframe(
        effect_frame([step]),
        hide_index=True,
        column_config=_columns(),
        column_order=["Table", *MEASURES],
        alt=f"What the step {step.name} was measured to do, a row for each table",
    )
    st.caption(
        "Best possible: 1 for pairs kept, 0.5 for the others. Measured on public tables against "
        "rows that were not learned; yours will differ, and each result has its own figures."
    )
    with st.expander("All steps of the dial", icon=":material/table_rows:"):
        frame = effect_frame(steps)
        for table, own in frame.groupby("Table", sort=False):
            st.caption(str(table))
            st.dataframe(
                own,
                hide_index=True,
                height="content",
                column_config=_columns(),
                column_order=["Step", *MEASURES],
                alt=f"What every step of the dial was measured to do on {table}",
            )


def effect_frame(steps: Sequence[DialStep]) -> pd.DataFrame:
    """Return one row for each step and table that it was measured on."""
    rows = [
        {
            "Step": step.name.capitalize(),
            "Table": f"{effect.table} ({effect.rows:,} rows)",
            **{title: getattr(effect, name) for title, (name, _) in MEASURES.items()},
        }
        for step in steps
        for effect in step.measured
    ]
    return pd.DataFrame(rows, columns=["Step", "Table", *MEASURES])


def _columns() -> dict[str, object]:
    return {
        title: st.column_config.NumberColumn(help=text, format="%.3f")
        for title, (_, text) in MEASURES.items()
    }
