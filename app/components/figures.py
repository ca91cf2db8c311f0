"""Figures of an evaluation: a value on its track, and values beside what fresh real rows reach.

Each sign has a shape of its own, so that colour is never the only way to tell them apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from app.components.charts import ATTENTION, BAD, GRAY, REAL, SYNTHETIC

ROW, FRAME = 26, 96
CROWDED = 0.12
MARKS = {
    "This data": ("circle", SYNTHETIC),
    "Fresh real rows": ("diamond", REAL),
    "Verbatim copy": ("x", GRAY),
}


@dataclass(frozen=True, slots=True)
class Track:
    """What is drawn on one line: named values, an interval of the first, and bounds.

    ``bounds`` are ``(value, name)`` pairs, the milder first; ``ends`` are those of the line.
    """

    values: dict[str, float]
    interval: tuple[float, float] | None
    bounds: tuple[tuple[float, str], ...]
    ends: tuple[float, float]


def track(drawn: Track) -> go.Figure:
    """Draw values on a line between harmless and worst, with the bounds as upright lines."""
    figure = go.Figure()
    for name, value in drawn.values.items():
        symbol, color = MARKS[name]
        error = None
        if name == "This data" and drawn.interval:
            low, high = drawn.interval
            error = {
                "type": "data",
                "array": [high - value],
                "arrayminus": [value - low],
                "color": color,
            }
        figure.add_scatter(
            x=[value],
            y=[""],
            mode="markers",
            name=name,
            error_x=error,
            marker={"symbol": symbol, "size": 13, "color": color},
            cliponaxis=False,
            hovertemplate=f"{name}: %{{x:.3f}}<extra></extra>",
        )
    _draw_bounds(figure, drawn)
    low, high = drawn.ends
    pad = 0.03 * abs(high - low)
    figure.update_layout(
        height=104, margin={"l": 8, "r": 8, "t": 20, "b": 8}, showlegend=False, hovermode="closest"
    )
    figure.update_xaxes(range=[min(low, high) - pad, max(low, high) + pad], automargin=True)
    figure.update_yaxes(visible=False)
    return figure


def _draw_bounds(figure: go.Figure, drawn: Track) -> None:
    """Draw the bounds; names that would lie on each other, or beyond the edge, are put together."""
    looks = zip(drawn.bounds, ((ATTENTION, "dot"), (BAD, "dash")), strict=False)
    for (value, _), (color, dash) in looks:
        figure.add_vline(value, line={"color": color, "dash": dash, "width": 2})
    low, high = drawn.ends
    first, last = drawn.bounds[0], drawn.bounds[-1]
    crowded = CROWDED * (high - low)
    if first[0] - low < crowded or last[0] - first[0] < crowded / 2:
        names = ((last[0], f"{first[1]}, {last[1]}", "left"),)
    else:
        names = ((first[0], first[1], "right"), (last[0], last[1], "left"))
    for value, text, side in names:
        figure.add_annotation(
            x=value,
            y=1,
            yref="paper",
            yanchor="bottom",
            xanchor=side,
            text=text,
            showarrow=False,
            font_size=11,
        )


def against_fresh(
    names: Sequence[str], values: Sequence[float], fresh: Sequence[float], *, x_title: str
) -> go.Figure:
    """Draw each name's value and what fresh real rows reach on a line of their own."""
    figure = go.Figure()
    for name, value, best in zip(names, values, fresh, strict=True):
        figure.add_scatter(
            x=[value, best],
            y=[name, name],
            mode="lines",
            line={"color": GRAY, "width": 2},
            showlegend=False,
            hoverinfo="skip",
        )
    for label, points in (("This data", values), ("Fresh real rows", fresh)):
        symbol, color = MARKS[label]
        figure.add_scatter(
            x=list(points),
            y=list(names),
            mode="markers",
            name=label,
            marker={"symbol": symbol, "size": 11, "color": color},
            hovertemplate="%{y}: %{x:.3f}<extra></extra>",
        )
    figure.update_layout(
        height=FRAME + ROW * len(names),
        margin={"l": 8, "r": 8, "t": 28, "b": 8},
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0},
        hovermode="closest",
    )
    figure.update_xaxes(title=x_title, automargin=True)
    figure.update_yaxes(type="category", autorange="reversed", automargin=True)
    return figure
