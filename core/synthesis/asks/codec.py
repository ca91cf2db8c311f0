"""What is asked, as plain JSON values and back: how a run keeps it and a model file names it.

Values stay as they were given wherever JSON has them; dates and times become the text that
``core.synthesis.asks.scalars`` reads again.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from core.errors import InvalidInput
from core.synthesis.asks.conditions import Ask, Between, Condition, Equals, OneOf, Shares
from core.synthesis.asks.dependence import Fairness
from core.synthesis.asks.scalars import plain_value

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
