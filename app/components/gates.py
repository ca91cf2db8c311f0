"""The data quality gates: value, threshold and outcome of each, and what failed by column."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app.components.charts import download_data
from app.components.page import plain
from app.components.scores import explain, number, outcome_words, show_frame, show_reasons
from core.evaluation.details import GateFailure, GateResult
from core.evaluation.glossary import asked_of, words_for
from core.evaluation.values import TableReport
from core.evaluation.words import show

ORDER = ("fail", "inconclusive", "warn", "pass", "not applicable")


def show_gates(table: TableReport) -> None:
    """Show all gates as a table, then what failed in each."""
    if not table.gates:
        st.info(
            "There were no gates yet when this result was judged. Run it again to see them.",
            icon=":material/info:",
        )
        return
    ordered = sorted(table.gates, key=lambda g: ORDER.index(g.outcome))
    passed = sum(g.outcome == "pass" for g in ordered)
    asked = sum(g.outcome != "not applicable" for g in ordered)
    st.markdown(f"**{passed} of {asked} gates are passed.**" if asked else "No gate applies.")
    frame = gate_frame(ordered)
    show_frame(frame, "Value, threshold and outcome of each data quality gate")
    with st.container(horizontal=True):
        download_data(frame, key=f"gates_{table.name}")
        explain("gate", [g.name for g in ordered], key=f"gates_{table.name}")
    unsaid = [g for g in ordered if not g.note]
    show_reasons([(words_for("gate", g.name).title, g.value) for g in unsaid])
    for gate in ordered:
        if gate.failed:
            _show_failures(table.name, gate)


def gate_frame(gates: Sequence[GateResult]) -> pd.DataFrame:
    """Return the gates as a table."""
    rows = [
        {
            "Gate": words_for("gate", g.name).title,
            "Outcome": outcome_words(g.outcome),
            "Value": show(g.value, percent=words_for("gate", g.name).percent),
            "Threshold": asked_of(g),
            "Failed in": ", ".join(f.column for f in g.failed),
            "Note": g.note,
        }
        for g in gates
    ]
    return pd.DataFrame(rows)


def failure_frame(failures: Sequence[GateFailure]) -> pd.DataFrame:
    """Return what failed by column, with the figures of its test."""
    rows = [
        {"Where": f.column, "Value": number(f.value), **f.figures, "Note": f.note} for f in failures
    ]
    frame = pd.DataFrame(rows)
    return frame if frame["Note"].any() else frame.drop(columns="Note")


def _show_failures(table: str, gate: GateResult) -> None:
    title = words_for("gate", gate.name).title
    with st.expander(f"{plain(title)}: what failed", icon=":material/rule:"):
        frame = failure_frame(gate.failed)
        show_frame(frame, f"What failed in the gate {title}, by column")
        download_data(frame, key=f"gate_{table}_{gate.name}")
        show_reasons([(f.column, f.value) for f in gate.failed])
