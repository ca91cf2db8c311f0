"""The answers in short, in the order they are asked: what is different, is it safe, is it useful.

Each line leads to its evidence; what to do next leads to the setting it is about.
"""

from collections.abc import Mapping, Sequence

import streamlit as st

from app.components.attacks import URGENCY, by_urgency
from app.components.page import plain
from app.components.pairs import pair_name
from app.components.scores import interval, measured, number, outcome_badge
from app.navigation import BY_NAME, may_open, page_path
from core.evaluation.details import AttackReport, ModelScore
from core.evaluation.glossary import OUTCOME_WORDS, words_for
from core.evaluation.values import Advice, NotMeasured, Report, Score, TableReport
from core.evaluation.words import show
from core.governance.policy import Actor
from core.studio.values import Run

SHOWN = 3
LEAST = 0.01
"""Less than this behind fresh real rows is no difference to name."""
Place = tuple[str, str, Score, Score]
OTHER_MODEL = (
    "The dial above is of the quick model, gradient boosting fitted once with its usual settings; "
    "these are models of their own, so that their figures differ from it."
)
GO = ":material/arrow_forward:"


def show_overview(actor: Actor, run: Run, report: Report) -> None:
    """Show each question with its short answer and the way to the evidence."""
    left, right = st.columns(2, gap="large") if len(report.tables) == 1 else (st, st)
    with left.container():
        st.subheader("What is different?", anchor=False)
        _show_differences(run, report)
    with right.container():
        st.subheader("Is it safe?", anchor=False)
        _show_safety(run, report)
        st.subheader("Is it useful?", anchor=False)
        for table in report.tables:
            _show_usefulness(run, table, is_named=len(report.tables) > 1)
        _show_gates(run, report)
    show_next_steps(actor, run, report)


def link(run: Run, label: str, tab: str, **place: str) -> None:
    """Lead to a part of this result: a tab, and what is chosen on it."""
    query = {"run": run.id, "tab": tab, **place}
    st.page_link(page_path("results"), label=plain(label), icon=GO, query_params=query)


def _show_differences(run: Run, report: Report) -> None:
    columns = worst_columns(report)
    pairs = worst_pairs(report)
    if not columns and not pairs:
        st.markdown("Nothing stands out: no column or pair stays clearly behind fresh real rows.")
        link(run, "Look at the columns", "Differences")
    for title, found, kind in (("columns", columns, "column"), ("pairs", pairs, "pair")):
        if found:
            st.markdown(f"The {title} furthest behind fresh real rows:")
        elif columns or pairs:
            st.markdown(f"Of the {title}, none stays clearly behind fresh real rows.")
        for table, name, value, fresh in found:
            place = f"{table} · " if len(report.tables) > 1 else ""
            label = f"{place}{name}: {show(value)}, fresh real rows {show(fresh)}"
            link(run, label, "Differences", table=table, **{kind: name})


def worst_columns(report: Report) -> list[Place]:
    """Return table, name, similarity and reference of the columns furthest behind."""
    found = [(t.name, c.name, c.similarity, c.fresh) for t in report.tables for c in t.judged]
    return _furthest(found)


def worst_pairs(report: Report) -> list[Place]:
    """Return table, name, similarity and reference of the pairs furthest behind."""
    found = [
        (t.name, pair_name(p.left, p.right), p.similarity, p.fresh)
        for t in report.tables
        for p in (t.fidelity.pairs if t.fidelity and t.fidelity.pairs else t.pairs)
    ]
    return _furthest(found)


def _furthest(found: list[Place]) -> list[Place]:
    """Return the few that stay clearly behind fresh real rows, the furthest first."""
    behind = {place: number(place[3]) - number(place[2]) for place in found}
    clear = [place for place in found if behind[place] > LEAST]
    return sorted(clear, key=lambda place: -behind[place])[:SHOWN]


def _show_safety(run: Run, report: Report) -> None:
    """Show one table with what alarms; of several tables a line each, the worst first."""
    if len(report.tables) == 1:
        table = report.tables[0]
        if table.privacy:
            outcome_badge(table.privacy.outcome)
        st.markdown(plain(safety_words(table)))
        attacks = by_urgency(table.privacy.attacks) if table.privacy else []
        alarming = [a for a in attacks if a.outcome in ALARMING]
        if alarming:
            st.markdown("\n".join(f"- {attack_line(a)}" for a in alarming[:SHOWN]))
        link(run, "Evidence on safety", "Safety", table=table.name)
        return
    for table in sorted(report.tables, key=_urgency):
        with st.container(horizontal=True, vertical_alignment="center"):
            if table.privacy:
                outcome_badge(table.privacy.outcome)
            st.markdown(f"**{plain(table.name)}** {plain(safety_words(table))}", width="stretch")
            link(run, "Evidence", "Safety", table=table.name)


def _urgency(table: TableReport) -> int:
    return URGENCY.index(table.privacy.outcome) if table.privacy else len(URGENCY)


def safety_words(table: TableReport) -> str:
    """Say in a sentence what is known of a table's safety."""
    if table.privacy:
        return table.privacy.sentence
    names = ("copies", "nearer", "membership")
    parts = [
        f"{words_for('measure', n).title.lower()} {show(table.measures[n].value)}" for n in names
    ]
    return f"{', '.join(parts)}."


ALARMING = {"fail", "warn", "inconclusive"}


def attack_line(attack: AttackReport) -> str:
    """Say an attack that did not pass in one line."""
    title = plain(words_for("attack", attack.name).title)
    if attack.outcome == "inconclusive":
        return f"{title}: inconclusive"
    percent = words_for("attack", attack.name).percent
    value, fresh = (show(score, percent=percent) for score in (attack.value, attack.fresh))
    return f"{title}: {value}, fresh real rows {fresh}"


def _show_usefulness(run: Run, table: TableReport, *, is_named: bool) -> None:
    lines = [
        f"{target.target}, {score_line(target.scores[0])}"
        for target in (table.utility.targets if table.utility else ())
        if target.scores
    ]
    said = "; ".join(lines) or quick_use(table)
    if lines and measured(table.measures["tstr"].value):
        said += f". {OTHER_MODEL}"
    if not is_named:
        st.markdown(plain(said))
        link(run, "Evidence on use", "Usefulness", table=table.name)
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{plain(table.name)}** {plain(said)}", width="stretch")
        link(run, "Evidence", "Usefulness", table=table.name)


def quick_use(table: TableReport) -> str:
    """Say what the one model of a quick evaluation reaches."""
    measure = table.measures["tstr"]
    if isinstance(measure.value, NotMeasured):
        return f"Not measured: {measure.value.reason}"
    return (
        f"Trained on synthetic rows, {table.target} is predicted with {show(measure.value)}; "
        f"trained on real rows with {show(measure.fresh)}."
    )


def score_line(score: ModelScore) -> str:
    """Say one score of a target in a line."""
    known = interval(score.low, score.high)
    metric, model = (words_for("use", name).title for name in (score.metric, score.model))
    return (
        f"{metric} with {model}: trained on synthetic {show(score.synthetic)}, "
        f"on real {show(score.real)}" + (f" (difference {known})" if known else "")
    )


def _show_gates(run: Run, report: Report) -> None:
    gates = [(t.name, g) for t in report.tables for g in t.gates]
    if not gates:
        return
    st.subheader("Does it keep the rules of data quality?", anchor=False)
    open_ones = [(table, gate) for table, gate in gates if gate.outcome in ALARMING]
    if not open_ones:
        st.markdown("Every gate that applies is passed.")
        link(run, "All gates", "Gates")
    for table, gate in sorted(open_ones, key=lambda one: one[1].outcome != "fail")[:SHOWN]:
        words = words_for("gate", gate.name)
        said = OUTCOME_WORDS[gate.outcome].lower()
        value = show(gate.value, percent=words.percent)
        link(run, f"{words.title} in {table}: {value}, {said}", "Gates", table=table)


def show_next_steps(actor: Actor, run: Run, report: Report) -> None:
    """Show what to do next, each step with a link to the setting it is about."""
    steps: Sequence[Advice] = report.advice or [Advice(text) for text in report.suggestions]
    if not steps:
        return
    st.subheader("What to do next", anchor=False)
    for place, step in enumerate(steps, 1):
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(f"{place}. {plain(step.text)}", width="stretch")
            page = BY_NAME.get(STEP_PAGES.get(step.page, step.page))
            if page is not None and may_open(actor, page):
                query = step_query(run, step)
                st.page_link(page_path(page.name), label=page.title, icon=GO, query_params=query)


STEP_PAGES = {"results": "releases"}
"""Where a step leads that would lead to this page: a result is released on that page."""


def step_query(run: Run, step: Advice) -> Mapping[str, str]:
    """Return what the address of a step's page names."""
    about = {
        "generate": {"dataset": run.dataset_id, "run": run.id},
        "review": {"dataset": run.dataset_id},
        "releases": {"run": run.id},
        "results": {"run": run.id},
    }
    return {**about.get(step.page, {}), **step.params}
