"""Rules as a person types them: ``start <= end``, ``age between 18 99``, ``only country, city``."""

import re
from collections.abc import Sequence

from core.data.schema import Schema
from core.errors import InvalidInput
from core.synthesis.asks.at_most import AtMost
from core.synthesis.asks.combinations import FixedCombinations
from core.synthesis.asks.conditions import Between
from core.synthesis.asks.rules import InRange, Rule
from core.synthesis.asks.texts import listed, read_conditions

_COMPARED = re.compile(r"(.+?)\s*(<=|>=|<|>)\s*(.+)")
_ONLY = re.compile(r"only\s+(.+)", re.IGNORECASE)
_HELP = (
    "`a <= b` or `a < b` of two columns, `a between 1 5`, `a >= 1`, `a <= 5`, or `only a, b` for "
    "the combinations that occur"
)


def read_rules(texts: Sequence[str], schema: Schema) -> dict[str, tuple[Rule, ...]]:
    """Rules by table; with several tables, columns are written ``table.column``.

    Raises
    ------
    InvalidInput
        With every rule that has none of the forms or names no columns of one table, by its place.
    """
    rules: dict[str, tuple[Rule, ...]] = {}
    problems = []
    for place, text in enumerate(texts, 1):
        try:
            table, rule = _rule(text.strip(), schema)
        except ValueError as error:
            problems.append(f"Rule {place} cannot be used: {error}.")
            continue
        rules[table] = (*rules.get(table, ()), rule)
    if problems:
        raise InvalidInput(" ".join([*problems, f"Write {_HELP}."]), problems)
    return rules


def _rule(text: str, schema: Schema) -> tuple[str, Rule]:
    if found := _ONLY.fullmatch(text):
        table, names = _columns(listed(found[1]), schema)
        return table, FixedCombinations(names)
    if found := _COMPARED.fullmatch(text):
        left, sign, right = found.groups()
        if _is_column(right, schema):
            table, names = _columns([left, right], schema)
            low, high = names if sign[0] == "<" else names[::-1]
            return table, AtMost(low, high, strict=len(sign) == 1)
    try:
        (condition,) = read_conditions([text])
    except InvalidInput:
        raise ValueError("it has no known form") from None
    if not isinstance(condition, Between):
        raise ValueError("it has no known form")
    table, (name,) = _columns([condition.column], schema)
    return table, InRange(name, condition.low, condition.high)


def _is_column(name: str, schema: Schema) -> bool:
    try:
        _columns([name], schema)
    except ValueError:
        return False
    return True


def _columns(names: Sequence[str], schema: Schema) -> tuple[str, tuple[str, ...]]:
    """The table that all are of, and their plain names."""
    for table in schema.tables:
        if len(schema.tables) == 1 and all(name in table.names for name in names):
            return table.name, tuple(names)
        plain = tuple(name.removeprefix(f"{table.name}.") for name in names)
        cut = all(short != name for short, name in zip(plain, names, strict=True))
        if cut and all(name in table.names for name in plain):
            return table.name, plain
    raise ValueError(f"{', '.join(map(repr, names))} are not columns of one table")
