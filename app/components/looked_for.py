"""A button that looks through rows for something, and what it found until the page moves on."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import streamlit as st

T = TypeVar("T")


def looked_for(
    what: str, look: Callable[[], Sequence[T]], *, key: str, is_primary: bool, help: str, none: str
) -> Sequence[T]:
    """Show the button and return what was found; says so where nothing was.

    Parameters
    ----------
    what
        In the plural, for the button: ``rules``.
    key
        Where what was found is kept; another key forgets it.
    none
        What is said where nothing was found.
    """
    if st.button(
        f"Look for {what}",
        key=f"look_for_{what}",
        type="primary" if is_primary else "secondary",
        icon=":material/search:",
        help=help,
    ):
        with st.spinner("Looking at the rows"):
            st.session_state[key] = look()
    if key not in st.session_state:
        return ()
    found: Sequence[T] = st.session_state[key]
    if not found:
        st.info(none, icon=":material/search_off:")
    return found
