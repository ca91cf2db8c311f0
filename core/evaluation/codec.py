"""Frozen dataclasses to plain JSON values and back, led by their type hints.

Knows what the reports are made of: dataclasses, tuples of one kind, mappings by string, numbers,
strings and unions of these. A dataclass in a union with a number (a measure that was not taken)
is told by being an object.
"""

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints


def encode(value: Any) -> Any:
    """``value`` as dicts, lists, strings, numbers and None."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: encode(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): encode(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [encode(item) for item in value]
    return value


def decode(kind: Any, value: Any) -> Any:
    """The inverse of :func:`encode` for a value of type ``kind``.

    Raises
    ------
    TypeError, KeyError
        When ``value`` is not what ``kind`` is made of.
    """
    origin = get_origin(kind)
    if origin in {Union, UnionType}:
        return decode(_member(get_args(kind), value), value)
    if origin is tuple:
        return tuple(decode(get_args(kind)[0], item) for item in value)
    if origin is not None and issubclass(origin, Mapping):
        return {key: decode(get_args(kind)[1], item) for key, item in value.items()}
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        given = {
            f.name: decode(hints[f.name], value[f.name])
            for f in fields(kind)
            if f.name in value or _is_required(f)
        }
        return kind(**given)  # type: ignore[operator]
    return _plain(kind, value)


def _is_required(one: Field[Any]) -> bool:
    """Whether a field has to be there: one with a default may be newer than the value."""
    return one.default is MISSING and one.default_factory is MISSING


def _member(kinds: tuple[Any, ...], value: Any) -> Any:
    if value is None:
        return type(None)
    wanted = [k for k in kinds if k is not type(None)]
    return next((k for k in wanted if is_dataclass(k) == isinstance(value, Mapping)), wanted[0])


def _plain(kind: Any, value: Any) -> Any:
    if kind is type(None) and value is None:
        return None
    if kind is float and isinstance(value, int | float):
        return float(value)
    if not isinstance(value, kind):
        raise TypeError(f"expected {kind.__name__}, got {type(value).__name__}")
    return value
