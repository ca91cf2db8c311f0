"""Scores in words and cells: what was not measured is grey, with its reason, and never a number.

Also the words of each measure, one click away from its number.
"""

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd
import streamlit as st

from app.components.page import plain
from core.evaluation.glossary import OUTCOME_WORDS, paragraphs, reasons, words_for
from core.evaluation.values import Measure, NotMeasured, Score
from core.evaluation.words import Words, show

NOT_MEASURED = "not measured"
OUTCOMES: Mapping[str, tuple[str, str, str]] = {
    "pass": (":material/check_circle:", "green", "✓"),
    "warn": (":material/warning:", "orange", "!"),
    "fail": (":material/dangerous:", "red", "✕"),
    "inconclusive": (":material/help:", "gray", "?"),
    "not applicable": (":material/remove:", "gray", "–"),
}
"""Icon, colour and sign in tables of each outcome."""


def outcome_badge(outcome: str) -> None:
    """Show an outcome by icon and word; the colour says the same."""
    icon, color, _ = OUTCOMES[outcome]
    st.badge(OUTCOME_WORDS[outcome], icon=icon, color=color)


def outcome_words(outcome: str) -> str:
    """Return an outcome for a table's cell: a sign and a word."""
    return f"{OUTCOMES[outcome][2]} {OUTCOME_WORDS[outcome]}"


def number(score: Score) -> float:
    """Return a score as a table's cell: NaN, an empty cell, when it was not measured."""
    return float("nan") if isinstance(score, NotMeasured) else score


def measured(score: Score) -> bool:
    """Tell whether there is a number."""
    return not isinstance(score, NotMeasured)


def show_frame(frame: pd.DataFrame, alt: str, *, digits: int = 3) -> None:
    """Show a table of scores; cells that were not measured say so in grey."""
    st.dataframe(
        frame,
        hide_index=True,
        column_config=number_columns(frame, digits),
        alt=alt,
        width="stretch",
        height="content" if len(frame) <= 15 else 420,
        placeholder=NOT_MEASURED,
    )


def number_columns(frame: pd.DataFrame, digits: int = 3) -> dict[str, object]:
    """Return the format of every column of scores of a frame."""
    numbers = frame.select_dtypes("float").columns
    return {name: st.column_config.NumberColumn(format=f"%.{digits}f") for name in numbers}


def show_reasons(scores: Iterable[tuple[str, Score]]) -> None:
    """Say in grey why something was not measured, each reason once with all it is about."""
    for reason, about in reasons(scores).items():
        st.caption(f":material/help: Not measured: {plain(about)}. {plain(reason)}")


def interval(low: Score | None, high: Score | None, *, percent: bool = False) -> str:
    """Return a 95 % interval in words, empty without one."""
    if not isinstance(low, float) or not isinstance(high, float):
        return ""
    return f"{show(low, percent=percent)} to {show(high, percent=percent)}"


def measure_frame(measures: Sequence[Measure]) -> pd.DataFrame:
    """Return measures beside their references as a table."""
    frame = pd.DataFrame(
        [
            {
                "Measure": words_for("measure", m.name).title,
                "This data": number(m.value),
                "95 % interval": interval(m.low, m.high),
                "Fresh real rows": number(m.fresh),
                "No skill": number(m.chance),
                "Best": m.best,
                "Note": m.note,
            }
            for m in measures
        ]
    )
    empty = [n for n in ("95 % interval", "Note") if not frame[n].any()]
    return frame.drop(columns=[*empty, *(["No skill"] if frame["No skill"].isna().all() else [])])


def explain(kind: str, names: Sequence[str], *, key: str, label: str = "What these mean") -> None:
    """Offer the words of measures, attacks, gates or models, one click away.

    Each says its meaning, how it is computed, what a good value is, and where it misleads.
    """
    known = [w for w in (words_for(kind, name) for name in dict.fromkeys(names)) if w.meaning]
    if not known:
        return
    with st.popover(label, icon=":material/help:", type="tertiary", key=f"words_{key}"):
        for words in known:
            st.markdown(f"**{plain(words.title)}**")
            st.markdown(words_text(words))


def words_text(words: Words) -> str:
    """Return what there is to say of a measure as short paragraphs."""
    parts = paragraphs(words)
    return "\n\n".join(
        f"**{lead}:** {plain(text)}" if lead else plain(text) for lead, text in parts
    )
