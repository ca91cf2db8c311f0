"""Primary keys and relationships, found from names and values."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import pandas as pd

from core.data.schema import Column, ColumnType, Relationship, Schema, Table

_KEY_TYPES = frozenset({ColumnType.INTEGER, ColumnType.CATEGORY, ColumnType.TEXT})
_KEY_WORDS = frozenset({"id", "key", "no", "nr", "num", "number", "code", "uuid", "guid", "pk"})
FIRST_COLUMN_ROWS = 10
DENSE = 10
NO_KEY = r"\s|@"
_NEARLY = 0.9


@dataclass(frozen=True, slots=True)
class _Link:
    """A possible relationship; a higher score is a likelier one."""

    score: int
    relationship: Relationship


class Values(Protocol):
    """What the search for keys asks of the values of columns, wherever they lie."""

    def identify(self, table: Table, column: Column) -> bool:
        """Whether no value is missing and none occurs twice."""
        ...

    def are_like_a_key(self, table: Table, column: Column) -> bool:
        """Whether a first column without a key's name could be one all the same."""
        ...

    def contained(self, child: Table, column: Column, parent: Table, key: Column) -> float:
        """Share of the different values that are among the keys; 0 where there are none."""
        ...


@dataclass(frozen=True, slots=True)
class HeldValues:
    """Values of tables that are in memory."""

    tables: Mapping[str, pd.DataFrame]

    def identify(self, table: Table, column: Column) -> bool:
        """See :class:`Values`."""
        return _identifies(self.tables[table.name][column.name])

    def are_like_a_key(self, table: Table, column: Column) -> bool:
        """See :class:`Values`."""
        return _like_a_key(self.tables[table.name][column.name], column)

    def contained(self, child: Table, column: Column, parent: Table, key: Column) -> float:
        """See :class:`Values`."""
        return contained(self.tables[child.name][column.name], self.tables[parent.name][key.name])


def detect_relationships(tables: Mapping[str, pd.DataFrame], schema: Schema) -> Schema:
    """The schema with the keys of tables in memory; see :func:`find_relationships`."""
    return find_relationships(HeldValues(tables), schema)


def orphan_notes(tables: Mapping[str, pd.DataFrame], schema: Schema) -> list[str]:
    """Notes on tables in memory; see :func:`find_orphans`."""
    return find_orphans(HeldValues(tables), schema)


def find_relationships(values: Values, schema: Schema) -> Schema:
    """The schema with primary keys and the relationships that names and values support.

    A primary key is unique, never missing and called like a key, or is the first column. A column
    is a foreign key when its name points to a table's key and all of its values are there.
    Keys that the schema has already are kept.
    """
    keyed = tuple(
        t if t.primary_key else replace(t, primary_key=_primary_key(values, t))
        for t in schema.tables
    )
    schema = replace(schema, tables=keyed)
    links = sorted(_links(values, schema), key=lambda link: -link.score)
    chosen = list(schema.relationships)
    for link in links:
        if not _taken(link.relationship, chosen) and not _cyclic(link.relationship, chosen):
            chosen.append(link.relationship)
    order = {name: index for index, name in enumerate(schema.names)}
    chosen.sort(key=lambda r: (order[r.parent], order[r.child]))
    return replace(schema, relationships=tuple(chosen))


def find_orphans(values: Values, schema: Schema) -> list[str]:
    """Notes on columns that seem to point to a table, but with values that are not there."""
    notes = []
    for parent, child, column, score in _pairs(schema):
        assert parent.primary_key is not None
        link = Relationship(parent.name, parent.primary_key, child.name, column.name)
        if score < 2 or _taken(link, schema.relationships):
            continue
        share = values.contained(child, column, parent, parent[link.parent_key])
        if _NEARLY <= share < 1:
            notes.append(
                f"Table {child.name!r}: {column.name!r} seems to point to {parent.name!r}, but "
                f"{1 - share:.1%} of its values are not there, so the two are not related."
            )
    return notes


def words(name: str) -> list[str]:
    """The words of a name, in lower case and singular: ``playersId`` → ``player``, ``id``."""
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name)
    return [_singular(word) for word in re.split(r"[^a-z0-9]+", spaced.lower()) if word]


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 2:
        return word[:-1]
    return word


def _primary_key(values: Values, table: Table) -> str | None:
    """The likeliest of the columns that identify a row."""
    scores = [
        (_key_score(column, position, values, table), -position, column.name)
        for position, column in enumerate(table.columns)
        if column.type in _KEY_TYPES
    ]
    for score, _, name in sorted(scores, reverse=True):
        if score and values.identify(table, table[name]):
            return name
    return None


def _key_score(column: Column, position: int, values: Values, table: Table) -> int:
    own, parts = words(table.name), words(column.name)
    if parts in (["id"], [*own, "id"]):
        return 4
    if parts and parts[-1] in _KEY_WORDS:
        return 3 if position == 0 else 2 if parts[:-1] == own else 1
    return int(position == 0 and values.are_like_a_key(table, column))


def _like_a_key(values: pd.Series, column: Column) -> bool:
    """A first column without a key's name: a running number, or words without spaces."""
    if len(values) < FIRST_COLUMN_ROWS or values.isna().any():
        return False
    if column.type is ColumnType.INTEGER:
        return bool(values.max() - values.min() < DENSE * len(values))
    return not values.str.contains(NO_KEY, regex=True).any()


def _identifies(values: pd.Series) -> bool:
    return len(values) > 0 and not values.isna().any() and values.is_unique


def _pairs(schema: Schema) -> Iterator[tuple[Table, Table, Column, int]]:
    """Parent, child, child's column and how well its name points to the parent's key."""
    for parent in schema.tables:
        if parent.primary_key is None:
            continue
        for child in schema.tables:
            if child.name == parent.name:
                continue
            for column in child.columns:
                score = _name_score(column, parent, child)
                if score:
                    yield parent, child, column, score


def _name_score(column: Column, parent: Table, child: Table) -> int:
    assert parent.primary_key is not None
    if not _same_kind(column.type, parent[parent.primary_key].type):
        return 0
    own, key, name = words(parent.name), words(parent.primary_key), words(column.name)
    if not name or (column.name == child.primary_key and _named_after(name, child)):
        return 0
    if name in ([*own, *key], [*own, "id"]):
        return 4
    if name == key and key != ["id"]:
        return 3
    if name == own:
        return 2
    return int(len(name) > len(key) > 1 and name[-len(key) :] == key)


def _named_after(name: Sequence[str], table: Table) -> bool:
    return name == ["id"] or name[: len(words(table.name))] == words(table.name)


def _same_kind(one: ColumnType, other: ColumnType) -> bool:
    if one not in _KEY_TYPES or other not in _KEY_TYPES:
        return False
    return (one is ColumnType.INTEGER) == (other is ColumnType.INTEGER)


def _links(values: Values, schema: Schema) -> Iterator[_Link]:
    for parent, child, column, score in _pairs(schema):
        assert parent.primary_key is not None
        if values.contained(child, column, parent, parent[parent.primary_key]) == 1:
            link = Relationship(parent.name, parent.primary_key, child.name, column.name)
            yield _Link(score, link)


def contained(values: pd.Series, keys: pd.Series) -> float:
    """Share of the distinct values that are among the keys; 0 where there are none."""
    distinct = pd.Series(values.dropna().unique())
    return float(distinct.isin(keys).mean()) if len(distinct) else 0.0


def _taken(link: Relationship, chosen: Sequence[Relationship]) -> bool:
    return any(r.child == link.child and r.child_key == link.child_key for r in chosen)


def _cyclic(link: Relationship, chosen: Sequence[Relationship]) -> bool:
    """Whether the parent is already below the child."""
    below, reached = {link.child}, {link.child}
    while below:
        below = {r.child for r in chosen if r.parent in below} - reached
        reached |= below
    return link.parent in reached
