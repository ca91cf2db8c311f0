"""A dataset's schema as a person edits it: types, roles, semantic types, keys and links, as YAML.

What the text does not name stays as it is. A key of several columns is kept as rules (no two rows
agree in them, none is missing), since engines make keys of one column.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from core.data.convert import retyped
from core.data.pii import SEMANTICS
from core.data.schema import Column, ColumnType, Relationship, Role, Schema, Table
from core.data.yaml_text import read_yaml, write_yaml
from core.errors import InvalidInput
from core.synthesis.asks import NotNull, Rule, Unique

_COLUMN_FIELDS = ("type", "role", "semantic")
_TABLE_FIELDS = ("key", "columns")
_LINK_FIELDS = ("parent", "parent_key", "child", "child_key")


@dataclass(frozen=True, slots=True)
class SchemaDraft:
    """A schema that is being edited.

    Attributes
    ----------
    schema
        Tables, columns, keys of one column, and links.
    composite
        By table: keys of several columns.
    """

    schema: Schema
    composite: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def draft_of(schema: Schema, rules: Mapping[str, tuple[Rule, ...]]) -> SchemaDraft:
    """The draft of a schema, and of the rules that say a key of several columns."""
    found = {name: composite_key(own) for name, own in rules.items()}
    return SchemaDraft(schema, {name: key for name, key in found.items() if key})


def composite_key(rules: Sequence[Rule]) -> tuple[str, ...]:
    """The columns of the first unique group of which none may be missing; empty without one."""
    there = {rule.column for rule in rules if isinstance(rule, NotNull)}
    groups = [rule.columns for rule in rules if isinstance(rule, Unique)]
    return next((group for group in groups if len(group) > 1 and set(group) <= there), ())


def key_rules(keys: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[Rule, ...]]:
    """By table the rules that say a key of several columns."""
    return {name: with_composite((), key) for name, key in keys.items()}


def with_composite(rules: Sequence[Rule], key: tuple[str, ...]) -> tuple[Rule, ...]:
    """The rules with another key of several columns in place of the one they say."""
    before = composite_key(rules)
    if before == key:
        return tuple(rules)
    said: list[Rule] = [Unique(before), *(NotNull(name) for name in before)] if before else []
    wanted: list[Rule] = [Unique(key), *(NotNull(name) for name in key)] if key else []
    rest = [rule for rule in rules if rule not in said]
    return tuple(dict.fromkeys((*rest, *wanted)))


def schema_yaml(draft: SchemaDraft) -> str:
    """The draft as YAML, which :func:`read_schema_yaml` reads."""
    tables = {
        table.name: {
            "key": list(draft.composite.get(table.name, ())) or table.primary_key,
            "columns": {
                c.name: {"type": str(c.type), "role": str(c.role), "semantic": c.semantic}
                for c in table.columns
            },
        }
        for table in draft.schema.tables
    }
    links = [_link_dict(link) for link in draft.schema.relationships]
    return write_yaml({"tables": tables, "links": links})


def read_schema_yaml(text: str, before: SchemaDraft) -> SchemaDraft:
    """The draft that a text makes of the one before.

    Raises
    ------
    InvalidInput
        With everything that is wrong, each with its table and column.
    """
    data = read_yaml(text)
    problems = [f"Nothing is known of {n!r} here." for n in data if n not in ("tables", "links")]
    tables, schema, composite = data.get("tables"), before.schema, dict(before.composite)
    if not isinstance(tables, Mapping | None):
        problems.append("`tables` must hold the tables by name.")
        tables = None
    for name, said in (tables or {}).items():
        if name not in schema.names:
            problems.append(f"The dataset has no table {name!r}.")
            continue
        table, key = _table(said, schema[str(name)], composite.get(name, ()), problems)
        schema = schema.with_table(table)
        composite[str(name)] = key
    if "links" in data:
        schema = replace(schema, relationships=_links(data["links"], problems))
    if problems:
        raise InvalidInput("Nothing was changed. " + " ".join(problems), problems)
    return SchemaDraft(schema, {name: key for name, key in composite.items() if key})


def _table(
    said: Any, table: Table, composite: tuple[str, ...], problems: list[str]
) -> tuple[Table, tuple[str, ...]]:
    if not isinstance(said, Mapping):
        problems.append(f"Table {table.name!r} must have `key` and `columns`.")
        return table, composite
    problems += [
        f"Table {table.name!r} has no {field!r}; known: {', '.join(_TABLE_FIELDS)}."
        for field in said
        if field not in _TABLE_FIELDS
    ]
    columns = said.get("columns") or {}
    if not isinstance(columns, Mapping):
        problems.append(f"`columns` of table {table.name!r} must hold the columns by name.")
        columns = {}
    changed = {}
    for raw, own in columns.items():
        name = raw if raw in table.names else str(raw)
        if name not in table.names:
            problems.append(f"Table {table.name!r} has no column {name!r}.")
        else:
            changed[name] = _column(own, table[name], table.name, problems)
    table = replace(table, columns=tuple(changed.get(c.name, c) for c in table.columns))
    if "key" not in said:
        return table, composite
    return _keyed(said["key"], table, problems)


def _keyed(key: Any, table: Table, problems: list[str]) -> tuple[Table, tuple[str, ...]]:
    names = [] if key is None else key if isinstance(key, list) else [key]
    wrong = [name for name in names if name not in table.names]
    problems += [f"The key of {table.name!r} names {n!r}, which is no column." for n in wrong]
    if len(set(map(str, names))) < len(names):
        problems.append(f"The key of {table.name!r} names a column twice.")
    if len(names) > 1:
        return replace(table, primary_key=None), tuple(map(str, names))
    return replace(table, primary_key=str(names[0]) if names else None), ()


def _column(said: Any, column: Column, table: str, problems: list[str]) -> Column:
    where = f"Column {column.name!r} of {table!r}"
    if not isinstance(said, Mapping):
        problems.append(f"{where} must have some of {', '.join(_COLUMN_FIELDS)}.")
        return column
    problems += [f"{where} has no {name!r}." for name in said if name not in _COLUMN_FIELDS]
    kind, role = said.get("type", column.type), said.get("role", column.role)
    semantic = said.get("semantic", column.semantic)
    if kind not in list(ColumnType):
        problems.append(f"{where}: `type` must be one of {', '.join(ColumnType)}.")
    elif kind != column.type:
        column = retyped(column, ColumnType(kind))
    if role not in list(Role):
        problems.append(f"{where}: `role` must be one of {', '.join(Role)}.")
    else:
        column = replace(column, role=Role(role))
    if semantic is not None and semantic not in SEMANTICS:
        problems.append(f"{where}: `semantic` must be empty or one of {', '.join(SEMANTICS)}.")
        return column
    return replace(column, semantic=semantic)


def _links(said: Any, problems: list[str]) -> tuple[Relationship, ...]:
    if not isinstance(said, list | None):
        problems.append("`links` must be a list.")
        return ()
    found = []
    for place, link in enumerate(said or [], 1):
        if not isinstance(link, Mapping) or set(link) != set(_LINK_FIELDS):
            problems.append(f"Link {place} must have {', '.join(_LINK_FIELDS)}, and no more.")
            continue
        sides = [
            list(map(str, said)) if isinstance(said := link[name], list) else [str(said)]
            for name in ("parent_key", "child_key")
        ]
        if not sides[0] or len(sides[0]) != len(sides[1]):
            problems.append(f"Link {place} must name as many columns of either table.")
            continue
        found.append(Relationship.of(str(link["parent"]), sides[0], str(link["child"]), sides[1]))
    return tuple(found)


def _link_dict(link: Relationship) -> dict[str, Any]:
    """A link as YAML has it; several columns are a list on either side."""
    if not link.more:
        return {name: getattr(link, name) for name in _LINK_FIELDS}
    keys = {"parent_key": list(link.parent_columns), "child_key": list(link.child_columns)}
    return {"parent": link.parent, "child": link.child} | keys
