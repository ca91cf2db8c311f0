"""What holds on of a dataset in its next version: columns, keys, links, rules, the public schema.

A column keeps what was decided about it when it has the same name, its values can be read as the
type that it was given, and no other kind of personal data is found in it. Everything else waits
for a person again. A table is known by its name; a dataset of one table needs none.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from core.data.convert import possible_types, retyped
from core.data.pii import SEMANTICS
from core.data.schema import Column, ColumnType, Relationship, Schema, Table
from core.errors import StudioError
from core.privacy.public import public_from_dict
from core.store.tables import DatasetRow, now
from core.studio.carried import CarriedOver
from core.studio.carried_texts import texts_carried
from core.studio.context import Context, open_columns
from core.studio.schema_checks import SchemaCheck
from core.studio.schema_texts import SchemaDraft
from core.studio.versions import Before
from core.synthesis.asks import Rule

_ALIKE = (
    frozenset({ColumnType.INTEGER, ColumnType.NUMBER}),
    frozenset({ColumnType.CATEGORY, ColumnType.TEXT}),
    frozenset({ColumnType.DATE, ColumnType.DATETIME}),
)
_SETTLED = ("role", "semantic", "action", "reason", "coarser")
NEW, OTHER_TYPE = "it is new", "its values are of another type"


class Succession:
    """Brings what was settled for one version into the row of the next, which is not saved yet.

    Parameters
    ----------
    row
        The new dataset, whose tables are in the vault already.
    """

    def __init__(self, context: Context, before: Before, row: DatasetRow) -> None:
        self._context, self._before, self._row = context, before, row
        self._schema = Schema.from_dict(row.schema)
        self._tables = _same_tables(before.schema, self._schema)
        self._notes: list[str] = []

    def take_over(self) -> Mapping[str, tuple[Rule, ...]]:
        """Write into the row what holds on; returns the rules by table."""
        tables = self._schema.tables
        again = {table.name: self._columns(table) for table in tables}
        keys, links = self._keys(), self._links()
        rules = self._rules()
        all_rules = sum(map(len, self._before.rules.values()))
        kept = sum(map(len, rules.values()))
        carried = CarriedOver(
            self._before.name,
            {t.name: tuple(n for n in t.names if n not in again[t.name]) for t in tables},
            {name: found for name, found in again.items() if found},
            self._gone(),
            keys,
            links,
            kept,
            all_rules - kept,
            tuple(self._notes),
            self._public(again),
        )
        row = self._row
        row.schema, row.version_of = self._schema.to_dict(), self._before.id
        row.carried = carried.to_dict()
        row.reviewed_at = None if open_columns(row) else now()
        return rules

    def _columns(self, table: Table) -> dict[str, str]:
        """Take over what holds of a table's columns; returns why the others are open."""
        again: dict[str, str] = {}
        columns = []
        earlier = self._tables.get(table.name, "")
        known = {c.name: c for c in self._before.schema[earlier].columns} if earlier else {}
        stored = {c.name: c for c in self._before.stored[earlier].columns} if earlier else {}
        for column in table.columns:
            before = known.get(column.name)
            if before is None:
                decided, why = column, NEW
            else:
                decided, why = self._column(table.name, column, before, stored[column.name].type)
            if why:
                again[column.name] = why
                decided = replace(column, action=None)
            columns.append(decided)
        decided_table = replace(table, columns=tuple(columns))
        if earlier:
            before_table = self._before.schema[earlier]
            decided_table, notes = texts_carried(before_table, decided_table, again)
            self._notes += notes
        self._schema = self._schema.with_table(decided_table)
        return again

    def _column(
        self, table: str, column: Column, before: Column, stored: ColumnType
    ) -> tuple[Column, str]:
        """The column as it was decided before, or why that does not hold any more."""
        if before.action is None:
            return column, "it was not decided before"
        found = self._row.findings.get(table, {}).get(column.name, {}).get("semantic")
        earlier = self._tables[table]
        known = self._before.findings.get(earlier, {}).get(column.name, {}).get("semantic")
        if found and found not in (known, before.semantic):
            return column, f"it seems to hold {SEMANTICS[found].title.lower()} now"
        wanted = retyped(column, before.type)
        if not self._is_same_kind(table, column, wanted, stored):
            return column, OTHER_TYPE
        said = {name: getattr(before, name) for name in _SETTLED}
        return replace(wanted, **said), ""

    def _is_same_kind(self, table: str, column: Column, wanted: Column, stored: ColumnType) -> bool:
        """Whether a column is of the kind that was stored before, and can be what was decided."""
        if not _is_alike(column.type, stored, wanted.type):
            return False
        if column.type is wanted.type:
            return True
        return not self._problems(self._schema.with_table(self._schema[table].with_column(wanted)))

    def _problems(self, wanted: Schema) -> list[str]:
        """What the rows have against a change of the schema as it is by now."""
        seen = SchemaDraft(self._schema)
        return SchemaCheck(self._context, self._row, seen, {}).problems(SchemaDraft(wanted))

    def _keys(self) -> int:
        kept = 0
        for name, earlier in self._tables.items():
            before, table = self._before.schema[earlier], self._schema[name]
            if before.primary_key is None:
                if table.primary_key in before.names:
                    self._schema = self._unlinked(replace(table, primary_key=None))
                continue
            if before.primary_key not in table.names:
                self._notes.append(f"{before.primary_key!r}, the key of {name!r}, is gone.")
                continue
            wanted = self._unlinked(replace(table, primary_key=before.primary_key))
            if problems := self._problems(wanted):
                self._notes += problems
                continue
            self._schema, kept = wanted, kept + 1
        return kept

    def _unlinked(self, table: Table) -> Schema:
        """The schema with a table whose key is another, without links to the former key."""
        links = tuple(
            link
            for link in self._schema.relationships
            if link.more or link.parent != table.name or link.parent_key == table.primary_key
        )
        return replace(self._schema.with_table(table), relationships=links)

    def _links(self) -> int:
        """Take over the links; found ones stay where they concern what is new."""
        now_named = {earlier: name for name, earlier in self._tables.items()}
        found = self._schema.relationships
        fresh = tuple(link for link in found if self._is_new(link))
        self._schema = replace(self._schema, relationships=fresh)
        kept = 0
        for link in self._before.schema.relationships:
            if link.parent not in now_named or link.child not in now_named:
                continue
            link = replace(link, parent=now_named[link.parent], child=now_named[link.child])
            links = (*(x for x in self._schema.relationships if x != link), link)
            wanted = replace(self._schema, relationships=links)
            if link not in found and (problems := self._problems(wanted)):
                self._notes += problems
                continue
            self._schema, kept = wanted, kept + 1
        return kept

    def _is_new(self, link: Relationship) -> bool:
        child, parent = self._tables.get(link.child), self._tables.get(link.parent)
        if child is None or parent is None:
            return True
        return not set(link.child_columns) <= set(self._before.schema[child].names)

    def _rules(self) -> dict[str, tuple[Rule, ...]]:
        found = {
            name: tuple(
                rule
                for rule in self._before.rules.get(earlier, ())
                if not rule.problems(self._schema[name])
            )
            for name, earlier in self._tables.items()
        }
        return {name: own for name, own in found.items() if own}

    def _gone(self) -> dict[str, tuple[str, ...]]:
        now_named = {earlier: name for name, earlier in self._tables.items()}
        gone = {}
        for table in self._before.schema.tables:
            there = self._schema[now_named[table.name]].names if table.name in now_named else None
            names = tuple(n for n in table.names if there is not None and n not in there)
            if there is None or names:
                gone[table.name] = names
        return gone

    def _public(self, again: Mapping[str, Mapping[str, str]]) -> dict[str, Any] | None:
        """The public schema without what is open; the number of rows is another one now."""
        public = self._before.public
        if public is None or len(self._schema.tables) != 1:
            return None
        (table,) = self._schema.tables
        told = {
            name: one
            for name, one in (public.get("columns") or {}).items()
            if name in table.names and name not in again[table.name] and _is_fit(name, one, table)
        }
        return {"rows": 0, "columns": told} if told else None


def _same_tables(before: Schema, after: Schema) -> dict[str, str]:
    """By table the one of the version before that it continues."""
    if len(before.tables) == len(after.tables) == 1:
        return {after.tables[0].name: before.tables[0].name}
    return {name: name for name in after.names if name in before.names}


def _is_alike(now: ColumnType, stored: ColumnType, decided: ColumnType) -> bool:
    """Whether a column that was stored and decided as those types is still the same kind."""
    if now in (stored, decided):
        return True
    return any({now, stored} <= kinds for kinds in _ALIKE) and decided in possible_types(
        Column("", now)
    )


def _is_fit(name: str, told: Mapping[str, Any], table: Table) -> bool:
    try:
        public_from_dict({"rows": 0, "columns": {name: told}}).check(table)
    except StudioError:
        return False
    return True
