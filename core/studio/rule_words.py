"""Rules in words for the people who settle them: with their values, but for hidden columns."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from core.data.schema import Role, Schema
from core.studio.values import Dataset
from core.synthesis.asks import (
    Allowed,
    Conditional,
    FixedCombinations,
    InRange,
    Matches,
    Rule,
    SqlRule,
)
from core.synthesis.asks.checks import rule_problems
from core.synthesis.asks.rule_codec import KINDS, kind_of
from core.synthesis.asks.rules import AsItIs


class How(StrEnum):
    """How a rule is kept."""

    CONSTRUCTION = "by construction"
    REPAIR = "by repair"
    REJECTION = "by drawing again"
    MEASURED = "only measured"


_SHOWN_VALUES = 6
_SHOWN_COLUMNS = 8


def rule_words(rule: Rule, hidden: frozenset[str] = frozenset()) -> str:
    """The rule in words; values of ``hidden`` columns are not among them."""
    if isinstance(rule, Conditional):
        return f"if {rule_words(rule.when, hidden)}, then {rule_words(rule.then, hidden)}"
    tell = _TELLERS.get(type(rule))
    if tell is None or hidden & set(rule.columns):
        return _cut(rule.words)
    return _cut(tell(rule))


def kind_title(rule: Rule) -> str:
    """What the rule's kind is called."""
    return KINDS[kind_of(rule)].title


def how_kept(rule: Rule, schema: Schema, table: str) -> How:
    """How runs keep a rule: built into what is learned, by repair, or by drawing rows again.

    Rules of columns that no engine learns are only measured.
    """
    if rule_problems((rule,), schema[table], schema):
        return How.MEASURED
    kind = type(rule)
    if getattr(kind, "encode", None) is not AsItIs.encode:
        return How.CONSTRUCTION
    return How.REPAIR if getattr(kind, "repair", None) is not AsItIs.repair else How.REJECTION


def hidden_columns(dataset: Dataset, table: str) -> frozenset[str]:
    """Columns whose values are not shown: sensitive ones, and those that identify."""
    columns = dataset.schema[table].columns
    return frozenset(c.name for c in columns if c.role in {Role.SENSITIVE, Role.IDENTIFIER})


def _range(rule: InRange) -> str:
    low = "" if rule.low is None else f"{rule.low} {'<' if rule.above else '≤'} "
    high = "" if rule.high is None else f" {'<' if rule.below else '≤'} {rule.high}"
    return f"{low}{rule.column}{high}"


def _allowed(rule: Allowed) -> str:
    shown = ", ".join(map(str, rule.values[:_SHOWN_VALUES]))
    more = len(rule.values) - _SHOWN_VALUES
    if len(rule.values) == 1:
        return f"{rule.column} is {shown}"
    return f"{rule.column} is one of {shown}" + (f" and {more} more" if more > 0 else "")


def _combinations(rule: FixedCombinations) -> str:
    which = f"{len(rule.allowed):,} listed" if rule.allowed else "that occur"
    return f"{', '.join(rule.columns[:_SHOWN_COLUMNS])}: only combinations {which}"


_TELLERS: dict[type, Callable[[Any], str]] = {
    InRange: _range,
    Allowed: _allowed,
    FixedCombinations: _combinations,
    Matches: lambda rule: f"{rule.column} has the form {rule.pattern}",
    SqlRule: lambda rule: f"{rule.title}: {rule.expression}" if rule.title else rule.expression,
}


def _cut(words: str, most: int = 300) -> str:
    return words if len(words) <= most else f"{words[:most]}…"
