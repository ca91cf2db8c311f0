"""Two columns of a profile together: their measure in words, counts in cells, boxes by category."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from app.components.charts import BLUE, heatmap, show_chart
from app.components.datasets import counted
from app.components.profile import axis, axis_title
from core.data.profile import MOST_BOXED, Box, Grid, Pair, TableProfile
from core.data.schema import ColumnType

BETWEEN = " – "
LONGEST = 16


def pair_words(found: Pair) -> str:
    """Say a pair's measure by its name, its value and what it rests on."""
    if found.strength is None:
        return (
            f"{found.measure}: not measured, since one of the two does not vary beside the other."
        )
    value = found.strength if found.pearson is None else found.pearson
    words = f"{found.measure} **{value:.2f}**"
    if found.spearman is not None:
        words += f", Spearman's rank correlation **{found.spearman:.2f}**"
    rows = f"{found.rows:,} rows have both values"
    on = f"measured on {found.measured_on:,} rows" if found.measured_on < found.rows else ""
    return f"{words}. {'; '.join(filter(None, (rows, on)))}."


def draw_pair(found: Pair, profile: TableProfile, key: str) -> None:
    """Draw a pair: counts in cells, or where a number lies by category."""
    if found.grid is not None and found.rows:
        _draw_grid(found, found.grid, profile, key)
    elif found.boxes:
        line = profile[found.number]
        frame = box_frame(found.boxes, line.type)
        coded = found.right if found.number == found.left else found.left
        alt = f"Where {line.name} lies by {coded}: the middle half, and 5 to 95 %."
        figure = box_figure(frame, axis_title(line))
        show_chart(figure, alt, frame, key=key, height=max(300, 30 * len(frame) + 100))
        boxed = sum(box.rows for box in found.boxes)
        on = f" Drawn from {boxed:,} evenly spaced rows." if found.rows > MOST_BOXED else ""
        st.caption(
            "Boxes: the middle half; whiskers: 5 to 95 %; each end is the mean of several people's "
            f"values around it. Small categories are pooled.{on}"
        )
    else:
        st.caption("There are too few rows with both values to draw.")


def _draw_grid(found: Pair, grid: Grid, profile: TableProfile, key: str) -> None:
    counts = grid_frame(grid)
    top = float(np.nanmax(counts.to_numpy(), initial=1.0))
    figure = heatmap(counts, low=0.0, high=top)
    figure.update_traces(
        hovertemplate="%{y} · %{x}: %{z:,} rows<extra></extra>",
        colorbar={"orientation": "h", "thickness": 8, "title": "rows", "y": 1, "yanchor": "bottom"},
    )
    figure.update_xaxes(title=found.right, **ticks(list(counts.columns)))
    figure.update_yaxes(title=found.left, **ticks(list(counts.index)))
    if profile[found.left].type.is_numeric:
        figure.update_yaxes(autorange=True)
    alt = f"Rows by {found.left} and {found.right}. {pair_words(found)}"
    show_chart(figure, alt, counts, key=key, height=max(340, 16 * len(counts) + 220))
    if grid.withheld:
        said = f"{counted(grid.withheld, 'row')} in cells of fewer than five people"
        st.caption(f"Empty cells have nobody or very few people: {said}, not drawn.")


def ticks(labels: list[str]) -> dict[str, list[str]]:
    """Return short words for the places of an axis: where a bin begins, how a category begins."""
    begun = [label.split(BETWEEN)[0] for label in labels]
    return {
        "tickvals": labels,
        "ticktext": [f"{b[:LONGEST]}…" if len(b) > LONGEST + 1 else b for b in begun],
    }


def grid_frame(grid: Grid) -> pd.DataFrame:
    """Return the counts of a grid, cells without any told row as missing."""
    counts = np.asarray(grid.counts, dtype=float)
    counts[counts == 0] = np.nan
    frame = pd.DataFrame(counts, index=list(grid.rows), columns=list(grid.columns))
    filled = ~np.isnan(counts)
    return frame.loc[filled.any(axis=1), filled.any(axis=0)] if filled.any() else frame


def box_frame(boxes: tuple[Box, ...], kind: ColumnType) -> pd.DataFrame:
    """Return boxes as a table, one category a row, points in the unit that a chart shows."""
    names = ["5 %", "25 %", "Median", "75 %", "95 %"]
    points = dict(zip(names, zip(*(box.points for box in boxes), strict=True), strict=True))
    shown = {name: axis(values, kind) for name, values in points.items()}
    about = {"Category": [box.label for box in boxes], "Rows": [box.rows for box in boxes]}
    return pd.DataFrame(about | shown)


def box_figure(frame: pd.DataFrame, title: str) -> go.Figure:
    """Draw one box a category, lying, the most frequent category on top."""
    figure = go.Figure(
        go.Box(
            y=frame["Category"],
            lowerfence=frame["5 %"],
            q1=frame["25 %"],
            median=frame["Median"],
            q3=frame["75 %"],
            upperfence=frame["95 %"],
            orientation="h",
            line={"color": BLUE},
        )
    )
    is_dated = pd.api.types.is_datetime64_any_dtype(frame["Median"])
    figure.update_layout(margin={"l": 8, "r": 8, "t": 28, "b": 8}, showlegend=False)
    figure.update_xaxes(title=title, automargin=True, type="date" if is_dated else "linear")
    figure.update_yaxes(type="category", autorange="reversed", automargin=True)
    return figure
