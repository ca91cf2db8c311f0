"""Whether tables and columns of a blueprint fit each other, and the order to make them in."""

from collections.abc import Iterable, Mapping, Sequence

from core.data.schema import ColumnType
from core.synthesis.blueprint.plan import (
    DATED,
    Blueprint,
    Codes,
    ColumnPlan,
    Formula,
    Lookup,
    Pointer,
    Shifted,
    TablePlan,
)


def check_tables(blueprint: Blueprint) -> list[str]:
    """All that is wrong between columns and tables."""
    tables = {table.name: table for table in blueprint.tables}
    problems = []
    for table in blueprint.tables:
        problems += _key_problems(table)
        for column in table.columns:
            problems += _needs_problems(table, column, blueprint)
            problems += _pointer_problems(table, column, tables)
            problems += _look_problems(table, column, blueprint)
        problems += _per_problems(table, tables)
        if not problems and in_order(_needs(table)) is None:
            problems.append(f"Table {table.name!r}: its columns need each other in a circle.")
    if not problems and in_order(_parents(blueprint)) is None:
        problems.append("The tables refer to each other in a circle.")
    return problems


def column_order(table: TablePlan) -> tuple[ColumnPlan, ...]:
    """The columns so that each comes after those it needs."""
    by_name = {column.name: column for column in table.columns}
    return tuple(by_name[name] for name in in_order(_needs(table)) or ())


def table_order(blueprint: Blueprint) -> tuple[TablePlan, ...]:
    """The tables so that each comes after those it refers to."""
    return tuple(blueprint[name] for name in in_order(_parents(blueprint)) or ())


def in_order(needs: Mapping[str, Iterable[str]]) -> Sequence[str] | None:
    """Names so that each comes after those it needs, else as given; None for a circle."""
    done: list[str] = []
    left = {name: set(own) for name, own in needs.items()}
    while left:
        ready = next((name for name, own in left.items() if own <= set(done)), None)
        if ready is None:
            return None
        done.append(ready)
        del left[ready]
    return done


def _needs(table: TablePlan) -> dict[str, frozenset[str]]:
    return {
        column.name: column.needs | ({pointing.name} if pointing else frozenset())
        for column in table.columns
        for pointing in [pointer_to(table, column.looks_at)]
    }


def pointer_to(table: TablePlan, other: str) -> ColumnPlan | None:
    """The first column that refers to another table."""
    for column in table.columns:
        if other and isinstance(column.source, Pointer) and column.source.table == other:
            return column
    return None


def _parents(blueprint: Blueprint) -> dict[str, set[str]]:
    return {
        table.name: {
            column.source.table
            for column in table.columns
            if isinstance(column.source, Pointer) and column.source.table != table.name
        }
        for table in blueprint.tables
    }


def _key_problems(table: TablePlan) -> list[str]:
    if table.key is None:
        return []
    key = next((column for column in table.columns if column.name == table.key), None)
    if key is None:
        return [f"Table {table.name!r}: its key {table.key!r} is none of its columns."]
    if not key.unique or key.missing or key.when:
        return [f"Column {table.name}.{key.name}: a key is a `counter`, or `unique: true`, "
                "and never missing."]  # fmt: skip
    return []


def _needs_problems(table: TablePlan, column: ColumnPlan, blueprint: Blueprint) -> list[str]:
    here, types = f"Column {table.name}.{column.name}:", {c.name: c.type for c in table.columns}
    unknown = sorted(column.needs - types.keys())
    if unknown:
        return [f"{here} there is no column {name!r} in its table." for name in unknown]
    if isinstance(column.source, Formula):
        wrong = sorted(n for n in column.needs if not types[n].is_numeric or types[n] in DATED)
        return [f"{here} {name!r} is no number." for name in wrong if not _is_when(column, name)]
    if isinstance(column.source, Shifted) and not column.source.table:
        return _shift_problems(here, column, types[column.source.column])
    if isinstance(column.source, Codes) and column.source.by:
        if types[column.source.by] is not ColumnType.CATEGORY:
            return [f"{here} `by` must name a column with a code list."]
        return _list_problems(here, table, column.source, blueprint)
    return []


def _shift_problems(here: str, column: ColumnPlan, other: ColumnType) -> list[str]:
    fits = other in DATED if column.type in DATED else other in _NUMBERS
    return [] if fits else [f"{here} what `plus` names is of another type."]


def _look_problems(table: TablePlan, column: ColumnPlan, blueprint: Blueprint) -> list[str]:
    if not column.looks_at:
        return []
    here = f"Column {table.name}.{column.name}:"
    if column.looks_at == table.name or pointer_to(table, column.looks_at) is None:
        return [f"{here} no column of its table refers to {column.looks_at!r}."]
    assert isinstance(column.source, Lookup | Shifted)
    other = blueprint.column(column.looks_at, column.source.column)
    if other is None:
        return [f"{here} {column.looks_at!r} has no column {column.source.column!r}."]
    if isinstance(column.source, Shifted):
        return _shift_problems(here, column, other.type)
    if isinstance(other.source, Lookup):
        return [f"{here} {other.name!r} is itself looked up; name the table that it comes from."]
    return []


_NUMBERS = frozenset({ColumnType.INTEGER, ColumnType.NUMBER})


def _is_when(column: ColumnPlan, name: str) -> bool:
    return column.when is not None and column.when[0] == name


def _list_problems(here: str, table: TablePlan, codes: Codes, blueprint: Blueprint) -> list[str]:
    other = blueprint.column(table.name, codes.by)
    if other is not None and isinstance(other.source, Lookup):
        other = blueprint.column(other.source.table, other.source.column)
    if other is None or not isinstance(other.source, Codes):
        return [f"{here} `by` must name a column with a code list."]
    own = other.source
    possible = set(own.weights) | {code for listed in own.lists.values() for code in listed}
    without = sorted(possible - codes.lists.keys())
    return [f"{here} `values` says nothing for {', '.join(without)}."] if without else []


def _pointer_problems(
    table: TablePlan, column: ColumnPlan, tables: Mapping[str, TablePlan]
) -> list[str]:
    if not isinstance(column.source, Pointer):
        return []
    here, parent = f"Column {table.name}.{column.name}:", tables.get(column.source.table)
    if parent is None:
        return [f"{here} there is no table {column.source.table!r} to refer to."]
    if parent.key != column.source.column:
        return [f"{here} {column.source.column!r} is not the `key` of {parent.name!r}."]
    return []


def _per_problems(table: TablePlan, tables: Mapping[str, TablePlan]) -> list[str]:
    if table.per is None:
        return []
    here, parent = f"Table {table.name!r}:", table.per.parent
    if parent not in tables or parent == table.name:
        return [f"{here} `per` must name another table as `parent`."]
    pointing = [
        c for c in table.columns if isinstance(c.source, Pointer) and c.source.table == parent
    ]
    return [] if pointing else [f"{here} one of its columns must refer to {parent!r}."]
