"""The figures of a training as curves: while it runs, and afterwards from the run's record."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from app.components.charts import lines, show_chart
from app.components.page import plain
from core.studio.values import Run

AXES = ("epoch", "step")
TOLD = "As the training told them: nothing is smoothed."


def training_curves(run: Run, meanings: Mapping[str, str]) -> None:
    """Draw losses and other figures of a training, where the engine gives any.

    ``meanings`` says what each figure is, by the name that the engine gives it.
    """
    history = pd.DataFrame(list(run.progress.history))
    if len(history) < 2:
        return
    axis = next((name for name in AXES if name in history), None)
    steps = history[axis] if axis else pd.Series(range(1, len(history) + 1))
    figures = history.drop(columns=[axis] if axis else []).dropna(axis=1, how="all")
    if figures.empty:
        return
    names = {name: name.replace("_", " ") for name in figures}
    chart = lines(
        list(steps),
        {names[name]: list(figures[name]) for name in figures},
        x_title=(axis or "report").capitalize(),
        y_title="Loss",
    )
    chart.update_traces(connectgaps=True)
    chart.update_layout(uirevision=run.id)
    last = ", ".join(f"{names[name]} {figures[name].dropna().iloc[-1]:.4g}" for name in figures)
    alt = f"Figures of the training, {len(history):,} points; last values: {last}."
    show_chart(chart, alt, history, key=f"history_{run.id}", height=240)
    st.caption(f"{TOLD} {words(list(figures), meanings)}".strip())


def words(figures: list[str], meanings: Mapping[str, str]) -> str:
    """What the figures mean, each once; those of several tables have the table's name before."""
    told = dict.fromkeys(name.rpartition(": ")[2] for name in figures)
    return " ".join(
        f"**{plain(name.replace('_', ' ').capitalize())}:** {meanings[name]}"
        for name in told
        if name in meanings
    )
