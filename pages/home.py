"""Home: where each dataset stands, its next step, and a sample to start with."""

from collections import Counter

import streamlit as st

from app.components.datasets import NEXT, size_line
from app.components.page import empty_state, guard, page_header, plain
from app.components.projects import project_or_start
from app.components.samples import sample_cards
from app.navigation import BY_NAME, may, may_open, page_path
from app.resources import studio
from app.session import require_actor
from core.governance.policy import Actor
from core.studio.values import Dataset, Project, Run, RunState, Stage

WAY = ("Review", "Generate", "Result", "Release")
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
            empty_state(f"“{plain(project.name)}” has no data yet", "There is nothing to look at.")
        if may(actor, "dataset.import"):
            sample_cards(actor, project, is_first=not datasets)


def show_datasets(actor: Actor, project: Project, datasets: list[Dataset]) -> None:
    stages = studio().datasets.stages(actor, project.id)
    runs = studio().runs.list(actor, project.id)
    counts = Counter(stages.values())
    waiting = counts[Stage.REVIEW] + counts[Stage.GENERATE] + counts[Stage.RESULT]
    left, middle, right = st.columns(3)
    left.metric("Datasets", len(datasets), border=True)
    middle.metric("Waiting for you", waiting, border=True)
    right.metric("Released", counts[Stage.RELEASED], border=True)
    st.subheader("Datasets and their next step", anchor=False)
    for number, dataset in enumerate(datasets):
        stage = stages.get(dataset.id, Stage.REVIEW)
        show_dataset(actor, dataset, stage, latest_result(runs, dataset.id), is_first=number == 0)


def show_dataset(
    actor: Actor, dataset: Dataset, stage: Stage, run: Run | None, *, is_first: bool
) -> None:
    step = NEXT[stage]
    with st.container(border=True):
        left, right = st.columns([3, 1.2], vertical_alignment="center")
        left.markdown(f"**{plain(dataset.name)}**  \n:small[{way_line(stage)}]")
        left.caption(f"{size_line(dataset)} · added {dataset.created_at:%d %b %Y}")
        if not may_open(actor, BY_NAME[step.page]):
            return
        params = {"dataset": dataset.id}
        if stage is Stage.RESULT and run is not None:
            params["run"] = run.id
        if right.button(
            step.label,
            key=f"next_{dataset.id}",
            type="primary" if is_first else "secondary",
            icon=step.icon,
            width="stretch",
        ):
            st.switch_page(page_path(step.page), query_params=params)


def latest_result(runs: list[Run], dataset_id: str) -> Run | None:
    done = [r for r in runs if r.dataset_id == dataset_id and r.state is RunState.DONE]
    return max(done, key=lambda run: run.created_at, default=None)


def way_line(stage: Stage) -> str:
    parts = [":green[:material/check_circle: Upload]"]
    for number, name in enumerate(WAY):
        if number < PASSED[stage]:
            parts.append(f":green[:material/check_circle: {name}]")
        elif number == PASSED[stage]:
            running = " (running)" if stage is Stage.TRAINING else ""
            parts.append(f"**:primary[:material/radio_button_checked: {name}{running}]**")
        else:
            parts.append(f":gray[:material/radio_button_unchecked: {name}]")
    return " › ".join(parts)


show()
