"""All engines side by side for one dataset: what each would cost here, and why it stands there."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from app.components.estimate import memory_text
from app.components.jobs import duration
from app.components.page import plain
from core.studio.routing import Candidate, Route
from core.synthesis.protocol import EngineInfo

UNKNOWN = "–"


def engines_table(found: Route, engines: Mapping[str, EngineInfo], key: str) -> None:
    """Offer the table of all engines, the suggested one first."""
    label, icon = "Compare all generators", ":material/table_rows:"
    if st.button(label, icon=icon, type="tertiary", key=f"{key}_overview"):
        _overview(found, engines)


@st.dialog("Generators for this data", width="large", icon=":material/table_rows:")
def _overview(found: Route, engines: Mapping[str, EngineInfo]) -> None:
    st.caption(
        f"{found.facts}. The first is suggested for this data; time and memory are of a run with "
        "the usual parameters on this machine."
    )
    frame = engines_frame(found, engines)
    st.dataframe(
        frame,
        hide_index=True,
        height="content",
        row_height=76,
        column_config={
            "Generator": st.column_config.TextColumn(pinned=True, width=130),
            "Guarantee": st.column_config.TextColumn(width=80),
            "Time": st.column_config.TextColumn(width=80),
            "Memory": st.column_config.TextColumn(width=80),
            "For it": st.column_config.TextColumn(width=230),
            "Against it": st.column_config.TextColumn(width=230),
            "Licence": st.column_config.TextColumn(width=170),
        },
        alt="Engines with their guarantee, cost on this data, and what speaks for each",
    )


def engines_frame(found: Route, engines: Mapping[str, EngineInfo]) -> pd.DataFrame:
    """Return a row for each engine, in the order of the suggestion."""
    rows = [_row(one, engines[one.engine]) for one in found.candidates if one.engine in engines]
    return pd.DataFrame(rows)


def _row(one: Candidate, info: EngineInfo) -> dict[str, str]:
    return {
        "Generator": info.title,
        "Guarantee": "formal: ε, δ" if info.formal_guarantee else "none",
        "Time": duration(one.cost.seconds) if one.cost else UNKNOWN,
        "Memory": memory_text(one.cost.memory_mb) if one.cost else UNKNOWN,
        "For it": " ".join(one.pros),
        "Against it": " ".join([one.why_not, *one.cons]).strip(),
        "Licence": info.licence,
    }


def fallback_switch(
    found: Route,
    engine: str,
    engines: Mapping[str, EngineInfo],
    start: tuple[str, ...] | None,
    key: str,
) -> tuple[str, ...]:
    """Let the user say whether a run goes on with other engines should this one fail."""
    following = found.fallback(engine)
    if not following:
        return ()
    named = ", then ".join(plain(engines[name].title) for name in following)
    is_on = st.toggle(
        "Go on with another if it fails",
        value=start is None or bool(start),
        help="When the library fails, memory runs out or the time is up. The result says which "
        "generator made the rows. A cancel always ends the run.",
        key=f"{key}_fallback",
    )
    if is_on:
        st.caption(f"Next: {named}.")
    return following if is_on else ()


def reasons(one: Candidate | None) -> None:
    """Say what speaks for and against an engine on this data."""
    if one is None:
        return
    if one.why_not:
        st.markdown(f":material/block: **Not for this data** {plain(one.why_not)}")
    lines = [f":material/add_circle: {plain(text)}" for text in one.pros]
    lines += [f":material/do_not_disturb_on: {plain(text)}" for text in one.cons]
    if lines:
        st.caption("On this data:  \n" + "  \n".join(lines))
