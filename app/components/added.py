"""Measures that plug-ins added to a report, each with the package that took it."""

import pandas as pd
import streamlit as st

from app.components.page import plain
from app.components.scores import number, show_frame, show_reasons
from core.evaluation.values import AddedMeasure, TableReport


def show_added(table: TableReport) -> None:
    """Show them beside their references; nothing where there are none."""
    if not table.added:
        return
    st.subheader("Measures of plug-ins", anchor=False)
    st.caption("Taken by outside packages. No verdict, dial or gate rests on them.")
    show_frame(added_frame(table), "Measures of plug-ins beside what fresh real rows reach")
    for one in table.added:
        st.caption(plain(f"{one.title}: {one.meaning} {one.reading}"))
    show_reasons([(one.title, one.measure.value) for one in table.added])


def added_frame(table: TableReport) -> pd.DataFrame:
    """Return the measures of plug-ins as a table."""
    return pd.DataFrame([_row(one) for one in table.added])


def _row(one: AddedMeasure) -> dict[str, object]:
    return {
        "Measure": one.title,
        "This data": number(one.measure.value),
        "Fresh real rows": number(one.measure.fresh),
        "No skill": number(one.measure.chance),
        "Best": one.measure.best,
        "Note": one.measure.note,
        "Package": f"{one.package} {one.version}",
    }
