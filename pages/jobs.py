"""Jobs: runs that wait, work or have ended; cancel, run again, read the log."""

from collections.abc import Mapping, Sequence

import streamlit as st

from app.components.again import again_buttons
from app.components.asked import show_asked
from app.components.contest import say_maker, show_contest
from app.components.engine_words import engine_titles
from app.components.jobs import (
    LIVE_S,
    duration,
    elapsed_s,
    fraction,
    mark_seen,
    stage_text,
    state_badge,
    steps_line,
)
from app.components.page import empty_state, guard, page_header, plain
from app.components.projects import project_or_start
from app.components.promise import epsilon_asked, figure
from app.components.sweep import SEARCH
from app.components.training_curves import training_curves
from app.memory import remembered
from app.navigation import may, page_path
from app.resources import studio
from app.session import require_actor, when_asked
from core.errors import StudioError
from core.governance.policy import Actor
from core.studio.values import Purpose, Run, RunState

SHOWN_ENDED = 20
KEPT = "It was broken off. Candidates that had finished are kept: run it again to go on from them."
ADVICE = {
    RunState.INTERRUPTED: "The studio stopped while this ran. Run it again with one click.",
    RunState.CANCELLED: "It was cancelled, and nothing of it was kept.",
}


def show() -> None:
    actor = require_actor()
    page_header(
        "Jobs",
        text="Runs go on when you leave this page or close the browser.",
        icon=":material/pending_actions:",
    )
    with guard():
        project = project_or_start(actor)
        runs = runs_of(actor, project.id)
        is_busy = any(not run.state.is_over for run in runs)
        every = LIVE_S if is_busy else None
        st.fragment(show_runs, run_every=every)(project.id, is_busy)


def show_runs(project_id: str, was_busy: bool) -> None:
    actor = require_actor()
    with guard():
        runs = runs_of(actor, project_id)
        names = {d.id: d.name for d in studio().datasets.list(actor, project_id)}
        if was_busy and all(run.state.is_over for run in runs):
            st.rerun()
        mark_seen(actor, runs)
        if not runs:
            show_nothing()
            return
        linked = next((run for run in runs if run.id == st.query_params.get("run")), None)
        show_under_way(actor, runs, names, linked)
        show_ended(actor, runs, names, linked)


def runs_of(actor: Actor, project_id: str) -> Sequence[Run]:
    return remembered(("runs", project_id), lambda: studio().runs.list(actor, project_id))


def show_nothing() -> None:
    empty_state(
        "No runs yet",
        "A run fits a generator to a dataset and samples synthetic rows from it.",
        lambda: st.page_link(
            page_path("generate"), label="Generate synthetic data", icon=":material/auto_awesome:"
        ),
        icon=":material/pending_actions:",
    )


def show_under_way(
    actor: Actor, runs: Sequence[Run], names: Mapping[str, str], linked: Run | None
) -> None:
    running = [run for run in runs if run.state is RunState.RUNNING]
    waiting = sorted((r for r in runs if r.state is RunState.QUEUED), key=lambda r: r.created_at)
    if not running and not waiting:
        return
    st.subheader("Under way", anchor=False)
    for run in sorted(running, key=lambda run: run is not linked):
        show_running(actor, run, names)
    for place, run in enumerate(waiting, start=1):
        show_waiting(actor, run, names, place)


def show_running(actor: Actor, run: Run, names: Mapping[str, str]) -> None:
    with st.container(border=True, key=f"run_{run.id}"):
        show_head(actor, run, names)
        st.markdown(steps_line(run))
        st.progress(fraction(run), text=note_text(run) or stage_text(run))
        left, middle, right = st.columns(3)
        show_spent(run)
        left.metric("Elapsed", duration(elapsed_s(run)))
        seconds, basis = expected(actor, run)
        middle.metric("Expected", duration(seconds) if seconds else "–", help=basis)
        memory = run.progress.memory_mb
        right.metric("Memory", f"{memory:,.0f} MiB" if memory else "–")
        show_contest(actor, run, brief=True)
        curves(run)


def note_text(run: Run) -> str:
    """Return what a run says it is doing; a generator it tries is called by its title."""
    name, mark, rest = run.progress.note.partition(": ")
    titles = engine_titles()
    if mark and name in titles:
        return plain(f"{titles[name]}: {rest.removeprefix(f'{run.progress.stage}: ')}")
    return plain(run.progress.note)


def show_spent(run: Run) -> None:
    """Show how much of its promise a run with a formal guarantee has spent so far."""
    asked = epsilon_asked(run)
    if asked is None:
        return
    spent = run.progress.epsilon_spent or 0.0
    st.progress(
        min(spent / asked, 1.0),
        text=f":material/verified_user: ε {figure(spent)} spent so far of {figure(asked)} asked. "
        "The ledger stops what would pass it.",
    )


def show_waiting(actor: Actor, run: Run, names: Mapping[str, str], place: int) -> None:
    with st.container(border=True, key=f"run_{run.id}"):
        show_head(actor, run, names)
        st.markdown(f"Number {place} in the queue. It starts when a worker is free.")


def show_head(actor: Actor, run: Run, names: Mapping[str, str]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{title(run, names)}**", width="content")
        state_badge(run)
        if not run.state.is_over:
            st.space("stretch")
            show_cancel(actor, run)
    again = " · run again" if run.retry_of else ""
    again += f" · model of run {run.spec.model_of[:6]}" if run.spec.model_of else ""
    who = plain(run.created_by)
    st.caption(f"Seed {run.spec.seed} · by {who}, {run.created_at:%d %b %H:%M} UTC{again}")


def show_cancel(actor: Actor, run: Run) -> None:
    if not may(actor, "run.cancel"):
        return
    if st.button("Cancel", icon=":material/stop_circle:", key=f"cancel_{run.id}"):
        with guard(stop=False):
            studio().runs.cancel(actor, run.id)
            st.toast("Cancelling; its process ends within two seconds.")


def show_ended(
    actor: Actor, runs: Sequence[Run], names: Mapping[str, str], linked: Run | None
) -> None:
    ended = [run for run in runs if run.state.is_over]
    if not ended:
        return
    st.subheader("Ended", anchor=False)
    first = linked if linked in ended else ended[0]
    for run in sorted(ended, key=lambda run: run is not linked)[:SHOWN_ENDED]:
        show_ended_run(actor, run, names, is_open=run is first)
    if len(ended) > SHOWN_ENDED:
        st.caption(f"The last {SHOWN_ENDED} of {len(ended)} are shown.")


def show_ended_run(actor: Actor, run: Run, names: Mapping[str, str], *, is_open: bool) -> None:
    with st.container(border=True, key=f"run_{run.id}"):
        show_head(actor, run, names)
        if run.state is RunState.FAILED:
            st.error(plain(run.error), icon=":material/error:")
        elif run.is_withheld:
            st.error(
                f"**More privacy was spent than promised.** {plain(run.error)}",
                icon=":material/gpp_bad:",
            )
        elif run.state in ADVICE:
            advice = ADVICE[run.state] if run.spec.contest is None else KEPT
            st.info(advice, icon=":material/info:")
        else:
            st.caption(summary(run))
            show_asked(run, brief=not is_open)
            say_maker(run)
        if run.state is not RunState.DONE:
            say_what_stays_spent(run)
            show_contest(actor, run, brief=True)
        show_buttons(actor, run, is_primary=is_open)
        if is_open and run.progress.history:
            curves(run)


def say_what_stays_spent(run: Run) -> None:
    """Say what a private run without a result has cost, before it is run again with one click."""
    asked = epsilon_asked(run)
    if asked is None:
        return
    st.warning(
        f"The ε {figure(asked)} set aside for this run stays spent: nobody can say what it had "
        f"drawn until then. Running it again spends ε {figure(asked)} more of the budget.",
        icon=":material/account_balance_wallet:",
    )


def curves(run: Run) -> None:
    """Draw what the engine at work told of its training."""
    meanings = {engine.name: engine.figures for engine in studio().runs.engines()}
    is_one = run.spec.purpose in (Purpose.TABLES, Purpose.AUGMENT) and "failed" not in run.result
    engine = run.result.get("engine", run.spec.engine if is_one else "")
    training_curves(run, meanings.get(engine, {}))


def show_buttons(actor: Actor, run: Run, *, is_primary: bool) -> None:
    kind = "primary" if is_primary else "secondary"
    with st.container(horizontal=True):
        if run.spec.purpose is Purpose.SWEEP and run.state is RunState.DONE:
            icon = ":material/show_chart:"
            if st.button("See the curve", icon=icon, type=kind, key=f"sweep_{run.id}"):
                params = {"dataset": run.dataset_id, "part": SEARCH}
                st.switch_page(page_path("budget"), query_params=params)
        elif run.is_judged:
            icon = ":material/analytics:"
            if st.button("See the result", icon=icon, type=kind, key=f"result_{run.id}"):
                params = {"run": run.id, "dataset": run.dataset_id}
                st.switch_page(page_path("results"), query_params=params)
        elif run.state is not RunState.DONE and may(actor, "run.retry"):
            icon = ":material/replay:"
            if st.button("Run again", icon=icon, type=kind, key=f"retry_{run.id}"):
                with guard(stop=False):
                    st.query_params["run"] = studio().runs.retry(actor, run.id).id
                    st.rerun()
        again_buttons(actor, run)
        if may(actor, "run.log"):
            st.download_button(
                "Log",
                when_asked(lambda actor: studio().runs.log(actor, run.id)),
                file_name=f"run-{run.id}.log",
                mime="text/plain",
                icon=":material/download:",
                key=f"log_{run.id}",
                on_click="ignore",
            )


def summary(run: Run) -> str:
    result = run.result
    rows = ", ".join(f"{count:,} rows of {table}" for table, count in result["rows"].items())
    parts = [plain(rows) or "Several ε were tried", f"took {duration(elapsed_s(run))}"]
    if "privacy" in result:
        spent = figure(float(result["privacy"]["ledger"]["spent_epsilon"]))
        parts.append("free of privacy" if run.spec.model_of else f"spent ε {spent}")
    if "peak_mb" in result:
        parts.append(f"peak memory {result['peak_mb']:,.0f} MiB")
    return " · ".join(parts)


def title(run: Run, names: Mapping[str, str]) -> str:
    titles = engine_titles()
    dataset = plain(names.get(run.dataset_id, "Removed dataset"))
    engine = run.made_by.engine
    maker = plain(titles.get(engine, engine))
    if run.spec.contest is not None:
        tried = f"{len(run.spec.contest.engines)} generators"
        is_won = run.state is RunState.DONE
        return f"{dataset} · {f'{maker}, best of {tried}' if is_won else f'Best of {tried}'}"
    return f"{dataset} · {maker}"


def expected(actor: Actor, run: Run) -> tuple[float, str]:
    """Seconds that the run should take, asked once a run, and what the figure rests on."""
    known: dict[str, tuple[float, str]] = st.session_state.setdefault("expected", {})
    if run.id not in known:
        try:
            estimate = studio().runs.estimate(actor, run.dataset_id, run.spec)
            known[run.id] = (estimate.seconds, estimate.basis)
        except StudioError:
            known[run.id] = (0.0, "There is no estimate for this run.")
    return known[run.id]


show()
