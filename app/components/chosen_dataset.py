"""The dataset that a page of the data section is about, and what it took over from another."""

import streamlit as st

from app.components.datasets import choose_dataset, counted
from app.components.page import empty_state
from app.components.projects import project_or_start
from app.navigation import page_path
from app.resources import studio
from core.governance.policy import Actor
from core.studio.values import Dataset


def dataset_or_start(actor: Actor, *, key: str, icon: str) -> Dataset:
    """Return the chosen dataset of the project; without any, show how to get one and end the run.

    ``icon`` is that of the page.
    """
    project = project_or_start(actor)
    datasets = studio().datasets.list(actor, project.id)
    if datasets:
        return choose_dataset(datasets, key=key, default=datasets[0].id)
    empty_state(
        "There is no dataset yet",
        "Upload your own tables, or take a sample that ships.",
        lambda: st.page_link(page_path("datasets"), label="Add data", icon=":material/upload:"),
        icon=icon,
    )
    st.stop()


def show_taken_over(left_out: int, word: str) -> None:
    """Say that what stands below is from the version before, and how much of it did not fit."""
    left = f" {counted(left_out, word)} did not fit." if left_out else ""
    st.info(
        f"Taken over from the version before; they hold until they are changed here.{left}",
        icon=":material/history:",
    )
