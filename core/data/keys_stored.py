"""Keys and relationships of tables in the vault, found where they lie, in bounded memory."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from core.data.keys import DENSE, FIRST_COLUMN_ROWS, NO_KEY
from core.data.profile.columns import Source
from core.data.profile.matching import matched, repeats
from core.data.schema import Column, ColumnType, Relationship, Table
from core.data.vault import Vault
from core.store.duck import literal

_NEARLY_ALL = 0.8


@dataclass(frozen=True, slots=True)
class StoredValues:
    """Values of tables in the vault; see :class:`core.data.keys.Values`."""

    sources: Mapping[str, Source]

    def identify(self, table: Table, column: Column) -> bool:
        """Whether no value is missing and none occurs twice, by 64-bit hashes."""
        source, cell = self.sources[table.name], _cell(table, column)
        query = f"SELECT count({cell}), approx_count_distinct({cell}) FROM {source.relation}"
        present, distinct = source.cursor.execute(query).fetchall()[0]
        if not source.rows or present < source.rows or distinct < _NEARLY_ALL * source.rows:
            return False
        return not repeats(source, f"hash({cell})")

    def are_like_a_key(self, table: Table, column: Column) -> bool:
        """Whether it is a running number, or words without spaces, and none is missing."""
        source, cell = self.sources[table.name], _cell(table, column)
        if source.rows < FIRST_COLUMN_ROWS:
            return False
        if column.type is ColumnType.INTEGER:
            fits = f"max({cell}) - min({cell}) < {DENSE * source.rows}"
        else:
            fits = f"NOT bool_or(regexp_matches({cell}, {literal(NO_KEY)}))"
        query = f"SELECT count({cell}) = {source.rows} AND {fits} FROM {source.relation}"
        return bool(source.cursor.execute(query).fetchall()[0][0])

    def contained(self, child: Table, column: Column, parent: Table, key: Column) -> float:
        """Share of the different values that are among the keys; 0 where there are none."""
        distinct, known = matched(
            self.sources[child.name],
            _cell(child, column),
            self.sources[parent.name],
            _cell(parent, key),
        )
        return known / distinct if distinct else 0.0

    def points(self, parent: Table, child: Table, link: Relationship) -> bool:
        """Whether the link's parent columns are a key, and each of the child's rows points to one.

        A row of which a value is missing points nowhere and is no matter.
        """
        pairs = list(zip(link.parent_columns, link.child_columns, strict=True))
        whole = ColumnType.INTEGER
        kinds = [
            "BIGINT" if parent[one].type is child[other].type is whole else "VARCHAR"
            for one, other in pairs
        ]
        key = _combined(parent, link.parent_columns, kinds)
        source = self.sources[parent.name]
        query = f"SELECT count({key}) FROM {source.relation}"
        (present,) = source.cursor.execute(query).fetchall()[0]
        if present < source.rows or repeats(source, f"hash({key})"):
            return False
        value = _combined(child, link.child_columns, kinds)
        distinct, known = matched(self.sources[child.name], value, source, key)
        return distinct == known


@contextmanager
def stored_values(
    vault: Vault, tables: Mapping[str, str], rows: Mapping[str, int]
) -> Iterator[StoredValues]:
    """The values of tables in the vault, by name with their paths and rows."""
    with ExitStack() as stack:
        yield StoredValues(
            {
                name: Source(*stack.enter_context(vault.querying(path)), rows[name])
                for name, path in tables.items()
            }
        )


def _cell(table: Table, column: Column) -> str:
    kind = "BIGINT" if column.type is ColumnType.INTEGER else "VARCHAR"
    return f"CAST(c{table.names.index(column.name)} AS {kind})"


def _combined(table: Table, columns: Sequence[str], kinds: Sequence[str]) -> str:
    """The values of columns as one, null where one of them is."""
    places = [f"c{table.names.index(name)}" for name in columns]
    cells = [f"CAST({place} AS {kind})" for place, kind in zip(places, kinds, strict=True)]
    if len(cells) == 1:
        return cells[0]
    missing = " OR ".join(f"{place} IS NULL" for place in places)
    return f"(CASE WHEN {missing} THEN NULL ELSE hash({', '.join(cells)}) END)"
