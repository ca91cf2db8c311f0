"""How far the values of each column moved between two versions, one of them drawn, and pairs."""

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from app.components.charts import bars, download_data, histogram, show_chart
from app.components.drift_words import category_words, note_of
from app.components.links import choose_linked, choose_row
from app.components.page import plain
from app.components.profile import axis
from core.data.profile import LARGE_PSI, SOME_PSI, ColumnDrift, Level, Shift, TableDrift

COLUMN = "moved"
MOVED_PX = 120
"""Room for the longest word, which is cut off where the column is as wide as its title."""
LEVELS = {Level.LARGE: "▲ far", Level.SOME: "△ somewhat", Level.NONE: "no"}
EARLIER, NOW = "Earlier", "Now"


def show_columns(table: TableDrift) -> None:
    """Show how far each column moved, and draw both versions of the one that is chosen."""
    if not table.columns:
        return
    st.subheader("Values, furthest first", anchor=False)
    frame, names = drift_frame(table.columns), [c.name for c in table.columns]
    key = f"drift_list_{table.table}"
    shares = st.column_config.NumberColumn(format="percent")
    figures = st.column_config.NumberColumn(format="%.3f")
    st.dataframe(
        frame,
        hide_index=True,
        height="content" if len(frame) <= 12 else 420,
        placeholder="–",
        on_select=lambda: choose_row(names, COLUMN, key),
        selection_mode="single-row",
        key=key,
        column_config={
            "Column": st.column_config.TextColumn(pinned=True),
            "Moved": st.column_config.TextColumn(width=MOVED_PX),
            **dict.fromkeys(("Distance", "By chance", "Wasserstein", "Jensen–Shannon"), figures),
            "PSI": figures,
            **dict.fromkeys(("Missing, earlier", "Missing, now"), shares),
        },
        alt=f"How far each of {len(frame)} columns moved; in front {names[0]}.",
    )
    with st.container(horizontal=True):
        download_data(frame, key=f"drift_{table.table}")
        _explain()
    if table.not_compared:
        st.caption(f"{table.not_compared:,} further columns were not compared.")
    labels = {name: name for name in names}
    chosen = choose_linked(
        "Look at one column", COLUMN, labels, default=names[0], key=f"drift_column_{table.table}"
    )
    with st.container(border=True):
        _show_column(next(c for c in table.columns if c.name == chosen), table.table)


def drift_frame(columns: Sequence[ColumnDrift]) -> pd.DataFrame:
    """Return what was measured of each column as a table."""
    rows = [
        {
            "Column": c.name,
            "Moved": LEVELS[c.level] if c.distance is not None or c.missing_change else "–",
            "Distance": c.distance,
            "By chance": c.chance,
            "PSI": c.psi,
            "Wasserstein": c.wasserstein,
            "Jensen–Shannon": c.jensen_shannon,
            "Missing, earlier": c.missing_before,
            "Missing, now": c.missing_now,
            "New categories": c.new if c.jensen_shannon is not None else None,
            "Gone categories": c.gone if c.jensen_shannon is not None else None,
            "Note": note_of(c),
        }
        for c in columns
    ]
    counts = dict.fromkeys(("New categories", "Gone categories"), "Int64")
    figures = ("Distance", "By chance", "PSI", "Wasserstein", "Jensen–Shannon")
    return pd.DataFrame(rows).astype(counts | dict.fromkeys(figures, "float64"))


def _explain() -> None:
    with st.popover("What these mean", icon=":material/help:", type="tertiary"):
        st.markdown(
            "**Distance**: of values on a line the largest gap between the two distribution "
            "functions (Kolmogorov–Smirnov), of categories the share of rows that would have to "
            "change (total variation). **By chance** is what two draws from one distribution stay "
            "below in most cases.\n\n"
            f"**PSI**, the population stability index, is credit scoring's figure. By its usual "
            f"bands, a convention and no test, below {SOME_PSI} is stable, up to {LARGE_PSI} worth "
            f"a look, above it a clear shift.\n\n"
            "**Wasserstein** is how far values moved, in standard deviations of the earlier "
            "version; **Jensen–Shannon** is 0 for equal shares and 1 where no category is common."
        )


def _show_column(column: ColumnDrift, table: str) -> None:
    if column.why:
        st.caption(plain(column.why))
    if column.new or column.gone:
        st.markdown(category_words(column))
    if column.shift is None:
        if not column.why:
            st.info(
                "There is nothing to draw: the values point to persons or are sensitive, or there "
                "is no common scale.",
                icon=":material/visibility_off:",
            )
        return
    figure, frame = shift_figure(column, column.shift)
    alt = f"Shares of rows of {column.name}, earlier and now."
    show_chart(figure, alt, frame, key=f"drift_{table}_{column.name}")
    st.caption("Bins and categories of fewer than five people are drawn as none.")


def shift_figure(column: ColumnDrift, shift: Shift) -> tuple[go.Figure, pd.DataFrame]:
    """Draw the shares of both versions, and return them."""
    series = {EARLIER: shift.before, NOW: shift.now}
    if shift.labels:
        figure = bars(shift.labels, series, x_title=column.name, y_title="Share of rows")
        frame = pd.DataFrame({"category": shift.labels, **series})
    else:
        edges = axis(shift.edges, column.type)
        figure = histogram(edges, series, x_title=column.name, y_title="Share of rows")
        frame = pd.DataFrame({"from": edges[:-1], "to": edges[1:], **series})
    figure.update_yaxes(tickformat=".0%")
    return figure, frame


def show_pairs(table: TableDrift) -> None:
    """Show the pairs of columns whose association changed beyond chance."""
    if not table.pairs:
        return
    st.subheader("Pairs whose association changed", anchor=False)
    frame = pd.DataFrame(
        [
            {
                "Column": pair.left,
                "With": pair.right,
                EARLIER: pair.before,
                NOW: pair.now,
                "Change": pair.change,
            }
            for pair in table.pairs
        ]
    )
    figures = st.column_config.NumberColumn(format="%.2f")
    st.dataframe(
        frame,
        hide_index=True,
        height="content",
        column_config=dict.fromkeys((EARLIER, NOW, "Change"), figures),
        alt=f"{len(frame)} pairs whose association changed beyond chance, most first.",
    )
    st.caption("By the measures of the profile: correlation, Cramér's V or correlation ratio.")
