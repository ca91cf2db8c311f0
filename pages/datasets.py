"""Datasets: add tables, see what is in them, go on to the next step, or remove them."""

import streamlit as st

from app.components.aside import show_aside
from app.components.datasets import (
    NEXT,
    card,
    choose_table,
    code,
    counted,
    next_step_button,
    retyped_columns,
    show_notes,
    size_line,
)
from app.components.drift import show_drift
from app.components.import_form import show_upload
from app.components.import_tasks import show_imports
from app.components.page import guard, page_header, plain
from app.components.profile import closed, overview, show_columns
from app.components.profile_pairs import show_associations
from app.components.profile_warnings import show_holding, show_quality, show_warnings
from app.components.projects import project_or_start
from app.components.samples import sample_cards
from app.components.versions import ADDRESS, show_carried
from app.navigation import page_path
from app.resources import studio
from app.session import current_project, require_actor
from core.governance.policy import Actor
from core.studio.values import Dataset, Project, Stage

FIRST_ROWS = 100
TABS = ("Columns", "What goes together", "What changed", "First rows")


def show() -> None:
    actor = require_actor()
    wanted = st.query_params.get("dataset")
    with guard():
        dataset = studio().datasets.get(actor, wanted) if wanted else None
        project = current_project()
        if dataset and project and dataset.project_id == project.id:
            show_dataset(actor, dataset)
        else:
            show_all(actor)


def show_all(actor: Actor) -> None:
    page_header(
        "Datasets",
        "upload",
        text="A dataset is one or more real tables. They are encrypted and stay in this project.",
        icon=":material/table_chart:",
    )
    project = project_or_start(actor)
    datasets = studio().datasets.list(actor, project.id)
    show_imports(actor, project.id)
    is_uploading = show_upload(actor, project)
    if datasets:
        show_list(actor, project, datasets, is_first=not is_uploading)
    sample_cards(actor, project, is_first=not datasets and not is_uploading)


def show_list(actor: Actor, project: Project, datasets: list[Dataset], *, is_first: bool) -> None:
    stages = studio().datasets.stages(actor, project.id)
    st.subheader("In this project", anchor=False)
    for number, dataset in enumerate(datasets):
        stage = stages.get(dataset.id, Stage.REVIEW)
        with card(key=f"dataset_{dataset.id}"):
            with st.container(width="stretch", gap="xsmall"):
                st.markdown(f"**{plain(dataset.name)}**")
                st.caption(
                    f"{size_line(dataset)} · {NEXT[stage].state} · added "
                    f"{dataset.created_at:%d %b %Y} by {plain(dataset.created_by)}"
                )
            if st.button("Look inside", key=f"open_{dataset.id}"):
                st.switch_page(page_path("datasets"), query_params={"dataset": dataset.id})
            is_primary = is_first and number == 0
            next_step_button(dataset, stage, key=f"next_{dataset.id}", is_primary=is_primary)


def show_dataset(actor: Actor, dataset: Dataset) -> None:
    stage = studio().datasets.stage(actor, dataset.id)
    page_header(plain(dataset.name), "upload", icon=":material/table_chart:")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            f"{size_line(dataset)} · from {plain(', '.join(dataset.sources))} · added "
            f"{dataset.created_at:%d %b %Y} by {plain(dataset.created_by)} · content "
            f"`{dataset.content_hash[:12]}`"
        )
        next_step_button(dataset, stage, key="next_step", is_primary=True)
    if dataset.open_columns:
        st.info(
            f"{counted(len(dataset.open_columns), 'column')} may hold personal data and "
            "must be settled in the review before anything can be generated.",
            icon=":material/rule:",
        )
    show_carried(dataset)
    show_notes(dataset)
    show_aside(actor, dataset)
    show_tables(actor, dataset)
    show_footer(actor, dataset)


def show_tables(actor: Actor, dataset: Dataset) -> None:
    profiles = studio().datasets.profile(actor, dataset.id)
    findings = studio().datasets.findings(actor, dataset.id)
    name = choose_table(dataset, key=f"table_{dataset.id}")
    profile, found = closed(profiles[name], dataset.schema[name]), findings.get(name, {})
    overview(profile, found)
    show_warnings(profile)
    show_quality(profile)
    retyped = retyped_columns(dataset, name, {c.name: c.type for c in profile.columns})
    if retyped:
        st.caption(
            ":material/info: The profile is of the import. Since then the review changed the type "
            f"of {', '.join(code(column) for column in retyped)}."
        )
    columns, together, changed, rows = st.tabs(TABS, key="tab", bind="query-params")
    if columns.open:
        with columns:
            show_columns(profile, found, key=f"{dataset.id}_{name}")
    if together.open:
        with together:
            show_associations(actor, dataset.id, profile)
            show_holding(profile)
    if changed.open:
        with changed:
            show_drift(actor, dataset, name)
    if rows.open:
        with rows:
            show_rows(actor, dataset, name)


def show_rows(actor: Actor, dataset: Dataset, table: str) -> None:
    st.caption(
        f"The first {FIRST_ROWS} real rows. Looking at them is written to the audit.",
    )
    if st.button("Show real rows", key=f"rows_{dataset.id}_{table}", icon=":material/visibility:"):
        rows = studio().datasets.rows(actor, dataset.id, table, FIRST_ROWS)
        st.dataframe(rows, hide_index=True, alt=f"The first {len(rows)} real rows of {table}.")


def show_footer(actor: Actor, dataset: Dataset) -> None:
    st.divider()
    back, newer, remove = st.columns([2, 1, 1], vertical_alignment="center")
    if back.button("All datasets", key="all_datasets", icon=":material/arrow_back:"):
        st.switch_page(page_path("datasets"), query_params={})
    if newer.button(
        "New version",
        key="new_version",
        icon=":material/history:",
        width="stretch",
        help="Import newer files of the same kind; what was decided here is taken over.",
    ):
        st.switch_page(page_path("datasets"), query_params={ADDRESS: dataset.id})
    with remove.popover("Remove", icon=":material/delete:", width="stretch"):
        st.markdown("**Remove the real tables for good?**")
        st.caption("Runs and releases made from them stay. This cannot be undone.")
        sure = st.checkbox("Yes, remove them", key=f"sure_{dataset.id}")
        if st.button("Remove the dataset", key="remove", disabled=not sure):
            with guard(stop=False):
                studio().datasets.remove(actor, dataset.id)
                st.switch_page(page_path("datasets"), query_params={})


show()
