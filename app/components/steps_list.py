"""The steps of a preparation on the page: what each does to how many cells, and suggestions."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app.components.datasets import counted
from core.studio.preparing import Example, Pipeline, SuggestedStep, Tried
from core.studio.preparing_values import step_words

MOST_LISTED = 15
COUNT = st.column_config.NumberColumn(format="localized")
NO_GUARANTEE = "looks at rows"


def steps_frame(held: Pipeline, table: str, tried: Tried | None) -> pd.DataFrame:
    """Return a row for each step of a table, with what it did where that is known."""
    found = {one.place: one for one in tried.outcomes if one.table == table} if tried else {}
    rows = []
    for place, step in enumerate(held.steps.get(table, ())):
        done = found.get(place)
        rows.append(
            {
                "Step": step.title,
                "Column": step.column,
                "Cells changed": done and done.cells,
                "Become missing": done and done.lost,
                "Filled": done and done.gained,
                "Rows left out": done and done.rows,
                "Chosen": step_words(step),
                "Learned": done.said if done else "",
                "With a guarantee": "allowed" if step.is_public else NO_GUARANTEE,
                "What comes back": step.inverse,
            }
        )
    frame = pd.DataFrame(rows)
    empty = [
        name for name in ("Filled", "Rows left out", "Become missing") if not frame[name].any()
    ]
    return frame.drop(columns=[*empty, *([] if frame["Learned"].any() else ["Learned"])])


def choose_steps(held: Pipeline, table: str, tried: Tried | None, *, key: str) -> list[int]:
    """Show a table's steps in their order; return the places of those that are chosen."""
    event = st.dataframe(
        steps_frame(held, table, tried),
        key=key,
        hide_index=True,
        on_select="rerun",
        selection_mode="multi-row",
        column_config={
            **dict.fromkeys(("Cells changed", "Become missing", "Filled", "Rows left out"), COUNT),
            "Learned": st.column_config.TextColumn(width="medium"),
            "With a guarantee": st.column_config.TextColumn(
                help="Whether a run with a formal guarantee may have the step."
            ),
            "What comes back": st.column_config.TextColumn(
                help="What the way back after sampling does, and why where it does nothing."
            ),
        },
        alt=f"The steps of table {table} in their order, and how many cells each one changes.",
    )
    return list(event.selection.rows)


def suggestions_frame(found: Sequence[SuggestedStep]) -> pd.DataFrame:
    """Return a row for each suggestion, with what speaks for it."""
    rows = [
        {
            "Accept": False,
            "Table": one.table,
            "Column": one.step.column,
            "Step": one.step.title,
            "Why": one.why,
            "Chosen": step_words(one.step),
            "Cells": one.cells,
        }
        for one in found
    ]
    frame = pd.DataFrame(rows)
    return frame.drop(columns="Table") if frame["Table"].nunique() == 1 else frame


def choose_suggestions(found: Sequence[SuggestedStep], *, key: str) -> list[SuggestedStep]:
    """Let the user tick suggestions; return those that are ticked."""
    frame = suggestions_frame(found)
    after = st.data_editor(
        frame,
        key=key,
        hide_index=True,
        disabled=[name for name in frame.columns if name != "Accept"],
        height="content" if len(frame) <= MOST_LISTED else "auto",
        column_config={
            "Accept": st.column_config.CheckboxColumn(pinned=True),
            "Why": st.column_config.TextColumn(width=380),
            "Cells": COUNT,
        },
        alt=f"{counted(len(found), 'step')} that the rows suggest, to be accepted or not.",
    )
    return [one for one, is_ticked in zip(found, after["Accept"], strict=True) if is_ticked]


def show_examples(examples: Sequence[Example], column: str) -> None:
    """Show cells before and after, spaces at their ends made visible."""
    if not examples:
        st.caption("No cell of the rows looked at is changed.")
        return
    rows = [
        {"Before": visible(one.before), "After": visible(one.after), "Cells": one.cells}
        for one in examples
    ]
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        column_config={"Cells": COUNT},
        alt=f"Cells of column {column} before and after its steps.",
    )


def visible(text: str) -> str:
    """Return a text with the spaces at its ends as open boxes."""
    inner = text.strip()
    if not inner:
        return "␣" * len(text)
    start = len(text) - len(text.lstrip())
    return "␣" * start + inner + "␣" * (len(text) - len(inner) - start)
