"""How the differences between real and synthetic tables are shown: columns, pairs, associations.

Charts are drawn from the report alone, which names no rare category and no extreme value.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from app.components.charts import bars, download_data, heatmap, histogram, show_chart
from app.components.page import plain
from app.components.results import number, show_frame
from core.evaluation.charts import edge_label
from core.evaluation.values import (
    Association,
    Chart,
    ColumnReport,
    RelationReport,
    Report,
    TableReport,
)
from core.evaluation.words import show

SHOWN_COLUMNS = 15
SHOWN_PAIRS = 15
LEAST_CHANGE = 0.1


def show_differences(report: Report, table: TableReport) -> None:
    """Show which columns and pairs differ most, and how columns hang together."""
    for note in table.notes:
        st.caption(plain(note))
    if table.judged:
        _show_columns(table)
        _show_column(table)
        _show_pairs(table)
        _show_associations(table)
    else:
        st.info("No column of this table was learned, so there is nothing to compare.")
    _show_left_out(table)
    if report.relations:
        _show_relations(report.relations)


def _show_columns(table: TableReport) -> None:
    st.subheader("Columns, furthest first", anchor=False)
    judged = _furthest(table)
    shown = judged[:SHOWN_COLUMNS]
    series = {
        "Synthetic": [number(c.similarity) for c in shown],
        "Fresh real rows": [number(c.fresh) for c in shown],
    }
    figure = bars([c.name for c in shown], series, y_title="Similarity")
    figure.update_yaxes(range=[0, 1.02])
    worst = shown[0]
    alt = f"Similarity of {len(shown)} columns; lowest against fresh real rows is {worst.name}"
    show_chart(figure, alt, lambda: column_frame(judged), key=f"columns_{table.name}")
    if len(judged) > len(shown):
        st.caption(f"The {len(shown)} furthest of {len(judged)} columns; all are in the data.")


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


def _show_column(table: TableReport) -> None:
    judged = _furthest(table)
    names = [c.name for c in judged]
    chosen = st.selectbox("Look at a column", names, key=f"result_column_{table.name}")
    column = next(c for c in judged if c.name == chosen)
    words = (
        f"Similarity {show(column.similarity)}, fresh real rows {show(column.fresh)}; missing "
        f"{show(column.missing_real, percent=True)} of training and "
        f"{show(column.missing_synthetic, percent=True)} of synthetic rows."
    )
    st.caption(words)
    if column.chart is None:
        st.caption("There is nothing to draw: all values are missing or too large.")
        return
    figure, frame = column_figure(column, column.chart)
    alt = f"Training beside synthetic values of {column.name}. {words}"
    show_chart(figure, alt, frame, key=f"column_{table.name}_{names.index(chosen)}")


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


def _show_pairs(table: TableReport) -> None:
    if not table.pairs:
        return
    st.subheader("Pairs of columns, furthest first", anchor=False)
    note = table.measures["pairs"].note or f"all {table.pairs_total:,} pairs"
    st.caption(
        "How much the joint distribution of two columns overlaps with unseen real rows; "
        f"{plain(note)}."
    )
    furthest = sorted(table.pairs, key=lambda p: -p.shortfall)
    frame = pd.DataFrame(
        {
            "Column": [p.left for p in furthest],
            "With": [p.right for p in furthest],
            "Similarity": [p.similarity for p in furthest],
            "Fresh real rows": [number(p.fresh) for p in furthest],
            "Independent columns": [p.independent for p in furthest],
        }
    )
    show_frame(frame.head(SHOWN_PAIRS), "Pairs of columns that differ most")
    download_data(frame, key=f"pairs_{table.name}")


def _show_associations(table: TableReport) -> None:
    cells = table.association
    if len(cells.names) < 2:
        return
    st.subheader("How strongly columns hang together", anchor=False)
    st.caption(
        "Rank correlation between numbers (−1 to 1); correlation ratio and Cramér's V where "
        "categories take part (0 to 1). Empty where a column does not vary. " + plain(cells.note)
    )
    maps = {
        "Training": cells.real,
        "Synthetic": cells.synthetic,
        "Synthetic minus training": cells.difference,
    }
    for column, (title, matrix) in zip(st.columns(3), maps.items(), strict=True):
        with column:
            st.markdown(f"**{title}**")
            frame = pd.DataFrame(matrix, index=cells.names, columns=cells.names, dtype=float)
            figure = heatmap(frame, low=-1, high=1, is_diverging=True)
            figure.update_traces(showscale=title.startswith("Synthetic minus"))
            alt = f"{title}: {association_words(cells)}"
            show_chart(figure, alt, frame, key=f"map_{table.name}_{title}", height=340)
    st.markdown(plain(association_words(cells)))


def association_words(cells: Association) -> str:
    """Name the pair whose association changed most."""
    changes = [
        (abs(value), cells.names[i], cells.names[j], value)
        for i, row in enumerate(cells.difference)
        for j, value in enumerate(row)
        if j > i and value is not None
    ]
    if not changes:
        return "No two columns vary in both."
    size, left, right, value = max(changes)
    if size < LEAST_CHANGE:
        return f"No association changed by more than {LEAST_CHANGE:g}."
    return f"Largest change: {left} with {right}, by {value:+.2f}."


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


def _furthest(table: TableReport) -> list[ColumnReport]:
    return sorted(table.judged, key=lambda c: -c.shortfall)


def _shares(counts: Sequence[int]) -> list[float]:
    total = sum(counts) or 1
    return [count / total for count in counts]
