"""An edited schema, checked against the rows: every problem at once, with counts and no value.

A column is read at a time, and only where the edit concerns it. (pandera would want the whole
table in memory, and its reports quote the values that fail.)
"""

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from core.data.coarser import generalised_problems
from core.data.convert import convert_column
from core.data.linked import link_keys
from core.data.schema import Relationship, Schema
from core.errors import InvalidInput
from core.store.tables import DatasetRow
from core.studio.context import Context
from core.studio.schema_texts import SchemaDraft
from core.studio.stored import dataset_path
from core.synthesis.asks import Rule


class SchemaCheck:
    """The problems of an edited schema.

    Parameters
    ----------
    before
        The schema that holds now: what did not change against it is not looked at again.
    rules
        The dataset's rules, which have to make sense with the new types too.
    """

    def __init__(
        self,
        context: Context,
        row: DatasetRow,
        before: SchemaDraft,
        rules: Mapping[str, tuple[Rule, ...]],
    ) -> None:
        self._context, self._row, self._before, self._rules = context, row, before, rules
        self._stored = Schema.from_dict(row.stored_schema)

    def problems(self, draft: SchemaDraft) -> list[str]:
        """All that is wrong; empty when the schema can be saved."""
        wanted = draft.schema
        found = [*self._wrong_links(wanted), *generalised_problems(wanted)]
        sound = tuple(
            link
            for link in wanted.relationships
            if _names_exist(link, wanted) and not _names_twice(link)
        )
        found += self._types(wanted)
        found += self._keys(draft)
        for link in sound:
            found += self._orphans(link, wanted)
        for name, own in self._rules.items():
            found += [
                f"A rule of {name!r} does not fit any more: {problem} Change the rule first."
                for rule in own
                for problem in rule.problems(wanted[name])
            ]
        return list(dict.fromkeys(found))

    def _wrong_links(self, wanted: Schema) -> Iterator[str]:
        seen = set()
        for link in wanted.relationships:
            for table, column in _ends(link):
                if table not in wanted.names:
                    yield f"A link names the table {table!r}, which is not there."
                elif column not in wanted[table].names:
                    yield f"A link names {table}.{column}, which is not there."
            if _names_twice(link):
                yield f"The link of {link.child!r} to {link.parent!r} names a column twice."
            for column in link.child_columns:
                if (link.child, column) in seen:
                    yield f"{link.child}.{column} points to two tables. Keep one link."
                seen.add((link.child, column))

    def _types(self, wanted: Schema) -> Iterator[str]:
        for table in wanted.tables:
            for column in table.columns:
                if column.type is self._before.schema[table.name][column.name].type:
                    continue
                try:
                    self._values(wanted, table.name, column.name)
                except InvalidInput as error:
                    yield str(error)

    def _keys(self, draft: SchemaDraft) -> Iterator[str]:
        for table in draft.schema.tables:
            old = self._before.schema[table.name].primary_key
            key = (table.primary_key,) if table.primary_key else ()
            if key and table.primary_key != old:
                yield from self._not_unique(draft.schema, table.name, key)
            several = draft.composite.get(table.name, ())
            if several and several != self._before.composite.get(table.name, ()):
                yield from self._not_unique(draft.schema, table.name, several)

    def _not_unique(self, wanted: Schema, table: str, key: tuple[str, ...]) -> Iterator[str]:
        said = " and ".join(map(repr, key))
        try:
            columns = [self._values(wanted, table, name) for name in key]
        except InvalidInput:
            return
        frame = pd.concat(columns, axis=1)
        missing = int(frame.isna().any(axis=1).sum())
        twice = int(frame.duplicated().sum())
        if missing:
            yield f"{said} cannot be the key of {table!r}: {missing:,} rows have no value."
        if twice:
            yield f"{said} cannot be the key of {table!r}: {twice:,} rows repeat another's."

    def _orphans(self, link: Relationship, wanted: Schema) -> Iterator[str]:
        if link in self._before.schema.relationships:
            return
        if not link.more and wanted[link.parent].primary_key != link.parent_key:
            yield (
                f"{link.child}.{link.child_key} must point to the key of {link.parent!r}. Make "
                f"{link.parent_key!r} its key."
            )
            return
        if link.more:
            yield from self._not_unique(wanted, link.parent, link.parent_columns)
        try:
            parents, keys = link_keys(
                {
                    link.parent: self._columns(wanted, link.parent, link.parent_columns),
                    link.child: self._columns(wanted, link.child, link.child_columns),
                }
                if link.parent != link.child
                else {link.child: self._columns(wanted, link.child, _all_columns(link))},
                link,
            )
        except InvalidInput:
            return
        known = keys.dropna()
        lost = int((~known.isin(parents.dropna())).sum())
        if lost:
            said = " and ".join(map(repr, link.child_columns))
            yield (
                f"{lost:,} rows of {link.child!r} point with {said} to no row of "
                f"{link.parent!r}. Correct the tables, or leave out this link."
            )

    def _columns(self, wanted: Schema, table: str, names: Sequence[str]) -> pd.DataFrame:
        return pd.DataFrame({name: self._values(wanted, table, name) for name in names})

    def _values(self, wanted: Schema, table: str, column: str) -> pd.Series:
        stored = self._stored[table]
        path = dataset_path(self._row.id, self._stored.names.index(table))
        values = self._context.vault.read_column(path, stored, column)
        return convert_column(values, stored[column], wanted[table][column])


def _names_exist(link: Relationship, schema: Schema) -> bool:
    return all(t in schema.names and c in schema[t].names for t, c in _ends(link))


def _names_twice(link: Relationship) -> bool:
    return any(len(set(side)) < len(side) for side in (link.parent_columns, link.child_columns))


def _ends(link: Relationship) -> list[tuple[str, str]]:
    """All columns of a link, each with its table."""
    parents = [(link.parent, name) for name in link.parent_columns]
    return parents + [(link.child, name) for name in link.child_columns]


def _all_columns(link: Relationship) -> list[str]:
    """The columns of a link of a table to itself."""
    return list(dict.fromkeys((*link.parent_columns, *link.child_columns)))
