"""Finding, checking and registering what the packages that an administrator named add.

A process loads a package once. What cannot be loaded, or is not what it says it is, is refused in
words and touches nothing else: no plug-in keeps the studio from starting.
"""

import logging
import re
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import Distribution, EntryPoint, PackageNotFoundError, distribution
from typing import Any

from core.data.read import add_reader
from core.evaluation.added import ADDED, Addition
from core.plugins.shapes import generator_problems, measure_problems, reader_problems
from core.plugins.values import Kind, Part, Plugin
from core.synthesis.registry import ENGINES

logger = logging.getLogger(__name__)

GROUPS: Mapping[str, Kind] = {
    "synth_studio.generators": Kind.GENERATOR,
    "synth_studio.measures": Kind.MEASURE,
    "synth_studio.readers": Kind.READER,
}
"""Entry-point groups, and what their entries add."""

_LONGEST = 200
_LOADED: dict[str, Plugin] = {}
_LOCK = threading.Lock()


@dataclass(frozen=True, slots=True)
class _Adding:
    """How things of one kind are checked, and registered with the package they came with."""

    problems: Callable[[object, str], list[str]]
    register: Callable[[Any, str, str], None]


def _add_generator(info: Any, package: str, version: str) -> None:
    ENGINES[info.name] = info


def _add_measure(info: Any, package: str, version: str) -> None:
    ADDED[info.name] = Addition(info, package, version)


def _add_reader(info: Any, package: str, version: str) -> None:
    add_reader(info)


_ADDING: Mapping[Kind, _Adding] = {
    Kind.GENERATOR: _Adding(generator_problems, _add_generator),
    Kind.MEASURE: _Adding(measure_problems, _add_measure),
    Kind.READER: _Adding(reader_problems, _add_reader),
}


def named_packages(setting: str) -> tuple[str, ...]:
    """The packages of the setting, each once, in its order and in the form that indexes use."""
    names = [re.sub(r"[-_.]+", "-", part.strip()).lower() for part in setting.split(",")]
    return tuple(dict.fromkeys(name for name in names if name))


def load_plugins(packages: Iterable[str]) -> tuple[Plugin, ...]:
    """Load what packages add, those that this process has loaded already excepted.

    Returns
    -------
    tuple
        One value a package, in order, with what of it can be used and what was refused and why.
        Nothing is raised.
    """
    with _LOCK:
        for package in packages:
            if package not in _LOADED:
                _LOADED[package] = _load(package)
                for problem in _LOADED[package].problems:
                    logger.warning("plug-in: %s", problem)
        return tuple(_LOADED[package] for package in packages)


def _load(package: str) -> Plugin:
    try:
        found = distribution(package)
    except (PackageNotFoundError, ValueError):
        problem = f"There is no package {package!r}. Install it, or take it out of STUDIO_PLUGINS."
        return Plugin(package, problem=problem)
    entries = sorted(
        (e for e in found.entry_points if e.group in GROUPS), key=lambda e: (e.group, e.name)
    )
    if not entries:
        groups = ", ".join(GROUPS)
        problem = f"The package {package!r} has no entry point of the groups {groups}."
        return Plugin(package, found.version, problem=problem)
    return Plugin(package, found.version, tuple(_part(entry, package, found) for entry in entries))


def _part(entry: EntryPoint, package: str, found: Distribution) -> Part:
    """Import one entry point, check what it is, and register it if all is well."""
    kind = GROUPS[entry.group]
    try:
        thing = entry.load()
        problems = _ADDING[kind].problems(thing, entry.name)
    except (Exception, SystemExit) as error:  # noqa: BLE001 (foreign code: the studio goes on)
        said = " ".join(f"{type(error).__name__}: {error}".split())[:_LONGEST]
        return Part(kind, entry.name, problem=f"it cannot be loaded ({said}).")
    if problems:
        return Part(kind, entry.name, problem=" ".join(problems))
    _ADDING[kind].register(thing, package, found.version)
    return Part(kind, entry.name, title=thing.title)
