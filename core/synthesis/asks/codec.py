"""What is asked, as plain JSON values and back: how a run keeps it and a model file names it.

Values stay as they were given wherever JSON has them; dates and times become the text that
``core.synthesis.asks.scalars`` reads again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
import pandas as pd

from core.errors import InvalidInput
from core.synthesis.asks.combinations import FixedCombinations
from core.synthesis.asks.conditions import Ask, Between, Condition, Equals, OneOf, Shares
from core.synthesis.asks.dependence import Fairness
from core.synthesis.asks.rules import AtMost, InRange, Rule

_KINDS: dict[str, type[Condition]] = {"equals": Equals, "one_of": OneOf, "between": Between}


def ask_to_dict(ask: Ask) -> dict[str, Any]:
    """Plain dicts, lists and values, fit for JSON."""
    shares = ask.shares
    return {
        "table": ask.table,
        "conditions": [_condition_to_dict(condition) for condition in ask.conditions],
        "shares": None
        if shares is None
        else {
            "column": shares.column,
            "shares": [[plain_value(v), float(size)] for v, size in shares.shares.items()],
        },
    }


def ask_from_dict(data: Mapping[str, Any]) -> Ask:
    """The inverse of :func:`ask_to_dict`; raises ``InvalidInput`` when it is no ask."""
    try:
        shares = data.get("shares")
        return Ask(
            tuple(_condition(condition) for condition in data["conditions"]),
            None if shares is None else Shares(shares["column"], dict(shares["shares"])),
            data.get("table"),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InvalidInput(f"This is not an ask: {type(error).__name__}.") from None


def fairness_to_dict(fairness: Fairness) -> dict[str, Any]:
    """Plain values, fit for JSON."""
    return asdict(fairness)


def fairness_from_dict(data: Mapping[str, Any]) -> Fairness:
    """The inverse of :func:`fairness_to_dict`."""
    try:
        return Fairness(**data)
    except TypeError as error:
        raise InvalidInput(f"This is not a fairness: {type(error).__name__}.") from None


def rules_to_dict(rules: Mapping[str, Sequence[Rule]]) -> dict[str, Any]:
    """Rules by table as plain values, fit for JSON."""
    return {name: [_rule_to_dict(rule) for rule in own] for name, own in rules.items()}


def rules_from_dict(data: Mapping[str, Any]) -> dict[str, tuple[Rule, ...]]:
    """The inverse of :func:`rules_to_dict`."""
    return {name: tuple(_rule(rule) for rule in own) for name, own in data.items()}


def plain_value(value: Any) -> str | float | int | bool | None:
    """A value of a column as JSON has it; None for any missing value."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return _clock(value)
    return value if isinstance(value, str | float | int | bool) else str(value)


def _clock(since_midnight: timedelta) -> str:
    seconds = since_midnight / timedelta(seconds=1)
    return f"{int(seconds // 3600):02d}:{int(seconds % 3600 // 60):02d}:{seconds % 60:09.6f}"


def _condition_to_dict(condition: Condition) -> dict[str, Any]:
    if isinstance(condition, Equals):
        return {
            "kind": "equals",
            "column": condition.column,
            "value": plain_value(condition.value),
        }
    if isinstance(condition, OneOf):
        values = [plain_value(value) for value in condition.values]
        return {"kind": "one_of", "column": condition.column, "values": values}
    ends = {"low": plain_value(condition.low), "high": plain_value(condition.high)}
    return {"kind": "between", "column": condition.column, **ends}


def _condition(data: Mapping[str, Any]) -> Condition:
    given = {name: value for name, value in data.items() if name != "kind"}
    if "values" in given:
        given["values"] = tuple(given["values"])
    return _KINDS[data["kind"]](**given)


def _rule_to_dict(rule: Rule) -> dict[str, Any]:
    if isinstance(rule, InRange):
        ends = {"low": plain_value(rule.low), "high": plain_value(rule.high)}
        return {"rule": "in_range", "column": rule.column, **ends}
    if isinstance(rule, AtMost):
        return {"rule": "at_most", **asdict(rule)}
    if isinstance(rule, FixedCombinations):
        allowed = [[plain_value(value) for value in values] for values in rule.allowed]
        return {"rule": "combinations", "columns": list(rule.columns), "allowed": allowed}
    raise InvalidInput(f"A rule of the kind {type(rule).__name__} cannot be kept in a model file.")


def _rule(data: Mapping[str, Any]) -> Rule:
    given = {name: value for name, value in data.items() if name != "rule"}
    if data["rule"] == "in_range":
        return InRange(**given)
    if data["rule"] == "at_most":
        return AtMost(**given)
    allowed = tuple(tuple(values) for values in given["allowed"])
    return FixedCombinations(tuple(given["columns"]), allowed)
