"""Sampling the model of a finished run again: other sizes, another seed, other conditions."""

from dataclasses import dataclass, replace

import streamlit as st

from app.components.ask_words import sentences
from app.components.asks_form import ask_form
from app.components.datasets import code
from app.components.drafts import Draft, draft_of, keep, stamp
from app.components.judging_form import choose_seed
from app.components.promise import is_guaranteed
from app.components.rows_form import private_rows_form, rows_form
from app.resources import studio
from core.governance.policy import Actor
from core.studio.values import Dataset, Purpose, Run, RunSpec, RunState


@dataclass(frozen=True, slots=True)
class SampleAgain:
    """What the form says: the run that would be made, and what stands in its way."""

    spec: RunSpec
    problems: tuple[str, ...] = ()


def why_not(run: Run) -> str:
    """Say why a run's model cannot be sampled; empty when it can."""
    if run.state is not RunState.DONE:
        return "This run has no model: it did not come to its end."
    if run.spec.purpose is Purpose.IMPUTE:
        return "This run filled missing cells; there is no model of it to sample."
    return "" if run.is_judged else "This run made no tables that could be made again."


def sample_again_form(actor: Actor, run: Run, dataset: Dataset) -> SampleAgain:
    """Show rows, seed and conditions, started from those of the run, and keep what they say."""
    place = f"again_{run.id}"
    key = f"{place}_{stamp(place)}"
    start = (draft_of(actor, place) or Draft(run.again)).spec
    st.info(
        f"The model of run `{run.id[:6]}` is sampled as it is. **Nothing is fitted.** The new rows "
        "are judged against the same real rows that were held out for it.",
        icon=":material/casino:",
    )
    st.subheader("How many", anchor=False)
    if is_guaranteed(start.engine):
        st.caption(":material/verified_user: It costs no privacy: the guarantee is the model's.")
        rows = private_rows_form(dataset, start.rows, key=key)
    else:
        rows = rows_form(dataset, start.rows, key=key)
    seed = choose_seed(start.seed, key, "Another seed gives other rows of the same kind.")
    st.subheader("Which rows", anchor=False)
    ask, problems = _choose_ask(actor, run, start, key)
    spec = replace(start, rows=rows, seed=seed, ask=ask)
    keep(actor, place, Draft(spec, source=run.id))
    return SampleAgain(spec, tuple(problems))


def _choose_ask(actor: Actor, run: Run, start: RunSpec, key: str) -> tuple[object, list[str]]:
    if run.spec.fairness is not None:
        st.caption(f"As in the run: {sentences(RunSpec(fairness=run.spec.fairness))[0]}")
        return None, []
    askables = studio().runs.askable(actor, run.dataset_id)
    usable = {name: asked for name, asked in askables.items() if asked}
    if not usable:
        st.caption("No column of this dataset is learned as it is, so that nothing can be asked.")
        return None, []
    asked = run.spec.ask.columns if run.spec.ask else ()
    learned = f"{', '.join(code(name) for name in asked)}: by construction. " if asked else ""
    st.caption(
        f"{learned}Conditions on other columns are met by drawing until enough rows fit; the "
        "run says how many did."
    )
    return ask_form(usable, start.ask, key=f"{key}_ask")
