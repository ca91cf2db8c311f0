"""A contest of engines as people see it: who is at work, how each did, and why the winner won."""

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from app.components.charts import BLUE, GRAY, show_chart
from app.components.engine_words import engine_titles
from app.components.estimate import memory_text
from app.components.jobs import duration
from app.components.page import plain
from app.resources import studio
from core.evaluation.values import Score
from core.evaluation.words import LEVELS
from core.governance.policy import Actor
from core.studio.contests import WEIGHTS, ContestOutcome, Tried
from core.studio.values import Purpose, Run, RunState

NOT_MEASURED = "not measured"


def show_contest(actor: Actor, run: Run, *, brief: bool = False) -> None:
    """Show the candidates of a run that tried several engines; nothing for other runs."""
    if run.spec.purpose is not Purpose.CONTEST:
        return
    outcome = studio().contests.get(actor, run.id)
    titles = engine_titles()
    if brief:
        st.markdown(progress_lines(outcome, titles))
        return
    st.subheader("The generators that were tried", anchor=False)
    if outcome.why:
        st.markdown(f":material/trophy: {with_titles(outcome.why, titles)}")
    if outcome.tried:
        _show_table(outcome, titles)
        _show_scores(outcome, titles, run.id)
    for engine, why in outcome.failed.items():
        st.caption(f":material/error: {plain(titles.get(engine, engine))}: {plain(why)}")


def with_titles(text: str, titles: Mapping[str, str]) -> str:
    """Call the generators that a sentence names by their titles."""
    for name, title in titles.items():
        text = text.replace(f"`{name}`", f"**{plain(title)}**")
    return text


def progress_lines(outcome: ContestOutcome, titles: Mapping[str, str]) -> str:
    """Return a line for each candidate: finished with its score, failed, at work or to come."""
    lines = []
    for one in outcome.tried:
        score = f"score {one.score:.3f}" if one.score is not None else ""
        if one.rejected:
            score = "fails on privacy"
        took = duration(one.seconds + one.evaluate_s)
        lines.append(
            f":green[:material/check_circle: {_title(one.engine, titles)}] {score}, {took}"
        )
    lines += [
        f":red[:material/error: {_title(engine, titles)}] did not come through"
        for engine in outcome.failed
    ]
    is_running = outcome.run.state is RunState.RUNNING
    for place, engine in enumerate(outcome.waiting):
        name = _title(engine, titles)
        if place == 0 and is_running:
            lines.append(f"**:blue[:material/radio_button_checked: {name}]** at work")
        else:
            lines.append(f":gray[:material/radio_button_unchecked: {name}]")
    return "  \n".join(lines)


def candidates_frame(outcome: ContestOutcome, titles: Mapping[str, str]) -> pd.DataFrame:
    """Return the finished candidates with their figures, the best first."""
    rows = [
        {
            "Generator": f"{'★ ' if one.engine == outcome.winner else ''}"
            f"{titles.get(one.engine, one.engine)}",
            "Score": "–" if one.score is None else f"{one.score:.3f}",
            "Fidelity": _figure(one.fidelity),
            "Utility": _figure(one.utility),
            "Privacy": _figure(one.privacy),
            "Verdict": LEVELS[one.level],
            "Time": duration(one.seconds),
            "CPU": f"{one.cpu_s:,.1f} s",
            "Memory": NOT_MEASURED if one.peak_mb is None else memory_text(one.peak_mb),
            "Cannot win": one.rejected,
        }
        for one in outcome.tried
    ]
    frame = pd.DataFrame(rows)
    return frame if any(frame["Cannot win"]) else frame.drop(columns="Cannot win")


def _show_table(outcome: ContestOutcome, titles: Mapping[str, str]) -> None:
    frame = candidates_frame(outcome, titles)
    st.dataframe(
        frame,
        hide_index=True,
        height="content",
        column_config={"Generator": st.column_config.TextColumn(pinned=True)},
        alt="The generators that were tried, with score, figures, time and memory",
    )
    parts = ", ".join(f"{name} {weight:.0%}" for name, weight in WEIGHTS.items())
    st.caption(
        f"All on the same rows with the same seed, judged quickly. Score: {parts}. Fidelity and "
        "utility are shares of the way from chance to fresh real rows, 1 is best; time is of "
        "fitting and making rows. Memory is of the process, libraries included."
    )


def _show_scores(outcome: ContestOutcome, titles: Mapping[str, str], run_id: str) -> None:
    known = [one for one in outcome.tried if one.score is not None][::-1]
    if len(known) < 2:
        return
    frame = pd.DataFrame(
        {
            "Generator": [titles.get(one.engine, one.engine) for one in known],
            "Score": [one.score for one in known],
        }
    )
    alt = "Scores: " + "; ".join(f"{_title(one.engine, titles)} {one.score:.3f}" for one in known)
    show_chart(
        scores_chart(known, outcome.winner, titles),
        alt,
        frame,
        key=f"contest_{run_id}",
        height=64 + 34 * len(known),
    )


def scores_chart(known: list[Tried], winner: str, titles: Mapping[str, str]) -> go.Figure:
    """Draw a bar for each candidate's score; the winner's has a colour and a star."""
    names = [
        f"{'★ ' if one.engine == winner else ''}{titles.get(one.engine, one.engine)}"
        for one in known
    ]
    figure = go.Figure()
    figure.add_bar(
        x=[one.score for one in known],
        y=names,
        orientation="h",
        text=[f"{one.score:.3f}" for one in known],
        textposition="outside",
        cliponaxis=False,
        marker={"color": [BLUE if one.engine == winner else GRAY for one in known]},
        hovertemplate="%{y}: %{x:.3f}<extra></extra>",
    )
    figure.update_layout(margin={"l": 8, "r": 8, "t": 8, "b": 8}, showlegend=False)
    figure.update_xaxes(title="Score", range=[0, 1.1], automargin=True)
    figure.update_yaxes(automargin=True)
    return figure


def _figure(score: Score) -> str:
    return f"{score:.3f}" if isinstance(score, float) else NOT_MEASURED


def _title(engine: str, titles: Mapping[str, str]) -> str:
    return plain(titles.get(engine, engine))


def say_maker(run: Run) -> None:
    """Say which engine made the rows where others had failed before."""
    failed = run.result.get("failed", ())
    if not failed:
        return
    said = " ".join(f"{plain(one['engine'])}: {plain(one['why'])}" for one in failed)
    st.warning(
        f"The rows are of **{plain(run.made_by.engine)}**. Before it, other generators did not "
        f"come through. {said}",
        icon=":material/alt_route:",
    )
