"""Conditions and shares as a person types them: ``age between 20 30``, ``job in a,b``.

Values stay text; ``core.synthesis.asks.settle`` reads them by the type of their column. A value
with a comma or spaces at its ends stands in double quotes.
"""

import csv
import re
from collections.abc import Sequence

from core.errors import InvalidInput
from core.synthesis.asks.conditions import Between, Condition, Equals, OneOf, Shares

_FORMS = (
    (re.compile(r"(?P<column>[^=]+?)\s+is\s+missing", re.IGNORECASE), "missing"),
    (re.compile(r"(?P<column>[^=]+?)\s+between\s+(?P<rest>.+)", re.IGNORECASE), "between"),
    (re.compile(r"(?P<column>[^=]+?)\s+in\s+(?P<rest>.+)", re.IGNORECASE), "in"),
    (re.compile(r"(?P<column>.+?)\s*>=\s*(?P<rest>.+)"), "from"),
    (re.compile(r"(?P<column>.+?)\s*<=\s*(?P<rest>.+)"), "to"),
    (re.compile(r"(?P<column>[^=]+?)\s*=\s*(?P<rest>.*)"), "equals"),
)
_HELP = "col=value, col in a,b, col between 1 5, col >= 1, col <= 5, or col is missing"


def read_conditions(texts: Sequence[str]) -> tuple[Condition, ...]:
    """Conditions from their text.

    Raises
    ------
    InvalidInput
        With every text that has none of the forms, by its place.
    """
    read = [_condition(text.strip()) for text in texts]
    places = [str(place + 1) for place, condition in enumerate(read) if condition is None]
    if places:
        problem = f"Condition {', '.join(places)} cannot be read. Write {_HELP}."
        raise InvalidInput(problem, [problem])
    return tuple(condition for condition in read if condition is not None)


def read_shares(texts: Sequence[str]) -> Shares | None:
    """Target shares from ``col:value=0.5,other=0.5``; None when there is no text.

    Raises
    ------
    InvalidInput
        When the text has another form, or more than one column is named.
    """
    if not texts:
        return None
    if len(texts) > 1:
        raise InvalidInput("Shares can be set of one column at a time.")
    column, colon, rest = texts[0].partition(":")
    pairs = [item.rpartition("=") for item in listed(rest)]
    try:
        if not colon or not pairs or not all(equals for _, equals, _ in pairs):
            raise ValueError
        shares = [(value.strip(), _share(size)) for value, _, size in pairs]
    except ValueError:
        raise InvalidInput(
            "Shares cannot be read. Write column:value=0.5,other=0.5 with shares in 0..1."
        ) from None
    if len(dict(shares)) < len(shares):
        raise InvalidInput(f"Shares of {column!r} name a value twice.")
    return Shares(column.strip(), dict(shares))


def _condition(text: str) -> Condition | None:
    for form, kind in _FORMS:
        if found := form.fullmatch(text):
            column = found["column"].strip()
            return _built(kind, column, found["rest"].strip() if kind != "missing" else "")
    return None


def _built(kind: str, column: str, rest: str) -> Condition | None:
    if kind == "missing":
        return Equals(column, None)
    if kind == "equals":
        return Equals(column, _unquoted(rest))
    if kind == "in":
        return OneOf(column, tuple(listed(rest)))
    if kind in {"from", "to"}:
        ends = {"low" if kind == "from" else "high": _unquoted(rest)}
        return Between(column, **ends)
    ends_of = re.fullmatch(r"(.+?)(?:\s+and\s+|\s*,\s*|\s*\.\.\s*)(.+)", rest) or re.fullmatch(
        r"(\S+)\s+(\S+)", rest
    )
    return Between(column, ends_of[1], ends_of[2]) if ends_of else None


def listed(text: str) -> list[str]:
    """Items between commas; an item in double quotes may hold commas."""
    rows = list(csv.reader([text], skipinitialspace=True))
    return [item.strip() for item in rows[0]] if rows else []


def _unquoted(text: str) -> str:
    quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "\"'"
    return text[1:-1] if quoted else text


def _share(text: str) -> float:
    text = text.strip()
    return float(text[:-1]) / 100 if text.endswith("%") else float(text)
