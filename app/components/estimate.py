"""What a run will take: its time in parts, its memory, and what the figures rest on."""

import streamlit as st

from app.components.jobs import duration
from app.components.page import plain
from core.studio.values import Estimate

MIB_A_GIB = 1024


def show_cost(estimate: Estimate) -> None:
    """Say the cost in one line, for an engine's card."""
    parts = {
        "fit": estimate.fit_s,
        "write texts": estimate.write_s,
        "sample": estimate.sample_s,
        "evaluate": estimate.evaluate_s,
    }
    start = estimate.seconds - sum(parts.values())
    if any(parts.values()) and start >= 1:
        parts = {"start": start, **parts}
    split = ", ".join(f"{name} {duration(part)}" for name, part in parts.items() if part)
    memory = f", about {memory_text(estimate.memory_mb)} of memory" if estimate.memory_mb else ""
    st.markdown(
        f":material/timer: **Cost on this data** about {duration(estimate.seconds)}"
        f"{f' ({split})' if split else ''}{memory}"
    )


def show_estimate(estimate: Estimate) -> None:
    """Show time and memory as figures with their basis, and warn when memory will not do."""
    left, right = st.columns(2)
    left.metric("Expected time", duration(estimate.seconds))
    if estimate.memory_mb:
        right.metric("Expected memory", memory_text(estimate.memory_mb))
    st.caption(f"{estimate.basis[:1].upper()}{estimate.basis[1:]}.")
    if estimate.language:
        st.info(plain(estimate.language), icon=":material/edit_note:")
    if estimate.note:
        st.warning(estimate.note, icon=":material/memory:")


def memory_text(mib: float) -> str:
    """Write an amount of memory for people."""
    return f"{mib / MIB_A_GIB:.1f} GiB" if mib >= MIB_A_GIB else f"{mib:,.0f} MiB"
