"""A whole table in numbers, where it lies: DuckDB counts, and only a sample of rows is held."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import duckdb

from core.data.profile.anomalies import anomalies
from core.data.profile.association import MOST_ROWS, Axes, Codes, associations
from core.data.profile.coded import profile_coded
from core.data.profile.columns import Source, profile_long
from core.data.profile.held import MOST_HELD, profile_held, read_values
from core.data.profile.holding import dependencies, inequalities
from core.data.profile.matching import repeats
from core.data.profile.quality import quality
from core.data.profile.sample import Sample
from core.data.profile.values import ColumnProfile, TableProfile
from core.data.schema import ColumnType, Table

_KEY_TYPES = {ColumnType.INTEGER, ColumnType.CATEGORY, ColumnType.TEXT, ColumnType.DATETIME}
_CODED = {ColumnType.BOOLEAN, ColumnType.CATEGORY}


def profile_relation(
    cursor: duckdb.DuckDBPyConnection,
    relation: str,
    table: Table,
    masked: frozenset[str] = frozenset(),
) -> TableProfile:
    """Describe a table without loading it.

    Memory holds one column at a time, and a sample of rows for what is measured between columns.

    Parameters
    ----------
    cursor, relation
        What :meth:`core.data.vault.Vault.querying` gives: columns ``c0``, ``c1``, … by position,
        times as microseconds. Temporary tables are made with the cursor.
    table
        The schema of what is stored.
    masked
        Columns of which no value may be shown: no frequent values, quantiles or histogram.
        ``core.data.pii.masked_columns`` gives those that point to a person.
    """
    (rows,) = cursor.execute(f"SELECT count(*) FROM {relation}").fetchall()[0]
    source = Source(cursor, relation, rows)
    columns, sample = _columns(source, table, masked)
    columns = tuple(_settled(source, place, c) for place, c in enumerate(columns))
    duplicates = _duplicates(source, columns)
    codes = {c.name: sample.codes(c.name) for c in columns if not c.constant}
    axes = _axes(sample, table, columns, codes)
    return TableProfile(
        table=table.name,
        rows=rows,
        columns=columns,
        duplicate_rows=duplicates,
        key_candidates=tuple(c.name for c in columns if c.unique and c.type in _KEY_TYPES),
        associations=associations(axes, table.names, sample.rows),
        dependencies=dependencies(source, table, codes),
        inequalities=inequalities(source, table, axes.numbers),
        anomalies=anomalies(axes.numbers),
        quality=quality(rows, duplicates, columns),
    )


def _columns(
    source: Source, table: Table, masked: frozenset[str]
) -> tuple[tuple[ColumnProfile, ...], Sample]:
    """Each column in numbers, and what was kept of evenly spaced rows on the way."""
    places = dict(enumerate(table.columns))
    coded = {place: column for place, column in places.items() if not column.type.is_numeric}
    sample = Sample.of(source, coded, MOST_ROWS)
    found = profile_coded(source, coded, masked, sample.coded)
    for place, column in places.items():
        if place in coded:
            continue
        hidden = column.name in masked
        if source.rows > MOST_HELD:
            found[column.name] = profile_long(source, place, column, hidden=hidden)
            sample.take(read_values(source, place, column, most=MOST_ROWS), column)
        else:
            values = read_values(source, place, column)
            found[column.name] = profile_held(values, column, hidden=hidden)
            sample.take(values, column)
    return tuple(found[column.name] for column in table.columns), sample


def _settled(source: Source, place: int, column: ColumnProfile) -> ColumnProfile:
    """A column whose many values were estimated, with their number where all of them differ."""
    near = column.rows and not column.missing and column.distinct >= 0.9 * column.rows
    if column.distinct_exact or not near or repeats(source, f"hash(c{place})"):
        return column
    return replace(column, distinct=column.rows, distinct_exact=True, most=1)


def _duplicates(source: Source, columns: Sequence[ColumnProfile]) -> int:
    """Rows that repeat an earlier one, by 64-bit hashes; none where a column is a key."""
    if not columns or any(c.unique for c in columns):
        return max(source.rows - 1, 0) if not columns else 0
    names = ", ".join(f"c{i}" for i in range(len(columns)))
    return repeats(source, f"hash({names})")


def _axes(
    sample: Sample,
    table: Table,
    columns: Sequence[ColumnProfile],
    codes: Mapping[str, Codes],
) -> Axes:
    """Columns whose associations say something: not text, hidden, constant or a list of keys."""
    open_columns = [c for c in columns if not (c.hidden or c.constant)]
    numeric = {c.name for c in open_columns if c.type.is_numeric}
    repeated = {c.name for c in open_columns if c.distinct < c.rows - c.missing}
    coded = {c.name for c in open_columns if c.type in _CODED} & repeated
    return Axes(
        {name: sample.numbers[name] for name in table.names if name in numeric},
        {name: codes[name] for name in table.names if name in coded},
    )
