"""What changed between two versions of a dataset, and what that means for synthetic data.

What matters comes first: what to do, then columns, keys and links, then how values moved. A click
on a column draws both versions.
"""

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from app.components.charts import bars, download_data, histogram, show_chart
from app.components.datasets import ROLE_NAMES, TYPE_NAMES, code, size_line
from app.components.links import choose_linked, choose_row
from app.components.page import plain
from app.components.profile import axis
from app.resources import studio
from core.data.profile import (
    LARGE_PSI,
    SOME_PSI,
    Advised,
    ColumnDrift,
    Drift,
    Level,
    Shift,
    TableDrift,
)
from core.data.schema import Relationship
from core.governance.policy import Actor
from core.studio.drift import advice_on, earlier_version
from core.studio.values import Dataset

PARAM, COLUMN = "before", "moved"
FOUND_KEY = "drift_found"
LEVELS = {Level.LARGE: "▲ far", Level.SOME: "△ somewhat", Level.NONE: "no"}
ICONS = {
    Level.LARGE: ":material/error:",
    Level.SOME: ":material/info:",
    Level.NONE: ":material/check_circle:",
}
NAMED = 6
EARLIER, NOW = "Earlier", "Now"


def show_drift(actor: Actor, dataset: Dataset, table: str) -> None:
    """Show what changed in a table since the version that the user chooses."""
    known = studio().datasets.list(actor, dataset.project_id)
    others = {one.id: version_label(one) for one in known if one.id != dataset.id}
    if not others:
        st.info(
            "There is no other dataset in this project to compare with. Import a newer version of "
            "this one, and what changed stands here.",
            icon=":material/difference:",
        )
        return
    before = choose_linked(
        "Compare with the earlier version",
        PARAM,
        others,
        default=earlier_version(dataset, known) or next(iter(others)),
        key=f"drift_{dataset.id}",
    )
    found = compared(actor, dataset, next(one for one in known if one.id == before))
    _show_advice(found, table)
    _show_around(found)
    own = next((t for t in found.tables if t.table == table), None)
    if own is None:
        st.info("The earlier version has no such table, so its values are not compared.")
        return
    _show_shape(own)
    _show_columns(own)
    _show_pairs(own)


def version_label(dataset: Dataset) -> str:
    """Return how a version is called in the choice."""
    return f"{dataset.name} · {dataset.created_at:%d %b %Y %H:%M} · {size_line(dataset)}"


def compared(actor: Actor, dataset: Dataset, before: Dataset) -> Drift:
    """Compare once for each choice: tables do not change, and schemas are part of what is known."""
    asked = (dataset.id, dataset.schema, before.id, before.schema, actor.user_id)
    known = st.session_state.get(FOUND_KEY)
    if known is None or known[0] != asked:
        with st.spinner("Comparing both versions…"):
            known = (asked, studio().datasets.drift(actor, dataset.id, before.id))
        st.session_state[FOUND_KEY] = known
    found: Drift = known[1]
    return found


def _show_advice(found: Drift, table: str) -> None:
    with st.container(border=True):
        st.markdown("**What this means for synthetic data**")
        for advised in advice_on(found):
            if advised.table in ("", table) or len(found.tables) > 1:
                st.markdown(f"{ICONS[advised.level]} {advice_words(advised, len(found.tables))}")


def advice_words(advised: Advised, tables: int) -> str:
    """Put advice into a line of Markdown: its columns first."""
    names = ", ".join(code(name) for name in advised.columns[:NAMED])
    more = len(advised.columns) - NAMED
    names += f" and {more} more" if more > 0 else ""
    where = f"In {code(advised.table)}: " if advised.table and tables > 1 else ""
    return f"{where}{names + ': ' if names else ''}{plain(advised.says)}"


def _show_around(found: Drift) -> None:
    said = [f"Table {code(name)} is new." for name in found.tables_added]
    said += [f"Table {code(name)} is gone." for name in found.tables_removed]
    said += [f"New link: {link_words(link)}." for link in found.links_added]
    said += [f"Link gone: {link_words(link)}." for link in found.links_removed]
    if said:
        st.markdown("\n".join(f"- {sentence}" for sentence in said))


def link_words(link: Relationship) -> str:
    """Say which column points where."""
    child, parent = f"{link.child}.{link.child_key}", f"{link.parent}.{link.parent_key}"
    return f"{code(child)} to {code(parent)}"


def _show_shape(table: TableDrift) -> None:
    first, second, third, fourth = st.columns(4)
    change = table.rows_now - table.rows_before
    first.metric(
        "Rows", f"{table.rows_now:,}", delta=f"{change:+,}", delta_color="off", border=True
    )
    second.metric("Columns new or gone", len(table.added) + len(table.removed), border=True)
    third.metric("Moved far", len(table.of_level(Level.LARGE)), border=True)
    fourth.metric("Moved somewhat", len(table.of_level(Level.SOME)), border=True)
    said = shape_words(table)
    if said:
        st.subheader("Columns and keys", anchor=False)
        st.markdown("\n".join(f"- {sentence}" for sentence in said))


def shape_words(table: TableDrift) -> list[str]:
    """Say what columns came, went and became."""
    said = [f"New column {code(name)}." for name in table.added]
    said += [f"Column {code(name)} is gone." for name in table.removed]
    said += [f"{code(old)} is likely called {code(new)} now." for old, new in table.renamed]
    for one in table.changed:
        if one.type_before is not one.type_now:
            types = f"{TYPE_NAMES[one.type_before]}, now {TYPE_NAMES[one.type_now]}"
            said.append(f"{code(one.name)} was of the type {types}.")
        if one.role_before is not one.role_now:
            roles = f"{ROLE_NAMES[one.role_before]}, now {ROLE_NAMES[one.role_now]}"
            said.append(f"{code(one.name)} had the role {roles}.")
    if table.key_before != table.key_now:
        keys = [code(key) if key else "none" for key in (table.key_before, table.key_now)]
        said.append(f"The primary key was {keys[0]}, now {keys[1]}.")
    return said


def _show_columns(table: TableDrift) -> None:
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


def note_of(column: ColumnDrift) -> str:
    """Say what else is worth knowing of a column's figures."""
    notes = [column.why] if column.why else []
    if column.was != column.name:
        notes.append(f"was called {column.was}")
    if column.is_sampled:
        notes.append(f"on {column.rows[0]:,} and {column.rows[1]:,} values")
    return "; ".join(notes)


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


def category_words(column: ColumnDrift) -> str:
    """Say how many categories are new and gone, and name those that many rows have."""
    new = ", ".join(code(label) for label in column.new_labels)
    gone = ", ".join(code(label) for label in column.gone_labels)
    return (
        f"New categories: {column.new:,}{f' ({new})' if new else ''}, in {column.new_share:.1%} of "
        f"the rows. Gone: {column.gone:,}{f' ({gone})' if gone else ''}."
    )


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


def _show_pairs(table: TableDrift) -> None:
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
