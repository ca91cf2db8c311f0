"""How strongly columns hang together: matrices of the training rows, the synthetic, the change."""

import pandas as pd
import streamlit as st

from app.components.charts import heatmap, show_chart
from app.components.page import plain
from core.evaluation.values import Association, TableReport

LEAST_CHANGE = 0.1
LABELLED = 20


def show_associations(table: TableReport) -> None:
    """Show the three matrices, and in words which association changed most."""
    cells = table.association
    if len(cells.names) < 2:
        return
    st.subheader("How strongly columns hang together", anchor=False)
    st.markdown(plain(association_words(cells)))
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
            figure.update_traces(colorbar={"orientation": "h", "thickness": 8, "y": -0.02})
            figure.update_traces(colorbar={"yanchor": "top", "tickvals": [-1, 0, 1]})
            figure.update_xaxes(showticklabels=False)
            figure.update_yaxes(showticklabels=len(cells.names) <= LABELLED)
            alt = f"{title}: {association_words(cells)}"
            show_chart(figure, alt, frame, key=f"map_{table.name}_{title}", height=340)


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
