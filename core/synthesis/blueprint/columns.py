"""One column of a blueprint: which of the ways to make values is meant, and with what."""

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from core.data.fake_kinds import PROVIDERS
from core.data.frames import as_numbers
from core.data.schema import Column, ColumnType
from core.data.yaml_text import finite_number
from core.synthesis.blueprint.fields import Fields, Problems
from core.synthesis.blueprint.formula import check_formula
from core.synthesis.blueprint.plan import (
    DATED,
    SHAPES,
    Codes,
    ColumnPlan,
    Counter,
    Formula,
    Lookup,
    Made,
    Pattern,
    Pointer,
    Shifted,
    Source,
    Spread,
)

_COMMON = ("type", "missing", "unique", "decimals", "when")
_OWN: Mapping[str, tuple[str, ...]] = {
    "low": ("high", "shape", "middle", "width", "zeros", "step"),
    "values": ("by",),
    "share": (),
    "fake": (),
    "faker": (),
    "pattern": (),
    "counter": (),
    "references": (),
    "lookup": (),
    "plus": ("low", "high"),
    "formula": (),
}
_ALONE = tuple(way for way in _OWN if way != "low")
_TYPES: Mapping[str, ColumnType] = {
    "values": ColumnType.CATEGORY,
    "share": ColumnType.BOOLEAN,
    "fake": ColumnType.TEXT,
    "faker": ColumnType.TEXT,
    "pattern": ColumnType.TEXT,
    "counter": ColumnType.INTEGER,
    "references": ColumnType.INTEGER,
    "lookup": ColumnType.TEXT,
    "low": ColumnType.NUMBER,
    "plus": ColumnType.NUMBER,
    "formula": ColumnType.NUMBER,
}
_POSSIBLE: Mapping[str, frozenset[ColumnType]] = {
    "values": frozenset({ColumnType.CATEGORY, ColumnType.INTEGER, ColumnType.NUMBER}),
    "share": frozenset({ColumnType.BOOLEAN}),
    "fake": frozenset({ColumnType.TEXT, ColumnType.CATEGORY}),
    "faker": frozenset({ColumnType.TEXT, ColumnType.CATEGORY}),
    "pattern": frozenset({ColumnType.TEXT, ColumnType.CATEGORY}),
    "counter": frozenset({ColumnType.INTEGER}),
    "references": frozenset({ColumnType.INTEGER, ColumnType.TEXT, ColumnType.CATEGORY}),
    "lookup": frozenset(ColumnType),
    "low": frozenset({ColumnType.INTEGER, ColumnType.NUMBER, ColumnType.TIME}) | DATED,
    "plus": frozenset({ColumnType.INTEGER, ColumnType.NUMBER}) | DATED,
    "formula": frozenset({ColumnType.INTEGER, ColumnType.NUMBER}),
}
MOST_CODES = 50_000


def column_plan(table: str, name: str, told: Any, problems: Problems) -> ColumnPlan:
    """The plan of one column; what is wrong with it is added to ``problems``."""
    here = f"Column {table}.{name}:"
    empty = ColumnPlan(name, ColumnType.TEXT, Pattern(""))
    if not isinstance(told, Mapping):
        problems.append(f"{here} say how its values are made: {', '.join(_OWN)}.")
        return empty
    ways = [way for way in _ALONE if way in told] or (["low"] if "low" in told else [])
    if len(ways) != 1:
        problems.append(f"{here} give exactly one of {', '.join(_OWN)}.")
        return empty
    way, fields = ways[0], Fields(here, told, problems)
    fields.only(way, *_OWN[way], *_COMMON)
    kind = _type(here, fields, way, problems)
    before = len(problems)
    source = _WAYS[way](here, fields, kind, problems)
    decimals = fields.whole("decimals", 2, 0, 12) if "decimals" in fields else None
    if len(problems) > before:
        return empty
    is_unique = fields.flag("unique") or way == "counter"
    when = _when(here, fields, problems)
    return ColumnPlan(name, kind, source, fields.share("missing"), is_unique, decimals, when)


def _type(here: str, fields: Fields, way: str, problems: Problems) -> ColumnType:
    told = fields.text("type")
    if not told:
        return _TYPES[way]
    known = {str(kind): kind for kind in _POSSIBLE[way]}
    if told in known:
        return known[told]
    problems.append(f"{here} with `{way}`, `type` must be one of {', '.join(sorted(known))}.")
    return _TYPES[way]


def _when(here: str, fields: Fields, problems: Problems) -> tuple[str, tuple[str, ...]] | None:
    told = fields.mapping("when")
    if not told:
        return None
    (name, values), *more = told.items()
    if more or not isinstance(values, list | str):
        problems.append(f"{here} `when` names one column with the values that it must have.")
        return None
    return str(name), (values,) if isinstance(values, str) else tuple(str(v) for v in values)


def _spread(here: str, fields: Fields, kind: ColumnType, problems: Problems) -> Source:
    bounds = [_bound(fields.raw(name), kind) for name in ("low", "high")]
    low, high = bounds
    if low is None or high is None or low >= high:
        problems.append(f"{here} `low` and `high` must be bounds of type {kind}, low below high.")
        return Counter()
    shape = fields.text("shape") or "uniform"
    if shape not in SHAPES:
        problems.append(f"{here} `shape` must be one of {', '.join(SHAPES)}.")
    middle = _bound(fields.raw("middle"), kind) if "middle" in fields else None
    if "middle" in fields and (middle is None or not low <= middle <= high):
        problems.append(f"{here} `middle` must lie between `low` and `high`.")
    if shape == "lognormal" and (middle if middle is not None else high) <= 0:
        problems.append(f"{here} a lognormal column needs a `middle` above zero.")
    width = fields.number("width", 1.0, 1e-9, 1e12) if "width" in fields else None
    step = fields.number("step", 1.0, 1e-9, 1e12) if "step" in fields else None
    return Spread(low, high, shape, middle, width, fields.share("zeros"), step)


def _codes(here: str, fields: Fields, kind: ColumnType, problems: Problems) -> Source:
    told, by = fields.raw("values"), fields.text("by")
    if by:
        if not isinstance(told, Mapping):
            problems.append(f"{here} with `by`, `values` gives a list for each value of {by!r}.")
            return Codes()
        lists = {str(key): _weights(here, own, kind, problems) for key, own in told.items()}
        return Codes(by=by, lists=lists)
    return Codes(_weights(here, told, kind, problems))


def _weights(here: str, told: Any, kind: ColumnType, problems: Problems) -> Mapping[str, float]:
    listed = dict.fromkeys(told, 1.0) if isinstance(told, list) and _are_plain(told) else told
    if not isinstance(listed, Mapping) or not listed or len(listed) > MOST_CODES:
        problems.append(f"{here} `values` must be a list of codes, or codes with weights.")
        return {}
    weights = {str(code): finite_number(weight) for code, weight in listed.items()}
    made = {code: weight for code, weight in weights.items() if weight is not None and weight >= 0}
    if len(made) < len(weights) or not sum(made.values()) > 0:
        problems.append(f"{here} the weights of `values` must be numbers that are not negative.")
    if kind is not ColumnType.CATEGORY and any(finite_number(code) is None for code in made):
        problems.append(f"{here} the `values` of a column of type {kind} must be numbers.")
    return made


def _are_plain(told: list[Any]) -> bool:
    return all(isinstance(code, str) for code in told)


def _flag(here: str, fields: Fields, kind: ColumnType, problems: Problems) -> Source:
    share = fields.share("share")
    return Codes({"true": share, "false": 1 - share})


def _fake(here: str, fields: Fields, kind: ColumnType, problems: Problems) -> Source:
    wanted = fields.text("fake")
    if wanted not in PROVIDERS or wanted in {"sensitive", "pattern"}:
        known = ", ".join(sorted(PROVIDERS.keys() - {"sensitive", "pattern"}))
        problems.append(f"{here} there is no `fake` {wanted!r}; there are {known}.")
    return Made(wanted)


def _faker(here: str, fields: Fields, kind: ColumnType, problems: Problems) -> Source:
    from core.synthesis.blueprint.fake import is_faker_method

    wanted = fields.text("faker")
    if not is_faker_method(wanted):
        problems.append(
            f"{here} Faker has no plain method {wanted!r}; `job` or `sentence` are some."
        )
    return Made(wanted, is_faker=True)


def _pattern(here: str, fields: Fields, kind: ColumnType, problems: Problems) -> Source:
    text = fields.text("pattern")
    if not text or len(text) > 100:
        problems.append(f"{here} `pattern` must be 1 to 100 characters; # stands for a digit.")
    return Pattern(text)


def _counter(here: str, fields: Fields, kind: ColumnType, problems: Problems) -> Source:
    return Counter(fields.whole("counter", 1, 0, 10**15))


def _pointer(here: str, fields: Fields, kind: ColumnType, problems: Problems) -> Source:
    table, dot, column = fields.text("references").partition(".")
    if not (table and dot and column):
        problems.append(f"{here} `references` must be a table and its key: customers.customer_id.")
    return Pointer(table, column)


def _lookup(here: str, fields: Fields, kind: ColumnType, problems: Problems) -> Source:
    table, dot, column = fields.text("lookup").partition(".")
    if not (table and dot and column):
        problems.append(f"{here} `lookup` must be a table and a column of it: products.price.")
    return Lookup(table, column)


def _shifted(here: str, fields: Fields, kind: ColumnType, problems: Problems) -> Source:
    low, high = (fields.number(name, 0.0, -1e12, 1e12) for name in ("low", "high"))
    if low > high:
        problems.append(f"{here} `low` must not be above `high`.")
    table, _, column = fields.text("plus").rpartition(".")
    return Shifted(column, low, high, table)


def _formula(here: str, fields: Fields, kind: ColumnType, problems: Problems) -> Source:
    text = fields.text("formula")
    wrong = check_formula(text)
    if wrong:
        problems.append(f"{here} the formula cannot be used: {wrong}.")
        return Counter()
    return Formula(text)


def _bound(value: Any, kind: ColumnType) -> float | None:
    """A bound in the units of ``as_numbers``; None where it is none."""
    if kind in {ColumnType.INTEGER, ColumnType.NUMBER}:
        return finite_number(value)
    column = Column("bound", kind)
    try:
        if kind is ColumnType.TIME:
            parsed = pd.Series([pd.Timedelta(str(value))]).astype(kind.dtype)
        else:
            parsed = pd.Series([pd.Timestamp(str(value))]).astype(kind.dtype)
    except (ValueError, TypeError, OverflowError):
        return None
    number = float(as_numbers(parsed, column)[0])
    return None if number != number else number


_WAYS: Mapping[str, Callable[[str, Fields, ColumnType, Problems], Source]] = {
    "low": _spread,
    "values": _codes,
    "share": _flag,
    "fake": _fake,
    "faker": _faker,
    "pattern": _pattern,
    "counter": _counter,
    "references": _pointer,
    "lookup": _lookup,
    "plus": _shifted,
    "formula": _formula,
}
