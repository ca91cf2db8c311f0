"""A blueprint on the page: where to start, what is wrong with it, its tables and first rows."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
import streamlit as st

from app.components.datasets import counted
from app.components.page import plain
from app.components.releases import date_columns
from core.data.scratch import path_of, scratch
from core.governance.policy import Actor
from core.studio.blueprints import Blueprints, BlueprintTable
from core.studio.datasets import Datasets
from core.studio.downloads import Download
from core.studio.values import Dataset

TEXT_KEY = "blueprint_text"
CHOICE_KEY = "blueprint_template"
MOST_COLUMNS = 12


def choose_start(blueprints: Blueprints) -> None:
    """Offer the templates and a file; what is chosen goes into the editor."""
    templates = {template.key: template for template in blueprints.templates()}
    if TEXT_KEY not in st.session_state:
        st.session_state[TEXT_KEY] = blueprints.text(next(iter(templates)))
    chosen = st.segmented_control(
        "Start from",
        list(templates),
        format_func=lambda key: templates[key].title,
        default=next(iter(templates)),
        key=CHOICE_KEY,
        on_change=lambda: _take_template(blueprints),
        help="Taking another one replaces what is in the editor.",
    )
    if chosen:
        st.caption(templates[chosen].summary)
    file = st.file_uploader(
        "Or a blueprint of your own", type=["yaml", "yml"], key="blueprint_file", max_upload_size=1
    )
    if file is not None and st.session_state.get("blueprint_taken") != file.file_id:
        st.session_state["blueprint_taken"] = file.file_id
        st.session_state[TEXT_KEY] = file.getvalue().decode("utf-8", errors="replace")


def _take_template(blueprints: Blueprints) -> None:
    if key := st.session_state.get(CHOICE_KEY):
        st.session_state[TEXT_KEY] = blueprints.text(key)


def show_problems(problems: Sequence[str]) -> None:
    """List everything that is wrong."""
    with st.container(border=True):
        st.markdown(f"**:material/edit_off: {counted(len(problems), 'thing')} to mend**")
        st.markdown("\n".join(f"- {plain(problem)}" for problem in problems))


def choose_rows(tables: Sequence[BlueprintTable]) -> dict[str, int]:
    """Ask for the rows of the tables whose rows do not follow from another's."""
    roots = [table for table in tables if not table.per]
    rows = {}
    for column, table in zip(st.columns(max(len(roots), 2)), roots, strict=False):
        rows[table.name] = column.number_input(
            f"Rows of {plain(table.name)}",
            min_value=1,
            max_value=1_000_000,
            value=table.rows,
            key=f"blueprint_rows_{table.name}",
        )
    follow = [table for table in tables if table.per]
    if follow:
        st.caption(
            "; ".join(
                f"{plain(t.name)}: about {t.mean:g} for each row of {plain(t.per)}" for t in follow
            )
            + "."
        )
    return rows


def show_tables(tables: Sequence[BlueprintTable], frames: Mapping[str, pd.DataFrame]) -> None:
    """Show the first rows of each table."""
    tabs = st.tabs([f"{plain(table.name)} · {len(table.columns)} columns" for table in tables])
    for tab, table in zip(tabs, tables, strict=True):
        frame = frames[table.name]
        tab.dataframe(
            frame,
            hide_index=True,
            height=300,
            column_config=date_columns(frame),
            alt=f"The first {len(frame)} made-up rows of {table.name}.",
        )


def import_made(
    datasets: Datasets, actor: Actor, project_id: str, name: str, made: Download
) -> Dataset:
    """Import what was made as a dataset, in the way of an upload."""
    with scratch() as copy:
        for chunk in made.chunks:
            copy.write(chunk)
        copy.flush()
        files = [(made.filename, Path(path_of(copy)))]
        return datasets.import_files(actor, project_id, name, files)
