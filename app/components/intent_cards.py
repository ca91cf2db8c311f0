"""The cards that ask what the synthetic data is for; each sets engine, effort and privacy."""

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from app.components.drafts import draft_of, keep
from app.components.generator_form import Generator, starting
from app.components.intents import INTENTS, Intent
from core.governance.policy import Actor
from core.synthesis.protocol import EngineInfo


def intent_cards(
    actor: Actor,
    place: str,
    chosen: str,
    suggested: str,
    engines: Mapping[str, EngineInfo],
    tables: int = 1,
) -> None:
    """Show the cards for a dataset of so many tables; a choice goes into the draft."""
    st.subheader("What is it for?", anchor=False)
    columns = st.columns(2) + st.columns(2)
    for column, intent in zip(columns, INTENTS, strict=True):
        with column.container(border=True, height="stretch"):
            is_chosen = intent.key == chosen
            why_not = intent.why_not(engines, tables)
            mark = " :primary-badge[:material/check: Chosen]" if is_chosen else ""
            st.markdown(f"**{intent.icon} {intent.title}**{mark}")
            st.caption(why_not or intent.text)
            st.space("stretch")
            st.button(
                "Chosen" if is_chosen else "Not for this data" if why_not else "Choose",
                disabled=is_chosen or bool(why_not),
                help=intent.text if why_not else None,
                key=f"intent_{intent.key}",
                on_click=_choose,
                args=(actor, place, intent, start_of(intent, suggested, engines)),
                width="stretch",
            )


def start_of(intent: Intent, suggested: str, engines: Mapping[str, EngineInfo]) -> Generator:
    """Return the generator that an intent starts from."""
    engine, preset = intent.start(suggested, engines)
    return starting(engines[engine], preset, intent.dial)


def _choose(actor: Actor, place: str, intent: Intent, made: Generator) -> None:
    draft = draft_of(actor, place)
    if draft is not None:
        spec = replace(draft.spec, engine=made.info.name, params=made.params)
        chosen = replace(draft, spec=spec, intent=intent.key, preset=made.preset, dial=made.dial)
        keep(actor, place, chosen)
