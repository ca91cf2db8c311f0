"""Generate: put a run together, or sample a finished one again; preview it, and start it."""

import pandas as pd
import streamlit as st

from app.components.datasets import choose_dataset, counted
from app.components.estimate import show_cost
from app.components.hints import source_of_address
from app.components.new_run import afresh_button, new_run_form
from app.components.page import empty_state, guard, page_header
from app.components.projects import project_or_start
from app.components.sample_again import sample_again_form, why_not
from app.components.spending import show_spending
from app.components.start_card import preview_button, start_card
from app.navigation import page_path
from app.resources import studio
from app.session import require_actor
from core.errors import NotFound, PermissionDenied
from core.governance.policy import Actor
from core.studio.values import Dataset, Estimate, Run, RunSpec

SHOWN_OPEN = 30
AGAIN = "again"
TEXT = "Choose what the synthetic data is for. Everything below follows and can be changed."
TEXT_AGAIN = "More or other rows from a model that has been fitted."


def show() -> None:
    actor = require_actor()
    again = st.query_params.get(AGAIN)
    page_header(
        "Sample again" if again else "Generate",
        "generate",
        text=TEXT_AGAIN if again else TEXT,
        icon=":material/casino:" if again else ":material/auto_awesome:",
    )
    with guard():
        project = project_or_start(actor)
        if again:
            show_again(actor, again)
            return
        datasets = studio().datasets.list(actor, project.id)
        if not datasets:
            show_no_data()
            return
        follow_source(actor)
        ready = next((d for d in datasets if not d.open_columns), datasets[0])
        dataset = choose_dataset(datasets, key="generate_dataset", default=ready.id)
        if dataset.open_columns:
            show_blocked(dataset)
        else:
            show_new(actor, dataset)


def follow_source(actor: Actor) -> None:
    """Go to the dataset of the run that the address names to start from."""
    source = source_of_address()
    if not source or "dataset" in st.query_params:
        return
    try:
        st.query_params["dataset"] = studio().runs.get(actor, source).dataset_id
    except (NotFound, PermissionDenied):
        return


def show_new(actor: Actor, dataset: Dataset) -> None:
    left, right = st.columns([2, 1], gap="large")
    with left:
        new = new_run_form(actor, dataset)
    with right, st.container(border=True):
        if new.check is not None:
            show_spending(actor, dataset, new.check)
        expected = estimate(actor, dataset, new.spec)
        start_card(
            new.spec,
            new.problems,
            expected,
            lambda: start(actor, dataset, new.spec),
        )
        preview_button(
            new.spec,
            lambda: studio().runs.preview(actor, dataset.id, new.spec),
            disabled=bool(new.problems),
        )
        afresh_button(actor, dataset)
    if expected is not None:
        with new.cost:
            show_cost(expected)


def start(actor: Actor, dataset: Dataset, spec: RunSpec) -> Run:
    if spec.contest is not None:
        return studio().contests.submit(actor, dataset.id, spec, spec.contest.engines)
    return studio().runs.submit(actor, dataset.id, spec)


def estimate(actor: Actor, dataset: Dataset, spec: RunSpec) -> Estimate | None:
    """Ask what the run will take; why it cannot be said is shown instead."""
    with guard(stop=False):
        return studio().runs.estimate(actor, dataset.id, spec)
    return None


def show_again(actor: Actor, run_id: str) -> None:
    run = studio().runs.get(actor, run_id)
    if reason := why_not(run):
        empty_state(
            "Nothing to sample",
            reason,
            lambda: go_button("See the run", "jobs", ":material/pending_actions:", run=run.id),
            icon=":material/casino:",
        )
        return
    dataset = studio().datasets.get(actor, run.dataset_id)
    left, right = st.columns([2, 1], gap="large")
    with left:
        wanted = sample_again_form(actor, run, dataset)
    with right, st.container(border=True):
        spec = wanted.spec
        start_card(
            spec,
            wanted.problems,
            estimate(actor, dataset, spec),
            lambda: studio().runs.sample_again(actor, run.id, spec.rows, spec.seed, spec.ask),
            label="Make the rows",
        )


def show_no_data() -> None:
    empty_state(
        "There is no data to learn from yet",
        "Upload your own tables, or take a sample that ships.",
        lambda: go_button("Add data", "datasets", ":material/upload:"),
        icon=":material/table_chart:",
    )


def go_button(label: str, page: str, icon: str, **params: str) -> None:
    if st.button(label, type="primary", icon=icon, key=f"go_{page}"):
        st.switch_page(page_path(page), query_params=params)


def show_blocked(dataset: Dataset) -> None:
    count = len(dataset.open_columns)
    columns = f"{counted(count, 'column')} {'waits' if count == 1 else 'wait'}"
    empty_state(
        "The review is not finished",
        f"{columns} for a decision on personal data. Training starts when all are settled.",
        lambda: go_button("Finish the review", "review", ":material/rule:", dataset=dataset.id),
        icon=":material/rule:",
    )
    listed = pd.DataFrame(dataset.open_columns[:SHOWN_OPEN], columns=["Table", "Column"])
    st.markdown("**Open**")
    st.dataframe(listed, hide_index=True, width="content", alt="Columns that wait for a decision")
    if count > SHOWN_OPEN:
        st.caption(f"and {count - SHOWN_OPEN} more.")


show()
