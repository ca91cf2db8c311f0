"""Releases: versions of synthetic tables with their lineage, to download and hand on."""

import streamlit as st

from app.components.links import choose_linked
from app.components.page import empty_state, guard, page_header, plain
from app.components.projects import project_or_start
from app.components.releases import (
    date_columns,
    lineage_chart,
    lineage_text,
    release_labels,
    release_name,
)
from app.navigation import may, page_path
from app.resources import studio
from app.session import require_actor, when_asked
from core.governance.policy import Actor
from core.studio.values import Project, Release, Run

FORMATS = {"csv": "CSV", "parquet": "Parquet", "json": "JSON", "sql": "SQL"}


def show() -> None:
    actor = require_actor()
    page_header(
        "Releases",
        "release",
        text="A release is one version of synthetic tables, with the way it was made.",
        icon=":material/inventory_2:",
    )
    with guard():
        project = project_or_start(actor)
        releases = studio().releases.list(actor, project.id)
        if may(actor, "release.create"):
            new_release(actor, project, releases)
        if releases:
            show_release(actor, choose(releases))
        else:
            empty_state(
                "No release yet",
                "Judge the result of a finished run first, then release it here.",
                lambda: st.page_link(
                    page_path("results"), label="See results", icon=":material/analytics:"
                ),
                icon=":material/inventory_2:",
            )


def new_release(actor: Actor, project: Project, releases: list[Release]) -> None:
    done = [r for r in studio().runs.list(actor, project.id) if r.is_judged]
    runs = {run.id: run for run in done}
    if not runs:
        return
    names = {d.id: d.name for d in studio().datasets.list(actor, project.id)}
    wanted = st.query_params.get("run")
    is_wanted = wanted in runs and not any(r.run_id == wanted for r in releases)
    with (
        st.expander("New release", icon=":material/add:", expanded=is_wanted or not releases),
        st.form("new_release", border=False),
    ):
        chosen = st.selectbox(
            "Finished run",
            list(runs),
            index=list(runs).index(wanted) if wanted in runs else 0,
            format_func=lambda key: run_label(runs[key], names),
            key="release_run",
        )
        name = st.text_input(
            "Name", value=names.get(runs[chosen].dataset_id, ""), key="release_name"
        )
        notes = st.text_area("Notes", placeholder="What it is for", key="release_notes", height=70)
        made = st.form_submit_button(
            "Create release", type="primary", icon=":material/inventory_2:"
        )
    if made:
        with guard(stop=False):
            release = studio().releases.create(actor, chosen, name.strip(), notes.strip())
            st.switch_page(page_path("releases"), query_params={"release": release.id})


def run_label(run: Run, names: dict[str, str]) -> str:
    rows = sum(run.result.get("rows", {}).values())
    dataset = names.get(run.dataset_id, "dataset")
    made = f"{run.created_at:%d %b %H:%M} · {run.id[:6]}"
    return f"{dataset} · {run.made_by.engine} · {rows:,} rows · {made}"


def choose(releases: list[Release]) -> Release:
    """Let the user choose a release; a link that names only a dataset means its newest one."""
    dataset = st.query_params.get("dataset")
    by_id = {release.id: release for release in releases}
    newest = next((r for r in releases if r.dataset_id == dataset), releases[0])
    chosen = choose_linked(
        "Release",
        "release",
        release_labels(releases),
        default=newest.id,
        key="release_choice",
        missing="The release of this address is not in this project. Another one is shown.",
    )
    if dataset and dataset != by_id[chosen].dataset_id:
        del st.query_params["dataset"]
    return by_id[chosen]


def show_release(actor: Actor, release: Release) -> None:
    st.subheader(plain(release_name(release)), anchor=False)
    st.caption(
        f"{release.state} · by {plain(release.created_by)}, "
        f"{release.created_at:%d %b %Y %H:%M} UTC · content {release.content_hash[:12]}…"
    )
    if release.notes:
        st.text(release.notes)
    show_downloads(actor, release)
    show_lineage(actor, release)
    if may(actor, "run.synthetic"):
        show_tables(actor, release)


def show_downloads(actor: Actor, release: Release) -> None:
    st.markdown("**Take it away**")
    with st.container(horizontal=True):
        formats = FORMATS if may(actor, "release.download") else {}
        for number, (key, label) in enumerate(formats.items()):
            st.link_button(
                label,
                f"/api/releases/{release.id}/download?format={key}",
                icon=":material/download:",
                type="primary" if number == 0 else "secondary",
                help=f"All tables as {label}. The download is an audit record.",
            )
        st.download_button(
            "Report (PDF)",
            when_asked(lambda actor: studio().runs.report_pdf(actor, release.run_id)),
            file_name=f"{release.name}-v{release.version}.pdf",
            mime="application/pdf",
            icon=":material/picture_as_pdf:",
            key="release_pdf",
            on_click="ignore",
        )


def show_lineage(actor: Actor, release: Release) -> None:
    edges = studio().releases.lineage(actor, release.id)
    st.markdown("**How it was made**")
    if not edges:
        st.caption("No lineage is recorded.")
        return
    datasets = studio().releases.dataset_names(actor, release.project_id)
    names = {f"dataset:{key}": name for key, name in datasets.items()}
    names[f"release:{release.id}"] = release_name(release)
    words = lineage_text(edges, names)
    alt = f"The way from the files that were read to {release_name(release)}"
    st.mermaid_chart(lineage_chart(edges, names), alt=alt)
    with st.expander("The same in words", icon=":material/notes:"):
        st.text(words)


def show_tables(actor: Actor, release: Release) -> None:
    run = studio().runs.get(actor, release.run_id)
    tables = list(run.result.get("rows", {}))
    if not tables:
        return
    st.markdown("**First rows**")
    for tab, name in zip(st.tabs([plain(name) for name in tables]), tables, strict=True):
        frame = studio().runs.synthetic(actor, release.run_id, name, 50)
        tab.dataframe(
            frame,
            hide_index=True,
            height=280,
            column_config=date_columns(frame),
            alt=f"First synthetic rows of {name}",
        )


show()
