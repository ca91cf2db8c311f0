"""The kinds of steps by name, and steps as plain values and back.

What is read may have been written by hand: everything that is wrong is said at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from core.data.params import build
from core.data.pipeline.cleaning import Markers, Trim
from core.data.pipeline.converting import Convert
from core.data.pipeline.extremes import Clip, ProtectExtremes
from core.data.pipeline.missing import DropMissing, Fill, Interpolate
from core.data.pipeline.parsing import ParseDates, ParseNumbers
from core.data.pipeline.rare import KeepFrequent, MergeRare
from core.data.pipeline.step import Step
from core.data.yaml_text import read_yaml, write_yaml
from core.errors import InvalidInput, InvalidParameter

Steps = Mapping[str, tuple[Step, ...]]
"""The steps of a dataset, by table, in the order in which they are carried out."""

STEPS: Mapping[str, type[Step]] = {
    step.kind: step
    for step in (
        Trim,
        Markers,
        ParseNumbers,
        ParseDates,
        Convert,
        Clip,
        Fill,
        DropMissing,
        Interpolate,
        MergeRare,
        KeepFrequent,
        ProtectExtremes,
    )
}


def make_step(kind: str, values: Mapping[str, Any]) -> Step:
    """A step of a kind from its parameters.

    Raises
    ------
    InvalidParameter
        There is no such kind, or with everything that is wrong with the parameters.
    """
    if kind not in STEPS:
        raise InvalidParameter(f"There is no step {kind!r}. Known are {', '.join(STEPS)}.")
    return build(STEPS[kind], values)


def step_to_dict(step: Step) -> dict[str, Any]:
    """A step as plain values; parameters that are as they are by themselves are left out."""
    said = {f.name: getattr(step, f.name) for f in fields(step)}
    usual = {f.name: f.default for f in fields(step)}
    held = {name: value for name, value in said.items() if value != usual[name]}
    plain = {name: list(v) if isinstance(v, tuple) else v for name, v in held.items()}
    return {"step": step.kind, **plain}


def steps_to_dict(steps: Mapping[str, Sequence[Step]]) -> dict[str, Any]:
    """Steps by table as plain values, fit for JSON; tables without any are left out."""
    return {name: [step_to_dict(step) for step in own] for name, own in steps.items() if own}


def steps_from_dict(data: Mapping[str, Any]) -> dict[str, tuple[Step, ...]]:
    """The inverse of :func:`steps_to_dict`.

    Raises
    ------
    InvalidInput
        With all that is wrong, each with its table and place.
    """
    problems: list[str] = []
    found: dict[str, tuple[Step, ...]] = {}
    for table, own in data.items():
        if not isinstance(own, list | tuple):
            problems.append(f"Steps of {table!r}: give a list.")
            continue
        read = [
            _read(one, f"Step {place} of {table!r}", problems) for place, one in enumerate(own, 1)
        ]
        found[str(table)] = tuple(step for step in read if step is not None)
    if problems:
        raise InvalidInput("The steps cannot be read. " + " ".join(problems), problems)
    return {name: own for name, own in found.items() if own}


def steps_to_yaml(steps: Mapping[str, Sequence[Step]]) -> str:
    """Steps as YAML that people read and edit."""
    return write_yaml({"tables": steps_to_dict(steps)})


def steps_from_yaml(text: str, name: str = "The preparation") -> dict[str, tuple[Step, ...]]:
    """The inverse of :func:`steps_to_yaml`; raises ``InvalidInput`` with all that is wrong."""
    data = read_yaml(text, name)
    tables = data.get("tables")
    if set(data) != {"tables"} or not isinstance(tables, Mapping):
        raise InvalidInput(
            f"{name} must have `tables`, and below it a list of steps for each table."
        )
    return steps_from_dict(tables)


def _read(one: Any, where: str, problems: list[str]) -> Step | None:
    if not isinstance(one, Mapping) or "step" not in one:
        problems.append(f"{where}: it must have `step` and its parameters.")
        return None
    values = {str(name): value for name, value in one.items() if name != "step"}
    try:
        return make_step(str(one["step"]), values)
    except InvalidParameter as error:
        problems.append(f"{where}: {' '.join(error.problems or [str(error)])}")
        return None
