"""Whether something can be asked of a dataset at all, known before any row is read or learned."""

from collections.abc import Iterable, Mapping, Sequence

from core.data.schema import Schema, Table
from core.errors import InvalidInput
from core.synthesis.asks.conditions import Ask
from core.synthesis.asks.rules import Rule, unlearned
from core.synthesis.asks.settle import not_learned, settle
from core.synthesis.links import LinkKind, plan


def table_of(ask: Ask, schema: Schema) -> Table:
    """The table that is meant; raises ``InvalidInput`` when that is not clear."""
    if ask.table is not None and ask.table in schema.names:
        return schema[ask.table]
    if ask.table is not None or len(schema.tables) != 1:
        known = ", ".join(schema.names)
        raise InvalidInput(f"Say of which table the rows are asked. The dataset has {known}.")
    return schema.tables[0]


def root_tables(schema: Schema, rows: Mapping[str, int]) -> tuple[str, ...]:
    """Tables whose rows follow no other table's, of which alone something can be asked.

    ``rows`` counts those of each table: a short list that many rows share drives none.
    """
    kinds = plan(schema, rows)[1]
    driven = {schema.relationships[i].child for i, k in kinds.items() if k is LinkKind.DRIVING}
    return tuple(name for name in schema.names if name not in driven)


def ask_problems(ask: Ask, schema: Schema, rows: Mapping[str, int]) -> list[str]:
    """Why an ask makes no sense for a dataset, all reasons at once; empty if it does.

    Whether labels occur and numbers lie in the range is only seen with the rows, by
    :func:`core.synthesis.asks.settle.settle`. No reason repeats a value.
    """
    try:
        table = table_of(ask, schema)
    except InvalidInput as error:
        return [str(error)]
    problems = child_problems([table.name], schema, rows)
    keys = [name for name in ask.columns if name in _further_keys(table, schema)]
    problems += [f"Column {name!r} is a key, so nothing can be asked of it." for name in keys]
    try:
        settle(ask, table)
    except InvalidInput as error:
        problems += error.problems or [str(error)]
    return problems


def column_problems(columns: Iterable[str], table: Table, schema: Schema) -> list[str]:
    """Of columns that something is to be asked of: those that do not exist or are not learned."""
    problems = []
    for name in columns:
        if name not in table.names:
            problems.append(f"Table {table.name!r} has no column {name!r}.")
        elif reason := (
            "is a key" if name in schema.keys_of(table.name) else not_learned(table[name], table)
        ):
            problems.append(f"Column {name!r} {reason}, so nothing can be asked of it.")
    return problems


def refuse_columns(schema: Schema, asked: Mapping[str, Sequence[str]]) -> None:
    """Raise ``InvalidInput`` with every column (by table) of which nothing can be asked."""
    problems = [
        p for name, own in asked.items() for p in column_problems(own, schema[name], schema)
    ]
    if problems:
        raise InvalidInput("What is asked for cannot be made. " + " ".join(problems), problems)


def child_problems(names: Iterable[str], schema: Schema, rows: Mapping[str, int]) -> list[str]:
    """Of tables that something is to be asked of: those that follow another."""
    roots = root_tables(schema, rows)
    return [
        f"The rows of {name!r} follow those of another table, so nothing can be asked of them. "
        f"Ask of {' or '.join(roots)}."
        for name in names
        if name not in roots
    ]


def rule_problems(rules: Sequence[Rule], table: Table, schema: Schema) -> list[str]:
    """Why rules make no sense for a table of a dataset, all reasons at once."""
    problems = [p for rule in rules for p in (rule.problems(table) or unlearned(rule, table))]
    keys = _further_keys(table, schema)
    named = dict.fromkeys(name for rule in rules for name in rule.columns if name in keys)
    return problems + [f"Column {name!r} is a key, so it can have no rule." for name in named]


def _further_keys(table: Table, schema: Schema) -> frozenset[str]:
    """Keys of a table that ``not_learned`` does not tell as such: those of relationships."""
    return frozenset(
        name
        for name in schema.keys_of(table.name)
        if name in table.names and not not_learned(table[name], table)
    )
