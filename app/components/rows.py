"""Whole rows: their measures, the columns that give them away, and sdmetrics side by side."""

import pandas as pd
import streamlit as st

from app.components.charts import bars, download_data, show_chart
from app.components.page import plain
from app.components.scores import explain, measure_frame, number, show_frame, show_reasons
from core.evaluation.details import Giveaway, SdmetricsScores
from core.evaluation.glossary import words_for
from core.evaluation.values import Score, TableReport
from core.evaluation.words import show

SHOWN_GIVEAWAYS = 12


def show_rows_as_a_whole(table: TableReport) -> None:
    """Show what a full evaluation says of whole rows; nothing after a quick one."""
    detail = table.fidelity
    if detail is None:
        return
    st.subheader("Whole rows", anchor=False)
    measures = [table.measures[n] for n in ("c2st",) if n in table.measures] + list(detail.whole)
    if measures:
        frame = measure_frame(measures)
        show_frame(frame, "Measures of whole rows beside what fresh real rows reach")
        explain("measure", [m.name for m in measures], key=f"whole_{table.name}")
        show_reasons([(words_for("measure", m.name).title, m.value) for m in measures])
    for note in detail.notes:
        st.caption(plain(note))
    if detail.giveaways:
        _show_giveaways(table.name, detail.giveaways)
    if detail.sdmetrics:
        _show_sdmetrics(table, detail.sdmetrics)


def _show_giveaways(table: str, giveaways: tuple[Giveaway, ...]) -> None:
    st.markdown("**Columns that give synthetic rows away**")
    st.caption(
        "How much of the area under the curve a model loses when the column is shuffled: a long "
        "bar means that the column tells synthetic from real rows."
    )
    shown = giveaways[:SHOWN_GIVEAWAYS]
    series = {"Synthetic": [g.drop for g in shown]}
    figure = bars(
        [g.column for g in shown],
        series,
        y_title="Drop of the area under the curve",
        horizontal=True,
    )
    frame = pd.DataFrame(
        {"Column": [g.column for g in giveaways], "Drop of AUC": [g.drop for g in giveaways]}
    )
    alt = f"{shown[0].column} tells synthetic from real rows best, by {shown[0].drop:.3f}"
    show_chart(figure, alt, frame, key=f"giveaways_{table}", height=80 + 26 * len(shown))


def _show_sdmetrics(table: TableReport, scores: SdmetricsScores) -> None:
    st.markdown("**Beside the reports of sdmetrics**")
    st.caption(
        "For those who know them. They compare with the training rows, have no reference of "
        "fresh rows, and say nothing of privacy. " + plain(scores.note)
    )
    ours = {name: table.measures[name].value for name in ("columns", "pairs")}
    rows: list[tuple[str, Score, str, Score | None]] = [
        ("Quality: overall", scores.quality, "", None),
        ("Quality: column shapes", scores.column_shapes, "Single columns", ours["columns"]),
        ("Quality: pair trends", scores.column_pair_trends, "Pairs of columns", ours["pairs"]),
        ("Diagnostic: overall", scores.diagnostic, "", None),
        ("Diagnostic: data validity", scores.data_validity, "", None),
        ("Diagnostic: data structure", scores.data_structure, "", None),
    ]
    frame = pd.DataFrame(
        [
            {
                "sdmetrics": title,
                "Its score": number(score),
                "Here": here,
                "Our score": "" if own is None else show(own),
            }
            for title, score, here, own in rows
        ]
    )
    show_frame(frame, "Scores of sdmetrics beside ours")
    download_data(frame, key=f"sdmetrics_{table.name}")
    show_reasons([(title, score) for title, score, _, _ in rows])
