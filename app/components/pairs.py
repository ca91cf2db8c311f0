"""Pairs of columns that differ most, each with the shares of both and their difference."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from app.components.charts import download_data, heatmap, show_chart
from app.components.links import choose_linked, choose_row
from app.components.page import plain
from app.components.scores import (
    NOT_MEASURED,
    explain,
    number,
    number_columns,
    show_reasons,
)
from core.evaluation.details import Crosstab, PairDetail
from core.evaluation.values import PairReport, TableReport
from core.evaluation.words import show

SHOWN_PAIRS = 15


def show_pairs(table: TableReport) -> None:
    """Show the pairs furthest behind fresh real rows, and the charts of the chosen one."""
    if table.fidelity and table.fidelity.pairs:
        pairs: Sequence[PairDetail | PairReport] = table.fidelity.pairs
    else:
        pairs = sorted(table.pairs, key=lambda p: -p.shortfall)
    if not pairs:
        return
    st.subheader("Pairs of columns, furthest first", anchor=False)
    note = table.measures["pairs"].note or f"all {table.pairs_total:,} pairs"
    st.caption(
        "How much the joint distribution of two columns overlaps with unseen real rows; "
        f"{plain(note)}."
    )
    frame, names = pair_frame(pairs), [pair_name(p.left, p.right) for p in pairs]
    key, is_drawn = f"pairs_list_{table.name}", isinstance(pairs[0], PairDetail)
    choice = (
        {"on_select": lambda: choose_row(names, "pair", key), "selection_mode": "single-row"}
        if is_drawn
        else {}
    )
    st.dataframe(
        frame.head(SHOWN_PAIRS),
        hide_index=True,
        height="content",
        column_config=number_columns(frame),
        placeholder=NOT_MEASURED,
        key=key,
        alt="Pairs of columns that differ most",
        **choice,
    )
    with st.container(horizontal=True):
        download_data(pair_frame(_all_pairs(table, pairs)), key=f"pairs_{table.name}")
        explain("measure", ["pairs"], key=f"pairs_{table.name}")
    show_reasons([(pair_name(p.left, p.right), p.similarity) for p in pairs])
    if is_drawn:
        _show_pair(table, dict(zip(names, pairs, strict=True)))


def pair_name(left: str, right: str) -> str:
    """Return how a pair is named, also in the address."""
    return f"{left} × {right}"


def pair_frame(pairs: Sequence[PairDetail | PairReport]) -> pd.DataFrame:
    """Return what was measured of each pair as a table."""
    rows = [
        {
            "Column": p.left,
            "With": p.right,
            "Similarity": number(p.similarity),
            "Fresh real rows": number(p.fresh),
            "Independent columns": number(p.independent),
        }
        | _association(p)
        for p in pairs
    ]
    return pd.DataFrame(rows)


def _association(pair: PairDetail | PairReport) -> dict[str, object]:
    if isinstance(pair, PairReport):
        return {}
    return {
        "Association, real": number(pair.association_real),
        "Association, synthetic": number(pair.association_synthetic),
        "Measured by": pair.measure,
    }


def _all_pairs(
    table: TableReport, shown: Sequence[PairDetail | PairReport]
) -> Sequence[PairDetail | PairReport]:
    """Return every pair that was measured, for those who take the data away."""
    known = {(p.left, p.right) for p in shown}
    return [*shown, *(p for p in table.pairs if (p.left, p.right) not in known)]


def _show_pair(table: TableReport, pairs: dict[str, PairDetail]) -> None:
    chosen = choose_linked(
        "Look at a pair",
        "pair",
        {name: name for name in pairs},
        default=next(iter(pairs)),
        key=f"result_pair_{table.name}",
    )
    pair = pairs[chosen]
    words = pair_words(pair)
    st.caption(plain(words))
    if pair.table is None:
        st.caption("There are no counts to draw for this pair.")
        return
    place = list(pairs).index(chosen)
    top = max(float(share_frame(pair.table, side).max(axis=None)) for side in ("real", "synthetic"))
    for column, side in zip(st.columns(3), ("real", "synthetic", "difference"), strict=True):
        with column:
            st.markdown(f"**{SIDES[side]}**")
            frame = share_frame(pair.table, side)
            _draw(pair, frame, side, top, f"pair_{table.name}_{place}_{side}", words)


SIDES = {
    "real": "Training",
    "synthetic": "Synthetic",
    "difference": "Synthetic minus training",
}


def _draw(
    pair: PairDetail, frame: pd.DataFrame, side: str, top: float, key: str, words: str
) -> None:
    is_change = side == "difference"
    reach = float(frame.abs().max(axis=None)) if is_change else top
    figure = heatmap(
        frame, low=-reach if is_change else 0.0, high=reach or 1.0, is_diverging=is_change
    )
    figure.update_traces(
        colorbar={
            "orientation": "h",
            "thickness": 8,
            "tickformat": "+.1%" if is_change else ".0%",
            "tickvals": [-reach, 0, reach] if is_change else [0, reach],
            "tickangle": 0,
        },
        hovertemplate="%{y} · %{x}: %{z:.2%}<extra></extra>",
    )
    figure.update_xaxes(title=pair.right, side="bottom", tickangle=45)
    figure.update_yaxes(title=pair.left)
    show_chart(figure, f"{SIDES[side]}: shares of rows. {words}", frame, key=key, height=380)


def share_frame(table: Crosstab, side: str) -> pd.DataFrame:
    """Return shares of all rows by the two columns; ``difference`` is synthetic minus real."""
    if side == "difference":
        return share_frame(table, "synthetic") - share_frame(table, "real")
    counts = np.asarray(getattr(table, side), dtype=float)
    total = counts.sum() or 1.0
    return pd.DataFrame(counts / total, index=list(table.rows), columns=list(table.columns))


def pair_words(pair: PairDetail) -> str:
    """Say a pair's numbers in one line."""
    return (
        f"Similarity {show(pair.similarity)}, fresh real rows {show(pair.fresh)}, independent "
        f"columns {show(pair.independent)}; {pair.measure} {show(pair.association_real)} in "
        f"training and {show(pair.association_synthetic)} in synthetic rows."
    )
