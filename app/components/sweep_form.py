"""The form of a search for ε: what is tried on which rows, and what it costs before it starts."""

from dataclasses import replace

import streamlit as st

from app.components.again import generate_place
from app.components.datasets import code
from app.components.drafts import draft_of
from app.components.page import guard, plain
from app.components.promise import PROMISED, guaranteed_engines
from app.navigation import page_path
from app.resources import studio
from core.governance.policy import Actor
from core.privacy.guards import WARNING
from core.studio.sweeps import SweepCost
from core.studio.values import Dataset, Purpose, Run, RunSpec, Sweep
from core.synthesis.params import specs

EPSILONS = (0.1, 0.3, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0)
USUAL = (0.3, 1.0, 3.0)
FEWEST = 2
REAL = ""


def sweep_form(actor: Actor, dataset: Dataset) -> None:
    """Choose what is tried; its cost is said before it starts."""
    key = f"sweep_{dataset.id}"
    spec = start_of(actor, dataset)
    engines = guaranteed_engines()
    left, right = st.columns(2, gap="medium")
    engine = left.selectbox(
        "Engine",
        list(engines),
        index=list(engines).index(spec.engine),
        format_func=lambda name: engines[name].title,
        key=f"{key}_engine",
    )
    target = right.slider(
        "Utility that is good enough",
        0.5,
        1.0,
        0.8,
        0.01,
        help="The score of models that learn from synthetic rows and are judged on real ones.",
        key=f"{key}_target",
    )
    epsilons = st.multiselect(
        "ε to try", EPSILONS, USUAL, format_func=lambda e: f"{e:g}", key=f"{key}_epsilons"
    )
    stand_in = choose_rows(actor, dataset, key)
    if engine != spec.engine:
        held = {name: value for name, value in spec.params.items() if name in PROMISED}
        spec = replace(spec, engine=engine, params=held)
    sweep = Sweep(tuple(sorted(epsilons)), float(target), stand_in)
    spec = replace(spec, purpose=Purpose.SWEEP, sweep=sweep, depth="quick")
    say_settings(spec)
    if len(epsilons) < FEWEST:
        st.info(f"Choose at least {FEWEST} ε to compare.")
        return
    cost = None
    with guard(stop=False):
        cost = studio().sweeps.cost(actor, dataset.id, spec)
    if cost is not None:
        start_sweep(actor, dataset, spec, cost, key)


def start_of(actor: Actor, dataset: Dataset) -> RunSpec:
    """Return the settings of the generate page, where they are of an engine with a guarantee."""
    draft = draft_of(actor, generate_place(dataset.id))
    engines = guaranteed_engines()
    if draft is not None and draft.spec.engine in engines:
        return replace(draft.spec, rows={}, ask=None, accepted=False)
    info = next(iter(engines.values()))
    return RunSpec(engine=info.name, params={s.name: s.default for s in specs(info.params)})


def say_settings(spec: RunSpec) -> None:
    """Say what is as on the generate page."""
    person = str(spec.params.get("person") or "")
    whom = f"persons by {code(person)}" if person else "each row a person of its own"
    public = len((spec.public or {}).get("columns") or {})
    st.caption(
        f"As on the page Generate: δ = {float(spec.params.get('delta', 0)):.0e}, {whom}, "
        f"{public} columns declared public."
    )


def choose_rows(actor: Actor, dataset: Dataset, key: str) -> str:
    """Choose the rows that are tried on; return the run whose rows stand in, or nothing."""
    runs = {run.id: run for run in stand_ins(actor, dataset)}
    names = {REAL: "The real rows, charged to the budget"}
    names |= {
        run.id: f"Rows of run {run.id[:6]} ({run.spec.engine}), which stand in for free"
        for run in runs.values()
    }
    chosen = st.radio(
        "Rows to try on",
        list(names),
        format_func=names.__getitem__,
        help="A stand-in is what an earlier private run made. It tells how the engine does on rows "
        "like these; the real ones may give other figures.",
        key=f"{key}_rows",
    )
    if not runs:
        st.caption("Once a private run of this dataset has ended, its rows can stand in for free.")
    return chosen or REAL


def stand_ins(actor: Actor, dataset: Dataset) -> list[Run]:
    """Return the private runs of a dataset whose rows can stand in for the real ones."""
    runs = studio().runs.list(actor, dataset.project_id)
    known = guaranteed_engines()
    return [
        run
        for run in runs
        if run.dataset_id == dataset.id and run.is_judged and run.spec.engine in known
    ]


def start_sweep(actor: Actor, dataset: Dataset, spec: RunSpec, cost: SweepCost, key: str) -> None:
    """Say what it costs and what stands against it; start it."""
    st.markdown(f":material/account_balance_wallet: {cost.in_words}")
    warnings = () if cost.is_free else warnings_of(actor, dataset, spec)
    if warnings:
        st.warning("\n".join(f"- {plain(text)}" for text in warnings), icon=":material/warning:")
    accepted = bool(warnings) and st.checkbox(
        "I have read these warnings and go on", key=f"{key}_accepted_{len(warnings)}"
    )
    if not cost.is_within:
        st.error(
            "The budget does not allow this search. Try fewer or smaller ε, or a stand-in.",
            icon=":material/money_off:",
        )
    if st.button(
        "Try them",
        type="primary",
        icon=":material/play_arrow:",
        key=f"{key}_start",
        disabled=not cost.is_within or bool(warnings and not accepted),
    ):
        with guard(stop=False):
            made = studio().sweeps.submit(actor, dataset.id, replace(spec, accepted=accepted))
            st.switch_page(page_path("jobs"), query_params={"run": made.id})


def warnings_of(actor: Actor, dataset: Dataset, spec: RunSpec) -> tuple[str, ...]:
    """Return what stands against any of the fits, each once."""
    found: dict[str, None] = {}
    for epsilon in spec.sweep.epsilons if spec.sweep else ():
        one = replace(spec, params={**spec.params, "epsilon": epsilon})
        check = studio().budgets.check(actor, dataset.id, one)
        found |= dict.fromkeys(r.message for r in check.remarks if r.severity == WARNING)
    return tuple(found)
