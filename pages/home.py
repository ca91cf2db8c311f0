"""Home: where each dataset stands, its next step, and a sample to start with."""

from collections import Counter

import streamlit as st

from app.components.datasets import NEXT, card, size_line
from app.components.page import empty_state, guard, page_header, plain
from app.components.projects import project_or_start
from app.components.samples import sample_cards
from app.navigation import BY_NAME, may, may_open, page_path
from app.resources import studio
from app.session import require_actor
from core.governance.policy import Actor
from core.studio.values import Dataset, Project, Run, Stage

WAY = ("Review", "Generate", "Result", "Release")
WAITING = (Stage.REVIEW, Stage.GENERATE, Stage.RESULT)
PASSED = {
    Stage.REVIEW: 0,
    Stage.GENERATE: 1,
    Stage.TRAINING: 1,
    Stage.RESULT: 2,
    Stage.RELEASED: 4,
}


def show() -> None:
    actor = require_actor()
    page_header(
        f"Welcome, {plain(actor.name.split(' ')[0] or actor.username)}",
        text="Real tables in, judged synthetic tables out. Each dataset goes the same way.",
    )
    with guard():
        project = project_or_start(actor)
        datasets = studio().datasets.list(actor, project.id)
        if datasets:
            show_datasets(actor, project, datasets)
        elif may(actor, "dataset.import"):
            empty_state(
                f"“{plain(project.name)}” has no data yet",
                "Upload your own tables, or take one of the samples below to see the whole way.",
                lambda: st.page_link(
                    page_path("datasets"), label="Upload data", icon=":material/upload:"
                ),
                icon=":material/table_chart:",
            )
        else:
            empty_state(
                f"“{plain(project.name)}” has no data yet",
                "When its members import data, its way to a release is shown here.",
                icon=":material/table_chart:",
            )
        if may(actor, "dataset.import"):
            sample_cards(actor, project, is_first=not datasets)


def show_datasets(actor: Actor, project: Project, datasets: list[Dataset]) -> None:
    known = studio().datasets.stages(actor, project.id)
    stages = {d.id: known.get(d.id, Stage.REVIEW) for d in datasets}
    runs = studio().runs.list(actor, project.id)
    counts = Counter(stages.values())
    mine = [d for d in datasets if may_open(actor, BY_NAME[NEXT[stages[d.id]].page])]
    left, middle, right = st.columns(3)
    left.metric("Datasets", len(datasets), border=True)
    waiting = sum(stages[d.id] in WAITING for d in mine)
    middle.metric("Waiting for you", waiting, border=True, help="Their next step is a person's.")
    right.metric("Released", counts[Stage.RELEASED], border=True)
    st.subheader("Datasets and their next step", anchor=False)
    for dataset in datasets:
        show_dataset(
            dataset,
            stages[dataset.id],
            latest_result(runs, dataset.id),
            is_mine=dataset in mine,
            is_first=dataset in mine[:1],
        )


def show_dataset(
    dataset: Dataset, stage: Stage, run: Run | None, *, is_mine: bool, is_first: bool
) -> None:
    step = NEXT[stage]
    with card():
        with st.container(width="stretch", gap="xsmall"):
            st.markdown(f"**{plain(dataset.name)}**  \n:small[{way_line(stage)}]")
            st.caption(f"{size_line(dataset)} · added {dataset.created_at:%d %b %Y}")
        if not is_mine:
            return
        params = {"dataset": dataset.id}
        if stage is Stage.RESULT and run is not None:
            params["run"] = run.id
        if st.button(
            step.label,
            key=f"next_{dataset.id}",
            type="primary" if is_first else "secondary",
            icon=step.icon,
        ):
            st.switch_page(page_path(step.page), query_params=params)


def latest_result(runs: list[Run], dataset_id: str) -> Run | None:
    done = [r for r in runs if r.dataset_id == dataset_id and r.is_judged]
    return max(done, key=lambda run: run.created_at, default=None)


def way_line(stage: Stage) -> str:
    parts = [":green[:material/check_circle:\u00a0Upload]"]
    for number, name in enumerate(WAY):
        if number < PASSED[stage]:
            parts.append(f":green[:material/check_circle:\u00a0{name}]")
        elif number == PASSED[stage]:
            running = " (running)" if stage is Stage.TRAINING else ""
            parts.append(f"**:blue[:material/radio_button_checked:\u00a0{name}{running}]**")
        else:
            parts.append(f":gray[:material/radio_button_unchecked:\u00a0{name}]")
    return " › ".join(parts)


show()
