"""Datasets: add tables, see what is in them, go on to the next step, or remove them."""

import streamlit as st

from app.components.datasets import NEXT, choose_table, counted, next_step_button, size_line
from app.components.page import guard, page_header, plain
from app.components.profile import overview, show_associations, show_columns
from app.components.projects import project_or_start
from app.components.upload import FORMATS, choose_files, import_uploads, suggested_name
from app.navigation import page_path
from app.resources import studio
from app.session import current_project, require_actor
from core.governance.policy import Actor
from core.studio.values import Dataset, Project, Stage

FIRST_ROWS = 100
TABS = ("Columns", "What goes together", "First rows")


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
    show_upload(actor, project)
    if datasets:
        show_list(actor, project, datasets)
    show_samples(actor, project, is_first=not datasets)


def show_upload(actor: Actor, project: Project) -> None:
    with st.container(border=True):
        st.subheader("Add your own tables", anchor=False)
        files = choose_files()
        if not files:
            st.caption(FORMATS)
            return
        names = ", ".join(file.name for file in files)
        name = st.text_input(
            "Name of the dataset", suggested_name(files), max_chars=200, key=f"name_of_{names}"
        )
        label = f"Import {counted(len(files), 'file')}"
        if st.button(label, key="import", type="primary", icon=":material/upload:"):
            with guard(stop=False), st.spinner("Reading, describing and encrypting the tables"):
                dataset = import_uploads(actor, project.id, name, files)
                go_on(dataset)


def show_samples(actor: Actor, project: Project, *, is_first: bool) -> None:
    samples = studio().datasets.samples()
    if not samples:
        return
    st.subheader("Or take a sample", anchor=False)
    st.caption("Invented data that ships with the studio, to try the whole way with one click.")
    for number, (column, sample) in enumerate(zip(st.columns(len(samples)), samples, strict=True)):
        with column.container(border=True, height="stretch"):
            st.markdown(f"**{sample.title}**")
            st.caption(sample.summary)
            st.space("stretch")
            kind = "primary" if is_first and number == 0 else "secondary"
            if st.button("Use this sample", key=f"sample_{sample.key}", type=kind, width="stretch"):
                with guard(stop=False), st.spinner("Reading and encrypting the tables"):
                    go_on(studio().datasets.import_sample(actor, project.id, sample.key))


def go_on(dataset: Dataset) -> None:
    page = "review" if dataset.open_columns else "datasets"
    st.switch_page(page_path(page), query_params={"dataset": dataset.id})


def show_list(actor: Actor, project: Project, datasets: list[Dataset]) -> None:
    stages = studio().datasets.stages(actor, project.id)
    st.subheader("In this project", anchor=False)
    for number, dataset in enumerate(datasets):
        stage = stages.get(dataset.id, Stage.REVIEW)
        with st.container(border=True, key=f"dataset_{dataset.id}"):
            text, look, step = st.columns([3, 1, 1.4], vertical_alignment="center")
            text.markdown(f"**{plain(dataset.name)}**")
            text.caption(
                f"{size_line(dataset)} · {NEXT[stage].state} · added "
                f"{dataset.created_at:%d %b %Y} by {plain(dataset.created_by)}"
            )
            if look.button("Look inside", key=f"open_{dataset.id}", width="stretch"):
                st.switch_page(page_path("datasets"), query_params={"dataset": dataset.id})
            with step:
                next_step_button(dataset, stage, key=f"next_{dataset.id}", is_primary=number == 0)


def show_dataset(actor: Actor, dataset: Dataset) -> None:
    stage = studio().datasets.stage(actor, dataset.id)
    page_header(plain(dataset.name), "upload", icon=":material/table_chart:")
    text, step = st.columns([3, 1.4], vertical_alignment="center")
    text.caption(
        f"{size_line(dataset)} · from {plain(', '.join(dataset.sources))} · added "
        f"{dataset.created_at:%d %b %Y} by {plain(dataset.created_by)} · content "
        f"`{dataset.content_hash[:12]}`"
    )
    with step:
        next_step_button(dataset, stage, key="next_step", is_primary=True)
    if dataset.open_columns:
        st.info(
            f"{counted(len(dataset.open_columns), 'column')} may hold personal data and "
            "must be settled in the review before anything can be generated.",
            icon=":material/rule:",
        )
    show_tables(actor, dataset)
    show_footer(actor, dataset)


def show_tables(actor: Actor, dataset: Dataset) -> None:
    profiles = studio().datasets.profile(actor, dataset.id)
    findings = studio().datasets.findings(actor, dataset.id)
    name = choose_table(dataset, key=f"table_{dataset.id}")
    profile, found = profiles[name], findings.get(name, {})
    overview(profile, found)
    columns, together, rows = st.tabs(TABS, key="tab", bind="query-params")
    if columns.open:
        with columns:
            show_columns(profile, found, key=f"{dataset.id}_{name}")
    if together.open:
        with together:
            show_associations(profile)
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
    back, remove = st.columns([3, 1], vertical_alignment="center")
    if back.button("All datasets", key="all_datasets", icon=":material/arrow_back:"):
        st.switch_page(page_path("datasets"), query_params={})
    with remove.popover("Remove", icon=":material/delete:", width="stretch"):
        st.markdown("**Remove the real tables for good?**")
        st.caption("Runs and releases made from them stay. This cannot be undone.")
        sure = st.checkbox("Yes, remove them", key=f"sure_{dataset.id}")
        if st.button("Remove the dataset", key="remove", disabled=not sure):
            with guard(stop=False):
                studio().datasets.remove(actor, dataset.id)
                st.switch_page(page_path("datasets"), query_params={})


show()
