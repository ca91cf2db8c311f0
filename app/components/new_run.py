"""Filling in a new run: what it is for, its generator, what it makes and which rows.

Everything that is shown goes into a draft, and everything starts from it: after a reload, from an
earlier run, or from what is suggested for the data.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.components.again import generate_place
from app.components.asks_form import Wish, rules_switch, wish_form
from app.components.drafts import Draft, draft_of, keep, restart, stamp
from app.components.engines_table import engines_table, fallback_switch
from app.components.generator_form import Generator, from_draft, from_spec, generator_form
from app.components.hints import forget_source, source_of_address, suggested, with_preset
from app.components.intent_cards import intent_cards, start_of
from app.components.intents import BY_KEY, DEFAULT_INTENT
from app.components.judging_form import choose_judging, likely_target
from app.components.kept_rules import choose_kept
from app.components.page import plain
from app.components.preparation_choice import choose_preparation
from app.components.private_form import Promise, private_form
from app.components.purpose_form import purpose_form
from app.components.several import TOO_FEW, choose_mode, choose_several
from app.memory import remembered
from app.navigation import may
from app.resources import studio
from core.errors import NotFound, PermissionDenied
from core.governance.policy import Actor
from core.studio.ask_checks import fillable
from core.studio.budgets import PrivateCheck
from core.studio.contests import as_contest
from core.studio.fallback import LEAST_TRIED
from core.studio.routing import Route
from core.studio.values import Dataset, Purpose, RunSpec
from core.synthesis.protocol import EngineInfo


@dataclass(frozen=True, slots=True)
class NewRun:
    """What the forms say: the run, what stands in its way, and where its cost is to be said.

    ``check`` is what a run with a formal guarantee would take of the budget.
    """

    spec: RunSpec
    problems: tuple[str, ...]
    cost: DeltaGenerator
    check: PrivateCheck | None = None


def new_run_form(actor: Actor, dataset: Dataset) -> NewRun:
    """Show the forms of a new run and keep what they say."""
    place = generate_place(dataset.id)
    engines = {info.name: info for info in studio().runs.engines()}
    with st.spinner("Looking at the data, and once at how fast this machine is …"):
        found = remembered(("route", dataset.id), lambda: studio().runs.route(actor, dataset.id))
    suggestion = found.suggestion
    draft = open_draft(actor, dataset, engines, suggestion.engine)
    say_source(draft, engines)
    tables = len(dataset.schema.tables)
    intent_cards(actor, place, draft.intent, suggestion.engine, engines, tables)
    st.subheader("Generator", anchor=False)
    if draft.intent != "private":
        st.markdown(
            f":material/lightbulb: **{engines[suggestion.engine].title}** is suggested for this "
            f"data. {suggestion.why}"
        )
    key = f"{place}_{stamp(place)}"
    chosen = choose_generators(engines, found, draft, f"{key}_{draft.intent}")
    generator = chosen.generator
    spec = replace(
        draft.spec,
        engine=generator.info.name,
        params=generator.params,
        fallback=chosen.fallback,
    )
    spec = choose_preparation(actor, dataset, spec, key=f"{key}_{generator.info.name}")
    promise = Promise(spec)
    if generator.info.formal_guarantee and not chosen.several:
        promise = private_form(actor, place, dataset, spec, f"{key}_private")
    spec, problems = choose_rows(actor, dataset, generator.info, promise.spec, key)
    if not generator.info.formal_guarantee:
        spec = choose_kept(actor, dataset, spec, key=key)
    spec = choose_judging(dataset, spec, key)
    kept = replace(
        draft, spec=spec, preset=generator.preset, dial=generator.dial, several=chosen.several
    )
    keep(actor, place, kept)
    if not generator.info.formal_guarantee:
        spec = replace(spec, public=None, accepted=False)
    if chosen.several:
        problems = (*problems, *several_problems(spec, chosen.several))
        spec = as_contest(replace(spec, engine=chosen.several[0], params={}), chosen.several)
    return NewRun(spec, (*promise.problems, *problems), chosen.cost, promise.check)


@dataclass(frozen=True, slots=True)
class Generators:
    """What makes the rows: one engine and what follows it, or several that are tried."""

    generator: Generator
    cost: DeltaGenerator
    fallback: tuple[str, ...] = ()
    several: tuple[str, ...] = ()


def choose_generators(
    engines: Mapping[str, EngineInfo], found: Route, draft: Draft, key: str
) -> Generators:
    """Let the user choose one generator, or several of which the best is kept."""
    with st.container(horizontal=True, vertical_alignment="center"):
        is_several = draft.intent != "private" and choose_mode(draft.several, key)
        engines_table(found, engines, key)
    if is_several:
        several = choose_several(found, engines, draft.several, key)
        if several:
            return Generators(plain_start(engines, draft, several), st.container(), (), several)
    generator, cost = generator_form(engines, draft, key, found)
    following = fallback_switch(found, generator.info.name, engines, draft.spec.fallback, key)
    return Generators(generator, cost, following)


def plain_start(
    engines: Mapping[str, EngineInfo], draft: Draft, several: tuple[str, ...]
) -> Generator:
    """Return the engine that the rest of the form goes by while several are tried."""
    mine = draft.spec.engine
    name = several[0] if engines[mine].formal_guarantee else mine
    return from_draft(engines[name], draft)


def several_problems(spec: RunSpec, several: tuple[str, ...]) -> tuple[str, ...]:
    """Return what stands in the way of trying several engines."""
    problems = [] if len(several) >= LEAST_TRIED else [TOO_FEW]
    if spec.purpose is not Purpose.TABLES:
        problems.append("Several generators are tried for synthetic tables only.")
    return tuple(problems)


def open_draft(
    actor: Actor, dataset: Dataset, engines: Mapping[str, EngineInfo], suggested: str
) -> Draft:
    """Return what was filled in, what the run of the address says, or a fresh start."""
    place = generate_place(dataset.id)
    draft, wanted = draft_of(actor, place), source_of_address()
    if wanted and (draft is None or draft.source != wanted):
        taken = draft_from(actor, dataset, engines, wanted)
        if taken is not None:
            restart(actor, place, taken)
            return taken
    if draft is not None and draft.spec.engine in engines:
        return draft
    return fresh_draft(dataset, engines, suggested)


def fresh_draft(dataset: Dataset, engines: Mapping[str, EngineInfo], suggested: str) -> Draft:
    """Return what the forms start from where nothing was filled in."""
    intent = BY_KEY[DEFAULT_INTENT]
    made = start_of(intent, suggested, engines)
    spec = RunSpec(engine=made.info.name, params=made.params, target=likely_target(dataset))
    return Draft(spec, intent.key, made.preset, made.dial)


def draft_from(
    actor: Actor, dataset: Dataset, engines: Mapping[str, EngineInfo], run_id: str
) -> Draft | None:
    """Return an earlier run's draft; None, with a word on it, where it cannot be taken."""
    try:
        if studio().runs.get(actor, run_id).dataset_id != dataset.id:
            return None
        spec = studio().runs.clone(actor, run_id)
    except (NotFound, PermissionDenied):
        st.warning("The run of this address is not there any more.", icon=":material/search_off:")
        return None
    if spec.engine not in engines:
        st.warning(f"The engine of that run is not installed: {plain(spec.engine)}.")
        return None
    several = spec.contest.engines if spec.contest is not None else ()
    if several:
        spec = replace(spec, contest=None, purpose=Purpose.TABLES)
    info = engines[spec.engine]
    made = from_spec(info, spec)
    return with_preset(
        Draft(spec, "", made.preset, made.dial, source=run_id, several=several), info
    )


def say_source(draft: Draft, engines: Mapping[str, EngineInfo]) -> None:
    """Say from which run the forms were filled in."""
    if not draft.source:
        return
    st.info(
        f"Filled in from run `{draft.source[:6]}`. Change what you like; that run stays as it is. "
        f"{suggested(engines[draft.spec.engine])}",
        icon=":material/edit_note:",
    )


def choose_rows(
    actor: Actor, dataset: Dataset, engine: EngineInfo, start: RunSpec, key: str
) -> tuple[RunSpec, tuple[str, ...]]:
    """Show what is made and which rows are wanted; return it, and what stands in the way."""
    st.subheader("What to make", anchor=False)
    making = purpose_form(dataset, engine, gaps(actor, dataset), start, key=key)
    wish = Wish()
    if making.purpose is not Purpose.IMPUTE:
        st.subheader("Which rows", anchor=False)
        askables = studio().runs.askable(actor, dataset.id)
        wish = wish_form(askables, dataset.schema, start, key=f"{key}_ask")
    spec = replace(
        start,
        purpose=making.purpose,
        sweep=None,
        copies=making.copies,
        rows=making.rows,
        ask=wish.ask,
        fairness=wish.fairness,
        rules=rules_switch(start, key=f"{key}_rules"),
    )
    return spec, (*making.problems, *wish.problems)


def gaps(actor: Actor, dataset: Dataset) -> Mapping[str, tuple[str, ...]]:
    """Return by table the columns with missing cells that can be filled."""
    if not may(actor, "dataset.profile"):
        return {}
    return fillable(dataset.schema, studio().datasets.profile(actor, dataset.id))


def afresh_button(actor: Actor, dataset: Dataset) -> None:
    """Offer to forget what was filled in."""
    st.button(
        "Start afresh",
        type="tertiary",
        icon=":material/restart_alt:",
        key="generate_afresh",
        help="Forgets what was filled in here.",
        on_click=_start_afresh,
        args=(actor, generate_place(dataset.id)),
    )


def _start_afresh(actor: Actor, place: str) -> None:
    forget_source()
    restart(actor, place, None)
