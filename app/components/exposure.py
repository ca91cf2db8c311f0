"""Which columns together single people out, live while they are chosen, and why others are safe."""

import pandas as pd
import streamlit as st

from app.components.datasets import code, counted
from app.components.page import guard, plain
from app.resources import studio
from core.data.pii import SEMANTICS, Finding
from core.data.profile import Exposure
from core.data.schema import Role, Table
from core.governance.policy import Actor
from core.studio.values import Dataset

MOST_CHOSEN = 4
SHOWN = 8
NOBODY = "(none)"


def show_exposure(actor: Actor, dataset: Dataset, table: Table) -> None:
    """Let the user choose up to four columns and show how many people they single out."""
    with st.expander("Who could be singled out?", icon=":material/group_search:"):
        st.caption(
            "Columns that name nobody can still point to one person together. Choose what somebody "
            "outside could know; the rows that agree in all of it are counted."
        )
        key = f"{dataset.id}_{table.name}"
        columns = st.multiselect(
            "Known to somebody outside",
            table.names,
            default=known_outside(table)[:MOST_CHOSEN],
            max_selections=MOST_CHOSEN,
            key=f"known_{key}",
        )
        others = [NOBODY, *(name for name in table.names if name not in columns)]
        chosen = st.selectbox(
            "Sensitive column",
            others,
            index=next((i for i, n in enumerate(others) if _is_sensitive(table, n)), 0),
            key=f"sensitive_{key}_{len(others)}",
            help="What that person could then learn.",
        )
        if not columns:
            st.info("Choose at least one column.")
            return
        sensitive = None if chosen in {None, NOBODY} else chosen
        with guard(stop=False):
            found = studio().datasets.exposure(actor, dataset.id, table.name, columns, sensitive)
            show_figures(found)
        show_worst(actor, dataset, table, key)


def known_outside(table: Table) -> list[str]:
    """Return the columns that narrow a person down, by what was decided or suggested."""
    return [c.name for c in table.columns if c.role is Role.QUASI_IDENTIFIER]


def _is_sensitive(table: Table, name: str) -> bool:
    return name in table.names and table[name].role is Role.SENSITIVE


def show_figures(found: Exposure) -> None:
    """Show one combination in figures and in a sentence."""
    first, second, third = st.columns(3)
    first.metric(
        "Singled out",
        f"{found.unique:,}",
        border=True,
        help="Rows that nobody else shares all chosen values with.",
    )
    second.metric(
        "Smallest group", f"{found.k:,}", border=True, help="k of k-anonymity; 1 is one person."
    )
    third.metric(
        "Sensitive values told",
        "—" if found.l_diversity is None else f"{found.told or 0:,}",
        border=True,
        help="Rows in groups that all share one sensitive value (l-diversity of 1).",
    )
    st.markdown(plain(in_words(found)))


def in_words(found: Exposure) -> str:
    """Say what a combination gives away."""
    known = " and ".join(found.columns)
    said = f"By {known}, {found.unique:,} of {found.rows:,} rows are singled out"
    said += f" and {found.few:,} are among fewer than five."
    if found.l_diversity is None:
        return said
    least = counted(found.l_diversity, "value")
    return f"{said} Any group has at least {least} of {found.sensitive}."


def show_worst(actor: Actor, dataset: Dataset, table: Table, key: str) -> None:
    """Compare combinations of the columns that narrow a person down, on demand."""
    names = known_outside(table)
    if len(names) < 2 or not st.toggle("Compare all combinations", key=f"worst_{key}"):
        return
    with guard(stop=False):
        found = studio().datasets.exposures(actor, dataset.id, table.name, names)
        rows = [
            {
                "Columns": ", ".join(one.columns),
                "Singled out": one.unique,
                "Share": one.unique_share,
                "Smallest group": one.k,
            }
            for one in found[:SHOWN]
        ]
        st.dataframe(
            pd.DataFrame(rows),
            hide_index=True,
            alt=f"The {len(rows)} combinations of columns that single out most people.",
            column_config={"Share": st.column_config.NumberColumn(format="percent")},
        )


def show_why_not(
    actor: Actor, dataset: Dataset, table: Table, findings: dict[str, Finding]
) -> None:
    """Say on demand why a column was not flagged."""
    names = not_flagged(table, findings)
    if not names:
        return
    with st.expander("Why was a column not flagged?", icon=":material/contact_support:"):
        chosen = st.selectbox(
            "Column", names, index=None, key=f"why_{dataset.id}_{table.name}", placeholder="Choose"
        )
        if chosen:
            with guard(stop=False):
                said = studio().datasets.why_not(actor, dataset.id, table.name, chosen)
                st.markdown(f"{code(chosen)}: {plain(said)}")


def not_flagged(table: Table, findings: dict[str, Finding]) -> list[str]:
    """Return the columns without a finding of personal data."""
    return [
        name
        for name in table.names
        if name not in findings or not SEMANTICS[findings[name].semantic].personal
    ]
