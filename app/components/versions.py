"""Versions of a dataset: saying that files are the next one, and what it took over."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app.components.datasets import counted, dataset_labels
from app.components.page import plain
from app.resources import studio
from core.governance.policy import Actor
from core.studio.carried import CarriedOver
from core.studio.values import Dataset

ADDRESS = "version_of"
SHARED = (
    "A new version is about the same people, so it shares the privacy budget of the one before: "
    "what private runs spent of either counts for both."
)


def choose_version(actor: Actor, project_id: str) -> str:
    """Let the user say that an import is a new version; return of which dataset, "" for none."""
    datasets = list(studio().datasets.list(actor, project_id))
    if not datasets:
        return ""
    labels = dataset_labels(datasets)
    options = ["", *labels]
    wanted = st.query_params.get(ADDRESS, "")
    chosen = st.selectbox(
        "This is",
        options,
        index=options.index(wanted) if wanted in options else 0,
        format_func=lambda key: f"A new version of {labels[key]}" if key else "A new dataset",
        key=f"version_of_{wanted}",
        help="A new version takes over what was decided about the columns, free text, keys, links "
        "and rules of the one before.",
    )
    if chosen:
        st.caption(SHARED)
    return str(chosen or "")


def name_before(actor: Actor, project_id: str, version_of: str) -> str:
    """Return the name of the dataset that a new one is a version of, "" for none."""
    known: Sequence[Dataset] = studio().datasets.list(actor, project_id) if version_of else ()
    return next((one.name for one in known if one.id == version_of), "")


def show_carried(dataset: Dataset) -> None:
    """Show what was taken over from the version before, and what is open again."""
    carried = dataset.carried
    if carried is None:
        return
    st.info(
        f"A new version of **{plain(carried.name)}**. Taken over: {_taken_over(carried)}. {SHARED}",
        icon=":material/history:",
    )
    again = again_frame(carried)
    for note in carried.notes:
        st.warning(plain(note), icon=":material/link_off:")
    if len(again) or carried.gone:
        with st.expander(
            f"{counted(len(again), 'column')} could not be taken over",
            icon=":material/difference:",
        ):
            if len(again):
                alt = f"{len(again)} columns that a person has to decide once more, and why."
                st.dataframe(again, hide_index=True, alt=alt)
            if gone := gone_words(carried):
                st.markdown("Not in this version any more: " + "; ".join(gone) + ".")


def again_frame(carried: CarriedOver) -> pd.DataFrame:
    """Put the columns that are open again into one row each."""
    rows = [
        (table, column, why)
        for table, columns in carried.again.items()
        for column, why in columns.items()
    ]
    return pd.DataFrame(rows, columns=["Table", "Column", "Why it is open again"])


def gone_words(carried: CarriedOver) -> list[str]:
    """Say which tables and columns the version before had and this one has not."""
    return [
        f"{plain(table)}: {plain(', '.join(columns))}" if columns else f"table {plain(table)}"
        for table, columns in carried.gone.items()
    ]


def _taken_over(carried: CarriedOver) -> str:
    left = f" ({carried.rules_left_out} did not fit)" if carried.rules_left_out else ""
    return (
        f"the decisions on {counted(carried.column_count, 'column')}, "
        f"{counted(carried.keys, 'key')}, {counted(carried.links, 'link')} and "
        f"{counted(carried.rules, 'rule')}{left}"
    )
