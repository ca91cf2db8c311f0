"""Values taken out of parsed YAML, in which everything is text; problems are collected."""

from collections.abc import Mapping
from typing import Any

from core.data.yaml_text import finite_number

Problems = list[str]


class Fields:
    """The fields of one place of a blueprint.

    Parameters
    ----------
    here
        How the place is called in problems.
    told
        What stands there.
    problems
        To which problems are added.
    """

    def __init__(self, here: str, told: Any, problems: Problems) -> None:
        self._here, self._problems = here, problems
        self._told: Mapping[str, Any] = told if isinstance(told, Mapping) else {}

    def __contains__(self, name: str) -> bool:
        return name in self._told

    def only(self, *known: str) -> None:
        """Complain about fields that nobody reads."""
        for name in self._told:
            if name not in known:
                self._complain(f"`{name}` is not known; {', '.join(known)} are.")

    def text(self, name: str) -> str:
        """A text, empty where there is none."""
        value = self._told.get(name, "")
        if isinstance(value, str):
            return value.strip()
        self._complain(f"`{name}` must be a text.")
        return ""

    def mapping(self, name: str) -> Mapping[str, Any]:
        """Names with values, none where the field is not there."""
        value = self._told.get(name) or {}
        if isinstance(value, Mapping):
            return value
        self._complain(f"`{name}` must be names with values.")
        return {}

    def number(self, name: str, default: float, low: float, high: float) -> float:
        """A number between two bounds."""
        value = finite_number(self._told.get(name, default))
        if value is not None and low <= value <= high:
            return value
        self._complain(f"`{name}` must be a number from {low:g} to {high:g}.")
        return default

    def whole(self, name: str, default: int, low: int, high: int) -> int:
        """A whole number between two bounds."""
        value = finite_number(self._told.get(name, default))
        if value is not None and value.is_integer() and low <= value <= high:
            return int(value)
        self._complain(f"`{name}` must be a whole number from {low:,} to {high:,}.")
        return default

    def share(self, name: str) -> float:
        """A share from 0 to 1; 0 where there is none."""
        return self.number(name, 0.0, 0.0, 1.0)

    def flag(self, name: str) -> bool:
        """True or false; false where there is none."""
        value = str(self._told.get(name, "false")).lower()
        if value not in {"true", "false"}:
            self._complain(f"`{name}` must be true or false.")
        return value == "true"

    def raw(self, name: str) -> Any:
        """What stands there, None where nothing does."""
        return self._told.get(name)

    def _complain(self, problem: str) -> None:
        self._problems.append(f"{self._here} {problem}")
