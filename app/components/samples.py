"""The samples that ship, one card each, imported with one click."""

import streamlit as st

from app.components.datasets import go_to_next_step
from app.components.page import guard
from app.resources import studio
from core.governance.policy import Actor
from core.studio.values import Project


def sample_cards(actor: Actor, project: Project, *, is_first: bool) -> None:
    """Show a card a sample; ``is_first``: the first one is the page's primary button."""
    samples = studio().datasets.samples()
    if not samples:
        return
    st.subheader("Start with a sample", anchor=False)
    st.caption("Invented data that ships with the studio. One click imports it into this project.")
    for number, (column, sample) in enumerate(zip(st.columns(len(samples)), samples, strict=True)):
        with column.container(border=True, height="stretch"):
            st.markdown(f"**{sample.title}**")
            st.caption(sample.summary)
            st.space("stretch")
            kind = "primary" if is_first and number == 0 else "secondary"
            if st.button("Use this sample", key=f"sample_{sample.key}", type=kind, width="stretch"):
                with guard(stop=False), st.spinner("Reading and encrypting the tables"):
                    go_to_next_step(studio().datasets.import_sample(actor, project.id, sample.key))
