"""What was asked of a run and what came of it: how rows were made to fit, and what it cost."""

import streamlit as st

from app.components.ask_words import sentences
from core.studio.values import Run


def show_asked(run: Run) -> None:
    """Show what was asked beyond rows as they come; nothing for an ordinary run."""
    said = sentences(run.spec)
    if said:
        st.markdown("\n".join(f"- {sentence}" for sentence in said))
