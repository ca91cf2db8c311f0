"""A dataset's rules on the page: what they are, how many real rows keep them, and suggestions."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app.components.datasets import counted
from core.studio.rule_values import CheckedRule, SuggestedRule
from core.studio.rule_words import hidden_columns, kind_title, rule_words
from core.studio.values import Dataset

SHARE = st.column_config.NumberColumn(
    format="percent", help="Share of the real rows that keep it; those that miss a value do."
)
MOST_LISTED = 15


def rules_frame(dataset: Dataset, checked: Sequence[CheckedRule]) -> pd.DataFrame:
    """Return a row for each rule, in words."""
    rows = [
        {
            "Table": one.table,
            "Rule": rule_words(one.rule, hidden_columns(dataset, one.table)),
            "Kind": kind_title(one.rule),
            "Kept by real rows": one.share,
            "Note": one.problem or (one.only_measured and f"Only measured. {one.only_measured}"),
        }
        for one in checked
    ]
    frame = pd.DataFrame(rows, columns=["Table", "Rule", "Kind", "Kept by real rows", "Note"])
    return frame.drop(columns="Table") if len(dataset.schema.tables) == 1 else frame


def choose_rules(dataset: Dataset, checked: Sequence[CheckedRule], *, key: str) -> list[int]:
    """Show the rules as a table in which rows are chosen; return the places of those chosen."""
    frame = rules_frame(dataset, checked)
    if not frame["Note"].any():
        frame = frame.drop(columns="Note")
    event = st.dataframe(
        frame,
        hide_index=True,
        key=key,
        on_select="rerun",
        selection_mode="multi-row",
        column_config={"Kept by real rows": SHARE, "Rule": st.column_config.TextColumn(width=420)},
        alt=f"The {len(checked)} rules of the dataset and how many real rows keep each.",
    )
    return list(event.selection.rows)


def suggestions_frame(dataset: Dataset, found: Sequence[SuggestedRule]) -> pd.DataFrame:
    """Return a row for each suggestion, with what speaks for it."""
    rows = [
        {
            "Accept": False,
            "Table": one.table,
            "Rule": rule_words(one.rule, hidden_columns(dataset, one.table)),
            "Kept by real rows": one.share,
            "Rows": one.rows,
            "Why": one.why,
        }
        for one in found
    ]
    frame = pd.DataFrame(rows)
    return frame.drop(columns="Table") if len(dataset.schema.tables) == 1 else frame


def choose_suggestions(
    dataset: Dataset, found: Sequence[SuggestedRule], *, key: str
) -> list[SuggestedRule]:
    """Let the user tick suggestions; return those that are ticked."""
    frame = suggestions_frame(dataset, found)
    after = st.data_editor(
        frame,
        hide_index=True,
        key=key,
        disabled=[name for name in frame.columns if name != "Accept"],
        height="content" if len(frame) <= MOST_LISTED else "auto",
        column_config={
            "Accept": st.column_config.CheckboxColumn(pinned=True),
            "Kept by real rows": SHARE,
            "Rule": st.column_config.TextColumn(width=420),
            "Rows": st.column_config.NumberColumn(
                format="localized", help="Rows that have all the values that it compares."
            ),
        },
        alt=f"{counted(len(found), 'rule')} that the real rows keep, to be accepted or not.",
    )
    return [one for one, is_ticked in zip(found, after["Accept"], strict=True) if is_ticked]
