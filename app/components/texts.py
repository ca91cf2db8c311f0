"""Free text in the review: which columns come back in the style of their texts."""

import streamlit as st

from app.components.page import guard
from app.resources import studio
from core.data.texts import FEW, RUN
from core.governance.policy import Actor
from core.studio.values import Dataset


def show_texts(actor: Actor, dataset: Dataset, name: str) -> None:
    """Let the user choose columns of free text to learn; nothing where there are none."""
    possible = [c.name for c in studio().texts.possible(dataset.schema[name])]
    if not possible:
        return
    chosen = [c.name for c in dataset.schema[name].columns if c.learned_text]
    with st.expander("Free text", icon=":material/notes:"):
        st.caption(
            "Free text comes back as plain words of the same length. Chosen columns come back in "
            "the style of their texts: how words are spelt, follow each other and end. No training "
            f"text comes back, no word that fewer than {FEW} texts have, and of those texts no run "
            f"of more than {RUN} characters. It needs a few hundred different texts. Engines with "
            "a formal guarantee never learn texts."
        )
        columns = st.multiselect(
            "Learn the style of", possible, default=chosen, key=f"texts_{dataset.id}_{name}"
        )
        is_new = set(columns) != set(chosen)
        if st.button("Save", key=f"save_texts_{name}", icon=":material/save:", disabled=not is_new):
            with guard(stop=False):
                studio().texts.choose(actor, dataset.id, name, columns)
                st.toast("What is learned of free text is saved.", icon=":material/check:")
                st.rerun()
