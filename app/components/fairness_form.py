"""Breaking the dependence on a sensitive column: which, on what, how far, and what that means."""

from collections.abc import Sequence

import streamlit as st

from app.components.datasets import code
from core.data.schema import Role, Table
from core.studio.values import Askable
from core.synthesis.asks import Fairness

ALL = ""
FIRST_ROLES = (Role.SENSITIVE, Role.QUASI_IDENTIFIER)


def fairness_form(
    askable: Sequence[Askable], table: Table, start: Fairness | None, *, key: str
) -> Fairness | None:
    """Show the choice; None when no column can be told apart in groups."""
    groups = sensitive_columns(askable, table)
    if not groups:
        st.caption("No column has a few values, so that there are no groups to be fair to.")
        return None
    left, right = st.columns(2)
    sensitive = left.selectbox(
        "Sensitive column",
        groups,
        index=groups.index(start.sensitive) if start and start.sensitive in groups else 0,
        help="A column of a few groups, such as sex or origin.",
        key=f"{key}_sensitive",
        persist_state="session",
    )
    others = [ALL, *(asked.column for asked in askable if asked.column != sensitive)]
    target = right.selectbox(
        "It is not to influence",
        others,
        index=others.index(start.target) if start and start.target in others else 0,
        format_func=lambda name: name or "Any other column",
        key=f"{key}_target_{sensitive}",
        persist_state="session",
    )
    degree = st.slider(
        "How far",
        0,
        100,
        round(start.degree * 100) if start else 100,
        5,
        format="%d %%",
        help="0 leaves the influence as it is, 100 breaks it.",
        key=f"{key}_degree",
        persist_state="session",
    )
    made = Fairness(sensitive, target or None, degree / 100)
    st.caption(meaning(made))
    return made


def sensitive_columns(askable: Sequence[Askable], table: Table) -> list[str]:
    """Return the columns that make groups, those that are sensitive first."""
    found = [asked.column for asked in askable if len(asked.values) > 1]
    place = {role: number for number, role in enumerate(FIRST_ROLES)}
    return sorted(found, key=lambda name: place.get(table[name].role, len(place)))


def meaning(fairness: Fairness) -> str:
    """Say in words what the rows will be like."""
    sensitive = code(fairness.sensitive)
    if fairness.degree == 0:
        return f"At 0 % nothing changes: {sensitive} keeps all its influence."
    if fairness.target is None:
        share = (
            f"{fairness.degree:.0%} of the rows get" if fairness.degree < 1 else "Every row gets"
        )
        return (
            f"{share} the value of {sensitive} drawn anew, without a look at the rest of the row. "
            "What the column rightly explains goes as well: this costs the most closeness."
        )
    target = code(fairness.target)
    how = (
        "every group has the same shares"
        if fairness.degree >= 1
        else f"differences between groups shrink to {1 - fairness.degree:.0%} of what they are"
    )
    return (
        f"In {target}, {how}; both columns keep their own shares. Other columns may still tell of "
        f"{sensitive}. What it gained and what it cost is shown with the result."
    )
