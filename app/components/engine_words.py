"""Engines and their parameters as people know them: by the titles that the form shows."""

from collections.abc import Mapping

from app.resources import studio
from core.synthesis.params import specs


def engine_titles() -> Mapping[str, str]:
    """Return the title of every engine by its name."""
    return {info.name: info.title for info in studio().runs.engines()}


def engine_title(name: str) -> str:
    """Return an engine's title; its name where it is no longer installed."""
    return engine_titles().get(name, name)


def param_titles(engine: str) -> Mapping[str, str]:
    """Return the titles of an engine's parameters by name; none of an engine that is gone."""
    known = {info.name: info.params for info in studio().runs.engines()}
    return {spec.name: spec.title for spec in specs(known[engine])} if engine in known else {}
