"""An engine as somebody choosing one wants to know it: its uses, its limits, its cost here."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.components.engines_table import reasons
from app.components.promise import BADGES, GUARANTEES
from core.studio.routing import Candidate
from core.synthesis.protocol import EngineInfo


def engine_card(info: EngineInfo, here: Candidate | None = None) -> DeltaGenerator:
    """Show the card; return the place on it where the cost on this data is to be said.

    ``here`` is what the router knows of the engine on this data.
    """
    with st.container(border=True, gap="small"):
        st.markdown(BADGES[info.formal_guarantee])
        st.markdown(info.summary)
        st.markdown(
            f":material/thumb_up: **Good at** {info.good_at}  \n"
            f":material/thumb_down: **Not for** {info.not_for}  \n"
            f":material/shield: **Privacy** {GUARANTEES[info.formal_guarantee]}  \n"
            f":material/gavel: **Licence** {info.licence}"
        )
        cost = st.container()
        reasons(here)
        return cost
