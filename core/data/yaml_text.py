"""YAML that people edit: written plainly, and read without tags, aliases or surprises."""

import math
from collections.abc import Mapping
from typing import Any

import yaml

from core.errors import InvalidInput

MOST_CHARACTERS = 2_000_000
_DEEPEST = 12
_FAST_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TEXT_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_FAST_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class _NoRepeats:
    """A key that is given twice, of which one would be lost, is refused."""

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        seen = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and (key.tag, key.value) in seen:
                line = key.start_mark.line + 1
                raise yaml.YAMLError(f"{key.value!r} is there twice (line {line})")
            seen.add((key.tag, key.value) if isinstance(key, yaml.ScalarNode) else None)
        return super().construct_mapping(node, deep)  # type: ignore[misc]


class _Typed(_NoRepeats, _FAST_LOADER):  # type: ignore[misc]
    """Plain values only."""


class _Texts(_NoRepeats, _TEXT_LOADER):  # type: ignore[misc]
    """Every value a text, so that code 01 stays 01 and ``no`` stays no."""


def write_yaml(data: Mapping[str, Any]) -> str:
    """Plain values as YAML, in their order."""
    options = {"sort_keys": False, "allow_unicode": True, "width": 100}
    return str(yaml.dump(dict(data), Dumper=_FAST_DUMPER, **options))


def read_yaml(
    text: str, name: str = "The text", *, most: int = MOST_CHARACTERS, as_texts: bool = False
) -> Mapping[str, Any]:
    """The mapping that a text holds.

    Parameters
    ----------
    name
        How the text is called in messages.
    most
        How many characters are read at the most.
    as_texts
        Leave every value a text, as it was written.

    Raises
    ------
    InvalidInput
        When it is no YAML, no mapping, or too long; the message names the line.
    """
    if len(text) > most:
        raise InvalidInput(f"{name} is longer than {most:,} characters. Shorten it.")
    try:
        _refuse_aliases(text)
        data = yaml.load(text, _Texts if as_texts else _Typed)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InvalidInput(
            f"{name} is no YAML: {_said(error)}. Correct it and try again."
        ) from None
    if not isinstance(data, dict):
        raise InvalidInput(
            f"{name} must be names with what belongs to them, as its template or export is."
        )
    return data


def _refuse_aliases(text: str) -> None:
    """An alias could make a short text enormous, and a deep one exhaust the reader."""
    depth = 0
    for event in yaml.parse(text, _FAST_LOADER):
        if isinstance(event, yaml.AliasEvent):
            line = event.start_mark.line + 1
            raise yaml.YAMLError(f"aliases are not allowed (line {line})")
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise yaml.YAMLError(f"it is nested too deeply (line {event.start_mark.line + 1})")


def _said(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    if mark is not None:
        return f"line {mark.line + 1}, column {mark.column + 1}: {getattr(error, 'problem', '')}"
    return str(error) if isinstance(error, yaml.YAMLError) else "a value is not possible"


def read_utf8(contents: bytes, name: str) -> str:
    """The text of a file; raises ``InvalidInput`` when it is not UTF-8."""
    try:
        return contents.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{name} is not a text in UTF-8.") from error


def finite_number(value: Any) -> float | None:
    """A finite number from a number or its text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
