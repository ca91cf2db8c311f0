"""What is asked of an evaluation beyond the tables themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from core.data.schema import Schema
from core.errors import InvalidParameter
from core.evaluation.effort import Effort
from core.evaluation.policy import EvaluationPolicy
from core.synthesis.asks.rules import Rule, check_measured

Tables = Mapping[str, pd.DataFrame]
Rules = Mapping[str, Sequence[Rule]]


@dataclass(frozen=True, slots=True)
class Asked:
    """All tables with what to measure on them and by which bounds.

    Attributes
    ----------
    targets
        By table: the columns to predict, the first of them for the utility dial.
    rules
        By table: what every row keeps.
    """

    schema: Schema
    train: Tables
    holdout: Tables
    synthetic: Tables
    targets: Mapping[str, tuple[str, ...]]
    rules: Rules
    policy: EvaluationPolicy
    effort: Effort


def find_targets(schema: Schema, targets: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Target columns by table; a column that several tables have is a target of each.

    Parameters
    ----------
    targets
        ``table.column`` or columns.

    Raises
    ------
    InvalidParameter
        With every target that no table has.
    """
    found: dict[str, tuple[str, ...]] = {}
    unknown = []
    for target in dict.fromkeys(targets):
        hits = _hits(schema, target)
        if not hits:
            unknown.append(f"There is no column {target!r} to predict.")
        for table, column in hits:
            found[table] = (*found.get(table, ()), column)
    if unknown:
        tables = ", ".join(schema.names)
        help = f"Give `table.column` with one of the tables {tables}."
        raise InvalidParameter(" ".join([*unknown, help]), unknown)
    return {table: tuple(dict.fromkeys(columns)) for table, columns in found.items()}


def _hits(schema: Schema, target: str) -> list[tuple[str, str]]:
    for table in schema.tables:
        column = target.removeprefix(f"{table.name}.")
        if column != target and column in table.names:
            return [(table.name, column)]
    return [(table.name, target) for table in schema.tables if target in table.names]


def checked_rules(rules: Rules | None, schema: Schema) -> Rules:
    """The rules, where each fits its table; raises ``InvalidInput`` otherwise."""
    for table, each in (rules or {}).items():
        check_measured(each, schema[table])
    return rules or {}
