"""Rules as plain values and back: how a dataset keeps them, and a model file names them.

What is read may have been written by hand: :func:`read_rule` says everything that is wrong with
one, and never repeats a value.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from core.errors import InvalidInput
from core.synthesis.asks.at_most import AtMost
from core.synthesis.asks.combinations import FixedCombinations
from core.synthesis.asks.conditional import Conditional
from core.synthesis.asks.row_rules import OneHot, SumOf
from core.synthesis.asks.rules import InRange, Rule
from core.synthesis.asks.scalars import plain_value
from core.synthesis.asks.sql_rule import SqlRule
from core.synthesis.asks.unique import Unique
from core.synthesis.asks.value_rules import Allowed, IsNull, Matches, NotNull


@dataclass(frozen=True, slots=True)
class RuleKind:
    """A kind of rule: its class, what it is called, and what each of its fields may hold."""

    make: type
    title: str
    fields: Mapping[str, Callable[[Any], Any]]
    needed: frozenset[str]


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("a text")
    return value


def _name(value: Any) -> str:
    """A column; a file may hold a name that YAML reads as a number."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError("a column's name, in quotes where it is no plain word")
    return str(value)


def _names(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise ValueError("a list of column names")
    return tuple(_name(one) for one in value)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false")
    return value


def _end(value: Any) -> Any:
    plain = plain_value(value)
    if isinstance(value, Mapping | list | tuple):
        raise ValueError("one value, or nothing for an open end")
    return plain


def _values(value: Any) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise ValueError("a list of values")
    return tuple(_end(one) for one in value)


def _rows(value: Any) -> tuple[tuple[Any, ...], ...]:
    if not isinstance(value, list | tuple):
        raise ValueError("a list of combinations")
    return tuple(_values(one) for one in value)


def _inner(value: Any) -> Any:
    rule = read_rule(value)
    if not isinstance(rule, _INNER):
        known = ", ".join(name for name, kind in KINDS.items() if issubclass(kind.make, _INNER))
        raise ValueError(f"one of the rules {known}")
    return rule


def _kind(
    make: type, called: str, needed: Sequence[str], **known: Callable[[Any], Any]
) -> RuleKind:
    return RuleKind(make, called, known, frozenset(needed))


_INNER = (Allowed, InRange, Matches, NotNull, IsNull, AtMost)
KINDS: dict[str, RuleKind] = {
    "combinations": _kind(
        FixedCombinations, "Fixed combinations", ["columns"], columns=_names, allowed=_rows
    ),
    "at_most": _kind(
        AtMost, "One column at most another", ["low", "high"], low=_name, high=_name, strict=_flag
    ),
    "in_range": _kind(
        InRange, "Range", ["column"], column=_name, low=_end, high=_end, above=_flag, below=_flag
    ),
    "allowed": _kind(Allowed, "Allowed values", ["column", "values"], column=_name, values=_values),
    "matches": _kind(
        Matches, "Regular expression", ["column", "pattern"], column=_name, pattern=_text
    ),
    "unique": _kind(Unique, "Unique", ["columns"], columns=_names),
    "not_null": _kind(NotNull, "Never missing", ["column"], column=_name),
    "is_null": _kind(IsNull, "Always missing", ["column"], column=_name),
    "one_hot": _kind(OneHot, "One-hot group", ["columns"], columns=_names, or_none=_flag),
    "sum": _kind(SumOf, "Sum", ["total", "parts"], total=_name, parts=_names),
    "if": _kind(Conditional, "Conditional", ["when", "then"], when=_inner, then=_inner),
    "sql": _kind(SqlRule, "SQL expression", ["expression"], expression=_text, title=str),
}
_NAME_OF = {kind.make: name for name, kind in KINDS.items()}


def kind_of(rule: Rule) -> str:
    """The name of a rule's kind in :data:`KINDS`."""
    return _NAME_OF[type(rule)]


def rule_to_dict(rule: Rule) -> dict[str, Any]:
    """A rule as plain values, fit for JSON; fields that hold nothing are left out."""
    if type(rule) not in _NAME_OF:
        raise InvalidInput(f"A rule of the kind {type(rule).__name__} cannot be written down.")
    said = {field.name: getattr(rule, field.name) for field in fields(rule)}  # type: ignore[arg-type]
    held = {n: v for n, v in said.items() if not (v is None or v is False or v in ((), ""))}
    return {"rule": kind_of(rule), **{name: _plain(value) for name, value in held.items()}}


def read_rule(data: Any) -> Rule:
    """The inverse of :func:`rule_to_dict`.

    Raises
    ------
    ValueError
        With all that is wrong with it.
    """
    if not isinstance(data, Mapping):
        raise ValueError("it must have a kind and fields, such as rule: not_null and column: age")
    kind = KINDS.get(str(data.get("rule")))
    if kind is None:
        raise ValueError(f"`rule` must be one of {', '.join(KINDS)}")
    given = {str(name): value for name, value in data.items() if name != "rule"}
    wrong = [f"it has no field {name!r}" for name in given if name not in kind.fields]
    wrong += [f"`{name}` is not there" for name in sorted(kind.needed - given.keys())]
    read: dict[str, Any] = {}
    for name in [name for name in kind.fields if name in given]:
        try:
            read[name] = kind.fields[name](given[name])
        except ValueError as error:
            wrong.append(f"`{name}`: give {error}")
    if wrong:
        raise ValueError("; ".join(wrong))
    rule: Rule = kind.make(**read)
    return rule


def rules_to_dict(rules: Mapping[str, Sequence[Rule]]) -> dict[str, Any]:
    """Rules by table as plain values, fit for JSON."""
    return {name: [rule_to_dict(rule) for rule in own] for name, own in rules.items()}


def rules_from_dict(data: Mapping[str, Any]) -> dict[str, tuple[Rule, ...]]:
    """The inverse of :func:`rules_to_dict`.

    Raises
    ------
    InvalidInput
        With all that is wrong, each with its table and place.
    """
    problems: list[str] = []
    found: dict[str, tuple[Rule, ...]] = {}
    for table, own in data.items():
        if not isinstance(own, list | tuple):
            problems.append(f"Rules of {table!r}: give a list.")
            continue
        read = []
        for place, one in enumerate(own, 1):
            try:
                read.append(read_rule(one))
            except ValueError as error:
                problems.append(f"Rule {place} of {table!r}: {error}.")
        found[str(table)] = tuple(read)
    if problems:
        raise InvalidInput("The rules cannot be read. " + " ".join(problems), problems)
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if type(value) in _NAME_OF:
        return rule_to_dict(value)
    return plain_value(value)
