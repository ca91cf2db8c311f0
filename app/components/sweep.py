"""Finding the right ε: several are tried, and the curve of what each costs in closeness is shown.

What is tried on real rows is charged to the budget; on a stand-in, the synthetic rows of an earlier
private run, it is free.
"""

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from app.components.again import generate_place
from app.components.charts import lines, show_chart
from app.components.drafts import Draft, restart
from app.components.page import empty_state, plain
from app.components.private_form import ONE_TABLE
from app.components.promise import figure
from app.components.sweep_form import sweep_form
from app.navigation import may, page_path
from app.resources import studio
from core.evaluation.measures import NotMeasured, Score
from core.evaluation.words import show
from core.governance.policy import Actor
from core.studio.sweeps import SweepOutcome
from core.studio.values import Dataset, RunSpec, RunState

SEARCH = "Find the right ε"
MEASURES = {
    "Utility": ("utility", "models trained on synthetic rows, judged on real ones; 1 is best"),
    "Pairwise error": ("pairwise_error", "how far pairs of columns are off; 0 is best"),
    "Attack AUC": ("attack_auc", "finding out who was learned from; 0.5 is guessing"),
}
INTERNAL = (
    "The curve is internal: it is measured on rows without noise. An ε that is chosen by it was "
    "chosen by somebody who saw them, which no guarantee covers."
)


def show_sweep(actor: Actor, dataset: Dataset) -> None:
    """Show the form of a new search, and what came of earlier ones."""
    if len(dataset.schema.tables) != 1:
        st.info(ONE_TABLE, icon=":material/table_view:")
        return
    outcomes = studio().sweeps.list(actor, dataset.id)
    if may(actor, "sweep.submit"):
        with st.expander(
            "Try several ε", icon=":material/science:", expanded=not outcomes, key="sweep_form"
        ):
            sweep_form(actor, dataset)
    if not outcomes:
        empty_state(
            "No ε was tried yet",
            "A search fits an engine at several ε and shows what each gives, so that you can take "
            "the smallest that is good enough.",
            icon=":material/show_chart:",
        )
        return
    show_outcomes(actor, dataset, outcomes)


def show_outcomes(actor: Actor, dataset: Dataset, outcomes: Sequence[SweepOutcome]) -> None:
    """Let the user choose a search, and show what came of it."""
    by_id = {outcome.run.id: outcome for outcome in outcomes}
    chosen = st.selectbox(
        "Search",
        list(by_id),
        format_func=lambda key: outcome_label(by_id[key]),
        key=f"sweep_shown_{dataset.id}",
    )
    outcome = by_id[chosen]
    if outcome.run.state is not RunState.DONE or not outcome.points:
        say_unfinished(outcome)
        return
    show_curve(outcome)
    show_chosen(actor, dataset, outcome)
    st.caption(f":material/lock: {INTERNAL}")


def outcome_label(outcome: SweepOutcome) -> str:
    """Return a search in a line."""
    run = outcome.run
    where = "stand-in" if outcome.is_free else "real rows"
    return f"{run.created_at:%d %b %Y %H:%M} · {run.spec.engine} · {where} · {run.state}"


def say_unfinished(outcome: SweepOutcome) -> None:
    """Say where a search stands that has no curve."""
    if outcome.run.state.is_over:
        st.error(plain(outcome.run.error) or "It did not come to its end.", icon=":material/error:")
    else:
        st.info("It is under way. The curve is here once it has ended.", icon=":material/sync:")
        st.page_link(page_path("jobs"), label="See the progress", icon=":material/pending_actions:")


def show_curve(outcome: SweepOutcome) -> None:
    """Draw utility, error and attack over ε on a logarithmic axis, with the same in words."""
    frame = curve_frame(outcome)
    show_chart(
        curve(outcome),
        curve_words(outcome),
        frame,
        key=f"sweep_{outcome.run.id[:8]}",
        height=380,
    )
    st.dataframe(
        frame.map(lambda value: "not measured" if pd.isna(value) else f"{value:g}"),
        hide_index=True,
        alt=curve_words(outcome),
        width="stretch",
    )
    for why in reasons(outcome):
        st.caption(plain(why))
    st.caption(". ".join(f"**{title}**: {text}" for title, (_, text) in MEASURES.items()) + ".")


def reasons(outcome: SweepOutcome) -> list[str]:
    """Return why measures could not be taken, each with its ε."""
    return [
        f"{title} at ε = {point.epsilon:g} was not measured: {score.reason}"
        for point in outcome.points
        for title, (name, _) in MEASURES.items()
        if isinstance(score := getattr(point, name), NotMeasured)
    ]


def curve(outcome: SweepOutcome) -> go.Figure:
    """Return the curve; the target as a dotted line, the chosen ε marked by a word."""
    frame = curve_frame(outcome)
    series = {title: frame[title].astype(float).tolist() for title in MEASURES}
    made = lines(frame["ε"].tolist(), series, x_title="ε (logarithmic)", y_title="")
    made.update_traces(mode="lines+markers", connectgaps=False)
    made.update_xaxes(
        type="log", tickvals=frame["ε"].tolist(), ticktext=[f"{e:g}" for e in frame["ε"]]
    )
    made.update_yaxes(range=[0, 1.02])
    made.add_hline(
        y=outcome.least_utility, line_dash="dot", line_width=1, annotation_text="utility wanted"
    )
    return made


def curve_frame(outcome: SweepOutcome) -> pd.DataFrame:
    """Return a row for each ε; None where a measure could not be taken."""
    rows = [
        {
            "ε": point.epsilon,
            **{title: _number(getattr(point, name)) for title, (name, _) in MEASURES.items()},
            "Utility of real rows": _number(point.best_utility),
            "Pairwise error of real rows": _number(point.best_pairwise_error),
            "ε of the fit": round(point.spent_epsilon, 3),
        }
        for point in sorted(outcome.points, key=lambda point: point.epsilon)
    ]
    return pd.DataFrame(rows)


def curve_words(outcome: SweepOutcome) -> str:
    """Return the curve in words, point by point."""
    said = [
        f"at ε {point.epsilon:g} utility {show(point.utility)}, pairwise error "
        f"{show(point.pairwise_error)}, attack AUC {show(point.attack_auc)}"
        for point in sorted(outcome.points, key=lambda point: point.epsilon)
    ]
    return f"Privacy and utility over ε: {'; '.join(said)}."


def show_chosen(actor: Actor, dataset: Dataset, outcome: SweepOutcome) -> None:
    """Say the smallest ε that is good enough, and carry it into the form."""
    if outcome.chosen is None:
        st.warning(
            f"No ε that was tried reaches a utility of {outcome.least_utility:g}. Try a larger "
            "one, declare more as public, or ask for less.",
            icon=":material/trending_down:",
        )
        return
    st.success(
        f"**ε = {figure(outcome.chosen)}** is the smallest that reaches a utility of "
        f"{outcome.least_utility:g}.",
        icon=":material/check_circle:",
    )
    if may(actor, "run.submit") and st.button(
        f"Use ε = {figure(outcome.chosen)}",
        type="primary",
        icon=":material/auto_awesome:",
        key=f"sweep_use_{outcome.run.id}",
    ):
        spec = outcome.run.spec
        params = {**spec.params, "epsilon": outcome.chosen}
        asked = RunSpec(
            engine=spec.engine,
            params=params,
            seed=spec.seed,
            holdout=spec.holdout,
            target=spec.target,
            public=spec.public,
        )
        restart(actor, generate_place(dataset.id), Draft(asked, "private"))
        st.switch_page(page_path("generate"), query_params={"dataset": dataset.id})


def _number(score: Score) -> float | None:
    return None if isinstance(score, NotMeasured) else round(float(score), 3)
