"""How the differences between real and synthetic tables are shown, the worst first.

Columns and pairs are lists in which a click chooses what is drawn; the address names what is
chosen. Charts are drawn from the report alone, which names no rare category and no extreme value.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from app.components.associations import show_associations
from app.components.charts import bars, download_data, histogram, show_chart
from app.components.figures import against_fresh
from app.components.links import choose_linked, choose_row
from app.components.page import plain
from app.components.pairs import show_pairs
from app.components.rows import show_rows_as_a_whole
from app.components.scores import (
    NOT_MEASURED,
    explain,
    measure_frame,
    number,
    number_columns,
    show_frame,
    show_reasons,
)
from core.evaluation.charts import edge_label
from core.evaluation.glossary import words_for
from core.evaluation.values import (
    Chart,
    ColumnReport,
    RelationReport,
    Report,
    TableReport,
)
from core.evaluation.words import show

DRAWN_COLUMNS = 15
LIST_HEIGHT = 318


def show_differences(report: Report, table: TableReport) -> None:
    """Show which columns and pairs differ most, how columns hang together, and whole rows."""
    for note in table.notes:
        st.caption(plain(note))
    if table.judged:
        _show_columns(table)
        show_pairs(table)
        show_associations(table)
        show_rows_as_a_whole(table)
    else:
        st.info("No column of this table was learned, so there is nothing to compare.")
    _show_left_out(table)
    if report.relations:
        _show_relations(report.relations)


def furthest_columns(table: TableReport) -> list[ColumnReport]:
    """Return the judged columns, those that stay furthest behind fresh real rows first."""
    return sorted(table.judged, key=lambda c: -c.shortfall)


def _show_columns(table: TableReport) -> None:
    st.subheader("Columns, furthest first", anchor=False)
    judged = furthest_columns(table)
    shown = [c for c in judged if isinstance(c.similarity, float)][:DRAWN_COLUMNS]
    if shown:
        names = [c.name for c in shown]
        scores = [number(c.similarity) for c in shown], [number(c.fresh) for c in shown]
        figure = against_fresh(names, *scores, x_title="Similarity")
        alt = f"Similarity of {len(shown)} columns; furthest behind fresh real rows is {names[0]}"
        show_chart(figure, alt, key=f"columns_{table.name}")
    frame = column_frame(judged)
    names, key = [c.name for c in judged], f"columns_list_{table.name}"
    st.caption("Choose a row to see the column's charts.")
    st.dataframe(
        frame,
        hide_index=True,
        height=LIST_HEIGHT if len(frame) > 8 else "content",
        column_config=number_columns(frame),
        placeholder=NOT_MEASURED,
        on_select=lambda: choose_row(names, "column", key),
        selection_mode="single-row",
        key=key,
        alt="Similarity and missing shares of each column, furthest from real first",
    )
    with st.container(horizontal=True):
        download_data(lambda: measures_frame(table, judged), key=f"columns_{table.name}")
        explain("measure", ["columns", *_measure_names(table)], key=f"columns_{table.name}")
    show_reasons([(c.name, c.similarity) for c in judged])
    _show_column(table, judged)


def column_frame(columns: Sequence[ColumnReport]) -> pd.DataFrame:
    """Return what was measured of each column as a table."""
    rows = [
        {
            "Column": c.name,
            "Type": c.type,
            "Similarity": number(c.similarity),
            "Fresh real rows": number(c.fresh),
            "Kolmogorov-Smirnov": number(c.ks),
            "KS fresh real rows": number(c.fresh_ks),
            "Missing, real": number(c.missing_real),
            "Missing, synthetic": number(c.missing_synthetic),
        }
        for c in columns
    ]
    return pd.DataFrame(rows)


def measures_frame(table: TableReport, columns: Sequence[ColumnReport]) -> pd.DataFrame:
    """Return every measure of every column, one a row, as a table to take away."""
    parts = [column_frame(columns)]
    if table.fidelity:
        wide = {
            name: {
                f"{m.name}{suffix}": number(score)
                for m in measures
                for suffix, score in (("", m.value), (", fresh real rows", m.fresh))
            }
            for name, measures in table.fidelity.columns.items()
        }
        parts.append(pd.DataFrame([wide.get(c.name, {}) for c in columns]))
    return pd.concat(parts, axis="columns")


def _measure_names(table: TableReport) -> list[str]:
    known = table.fidelity.columns.values() if table.fidelity else ()
    return [measure.name for measures in known for measure in measures]


def _show_column(table: TableReport, judged: Sequence[ColumnReport]) -> None:
    chosen = choose_linked(
        "Look at a column",
        "column",
        {c.name: c.name for c in judged},
        default=judged[0].name,
        key=f"result_column_{table.name}",
    )
    column = next(c for c in judged if c.name == chosen)
    words = (
        f"Similarity {show(column.similarity)}, fresh real rows {show(column.fresh)}; missing "
        f"{show(column.missing_real, percent=True)} of training and "
        f"{show(column.missing_synthetic, percent=True)} of synthetic rows."
    )
    st.caption(words)
    measures = table.fidelity.columns.get(chosen, ()) if table.fidelity else ()
    _draw_column(column, f"column_{table.name}_{judged.index(column)}", words)
    if measures:
        show_frame(measure_frame(measures), f"Measures of the column {chosen}")
        show_reasons([(words_for("measure", m.name).title, m.value) for m in measures])


def _draw_column(column: ColumnReport, key: str, words: str) -> None:
    if column.chart is None:
        st.caption("There is nothing to draw: all values are missing or too large.")
        return
    figure, frame = column_figure(column, column.chart)
    alt = f"Training beside synthetic values of {column.name}. {words}"
    show_chart(figure, alt, frame, key=key)


def column_figure(column: ColumnReport, chart: Chart) -> tuple[go.Figure, pd.DataFrame]:
    """Draw shares of training beside shares of synthetic rows, and return the counts."""
    series = {"Real": _shares(chart.real), "Synthetic": _shares(chart.synthetic)}
    counts = {"Training rows": chart.real, "Synthetic rows": chart.synthetic}
    if chart.kind == "bars":
        figure = bars(chart.labels, series, x_title=column.name, y_title="Share of rows")
        figure.update_yaxes(tickformat=".0%")
        return figure, pd.DataFrame({"Category": chart.labels, **counts})
    edges = axis_values(chart.edges, column.type)
    figure = histogram(edges, series, x_title=axis_title(column), y_title="Share of rows")
    figure.update_yaxes(tickformat=".0%")
    labels = [edge_label(edge, column.type) for edge in chart.edges]
    return figure, pd.DataFrame({"From": labels[:-1], "To": labels[1:], **counts})


def axis_values(edges: Sequence[float], kind: str) -> list[object]:
    """Return edges as an axis understands them: dates and times as such, time of day in hours."""
    if kind in {"date", "datetime"}:
        unit = "D" if kind == "date" else "s"
        return list(pd.to_datetime(np.round(edges), unit=unit).to_pydatetime())
    return [edge / 3600 for edge in edges] if kind == "time" else list(edges)


def axis_title(column: ColumnReport) -> str:
    """Name the axis of a column's histogram."""
    return f"{column.name} (hours)" if column.type == "time" else column.name


def _show_left_out(table: TableReport) -> None:
    left_out = [c for c in table.columns if c.excluded]
    if not left_out:
        return
    with st.expander(left_out_words(len(left_out)), icon=":material/visibility_off:"):
        frame = pd.DataFrame(
            {"Column": [c.name for c in left_out], "Why": [c.excluded for c in left_out]}
        )
        st.dataframe(frame, hide_index=True, alt="Columns that were left out, and why")


def left_out_words(count: int) -> str:
    """Say how many columns are not judged."""
    return "1 column is left out" if count == 1 else f"{count} columns are left out"


def _show_relations(relations: Sequence[RelationReport]) -> None:
    st.subheader("Relations between tables", anchor=False)
    frame = pd.DataFrame(
        [
            {
                "Relation": f"{r.child}.{r.child_key} → {r.parent}",
                "Keys that fit": number(r.valid.value),
                "Keys that fit, real": number(r.valid.fresh),
                "Children per parent": number(r.children.value),
                "Children, fresh real rows": number(r.children.fresh),
            }
            for r in relations
        ]
    )
    show_frame(frame, "Foreign keys and children per parent of each relation")
    explain("measure", ["keys", "children"], key="relations")


def _shares(counts: Sequence[int]) -> list[float]:
    total = sum(counts) or 1
    return [count / total for count in counts]
