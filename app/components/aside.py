"""Rows of a dataset that could not be read: how many, where, why, and the rows themselves."""

from functools import partial

import pandas as pd
import streamlit as st

from app.components.datasets import counted
from app.components.page import plain
from app.resources import studio
from app.session import when_asked
from core.governance.policy import Actor
from core.studio.values import Dataset

SHOWN = 200


def show_aside(actor: Actor, dataset: Dataset) -> None:
    """Show what was kept aside at the import; nothing where nothing was."""
    for table, aside in studio().imports.aside(actor, dataset.id).items():
        label = f"{counted(aside.count, 'row')} of {plain(table)} could not be read"
        with st.expander(label, icon=":material/report:"):
            st.caption(
                "They are no part of the dataset. Correct them in the file and import it again, "
                "or leave them out."
            )
            lines = pd.DataFrame(aside.first[:SHOWN], columns=pd.Index(["Line", "They …"]))
            st.dataframe(
                lines,
                hide_index=True,
                width="stretch",
                alt=f"Lines of {table} that could not be read, and why.",
            )
            if aside.count > SHOWN:
                st.caption(f"The first {SHOWN} are listed; all are in the download.")
            st.download_button(
                "Download these rows",
                when_asked(partial(_content, dataset_id=dataset.id, table=table)),
                file_name=f"{table}-kept-aside.csv",
                mime="text/csv",
                key=f"aside_{dataset.id}_{table}",
                icon=":material/download:",
                on_click="ignore",
            )


def _content(actor: Actor, dataset_id: str, table: str) -> bytes:
    return studio().imports.aside_rows(actor, dataset_id, table).content()
