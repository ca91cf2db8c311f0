"""How an evaluation is shown at once: the verdict, its three dials, and measures as cards.

Names of tables and columns come from users' files: they are escaped wherever they go into Markdown.
"""

from collections.abc import Sequence

import plotly.graph_objects as go
import streamlit as st

from app.components.charts import ATTENTION, BAD, GOOD, GRAY, NEUTRAL, REAL
from app.components.page import plain
from app.components.scores import measured, words_text
from core.evaluation.glossary import words_for
from core.evaluation.values import Dial, Measure, NotMeasured, Report, TableReport
from core.evaluation.words import CHANCE, LEVELS, is_share, show

LOOKS = {
    "good": (":material/check_circle:", "green"),
    "fair": (":material/warning:", "orange"),
    "poor": (":material/dangerous:", "red"),
    "unknown": (":material/help:", "gray"),
}
COLORS = {"good": GOOD, "fair": ATTENTION, "poor": BAD, "unknown": NEUTRAL}


def show_verdict(report: Report) -> None:
    """Show the answer in one sentence."""
    icon, color = LOOKS[report.level]
    st.markdown(f"#### :{color}[{icon}] {plain(report.summary)}")


def show_dials(report: Report) -> None:
    """Show the three answers that the verdict rests on, side by side."""
    for column, dial in zip(st.columns(3), report.dials, strict=True):
        with column.container(border=True, height="stretch"):
            show_dial(dial)


def show_dial(dial: Dial) -> None:
    """Show one answer: level in words, the value between its references, a sentence."""
    icon, color = LOOKS[dial.level]
    st.markdown(f"**{dial.title}**")
    st.badge(LEVELS[dial.level], icon=icon, color=color)
    if isinstance(dial.value, float):
        figure = dial_figure(dial)
        config = {"displayModeBar": False, "staticPlot": True}
        st.plotly_chart(
            figure, key=f"dial_{dial.name}", config=config, alt=dial_words(dial), width="stretch"
        )
        st.caption(dial_words(dial, marks=True))
    st.markdown(plain(dial.sentence))


def dial_words(dial: Dial, *, marks: bool = False) -> str:
    """Say a dial's value and its references in one line; ``marks`` names their marks' colours."""
    blue, gray = (" (blue mark)", " (grey mark)") if marks else ("", "")
    chance = f", {CHANCE[dial.name]} {show(dial.chance)}{gray}" if measured(dial.chance) else ""
    return f"This data {show(dial.value)}; fresh real rows {show(dial.best)}{blue}{chance}."


def dial_figure(dial: Dial) -> go.Figure:
    """Draw the value as a bar on a line from 0 to 1 with marks where the references are."""
    figure = go.Figure(
        go.Bar(
            x=[dial.value], y=[""], orientation="h", marker={"color": COLORS[dial.level]}, width=0.5
        )
    )
    for score, name, color in ((dial.best, "fresh", REAL), (dial.chance, "chance", GRAY)):
        if isinstance(score, float):
            mark = {"symbol": "line-ns", "size": 26, "line": {"width": 4, "color": color}}
            figure.add_scatter(
                x=[score], y=[""], mode="markers", marker=mark, name=name, cliponaxis=False
            )
    figure.update_layout(height=76, margin={"l": 8, "r": 8, "t": 4, "b": 30}, showlegend=False)
    low = min([0.0, *(s for s in (dial.value, dial.chance) if isinstance(s, float))])
    figure.update_xaxes(range=[low, 1.01], tickvals=[0, 0.5, 1], showgrid=False)
    figure.update_yaxes(visible=False)
    return figure


def show_measures(table: TableReport, names: Sequence[str]) -> None:
    """Show measures two by two as cards."""
    for start in range(0, len(names), 2):
        for column, name in zip(st.columns(2), names[start : start + 2], strict=False):
            with column.container(border=True, height="stretch"):
                show_measure(table.measures[name])


def show_measure(measure: Measure) -> None:
    """Show one measure: its value, its references, what it means."""
    words, percent = words_for("measure", measure.name), is_share(measure)
    shown = show(measure.value, percent=percent)
    st.metric(words.title, shown, help=words_text(words) or None)
    if isinstance(measure.value, NotMeasured):
        st.caption(f":material/help: {plain(measure.value.reason)}")
        return
    references = [f"Fresh real rows **{show(measure.fresh, percent=percent)}**"]
    if measured(measure.chance):
        references.append(f"{words.chance} **{show(measure.chance, percent=percent)}**")
    references.append(f"best **{show(measure.best, percent=percent)}**")
    st.markdown(" · ".join(references))
    noise = f" Noise: ± {measure.margin:.3f}." if measure.margin else ""
    note = f" ({plain(measure.note)})" if measure.note else ""
    st.caption(f"{words.meaning}{note} {words.reading}{noise}")
