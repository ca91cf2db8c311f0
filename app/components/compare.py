"""Up to five runs side by side: the best of each measure marked, use against privacy, settings.

The best is marked by a star and what noise does not tell from it by a sign of its own, so that
colour is never needed to read the table.
"""

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from app.components.charts import (
    BLUE,
    GRAY,
    GREEN,
    ORANGE,
    PURPLE,
    VERMILLION,
    download_data,
    show_chart,
)
from app.components.compared_settings import show_settings
from app.components.engine_words import engine_titles
from app.components.jobs import duration
from app.components.page import plain
from app.components.results import LOOKS
from app.components.scores import NOT_MEASURED, explain, measured, number, show_reasons
from app.navigation import page_path
from core.evaluation.values import Score
from core.evaluation.words import LEVELS, show
from core.studio.comparison import ComparedMeasure, ComparedRun, Comparison, TradeOff

BEST, TIED = "★", "≈"
MARKS = (
    f"{BEST} comes nearest to the best value, {TIED} is not told from it by noise. Fresh real rows "
    "are what is best possible."
)
NO_MARKS = (
    "No best is marked, since the runs were judged against different real rows: hold each figure "
    "against the fresh real rows of its own run."
)
MOST_ROWS = 24
PARTS = {
    "fidelity": "Does it look like the real data?",
    "utility": "Can it be used like the real data?",
    "privacy": "Does it give people away?",
}
SYMBOLS = ("circle", "square", "triangle-up", "cross", "star")
COLORS = (VERMILLION, GREEN, PURPLE, ORANGE, BLUE)


def run_names(runs: Sequence[ComparedRun], titles: Mapping[str, str] | None = None) -> list[str]:
    """Return a short name for each run, no two alike; ``titles`` are those of the engines."""
    known = titles or {}
    return [
        f"{letter} · {known.get(run.engine, run.engine)}"
        for letter, run in zip("ABCDE", runs, strict=False)
    ]


def show_comparison(found: Comparison) -> None:
    """Show the runs' verdicts, where they stand, their measures and their settings."""
    names = run_names(found.runs, engine_titles())
    for note in found.notes:
        st.caption(plain(note))
    _show_runs(found.runs, names)
    _show_plane(found.points, found.runs, names)
    _show_measures(found.measures, names, is_marked=found.is_alike)
    show_settings(found, names)


def _show_runs(runs: Sequence[ComparedRun], names: Sequence[str]) -> None:
    with st.grid(len(runs), min_column_width=190) as grid:
        for run, name in zip(runs, names, strict=True):
            with grid.cell(), st.container(border=True, height="stretch"):
                st.markdown(f"**{plain(name)}**")
                icon, color = LOOKS[run.level]
                st.badge(LEVELS[run.level], icon=icon, color=color)
                st.caption(
                    f"{run.rows:,} rows · made in {duration(run.seconds)} · "
                    f"{run.created_at:%d %b %Y %H:%M} · {plain(run.created_by)}"
                )
                lines = [f"{part} {_level(getattr(run, part))}" for part in PARTS]
                st.markdown("  \n".join(lines))
                st.page_link(
                    page_path("results"),
                    label="Open the result",
                    icon=":material/analytics:",
                    query_params={"run": run.id},
                )


def _level(level: str) -> str:
    icon, color = LOOKS[level]
    return f":{color}[{icon} {LEVELS[level]}]"


def _show_plane(
    points: Sequence[TradeOff], runs: Sequence[ComparedRun], names: Sequence[str]
) -> None:
    st.subheader("Use against privacy", anchor=False)
    side = st.segmented_control(
        "Upwards",
        ("utility", "fidelity"),
        default="utility",
        required=True,
        format_func=str.capitalize,
        key="compare_side",
        label_visibility="collapsed",
    )
    named = dict(zip([run.id for run in runs], names, strict=True))
    drawn = [p for p in points if measured(p.privacy) and measured(getattr(p, side))]
    frame = plane_frame(points, named)
    if drawn:
        figure = plane(drawn, side, named)
        alt = "; ".join(point_words(p, named, side) for p in drawn)
        show_chart(figure, alt, frame, key="compare_plane", height=380)
        st.caption(
            "Both as on the dials: 1 is best, up and to the right. The diamond is what fresh real "
            "rows reach, which no generator is expected to beat."
        )
    show_reasons(
        [(point_name(p, named), score) for p in points for score in (p.privacy, getattr(p, side))]
    )


def plane(points: Sequence[TradeOff], side: str, named: dict[str, str]) -> go.Figure:
    """Draw each run by privacy and utility or fidelity, with a sign and a name of its own."""
    figure = go.Figure()
    places = list(named)
    for point in points:
        is_fresh = not point.run_id
        place = 0 if is_fresh else places.index(point.run_id) % len(SYMBOLS)
        color = GRAY if is_fresh else COLORS[place]
        figure.add_scatter(
            x=[point.privacy],
            y=[getattr(point, side)],
            mode="markers+text",
            text=[point_name(point, named)],
            textposition="top center",
            name=point_name(point, named),
            marker={"symbol": "diamond-open" if is_fresh else SYMBOLS[place], "size": 14}
            | {"color": color},
            cliponaxis=False,
            hovertemplate="%{text}: privacy %{x:.3f}, " + side + " %{y:.3f}<extra></extra>",
        )
    figure.update_layout(
        margin={"l": 8, "r": 24, "t": 28, "b": 8}, showlegend=False, hovermode="closest"
    )
    figure.update_xaxes(title="Privacy", automargin=True, range=_reach(p.privacy for p in points))
    figure.update_yaxes(
        title=side.capitalize(), automargin=True, range=_reach(getattr(p, side) for p in points)
    )
    return figure


def _reach(scores: Iterable[Score]) -> list[float]:
    values = [s for s in scores if isinstance(s, float)]
    pad = max(0.02, 0.15 * (max(values) - min(values)))
    return [min(values) - pad, max(values) + pad]


def point_name(point: TradeOff, named: dict[str, str]) -> str:
    """Return what a point of the plane is called."""
    return named.get(point.run_id, point.label)


def point_words(point: TradeOff, named: dict[str, str], side: str) -> str:
    """Say where a point of the plane lies."""
    where = f"privacy {show(point.privacy)}, {side} {show(getattr(point, side))}"
    return f"{point_name(point, named)}: {where}"


def plane_frame(points: Sequence[TradeOff], named: dict[str, str]) -> pd.DataFrame:
    """Return the points of the plane as a table."""
    rows = [
        {
            "Run": point_name(p, named),
            "Privacy": number(p.privacy),
            "Utility": number(p.utility),
            "Fidelity": number(p.fidelity),
        }
        for p in points
    ]
    return pd.DataFrame(rows)


def _show_measures(
    measures: Sequence[ComparedMeasure], names: Sequence[str], *, is_marked: bool
) -> None:
    st.subheader("Measure by measure", anchor=False)
    st.caption(MARKS if is_marked else NO_MARKS)
    for part, title in PARTS.items():
        found = [m for m in measures if m.part == part]
        if not found:
            continue
        st.markdown(f"**{title}**")
        frame = compared_frame(found, names)
        st.dataframe(
            frame,
            hide_index=True,
            height="content" if len(frame) <= MOST_ROWS else 460,
            column_config={"Measure": st.column_config.TextColumn(pinned=True)},
            placeholder=NOT_MEASURED,
            alt=f"{title} Each measure of the runs {', '.join(names)}"
            + ("; the best has a star" if is_marked else ""),
        )
        with st.container(horizontal=True):
            download_data(score_frame(found, names), key=f"compare_{part}")
            explain_compared(found, part)
        show_reasons(
            [
                (f"{m.title} of {name}", score)
                for m in found
                for name, score in zip(names, m.values, strict=True)
            ]
        )


def explain_compared(found: Sequence[ComparedMeasure], part: str) -> None:
    """Offer the words of the measures, and of the attacks, of one part."""
    for kind, label in (("measure", "What these mean"), ("attack", "What each attack is")):
        chosen = [m.name for m in found if m.key == kind]
        explain(kind, chosen, key=f"compare_{part}_{kind}", label=label)


def compared_frame(measures: Sequence[ComparedMeasure], names: Sequence[str]) -> pd.DataFrame:
    """Return measures by runs as text in which the best are marked."""
    rows = [
        {"Measure": title}
        | {name: marked(m, place) for place, name in enumerate(names)}
        | {"Fresh real rows": span(m.fresh), "Best": f"{m.best:.4g}"}
        for m, title in zip(measures, titles(measures), strict=True)
    ]
    return pd.DataFrame(rows)


def titles(measures: Sequence[ComparedMeasure]) -> list[str]:
    """Return what each measure is called, no two alike: with its table, and as an attack."""
    has_tables = len({m.table for m in measures}) > 1
    named = [f"{m.table}: {m.title}" if has_tables else m.title for m in measures]
    return [
        f"{title}, attack" if m.key == "attack" and named.count(title) > 1 else title
        for m, title in zip(measures, named, strict=True)
    ]


def marked(measure: ComparedMeasure, place: int) -> str:
    """Return one run's score with its mark."""
    mark = BEST if place in measure.winners else TIED if place in measure.tied else ""
    return f"{mark} {show(measure.values[place])}".strip()


def span(scores: Sequence[Score]) -> str:
    """Return several scores as one, or as the stretch they cover."""
    known = [show(s) for s in scores if isinstance(s, float)]
    if not known:
        return NOT_MEASURED
    low, high = min(known, key=float), max(known, key=float)
    return low if low == high else f"{low} to {high}"


def score_frame(measures: Sequence[ComparedMeasure], names: Sequence[str]) -> pd.DataFrame:
    """Return measures by runs as numbers to take away."""
    rows = [
        {"Table": m.table, "Kind": m.key, "Measure": m.title, "Best": m.best}
        | {name: number(score) for name, score in zip(names, m.values, strict=True)}
        | {
            f"{name}, fresh real rows": number(score)
            for name, score in zip(names, m.fresh, strict=True)
        }
        for m in measures
    ]
    return pd.DataFrame(rows)
