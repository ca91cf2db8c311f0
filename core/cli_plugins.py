"""The commands' plug-ins: loaded before a command runs, and listed by one of their own."""

from typing import Any

import typer

from core.cli_support import answer, log
from core.plugins import Plugin, load_plugins, named_packages
from core.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("plugins")(plugins)


def load_named() -> tuple[Plugin, ...]:
    """Load the packages that `STUDIO_PLUGINS` names; what is refused is logged, not raised."""
    loaded = load_plugins(named_packages(Settings.from_environment().plugins))
    for problem in (problem for plugin in loaded for problem in plugin.problems):
        log(problem)
    return loaded


def plugins() -> None:
    """List the packages that STUDIO_PLUGINS names: what each adds, and what was refused and why."""
    answer({"plugins": [_described(plugin) for plugin in load_plugins(_named())]})


def _named() -> tuple[str, ...]:
    return named_packages(Settings.from_environment().plugins)


def _described(plugin: Plugin) -> dict[str, Any]:
    return {
        "package": plugin.package,
        "version": plugin.version,
        "adds": [
            {"kind": str(part.kind), "name": part.name, "title": part.title}
            for part in plugin.loaded
        ],
        "refused": list(plugin.problems),
    }
