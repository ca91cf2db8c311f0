"""A table's profile as people read it: key figures, a row per column, charts."""

from dataclasses import replace

import numpy as np
import pandas as pd
import streamlit as st

from app.components.charts import bars, download_data, histogram, show_chart
from app.components.datasets import TYPE_NAMES, counted
from app.components.profile_warnings import show_column_warnings
from core.data.pii import SEMANTICS, Finding
from core.data.profile import Calendar, ColumnProfile, Histogram, TableProfile, as_text
from core.data.schema import ColumnType, Role, Table

_UNITS = {ColumnType.DATE: 86_400e6, ColumnType.DATETIME: 1e6}
CONTENT_ROWS = 25


def overview(profile: TableProfile, findings: dict[str, Finding]) -> None:
    """Show the key figures of a table."""
    first, second, third, fourth, fifth = st.columns(5)
    first.metric("Rows", f"{profile.rows:,}", border=True)
    second.metric("Columns", len(profile.columns), border=True)
    third.metric(
        "Missing cells",
        f"{profile.missing_share:.1%}",
        border=True,
        help="Empty cells as a share of all cells. They are learned and come back as gaps.",
    )
    fourth.metric(
        "Duplicate rows",
        f"{profile.duplicate_rows:,}",
        border=True,
        help="Rows that repeat an earlier row in every column.",
    )
    fifth.metric(
        "Findings",
        len(findings),
        border=True,
        help="Columns that may point to persons; the review settles each.",
    )


def closed(profile: TableProfile, table: Table) -> TableProfile:
    """Return the profile without values of columns that were settled as telling or sensitive."""
    hidden = {c.name for c in table.columns if c.role in {Role.IDENTIFIER, Role.SENSITIVE}}
    columns = tuple(
        replace(c, hidden=True, numbers=None, histogram=None, top=(), calendar=None)
        if c.name in hidden
        else c
        for c in profile.columns
    )
    return replace(profile, columns=columns)


def column_table(profile: TableProfile, findings: dict[str, Finding]) -> pd.DataFrame:
    """Put the profile into one row per column."""
    rows = [
        {
            "Column": column.name,
            "Type": TYPE_NAMES[column.type],
            "Note": _note(profile, column, findings.get(column.name)),
            "Missing": column.missing_share,
            "Different values": column.distinct,
            "From": _bound(column, first=True),
            "To": _bound(column, first=False),
            "Most frequent": _most_frequent(column),
            "Outliers": column.numbers.outliers if column.numbers else None,
        }
        for column in profile.columns
    ]
    return pd.DataFrame(rows).astype({"Outliers": "Int64"})


def show_columns(profile: TableProfile, findings: dict[str, Finding], *, key: str) -> None:
    """Show all columns as a table, and one of them in detail."""
    table = column_table(profile, findings)
    st.dataframe(
        table,
        hide_index=True,
        height="content" if len(table) <= CONTENT_ROWS else "auto",
        placeholder="",
        alt=f"One row for each of the {len(table)} columns of {profile.table}.",
        column_config={
            "Column": st.column_config.TextColumn(pinned=True),
            "Note": st.column_config.TextColumn(width=text_px(table["Note"])),
            "Missing": st.column_config.ProgressColumn(
                format="percent", min_value=0.0, max_value=1.0, width=90
            ),
            "From": st.column_config.TextColumn(width=text_px(table["From"])),
            "To": st.column_config.TextColumn(width=text_px(table["To"])),
            "Different values": st.column_config.NumberColumn(format="localized"),
            "Outliers": st.column_config.NumberColumn(
                format="localized",
                help="Values further than 1.5 interquartile ranges from the middle half.",
            ),
        },
    )
    download_data(table, key=f"columns_{profile.table}")
    names = [column.name for column in profile.columns]
    first = next((i for i, column in enumerate(profile.columns) if not column.hidden), 0)
    chosen = st.selectbox("Look at one column", names, index=first, key=f"{key}_column")
    with st.container(border=True):
        show_column(profile[chosen or names[0]])
        show_column_warnings(profile, chosen or names[0])


def text_px(texts: pd.Series) -> int:
    """Return a column's width in pixels in which its longest text can be read, within limits."""
    longest = int(texts.str.len().max()) if len(texts) else 0
    return min(max(60, 8 * longest), 180)


def show_column(column: ColumnProfile) -> None:
    """Show one column's distribution and figures."""
    left, right = st.columns([2, 1], gap="large")
    with left:
        _show_distribution(column)
    with right:
        st.markdown(f"**{TYPE_NAMES[column.type]}**")
        st.dataframe(
            figures(column),
            hide_index=True,
            height="content",
            alt=f"Figures of the column {column.name}.",
        )


def figures(column: ColumnProfile) -> pd.DataFrame:
    """Return the figures of one column as text, one per row."""
    rows = [
        ("Rows with a value", f"{column.rows - column.missing:,}"),
        ("Missing", f"{column.missing:,} ({column.missing_share:.1%})"),
        ("Different values", ("" if column.distinct_exact else "about ") + f"{column.distinct:,}"),
    ]
    if column.numbers:
        numbers = column.numbers
        quantiles = dict(numbers.quantiles)
        points = (
            ("Smallest", numbers.min),
            ("5 % are below", quantiles[0.05]),
            ("Median", quantiles[0.5]),
            ("Mean", numbers.mean),
            ("95 % are below", quantiles[0.95]),
            ("Largest", numbers.max),
        )
        rows += [(name, _point(value, column.type)) for name, value in points]
        rows.append(("Standard deviation", _spread(numbers.std, column.type)))
        rows.append(("Outliers", f"{numbers.outliers:,} ({numbers.far_outliers:,} far out)"))
        if numbers.skew is not None and numbers.kurtosis is not None:
            rows.append(("Skew, kurtosis", f"{numbers.skew:.2f}, {numbers.kurtosis:.2f}"))
    if column.lengths:
        lengths = column.lengths
        rows.append(
            (
                "Characters",
                f"{lengths.shortest} to {lengths.longest}, {lengths.mean:.1f} on average",
            )
        )
    if column.patterns:
        written = ", ".join(f"{shape} ({share:.0%})" for shape, share in column.patterns[:3])
        rows.append(("Written as", written))
    if column.calendar:
        rows += _calendar_rows(column.calendar)
    return pd.DataFrame(rows, columns=["Figure", "Value"])


def _calendar_rows(calendar: Calendar) -> list[tuple[str, str]]:
    total = sum(calendar.weekdays)
    weekend = sum(calendar.weekdays[5:]) / total if total else 0.0
    return [
        ("Days with a row", f"{calendar.days:,} of {calendar.span:,}"),
        ("Longest gap", counted(calendar.longest_gap, "day")),
        ("At weekends", f"{weekend:.0%} of the rows"),
    ]


def _show_distribution(column: ColumnProfile) -> None:
    if column.hidden:
        st.info(
            "The values of this column point to persons or are sensitive, so they are not shown.",
            icon=":material/visibility_off:",
        )
    elif column.distinct == 0:
        st.info("This column has no values at all.", icon=":material/hide_source:")
    elif column.histogram:
        _show_histogram(column, column.histogram)
    elif column.top:
        names = [name for name, _ in column.top]
        counts = [count for _, count in column.top]
        shown = f"The {len(names)} most frequent of {counted(column.distinct, 'value')}"
        st.caption(f"{shown}; values that occur once are not listed.")
        show_chart(
            bars(names, {"rows": counts}, x_title=column.name, y_title="Rows", horizontal=True),
            f"{shown} of {column.name}. In front: {names[0]} with {counts[0]:,} rows.",
            pd.DataFrame({"value": names, "rows": counts}),
            key=f"top_{column.name}",
            height=max(220, 24 * len(names) + 80),
        )
    else:
        st.info("The values are text or nearly all differ, so there is no distribution to draw.")


def _show_histogram(column: ColumnProfile, found: Histogram) -> None:
    edges = axis(found.edges, column.type)
    alt = (
        f"Histogram of {column.name}, from {_bound(column, first=True)} to "
        f"{_bound(column, first=False)}."
    )
    data = pd.DataFrame({"from": edges[:-1], "to": edges[1:], "rows": found.counts})
    if found.edges[0] == found.edges[-1]:
        figure = bars([_bound(column, first=True)], {"rows": found.counts}, x_title=column.name)
    else:
        figure = histogram(edges, {"rows": found.counts}, x_title=axis_title(column))
    show_chart(figure, alt, data, key=f"histogram_{column.name}")
    tails = [(found.below, "below"), (found.above, "above")]
    said = [f"{counted(count, 'value')} {where}" for count, where in tails if count]
    if said:
        st.caption(f"The chart shows where most values lie; {' and '.join(said)} are not drawn.")


def axis(edges: tuple[float, ...], kind: ColumnType) -> np.ndarray:
    """Return the edges of bins in the unit that a chart shows: dates, hours or plain numbers."""
    values = np.asarray(edges, dtype=float)
    if kind in _UNITS:
        return (values * _UNITS[kind]).astype("int64").view("datetime64[us]")
    return values / 3600 if kind is ColumnType.TIME else values


def axis_title(column: ColumnProfile) -> str:
    """Name the axis of a column's chart."""
    return f"{column.name} (hour of the day)" if column.type is ColumnType.TIME else column.name


def _point(value: float, kind: ColumnType) -> str:
    if kind is ColumnType.INTEGER and value != round(value):
        return f"{value:,.2f}"
    return as_text(value, kind)


def _spread(value: float, kind: ColumnType) -> str:
    if kind is ColumnType.DATE:
        return f"{value:,.1f} days"
    if kind is ColumnType.DATETIME:
        return f"{value / 86_400:,.1f} days"
    return f"{value / 60:,.0f} minutes" if kind is ColumnType.TIME else f"{value:.6g}"


def _bound(column: ColumnProfile, *, first: bool) -> str:
    if column.numbers is None:
        return ""
    return as_text(column.numbers.min if first else column.numbers.max, column.type)


def _most_frequent(column: ColumnProfile) -> str:
    if column.hidden:
        return "(hidden)"
    if not column.top:
        return ""
    value, count = column.top[0]
    share = count / max(column.rows, 1)
    return f"{value} ({'under 1%' if share < 0.01 else f'{share:.0%}'})"


def _note(profile: TableProfile, column: ColumnProfile, finding: Finding | None) -> str:
    notes = [SEMANTICS[finding.semantic].title] if finding else []
    if column.name in profile.key_candidates:
        notes.append("could be the key")
    if column.constant:
        notes.append("always the same" if column.distinct else "no values")
    return ", ".join(notes)
