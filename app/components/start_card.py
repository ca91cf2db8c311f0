"""The card beside the forms: what was asked, what it will take, and the buttons that start it."""

from collections.abc import Callable, Mapping, Sequence

import pandas as pd
import streamlit as st

from app.components.ask_words import sentences
from app.components.estimate import show_estimate
from app.components.page import guard, plain
from app.components.promise import BADGES, GUARANTEES, is_guaranteed
from app.components.releases import date_columns
from app.navigation import page_path
from core.studio.runs import PREVIEW_ENGINES
from core.studio.values import Estimate, Purpose, Run, RunSpec


def start_card(
    spec: RunSpec,
    problems: Sequence[str],
    estimate: Estimate | None,
    start: Callable[[], Run],
    *,
    label: str = "Start the run",
) -> None:
    """Show it; ``start`` is called when the button is pressed, and the jobs are shown then."""
    st.markdown("**Ready to start**" if not problems else "**Not ready yet**")
    read_back(spec)
    guaranteed = is_guaranteed(spec.engine)
    st.markdown(BADGES[guaranteed], help=GUARANTEES[guaranteed])
    if estimate is not None:
        show_estimate(estimate)
    if problems:
        st.info("\n".join(f"- {plain(problem)}" for problem in problems))
    is_started = st.button(
        label,
        type="primary",
        icon=":material/play_arrow:",
        key="generate_start",
        width="stretch",
        shortcut="Ctrl+Enter",
        disabled=bool(problems),
    )
    if is_started:
        with guard(stop=False):
            st.switch_page(page_path("jobs"), query_params={"run": start().id})


def read_back(spec: RunSpec) -> None:
    """Say in sentences what is asked beyond rows as they come."""
    if said := sentences(spec):
        st.markdown("\n".join(f"- {sentence}" for sentence in said))


def preview_button(
    spec: RunSpec, preview: Callable[[], Mapping[str, pd.DataFrame]], *, disabled: bool
) -> None:
    """Offer the preview; where there is none, say why."""
    why_not = no_preview(spec)
    if st.button(
        "Preview 1,000 rows",
        icon=":material/visibility:",
        key="generate_preview_button",
        width="stretch",
        disabled=disabled or bool(why_not),
    ):
        with guard(stop=False):
            with st.spinner("Fitting a small preview"):
                tables = preview()
            show_preview(tables, sentences(spec))
    if why_not:
        st.caption(why_not)


def no_preview(spec: RunSpec) -> str:
    """Say why there is no preview; empty when there is one."""
    if spec.purpose is Purpose.IMPUTE:
        return "No preview: what would be shown are real rows."
    if spec.contest is not None:
        return "No preview of several generators: preview one of them."
    if is_guaranteed(spec.engine):
        return "No preview: every fit of this engine spends privacy."
    if spec.engine not in PREVIEW_ENGINES:
        return (
            "No preview: it is not known to fit in a moment, as previews have to. Start it with "
            "“Quick look”."
        )
    return ""


@st.dialog("Preview", width="large", icon=":material/visibility:")
def show_preview(tables: Mapping[str, pd.DataFrame], said: Sequence[str]) -> None:
    """Show the rows, and what they were asked for."""
    st.caption("Every row here is synthetic, from a quick fit on part of the data.")
    if said:
        st.markdown("\n".join(f"- {sentence}" for sentence in said))
    tabs = st.tabs([plain(name) for name in tables])
    for tab, (name, frame) in zip(tabs, tables.items(), strict=True):
        tab.dataframe(
            frame,
            hide_index=True,
            height=420,
            column_config=date_columns(frame),
            alt=f"Synthetic rows of {name}",
        )
