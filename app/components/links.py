"""A choice that the address names, so that links, reloads and the widget never disagree."""

from collections.abc import Mapping, Sequence

import streamlit as st

ADDRESS_KEY = "renewed_address"


def choose_linked(
    label: str, param: str, labels: Mapping[str, str], *, default: str, key: str, missing: str = ""
) -> str:
    """Let the user choose one option by id; the address's ``param`` says which is shown.

    A choice is put into the address before the page runs again, and the widget is set to what the
    address names, so that an address from elsewhere (a link, a button of another page) wins over
    what the widget remembered.

    Parameters
    ----------
    labels
        What is shown for each id, no two alike.
    default
        The id that is shown while the address names none of them.
    missing
        What is said when the address names something else; nothing when it is empty.
    """
    wanted = st.query_params.get(param)
    if wanted and wanted not in labels and missing:
        st.warning(missing, icon=":material/search_off:")
    shown = wanted if wanted in labels else default
    if wanted != shown:
        st.query_params[param] = shown
    if st.session_state.get(key) != shown:
        st.session_state[key] = shown
    st.selectbox(
        label,
        list(labels),
        format_func=lambda option: labels.get(option, option),
        key=key,
        on_change=_follow,
        args=(param, key),
    )
    return shown


def renew_address(param: str) -> None:
    """Send the browser the address that the script has.

    A link of a page to itself reaches the script but leaves the browser's address as it was. The
    address is sent once for each change; ``param`` is one that the address has.
    """
    seen = dict(st.query_params)
    if st.session_state.get(ADDRESS_KEY) != seen:
        st.session_state[ADDRESS_KEY] = seen
        st.query_params[param] = seen[param]


def choose_row(labels: Sequence[str], param: str, key: str) -> None:
    """Put the row that was clicked in the table ``key`` into the address, as ``param``."""
    rows = st.session_state[key].selection.rows
    if rows and rows[0] < len(labels):
        st.query_params[param] = labels[rows[0]]


def _follow(param: str, widget: str) -> None:
    st.query_params[param] = st.session_state[widget]
