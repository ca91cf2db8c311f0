"""Which columns could point to which tables: every value is a value of a key candidate there."""

from collections.abc import Iterator, Mapping

import duckdb

from core.data.profile.columns import Source
from core.data.profile.matching import matched
from core.data.profile.shape import ForeignKey
from core.data.profile.values import ColumnProfile, TableProfile
from core.data.schema import ColumnType

MOST_TRIED = 200
FEWEST_VALUES = 5
_LEAST_COVERED = 0.2
_TYPES = {ColumnType.INTEGER, ColumnType.CATEGORY, ColumnType.TEXT}


def foreign_keys(
    cursor: duckdb.DuckDBPyConnection,
    relations: Mapping[str, str],
    profiles: Mapping[str, TableProfile],
) -> dict[str, tuple[ForeignKey, ...]]:
    """Candidates for foreign keys, by the table that would hold them.

    Small numbers are values of any long key: a column counts only where it holds a fifth of the
    key's values, or its name speaks of the table or the key.

    Parameters
    ----------
    relations
        What to select each table from, columns ``c0``, ``c1``, … by position.
    """
    found: dict[str, list[ForeignKey]] = {name: [] for name in profiles}
    for tried, (child, column, parent, key) in enumerate(_pairs(profiles)):
        if tried >= MOST_TRIED:
            break
        distinct, known = matched(
            Source(cursor, relations[child.table], child.rows),
            _cell(child, column),
            Source(cursor, relations[parent.table], parent.rows),
            _cell(parent, key),
        )
        if distinct == known:
            found[child.table].append(ForeignKey(column.name, parent.table, key.name))
    return {name: tuple(links) for name, links in found.items()}


def _pairs(
    profiles: Mapping[str, TableProfile],
) -> Iterator[tuple[TableProfile, ColumnProfile, TableProfile, ColumnProfile]]:
    for child in profiles.values():
        for column in child.columns:
            for parent in profiles.values():
                if parent.table == child.table:
                    continue
                for name in parent.key_candidates:
                    if _could_point(column, parent, parent[name]):
                        yield child, column, parent, parent[name]


def _could_point(column: ColumnProfile, parent: TableProfile, key: ColumnProfile) -> bool:
    is_integer = column.type is ColumnType.INTEGER
    if column.type not in _TYPES or is_integer != (key.type is ColumnType.INTEGER):
        return False
    if column.distinct < FEWEST_VALUES or column.distinct > key.distinct:
        return False
    lower = column.name.lower()
    says = parent.table.lower().rstrip("s") in lower or key.name.lower() in lower
    return says or column.distinct >= _LEAST_COVERED * key.distinct


def _cell(table: TableProfile, column: ColumnProfile) -> str:
    """SQL for a column's cell, of one type for whole numbers and one for strings."""
    place = [c.name for c in table.columns].index(column.name)
    return f"CAST(c{place} AS {'BIGINT' if column.type is ColumnType.INTEGER else 'VARCHAR'})"
