"""Which columns of a table go together: a heat map that one can click, and a pair in detail.

The address names the pair that is shown, so that a click, the choices below the map and a link
from elsewhere never disagree. All that a click does can be done with the choices too.
"""

import numpy as np
import pandas as pd
import streamlit as st

from app.components.charts import clickable, heatmap, show_chart
from app.components.datasets import code
from app.components.links import choose_linked, choose_row
from app.components.page import guard
from app.components.pair_charts import draw_pair, pair_words
from app.resources import studio
from core.data.profile import MOST_COMPARED, TableProfile
from core.governance.policy import Actor

DRAWN_COLUMNS = 40
BESIDE = 14
LISTED_PAIRS = 50
LEFT, RIGHT = "first", "second"
SAME = 0.95


def show_associations(actor: Actor, dataset_id: str, profile: TableProfile) -> None:
    """Show how strongly columns go together, and the pair that was chosen."""
    links = profile.associations
    if len(links.columns) < 2:
        st.info("There are fewer than two columns that can be compared in this table.")
        return
    matrix = strengths(profile)
    pairs = strongest_pairs(matrix)
    st.caption(
        "0: knowing one says nothing of the other. 1: one tells the other. Numbers are compared by "
        "correlation, categories by Cramér's V, one of each by the correlation ratio. Click a cell "
        "to see the two columns together."
    )
    drawn = drawn_columns(matrix, pairs)
    is_small = len(drawn) <= BESIDE
    left, right = st.columns([3, 2], gap="large") if is_small else (st.container(), st.container())
    with right:
        chosen = _choose_pair(profile, pairs)
        _show_pair(actor, dataset_id, profile, *chosen)
    with left:
        _show_map(matrix.loc[drawn, drawn], profile, chosen, matrix)
    _show_list(profile, pairs)
    _say_left_out(profile, len(drawn))


def strengths(profile: TableProfile) -> pd.DataFrame:
    """Return the strength of each pair, columns by columns; NaN where it was not measured."""
    names = list(profile.associations.columns)
    cells = [[np.nan if v is None else v for v in row] for row in profile.associations.matrix]
    return pd.DataFrame(cells, index=names, columns=names)


def strongest_pairs(matrix: pd.DataFrame) -> pd.DataFrame:
    """Return every measured pair with its strength, the strongest first."""
    values = matrix.to_numpy()
    first, second = np.triu_indices(len(matrix), k=1)
    frame = pd.DataFrame(
        {
            "Column": matrix.index.to_numpy()[first],
            "With": matrix.index.to_numpy()[second],
            "Strength": values[first, second],
        }
    )
    ranked = frame.sort_values("Strength", ascending=False, kind="stable")
    return ranked.dropna().reset_index(drop=True)


def drawn_columns(matrix: pd.DataFrame, pairs: pd.DataFrame) -> list[str]:
    """Return the columns of the map: all, or those that take part in the strongest pairs."""
    if len(matrix) <= DRAWN_COLUMNS:
        return list(matrix.index)
    ranked = [*pairs[["Column", "With"]].to_numpy().ravel(), *matrix.index]
    kept = set(list(dict.fromkeys(ranked))[:DRAWN_COLUMNS])
    return [name for name in matrix.index if name in kept]


def _choose_pair(profile: TableProfile, pairs: pd.DataFrame) -> tuple[str, str]:
    names = list(profile.associations.columns)
    top = tuple(pairs.loc[0, ["Column", "With"]]) if len(pairs) else tuple(names[:2])
    one, two = st.columns(2)
    with one:
        first = choose_linked(
            "First column", LEFT, {n: n for n in names}, default=top[0], key=f"pair_{LEFT}"
        )
    with two:
        others = {name: name for name in names if name != first}
        near = pairs[(pairs["Column"] == first) | (pairs["With"] == first)]
        best = set(near.loc[near.index[0], ["Column", "With"]]) - {first} if len(near) else others
        second = choose_linked(
            "Second column", RIGHT, others, default=next(iter(best)), key=f"pair_{RIGHT}"
        )
    return first, second


def _show_map(
    drawn: pd.DataFrame, profile: TableProfile, chosen: tuple[str, str], whole: pd.DataFrame
) -> None:
    names = list(drawn.index)
    places = (names.index(chosen[0]), names.index(chosen[1])) if {*chosen} <= {*names} else None
    figure = heatmap(drawn, low=0.0, high=1.0, value_title="strength")
    key = f"associations_{profile.table}"
    words = " ".join(pair_sentences(strongest_pairs(whole).head(3)))
    show_chart(
        clickable(figure, drawn, places),
        f"Heat map of how strongly columns go together. {words}",
        whole,
        key=key,
        height=max(360, 24 * len(drawn) + 130),
        on_select=lambda: follow_click(names, f"chart_{key}"),
    )


def follow_click(names: list[str], key: str) -> None:
    """Put the pair of the clicked cell into the address; a cell of the diagonal is no pair."""
    points = st.session_state[key].selection.points
    place = points[0].get("point_index") if points else None
    if place is None or not 0 <= place < len(names) ** 2:
        return
    first, second = names[place // len(names)], names[place % len(names)]
    if first != second:
        st.query_params[LEFT], st.query_params[RIGHT] = first, second


def pair_sentences(pairs: pd.DataFrame) -> list[str]:
    """Say in words how strongly columns go together."""
    return [
        f"{code(first)} and {code(second)}: {value:.2f}"
        + (", almost the same information." if value > SAME else ".")
        for first, second, value in pairs.itertuples(index=False)
    ]


def _show_list(profile: TableProfile, pairs: pd.DataFrame) -> None:
    if not len(pairs):
        return
    shown, key = pairs.head(LISTED_PAIRS), f"strongest_{profile.table}"
    title = f"Strongest pairs ({len(shown)} of {len(pairs):,})"
    with st.expander(title, icon=":material/format_list_numbered:"):
        st.dataframe(
            shown,
            hide_index=True,
            height="content" if len(shown) <= 12 else 420,
            column_config={
                "Strength": st.column_config.ProgressColumn(
                    format="%.2f", min_value=0.0, max_value=1.0
                )
            },
            on_select=lambda: _follow_row(shown, key),
            selection_mode="single-row",
            key=key,
            alt=" ".join(pair_sentences(shown.head(5))),
        )


def _follow_row(shown: pd.DataFrame, key: str) -> None:
    choose_row(list(shown["Column"]), LEFT, key)
    choose_row(list(shown["With"]), RIGHT, key)


def _show_pair(
    actor: Actor, dataset_id: str, profile: TableProfile, first: str, second: str
) -> None:
    closed = [name for name in (first, second) if profile[name].hidden]
    if closed:
        st.info(
            f"The values of {' and '.join(map(code, closed))} point to persons or are sensitive, "
            "so the two are not drawn.",
            icon=":material/visibility_off:",
        )
        return
    with guard(stop=False):
        found = studio().datasets.pair(actor, dataset_id, profile.table, first, second)
        st.markdown(pair_words(found))
        draw_pair(found, profile, f"pair_{profile.table}")


def _say_left_out(profile: TableProfile, drawn: int) -> None:
    links = profile.associations
    if drawn < len(links.columns):
        st.caption(
            f"The map shows the {drawn} columns of the strongest pairs, of {len(links.columns)} "
            "that were compared; the choices and the list have all."
        )
    if links.left_out:
        st.caption(
            f"Left out: {', '.join(code(name) for name in links.left_out)} (text, keys, constant "
            f"or personal columns, and those beyond the first {MOST_COMPARED})."
        )
    if links.rows < profile.rows:
        st.caption(f"Measured on {links.rows:,} of {profile.rows:,} rows.")
