"""Charts that all pages draw alike: one palette, a text alternative, and their data to take away.

Colours come from the set of Okabe and Ito (https://jfly.uni-koeln.de/color/), told apart with
every common colour blindness; the first four reach a contrast of 3:1 on both themes. A second sign
(dash, outline, position) goes with each colour.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

BLUE, VERMILLION, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
SKY, ORANGE, GRAY = "#56B4E9", "#E69F00", "#8A94A6"
PALETTE = (BLUE, VERMILLION, GREEN, PURPLE, SKY, ORANGE, GRAY)
REAL, SYNTHETIC, HOLDOUT = BLUE, VERMILLION, GREEN
GOOD, ATTENTION, BAD, NEUTRAL = GREEN, ORANGE, VERMILLION, GRAY
SEQUENTIAL = "Cividis"
DIVERGING_LIGHT = ((0.0, BLUE), (0.5, "#F7F7F5"), (1.0, VERMILLION))
DIVERGING_DARK = ((0.0, SKY), (0.5, "#1B2430"), (1.0, "#F08A3C"))
PATTERNS = ("", "/", ".", "x", "-", "\\", "|")
DASHES = ("solid", "dash", "dot", "dashdot")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def diverging() -> tuple[tuple[float, str], ...]:
    """Return the diverging colour scale of the theme that the browser shows."""
    return DIVERGING_DARK if st.context.theme.type == "dark" else DIVERGING_LIGHT


def colors_of(names: Sequence[str]) -> dict[str, str]:
    """Give each series its colour; real, synthetic and holdout always have the same."""
    fixed = {"real": REAL, "synthetic": SYNTHETIC, "holdout": HOLDOUT}
    taken = {fixed[n.lower()] for n in names if n.lower() in fixed}
    free = iter([color for color in PALETTE if color not in taken])
    return {n: fixed.get(n.lower()) or next(free, GRAY) for n in names}


def histogram(
    edges: Sequence[float],
    series: Mapping[str, Sequence[float]],
    *,
    x_title: str = "",
    y_title: str = "Rows",
) -> go.Figure:
    """Draw counts or shares per bin, one outline per series over the same bins.

    Parameters
    ----------
    edges
        The ``n + 1`` edges of the bins, numbers or times.
    series
        ``n`` heights by series name.
    """
    figure = go.Figure()
    colors = colors_of(list(series))
    for number, (name, heights) in enumerate(series.items()):
        figure.add_trace(
            go.Scatter(
                x=np.asarray(edges),
                y=[*heights, *list(heights)[-1:]],
                name=name,
                mode="lines",
                line={"shape": "hv", "color": colors[name], "dash": DASHES[number % 4]},
                fill="tozeroy",
                opacity=0.9,
            )
        )
    return _dress(figure, x_title, y_title, legend=len(series) > 1)


def bars(
    categories: Sequence[str],
    series: Mapping[str, Sequence[float]],
    *,
    x_title: str = "",
    y_title: str = "Rows",
    horizontal: bool = False,
) -> go.Figure:
    """Draw one group of bars per category, one bar per series."""
    figure = go.Figure()
    colors = colors_of(list(series))
    for number, (name, values) in enumerate(series.items()):
        marker = {"color": colors[name], "pattern": {"shape": PATTERNS[number % 7], "size": 5}}
        labels, heights = [str(c) for c in categories], list(values)
        across = {"x": heights, "y": labels} if horizontal else {"x": labels, "y": heights}
        orientation = "h" if horizontal else "v"
        figure.add_trace(go.Bar(name=name, orientation=orientation, marker=marker, **across))
    figure.update_layout(barmode="group", bargap=0.25)
    if horizontal:
        figure.update_yaxes(autorange="reversed", type="category")
        return _dress(figure, y_title, x_title, legend=len(series) > 1)
    figure.update_xaxes(type="category")
    return _dress(figure, x_title, y_title, legend=len(series) > 1)


def lines(
    x: Sequence[float],
    series: Mapping[str, Sequence[float]],
    *,
    x_title: str = "",
    y_title: str = "",
) -> go.Figure:
    """Draw one line per series over common x values, such as losses over epochs."""
    figure = go.Figure()
    colors = colors_of(list(series))
    for number, (name, values) in enumerate(series.items()):
        line = {"color": colors[name], "dash": DASHES[number % 4]}
        figure.add_trace(go.Scatter(x=list(x), y=list(values), name=name, line=line, mode="lines"))
    return _dress(figure, x_title, y_title, legend=len(series) > 1)


def heatmap(
    matrix: pd.DataFrame,
    *,
    low: float,
    high: float,
    is_diverging: bool = False,
    value_title: str = "",
) -> go.Figure:
    """Draw a labelled matrix; missing cells stay empty.

    ``low`` and ``high`` are the ends of the colour scale, fixed so that figures can be compared.
    """
    trace = go.Heatmap(
        z=matrix.to_numpy(dtype=float, na_value=np.nan),
        x=[str(c) for c in matrix.columns],
        y=[str(c) for c in matrix.index],
        zmin=low,
        zmax=high,
        colorscale=[list(c) for c in diverging()] if is_diverging else SEQUENTIAL,
        colorbar={"title": value_title, "thickness": 12},
        hovertemplate="%{y} · %{x}: %{z:.3f}<extra></extra>",
    )
    figure = _dress(go.Figure(trace), "", "", legend=False)
    figure.update_xaxes(type="category", showgrid=False, tickangle=90)
    figure.update_yaxes(type="category", autorange="reversed", showgrid=False)
    return figure


def clickable(figure: go.Figure, matrix: pd.DataFrame, chosen: tuple[int, int] | None) -> go.Figure:
    """Lay marks over a heat map that a click selects, and frame the chosen cell.

    The cells of a heat map give no selection. The marks are unseen, one a cell, row by row, so
    that the index of the selected point is ``row * columns + column``.
    """
    rows, columns = [str(c) for c in matrix.index], [str(c) for c in matrix.columns]
    values = matrix.to_numpy(dtype=float, na_value=np.nan)
    figure.update_traces(hoverinfo="skip", hovertemplate=None, selector={"type": "heatmap"})
    figure.add_scatter(
        x=columns * len(rows),
        y=[row for row in rows for _ in columns],
        mode="markers",
        marker={"size": 6, "opacity": 0},
        selected={"marker": {"opacity": 0}},
        unselected={"marker": {"opacity": 0}},
        text=["not measured" if np.isnan(v) else f"{v:.3f}" for v in values.ravel()],
        hovertemplate="%{y} · %{x}: %{text}<extra></extra>",
        showlegend=False,
    )
    for row, column in [] if chosen is None else [chosen, chosen[::-1]]:
        place = {"x0": column - 0.5, "x1": column + 0.5, "y0": row - 0.5, "y1": row + 0.5}
        figure.add_shape(type="rect", line={"color": VERMILLION, "width": 3}, **place)
    return figure.update_layout(hoverdistance=-1, dragmode=False)


def show_chart(
    figure: go.Figure,
    alt: str,
    data: pd.DataFrame | Callable[[], pd.DataFrame] | None = None,
    *,
    key: str,
    height: int | None = None,
    on_select: Callable[[], None] | None = None,
) -> None:
    """Show a figure with its text alternative and, if given, its data as a CSV download.

    Parameters
    ----------
    alt
        What the chart says, in one plain sentence.
    data
        The numbers behind the chart, or a function that makes them when they are asked for.
    key
        Unique on the page; also the download's file name.
    on_select
        What follows when a mark is clicked, which is in the state under ``chart_`` and the key.
    """
    if height is not None:
        figure.update_layout(height=height)
    config = {"displaylogo": False, "displayModeBar": False}
    clicks = {"on_select": on_select, "selection_mode": "points"} if on_select else {}
    st.plotly_chart(figure, alt=alt, key=f"chart_{key}", config=config, width="stretch", **clicks)
    if data is not None:
        download_data(data, key=key)


def download_data(data: pd.DataFrame | Callable[[], pd.DataFrame], *, key: str) -> None:
    """Offer the numbers behind a chart or table as a CSV file."""

    def contents() -> bytes:
        frame = data() if callable(data) else data
        return csv_bytes(frame)

    st.download_button(
        "Data as CSV",
        contents,
        file_name=f"{key}.csv",
        mime="text/csv",
        key=f"data_{key}",
        type="tertiary",
        icon=":material/download:",
        on_click="ignore",
    )


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """Write a frame as CSV in which no text cell can act as a spreadsheet formula."""
    named = frame if _is_plain_index(frame) else frame.reset_index()
    return named.map(_defused).rename(columns=_defused).to_csv(index=False).encode()


def _is_plain_index(frame: pd.DataFrame) -> bool:
    return isinstance(frame.index, pd.RangeIndex) and frame.index.name is None


def _defused(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell


def _dress(figure: go.Figure, x_title: str, y_title: str, *, legend: bool) -> go.Figure:
    figure.update_layout(
        height=300,
        margin={"l": 8, "r": 8, "t": 28, "b": 8},
        showlegend=legend,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        hovermode="closest",
    )
    figure.update_xaxes(title=x_title or None, automargin=True)
    figure.update_yaxes(title=y_title or None, automargin=True)
    return figure
