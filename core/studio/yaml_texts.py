"""YAML that people edit: written plainly, and read without tags, aliases or surprises."""

from collections.abc import Mapping
from typing import Any

import yaml

from core.errors import InvalidInput

MOST_CHARACTERS = 2_000_000
_DEEPEST = 12


class _Loader(yaml.SafeLoader):  # type: ignore[misc]
    """Plain values only: an alias could make a short text enormous, a key given twice is lost."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark
            raise yaml.YAMLError(f"aliases are not allowed (line {mark.line + 1})")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        twice = {key for key in keys if keys.count(key) > 1} if len(keys) < 5_000 else set()
        if twice:
            line = node.start_mark.line + 1
            raise yaml.YAMLError(f"{sorted(twice)[0]!r} is there twice (from line {line})")
        return super().construct_mapping(node, deep)


def write_yaml(data: Mapping[str, Any]) -> str:
    """Plain values as YAML, in their order."""
    return str(yaml.safe_dump(dict(data), sort_keys=False, allow_unicode=True, width=100))


def read_yaml(text: str) -> Mapping[str, Any]:
    """The mapping that a text holds.

    Raises
    ------
    InvalidInput
        When it is no YAML, no mapping, or too long; the message names the line.
    """
    if len(text) > MOST_CHARACTERS:
        raise InvalidInput(f"The text is longer than {MOST_CHARACTERS:,} characters. Shorten it.")
    try:
        data = yaml.load(text, _Loader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InvalidInput(f"This is no YAML: {_said(error)}. Correct it and try again.") from None
    if not isinstance(data, dict) or _depth(data) > _DEEPEST:
        raise InvalidInput("The text must be names with what belongs to them, as the export is.")
    return data


def _said(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    if mark is not None:
        return f"line {mark.line + 1}, column {mark.column + 1}: {getattr(error, 'problem', '')}"
    return str(error) if isinstance(error, yaml.YAMLError) else "a value is not possible"


def _depth(data: Any) -> int:
    if isinstance(data, dict | list):
        inside = data.values() if isinstance(data, dict) else data
        return 1 + max(map(_depth, inside), default=0)
    return 0
