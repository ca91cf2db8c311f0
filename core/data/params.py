"""Parameters as dataclasses whose fields carry bounds and help: of engines, of steps.

One declaration serves the form on the page, ``--param k=v`` on the command line, the API and
the documentation.
"""

from collections.abc import Mapping
from dataclasses import MISSING, Field, asdict, dataclass, field, fields
from typing import Any, TypeVar

from core.errors import InvalidParameter

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ParamSpec:
    """What a form needs to know of one parameter."""

    name: str
    title: str
    help: str
    default: Any
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    advanced: bool = False


def param(
    default: Any,
    title: str,
    help: str,
    *,
    low: float | None = None,
    high: float | None = None,
    choices: tuple[str, ...] = (),
    advanced: bool = False,
) -> Any:
    """A dataclass field for a parameter: bool, int, float, str, or texts as a tuple."""
    extras = {"title": title, "help": help, "low": low, "high": high, "choices": choices}
    return field(default=default, metadata={**extras, "advanced": advanced})


def specs(params: type) -> tuple[ParamSpec, ...]:
    """The parameters of a dataclass made with :func:`param`."""
    return tuple(ParamSpec(f.name, default=f.default, **f.metadata) for f in fields(params))


def build(params: type[T], values: Mapping[str, Any]) -> T:
    """Parse and check ``values`` (strings allowed) into an instance of ``params``.

    Raises
    ------
    InvalidParameter
        With every unknown name, wrong type and bound that is passed, at once.
    """
    known = {f.name: f for f in fields(params)}  # type: ignore[arg-type]
    problems = [
        f"`{name}` is not a parameter here; known are {', '.join(known) or 'none'}."
        for name in values
        if name not in known
    ]
    parsed: dict[str, Any] = {}
    for name, raw in values.items():
        if name in known:
            try:
                parsed[name] = _parse(known[name], raw)
            except ValueError as error:
                problems.append(f"`{name}` {error}. Got {raw!r}.")
    if problems:
        raise InvalidParameter("Parameters cannot be used: " + " ".join(problems), problems)
    return params(**parsed)


def to_dict(params: Any) -> dict[str, Any]:
    """A parameter dataclass as a plain dict."""
    return asdict(params)


def _parse(spec: Field[Any], raw: Any) -> Any:
    assert spec.default is not MISSING
    value = _cast(raw, type(spec.default))
    meta = spec.metadata
    if meta["choices"] and value not in meta["choices"]:
        raise ValueError("must be one of " + ", ".join(meta["choices"]))
    if meta["low"] is not None and not value >= meta["low"]:
        raise ValueError(f"must be at least {meta['low']:g}")
    if meta["high"] is not None and not value <= meta["high"]:
        raise ValueError(f"must be at most {meta['high']:g}")
    return value


def _cast(raw: Any, kind: type) -> Any:
    if kind is bool:
        text = str(raw).strip().lower()
        if text not in {"true", "false", "1", "0", "yes", "no"}:
            raise ValueError("must be true or false")
        return text in {"true", "1", "yes"}
    if kind is tuple:
        return _texts(raw)
    try:
        return kind(raw)
    except (TypeError, ValueError):
        raise ValueError(f"must be of type {kind.__name__}") from None


def _texts(raw: Any) -> tuple[str, ...]:
    """A list of texts; a single text is a list of one."""
    listed = [raw] if isinstance(raw, str) else raw
    if not isinstance(listed, list | tuple) or not all(isinstance(one, str) for one in listed):
        raise ValueError("must be a list of texts, in quotes where they look like something else")
    return tuple(listed)
