"""What somebody has filled in and not started yet.

Forms start their widgets from a draft and give back what they show, which is the draft of the next
run of the script. It lies in the tab's session, and in the server's memory for the time after a
reload; never in the address, since conditions hold values of columns.
"""

from dataclasses import dataclass, field

import streamlit as st

from app.resources import RESOURCES
from core.governance.policy import Actor
from core.studio.values import RunSpec


@dataclass(frozen=True, slots=True)
class Draft:
    """A run that is being put together.

    Attributes
    ----------
    intent, preset, dial
        The keys of what was chosen for the generator; empty when nothing was.
    source
        The run that it was filled in from.
    several
        The engines of which the best is to be kept; empty where one is chosen.
    """

    spec: RunSpec = field(default_factory=RunSpec)
    intent: str = ""
    preset: str = ""
    dial: str = ""
    source: str = ""
    several: tuple[str, ...] = ()


def draft_of(actor: Actor, place: str) -> Draft | None:
    """Return what the actor has filled in at a place, in this tab or before a reload."""
    found = st.session_state.get(_name(place)) or RESOURCES.drafts.get((actor.user_id, place))
    return found if isinstance(found, Draft) else None


def keep(actor: Actor, place: str, draft: Draft) -> None:
    """Remember what the forms show now."""
    st.session_state[_name(place)] = draft
    RESOURCES.drafts[actor.user_id, place] = draft


def restart(actor: Actor, place: str, draft: Draft | None) -> None:
    """Let the forms start again from a draft, or from nothing."""
    st.session_state[f"{_name(place)}_stamp"] = stamp(place) + 1
    if draft is not None:
        keep(actor, place, draft)
        return
    st.session_state.pop(_name(place), None)
    RESOURCES.drafts.pop((actor.user_id, place), None)


def stamp(place: str) -> int:
    """Return how often the forms of a place were started again; part of their widgets' keys."""
    return int(st.session_state.get(f"{_name(place)}_stamp", 0))


def _name(place: str) -> str:
    return f"draft_{place}"
