"""Runs as people see them: a card with true progress, and the strip that every page carries.

Both are fragments: they refresh themselves while something is under way, without the page.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import streamlit as st

from app.components.page import guard
from app.memory import remembered
from app.navigation import may, page_path
from app.resources import RESOURCES, studio
from app.session import require_actor
from core.governance.policy import Actor
from core.studio.values import Run, RunState

STAGES = ("prepare", "fit", "sample", "evaluate")
LIVE_S, IDLE_S = 2.0, 20.0
LOOKS = {
    RunState.QUEUED: ("Waiting", ":material/hourglass_empty:", "gray"),
    RunState.RUNNING: ("Running", ":material/progress_activity:", "blue"),
    RunState.DONE: ("Done", ":material/check_circle:", "green"),
    RunState.FAILED: ("Failed", ":material/error:", "red"),
    RunState.CANCELLED: ("Cancelled", ":material/cancel:", "gray"),
    RunState.INTERRUPTED: ("Interrupted", ":material/power_off:", "orange"),
}


def jobs_strip(actor: Actor | None = None) -> None:
    """Show what runs, waits and has ended since the last look; refreshes itself.

    ``actor`` is who the page is for, when the caller knows; later refreshes ask again, since the
    session may have ended in between.
    """
    actor = actor or require_actor()
    if not may(actor, "run.active"):
        return
    is_busy = any(not run.state.is_over for run in active_runs(actor))
    st.fragment(_strip, run_every=LIVE_S if is_busy else IDLE_S)(is_busy)


def active_runs(actor: Actor) -> Sequence[Run]:
    """Return what is under way and what ended last in the actor's projects."""
    return remembered(("active", actor.user_id), lambda: studio().runs.active(actor))


def _strip(was_busy: bool) -> None:
    actor = require_actor()
    with guard(stop=False):
        runs = active_runs(actor)
        under_way = [run for run in runs if not run.state.is_over]
        _strip_of(under_way, unseen(actor, runs))
        if bool(under_way) != was_busy:
            st.rerun()


def _strip_of(under_way: Sequence[Run], ended: Sequence[Run]) -> None:
    label = strip_text(under_way, ended)
    if not label:
        st.caption(":material/check: No jobs under way")
        return
    icon = ":material/progress_activity:" if under_way else ":material/notifications:"
    st.page_link(page_path("jobs"), label=label, icon=icon)
    for run in under_way:
        if run.state is RunState.RUNNING:
            st.progress(fraction(run), text=f":small[{stage_text(run)}]")


def strip_text(under_way: Sequence[Run], ended: Sequence[Run]) -> str:
    """Say how many runs are in which state, in a few words; empty when there is nothing."""
    running = sum(run.state is RunState.RUNNING for run in under_way)
    counts = {"running": running, "waiting": len(under_way) - running}
    for run in ended:
        word = LOOKS[run.state][0].lower()
        counts[word] = counts.get(word, 0) + 1
    return ", ".join(f"{count} {word}" for word, count in counts.items() if count)


def unseen(actor: Actor, runs: Iterable[Run]) -> list[Run]:
    """Return the runs that have ended since the actor's last look, also before a reload.

    What had ended before they first came counts as seen.
    """
    ended = [run for run in runs if run.state.is_over]
    seen = RESOURCES.seen_runs.setdefault(actor.user_id, {run.id for run in ended})
    return [run for run in ended if run.id not in seen]


def mark_seen(actor: Actor, runs: Iterable[Run]) -> None:
    """Remember that the actor has looked at these runs."""
    ended = {run.id for run in runs if run.state.is_over}
    RESOURCES.seen_runs.setdefault(actor.user_id, set()).update(ended)


def fraction(run: Run) -> float:
    """Share of the present stage that is done, from 0 to 1."""
    progress = run.progress
    return min(max(progress.done / progress.total, 0.0), 1.0) if progress.total > 0 else 0.0


def stage_text(run: Run) -> str:
    """Say in words where a running run is."""
    progress = run.progress
    if not progress.stage:
        return "Starting"
    share = f" {fraction(run):.0%}" if progress.total > 0 else ""
    return f"{progress.stage.capitalize()}{share}"


def steps_line(run: Run) -> str:
    """Show the four stages in a line: done, under way, to come; a word or sign for each."""
    stage = run.progress.stage
    here = STAGES.index(stage) if stage in STAGES else -1
    if run.state is RunState.DONE:
        here = len(STAGES)
    parts = []
    for number, name in enumerate(STAGES):
        label = name.capitalize()
        if number < here:
            parts.append(f":green[:material/check_circle: {label}]")
        elif number > here:
            parts.append(f":gray[:material/radio_button_unchecked: {label}]")
        elif run.state is RunState.RUNNING:
            parts.append(f"**:blue[:material/radio_button_checked: {label}]**")
        else:
            parts.append(f":red[:material/block: {label}]")
    return " › ".join(parts)


def state_badge(run: Run) -> None:
    """Show a run's state as a word with a sign and a colour."""
    word, icon, color = LOOKS[run.state]
    st.badge(word, icon=icon, color=color)


def elapsed_s(run: Run) -> float:
    """Seconds that a run has taken, until now or its end; 0 while it waits."""
    if run.started_at is None:
        return 0.0
    end = run.ended_at or datetime.now(UTC).replace(tzinfo=None)
    return max((end - run.started_at).total_seconds(), 0.0)


def duration(seconds: float) -> str:
    """Write a time span for people, with two units at most."""
    if 0 < seconds < 0.5:
        return "under 1 s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
