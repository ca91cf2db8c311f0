"""What a table is counted from, and a long column in numbers, counted by DuckDB alone."""

from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt

from core.data.profile.numbers import describe
from core.data.profile.shape import Calendar
from core.data.profile.values import ColumnProfile, as_text
from core.data.schema import Column, ColumnType

FEWEST_PEOPLE = 5
TOP_VALUES = 20
EXACT_DISTINCT = 100_000
_DAYS = 200_000
STRINGS = {ColumnType.CATEGORY, ColumnType.TEXT}
_AXES = {
    ColumnType.DATE: "epoch_us(v) / 86400e6",
    ColumnType.DATETIME: "epoch_us(v) / 1e6",
    ColumnType.TIME: "v / 1e6",
    ColumnType.BOOLEAN: "CAST(CAST(v AS INTEGER) AS DOUBLE)",
}


Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Source:
    """What to select a table from: a cursor, a relation, its columns ``c0``, ``c1``, and rows.

    ``person`` is the column, by such a name, that tells people apart; "" where each row is one.
    """

    cursor: duckdb.DuckDBPyConnection
    relation: str
    rows: int
    person: str = ""

    @property
    def people(self) -> str:
        """SQL that counts people; rows whose person is missing are one person together."""
        return f"count(DISTINCT {self.who})" if self.person else "count(*)"

    @property
    def who(self) -> str:
        """SQL for a number of a row's person; the same for all rows where there is no column."""
        return f"hash({self.person})" if self.person else "0"

    def numbered(self, who: npt.NDArray[Any]) -> Counts:
        """People from 0, of rows whose :attr:`who` was read; each row where there is no column."""
        if not self.person:
            return np.arange(len(who))
        codes: Counts = np.unique(who, return_inverse=True)[1]
        return codes

    def spaced(self, most: int) -> str:
        """What to select at most ``most`` evenly spaced rows from."""
        if self.rows <= most:
            return self.relation
        numbered = f"SELECT *, row_number() OVER () - 1 AS r FROM {self.relation}"
        return (
            f"(SELECT * EXCLUDE (r) FROM ({numbered}) WHERE ((r + 1) * {most}) // {self.rows} > "
            f"(r * {most}) // {self.rows})"
        )


def people_at(places: Counts, people: Counts, most: int) -> Counts:
    """How many different people are at each of the places below ``most``, shape (most,)."""
    if not len(places):
        return np.zeros(most, dtype=np.int64)
    pairs = np.unique(places.astype(np.int64) * (people.max() + 1) + people)
    return np.bincount(pairs // (people.max() + 1), minlength=most)


def axis(column: Column, value: str) -> str:
    """SQL for a value's place on its axis, see ``core.data.frames.as_numbers``."""
    return _AXES.get(column.type, "CAST(v AS DOUBLE)").replace("v", value)


def profile_long(
    source: Source, place: int, column: Column, *, hidden: bool = False
) -> ColumnProfile:
    """Describe a long column of values on a line; of a hidden one, nothing that shows a value."""
    cursor = source.cursor
    x = axis(column, f"c{place}")
    cursor.execute(
        f"CREATE OR REPLACE TEMP TABLE cells AS SELECT c{place} AS v, {x} AS x "
        f"FROM {source.relation}"
    )
    (present, estimate) = _one(cursor, "count(v), approx_count_distinct(v)", "cells")
    is_exact = min(estimate, present) <= EXACT_DISTINCT
    if is_exact:
        cursor.execute(
            "CREATE OR REPLACE TEMP TABLE counted AS "
            "SELECT v, count(*) AS n FROM cells WHERE v IS NOT NULL GROUP BY v"
        )
    distinct, most = _one(cursor, "count(*), max(n)", "counted") if is_exact else (estimate, 0)
    shown = None if hidden else describe(cursor, column.type)
    return ColumnProfile(
        name=column.name,
        type=column.type,
        rows=source.rows,
        missing=source.rows - present,
        distinct=min(distinct, present),
        hidden=hidden,
        numbers=shown[0] if shown else None,
        histogram=shown[1] if shown else None,
        top=_top(cursor, column) if is_exact and not hidden else (),
        distinct_exact=is_exact,
        most=most or 0,
        calendar=_calendar(cursor) if _is_dated(column) and present and not hidden else None,
    )


def _one(cursor: duckdb.DuckDBPyConnection, what: str, table: str) -> tuple[int, ...]:
    return tuple(cursor.execute(f"SELECT {what} FROM {table}").fetchall()[0])


def _top(cursor: duckdb.DuckDBPyConnection, column: Column) -> tuple[tuple[str, int], ...]:
    is_axis = column.type.is_numeric and column.type is not ColumnType.INTEGER
    value = axis(column, "v") if is_axis else "v"
    query = f"SELECT {value}, n FROM counted WHERE n > 1 ORDER BY n DESC, v LIMIT {TOP_VALUES}"
    found = cursor.execute(query).fetchall()
    return tuple((word(value, column), int(count)) for value, count in found)


def word(value: object, column: Column) -> str:
    """A value as a reader expects it; of dates and times its place on the axis."""
    if column.type is ColumnType.BOOLEAN:
        return column.format.true if value else column.format.false
    if column.type is ColumnType.INTEGER or column.type in STRINGS:
        return str(value)
    return as_text(float(str(value)), column.type)


def _is_dated(column: Column) -> bool:
    return column.type in {ColumnType.DATE, ColumnType.DATETIME}


def _calendar(cursor: duckdb.DuckDBPyConnection) -> Calendar | None:
    """Weekdays and gaps; none where there are more different days than a calendar shows."""
    cursor.execute(
        "CREATE OR REPLACE TEMP TABLE days AS SELECT CAST(v AS DATE) AS day, count(*) AS n "
        "FROM cells WHERE v IS NOT NULL GROUP BY day"
    )
    days, first, last = _one(cursor, "count(*), epoch(min(day)), epoch(max(day))", "days")
    if days > _DAYS:
        return None
    counted = cursor.execute("SELECT isodow(day), sum(n) FROM days GROUP BY 1").fetchall()
    by_weekday = {int(weekday): int(count) for weekday, count in counted}
    steps = cursor.execute(
        "SELECT step, count(*) FROM (SELECT day - lag(day) OVER (ORDER BY day) AS step FROM days) "
        "WHERE step IS NOT NULL GROUP BY step ORDER BY 2 DESC, 1"
    ).fetchall()
    return Calendar(
        weekdays=tuple(by_weekday.get(weekday, 0) for weekday in range(1, 8)),
        days=days,
        span=round((last - first) / 86_400) + 1,
        longest_gap=max((int(step) for step, _ in steps), default=1) - 1,
        step=int(steps[0][0]) if steps else 1,
    )
