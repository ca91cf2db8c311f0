"""Two columns together, counted where the table lies: what a chart of a pair needs.

Two columns on a line give counts by bins, two categories counts by categories, and one of each
boxes by category. No cell, category or group of fewer than a few people is told, and no value of a
single row: what is that rare is pooled or left out, and how much that is. People are rows, unless
a column tells them apart.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from core.data.profile.boxes import MOST_BOXED, Box, boxes
from core.data.profile.columns import FEWEST_PEOPLE, Source, axis
from core.data.profile.numbers import number
from core.data.profile.values import Associations, ColumnProfile, TableProfile, as_text
from core.data.schema import ColumnType, Table
from core.errors import InvalidInput
from core.store.duck import literal

__all__ = ["MOST_BOXED", "Box", "Grid", "Pair", "measure_of", "pair"]

MOST_CATEGORIES = 12
MOST_BINS = 20
_CODED = {ColumnType.BOOLEAN, ColumnType.CATEGORY}


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows by two columns; ``rows`` and ``columns`` say what each place stands for.

    Cells of fewer than ``FEWEST_PEOPLE`` people are 0, and ``withheld`` counts their rows.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    withheld: int


@dataclass(frozen=True, slots=True)
class Pair:
    """Two columns together.

    Attributes
    ----------
    rows
        Rows in which both have a value.
    measure, strength
        Which measure fits the two types, and its value; None where it could not be measured.
    pearson, spearman
        The signed coefficients where both lie on a line.
    measured_on
        Rows that the measure rests on.
    grid, boxes
        What can be drawn: one of the two. ``number`` names the column that boxes are of.
    """

    left: str
    right: str
    rows: int
    measure: str
    strength: float | None
    pearson: float | None
    spearman: float | None
    measured_on: int
    grid: Grid | None = None
    boxes: tuple[Box, ...] = ()
    number: str = ""


@dataclass(frozen=True, slots=True)
class _Places:
    """How a column's values become places: SQL for the place, and what each place is called."""

    sql: str
    labels: tuple[str, ...]


def pair(source: Source, table: Table, profile: TableProfile, left: str, right: str) -> Pair:
    """Count two columns of the profile's associations together, over all rows.

    Raises
    ------
    InvalidInput
        When they are one column, or one of them is not among those that are measured.
    """
    links = profile.associations
    if left == right or not {left, right} <= set(links.columns):
        raise InvalidInput("Name two different columns of those whose associations are measured.")
    one, two = profile[left], profile[right]
    if (one.type in _CODED) != (two.type in _CODED):
        grid, drawn = None, _boxes(source, table, one, two)
    else:
        grid, drawn = _grid(source, table, one, two), ()
    return Pair(
        left,
        right,
        rows=_both(source, table, one, two),
        measure=measure_of(one.type, two.type),
        strength=_entry(links, links.matrix, left, right),
        pearson=_entry(links, links.pearson, left, right),
        spearman=_entry(links, links.spearman, left, right),
        measured_on=links.rows,
        grid=grid,
        boxes=drawn,
        number="" if grid else two.name if one.type in _CODED else one.name,
    )


def measure_of(first: ColumnType, second: ColumnType) -> str:
    """The measure of association that fits two types."""
    coded = (first in _CODED) + (second in _CODED)
    return ("Pearson's correlation", "Correlation ratio", "Cramér's V")[coded]


def _entry(
    links: Associations, matrix: Sequence[Sequence[float | None]], left: str, right: str
) -> float | None:
    if not matrix:
        return None
    return matrix[links.columns.index(left)][links.columns.index(right)]


def _both(source: Source, table: Table, one: ColumnProfile, two: ColumnProfile) -> int:
    query = f"SELECT count(*) FROM {source.relation} WHERE {_present(table, one, two)}"
    return int(source.cursor.execute(query).fetchall()[0][0])


def _present(table: Table, *columns: ColumnProfile) -> str:
    return " AND ".join(f"{_cell(table, column)} IS NOT NULL" for column in columns)


def _cell(table: Table, column: ColumnProfile) -> str:
    return f"c{table.names.index(column.name)}"


def _grid(source: Source, table: Table, one: ColumnProfile, two: ColumnProfile) -> Grid:
    present = _present(table, one, two)
    rows, columns = (_places(source, table, column, present) for column in (one, two))
    query = (
        f"SELECT {rows.sql} AS a, {columns.sql} AS b, count(*), {source.people} "
        f"FROM {source.relation} WHERE {present} GROUP BY a, b "
        "HAVING a IS NOT NULL AND b IS NOT NULL"
    )
    counts = [[0] * len(columns.labels) for _ in rows.labels]
    withheld = 0
    for a, b, count, people in source.cursor.execute(query).fetchall():
        if people < FEWEST_PEOPLE:
            withheld += count
        else:
            counts[a][b] = count
    return Grid(rows.labels, columns.labels, tuple(map(tuple, counts)), withheld)


def _places(source: Source, table: Table, column: ColumnProfile, present: str) -> _Places:
    if column.type in _CODED:
        return _categories(source, table, column, present)
    return _bins(table, column)


def _bins(table: Table, column: ColumnProfile) -> _Places:
    """The bins of the column's histogram, neighbours put together where they are many."""
    if column.histogram is None:
        raise InvalidInput(f"The column {column.name!r} has no bins to be counted by.")
    edges = column.histogram.edges
    step = -(-(len(edges) - 1) // MOST_BINS)
    kept = list(edges[::step])
    if kept[-1] < edges[-1]:
        kept.append(edges[-1])
    first, width = number(edges[0]), number(step * (edges[1] / 2 - edges[0] / 2) * 2)
    x = axis(table[column.name], _cell(table, column))
    place = f"TRY_CAST(floor({x} / {width} - {first} / {width}) AS BIGINT)"
    inside = f"{x} BETWEEN {first} AND {number(edges[-1])}"
    sql = f"CASE WHEN {inside} THEN greatest(least({place}, {len(kept) - 2}), 0) END"
    return _Places(sql, tuple(map(_between, kept[:-1], kept[1:], [column.type] * len(kept))))


def _between(low: float, high: float, kind: ColumnType) -> str:
    """A bin in words; whole values by the first and the last that it holds."""
    if kind in {ColumnType.INTEGER, ColumnType.DATE}:
        low, high = math.ceil(low), math.ceil(high) - 1
        if low == high:
            return as_text(low, kind)
    return f"{as_text(low, kind)} – {as_text(high, kind)}"


def _categories(source: Source, table: Table, column: ColumnProfile, present: str) -> _Places:
    """The most frequent categories by name, and all others in one place."""
    cell = f"CAST({_cell(table, column)} AS VARCHAR)"
    found = source.cursor.execute(
        f"SELECT {cell} AS v, count(*) AS n FROM {source.relation} WHERE {present} GROUP BY v "
        f"HAVING {source.people} >= {FEWEST_PEOPLE} ORDER BY n DESC, v LIMIT {MOST_CATEGORIES}"
    ).fetchall()
    names = [value for value, _ in found]
    listed = ", ".join(literal(name) for name in names) or "NULL"
    sql = f"coalesce(list_position([{listed}], {cell}) - 1, {len(names)})"
    return _Places(sql, (*(_label(column, table, name) for name in names), "(all others)"))


def _label(column: ColumnProfile, table: Table, name: str) -> str:
    if column.type is not ColumnType.BOOLEAN:
        return name
    written = table[column.name].format
    return written.true if name == "true" else written.false


def _boxes(source: Source, table: Table, one: ColumnProfile, two: ColumnProfile) -> tuple[Box, ...]:
    """Boxes of the one on a line by the category of the other."""
    coded, line = (one, two) if one.type in _CODED else (two, one)
    present = _present(table, one, two)
    places = _categories(source, table, coded, present)
    x = axis(table[line.name], _cell(table, line))
    return boxes(source, places.sql, places.labels, x, present)
