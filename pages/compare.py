"""Compare: up to five runs of a dataset side by side, so that the right one is released."""

from collections.abc import Mapping, Sequence

import streamlit as st

from app.components.compare import show_comparison
from app.components.engine_words import engine_title
from app.components.links import choose_linked
from app.components.page import empty_state, guard, page_header
from app.components.projects import project_or_start
from app.navigation import may, page_path
from app.resources import studio
from app.session import require_actor
from core.governance.policy import Actor
from core.studio.comparison import MOST_RUNS, Comparison
from core.studio.values import Run

USUAL = 3
PARAM, KEY = "runs", "compare_runs"
FOUND_KEY = "compare_found"


def show() -> None:
    actor = require_actor()
    page_header(
        "Compare",
        "result",
        text="Put runs of one dataset side by side before one of them is released.",
        icon=":material/compare:",
    )
    with guard():
        project = project_or_start(actor)
        done = [r for r in studio().runs.list(actor, project.id) if r.is_judged]
        if len(done) < 2:
            show_too_few(actor, len(done))
            return
        dataset = choose_dataset(actor, project.id, done)
        runs = {run.id: run for run in done if run.dataset_id == dataset}
        chosen = choose_runs(runs)
        if len(chosen) < 2:
            st.info("Choose at least two runs.", icon=":material/compare:")
            return
        show_comparison(compared(actor, chosen))


def show_too_few(actor: Actor, count: int) -> None:
    def action() -> None:
        if may(actor, "run.submit"):
            icon = ":material/auto_awesome:"
            st.page_link(page_path("generate"), label="Generate synthetic data", icon=icon)

    empty_state(
        "Nothing to compare yet",
        "One run has a result; a second one is needed." if count else "No run has a result yet.",
        action,
        icon=":material/compare:",
    )


def choose_dataset(actor: Actor, project_id: str, done: Sequence[Run]) -> str:
    """Let the user choose whose runs are compared; runs of the address say so themselves."""
    names = studio().releases.dataset_names(actor, project_id)
    counts = {key: sum(r.dataset_id == key for r in done) for key in {r.dataset_id for r in done}}
    labels = {
        key: f"{names.get(key, 'removed dataset')} · {count} {'run' if count == 1 else 'runs'}"
        for key, count in sorted(counts.items(), key=lambda found: -found[1])
    }
    labels = {
        key: label if list(labels.values()).count(label) == 1 else f"{label} · {key[:6]}"
        for key, label in labels.items()
    }
    asked = set(_asked())
    named = next((run.dataset_id for run in done if run.id in asked), next(iter(labels)))
    if len(labels) == 1:
        return named
    return choose_linked("Dataset", "dataset", labels, default=named, key="compare_dataset")


def choose_runs(runs: Mapping[str, Run]) -> list[str]:
    """Let the user choose runs; the address has them, so that the comparison can be passed on."""
    known = [key for key in _asked() if key in runs][:MOST_RUNS]
    if PARAM not in st.query_params or (not known and _asked()):
        known = list(runs)[:USUAL]
        st.query_params[PARAM] = ",".join(known)
    if st.session_state.get(KEY) != known:
        st.session_state[KEY] = known
    labels = {key: run_label(run) for key, run in runs.items()}
    st.multiselect(
        f"Runs, at most {MOST_RUNS}",
        list(runs),
        format_func=lambda key: labels.get(key, key),
        max_selections=MOST_RUNS,
        key=KEY,
        on_change=follow_choice,
        placeholder="Choose runs",
    )
    return known


def follow_choice() -> None:
    st.query_params[PARAM] = ",".join(st.session_state[KEY])


def _asked() -> list[str]:
    return [key for key in st.query_params.get(PARAM, "").split(",") if key]


def run_label(run: Run) -> str:
    ended = run.ended_at or run.created_at
    return f"{engine_title(run.made_by.engine)} · {ended:%d %b %H:%M} · {run.id[:6]}"


def compared(actor: Actor, chosen: Sequence[str]) -> Comparison:
    """Compare once for each choice; the reports of finished runs do not change."""
    known = st.session_state.get(FOUND_KEY)
    wanted = (actor.user_id, tuple(chosen))
    if known is None or known[0] != wanted:
        known = (wanted, studio().runs.compare(actor, list(chosen)))
        st.session_state[FOUND_KEY] = known
    return known[1]


show()
