"""What compared runs were asked, side by side, by the names that the forms show."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app.components.charts import download_data
from app.components.engine_words import param_titles
from core.studio.comparison import Comparison

SETTINGS = {
    "engine": "Generator",
    "seed": "Seed",
    "holdout": "Held out for judging",
    "target": "Column to predict",
    "purpose": "What was made",
    "fallback": "Goes on with",
    "contest": "Generators tried",
    "ask": "Which rows",
    "fairness": "Dependence to break",
    "rules": "Rules",
    "kept": "Rules of the dataset",
    "depth": "How it is judged",
    "model_of": "Model of run",
    "preparation": "Preparation",
    "public": "Declared public",
    "sweep": "ε that were tried",
    "accepted": "Accepted",
    "copies": "Fillings",
}
"""What the settings of a run are called that are not parameters of its engine."""


def show_settings(found: Comparison, names: Sequence[str]) -> None:
    """Show the settings that differ, and all of them on demand."""
    st.subheader("What was asked", anchor=False)
    changed = [p for p in found.parameters if p.differs]
    everything = st.toggle("Also what is the same", key="compare_all") or not changed
    shown = found.parameters if everything else changed
    if not changed:
        st.caption("The runs were asked the same.")
    titles = dict(SETTINGS)
    for run in found.runs:
        titles.update(param_titles(run.engine))
    rows = [
        {"Setting": titles.get(p.name, p.name.capitalize())}
        | dict(zip(names, p.values, strict=True))
        | {"": "≠" if p.differs else ""}
        for p in shown
    ]
    frame = pd.DataFrame(rows)
    st.dataframe(
        frame, hide_index=True, height="content", alt="Settings of the runs; ≠ marks what differs"
    )
    download_data(frame, key="compare_settings")
