"""Use cases of the installation as a whole: what an administrator may know of it."""

from collections.abc import Sequence
from typing import Any

from core.data.added import ADDED
from core.governance.audit import as_many_as_fit
from core.governance.policy import Actor
from core.plugins import Plugin
from core.studio.context import Context

__all__ = ["Installation", "Plugin", "plugins_told"]


class Installation:
    """What this process has loaded; looking at it checks the policy and is audited."""

    def __init__(self, context: Context, plugins: Sequence[Plugin]) -> None:
        self._context = context
        self._plugins = tuple(plugins)

    def endings(self) -> tuple[str, ...]:
        """Endings of files, with their dots, that can be read beside those of the house."""
        return tuple(sorted(ADDED))

    def plugins(self, actor: Actor) -> tuple[Plugin, ...]:
        """The packages that were named, with what of each can be used and what was refused."""
        with self._context.guard.use_case(actor, "system.status"):
            return self._plugins


def plugins_told(plugins: Sequence[Plugin]) -> dict[str, Any]:
    """What the audit says of plug-ins at a start; nothing where none were named."""
    if not plugins:
        return {}
    loaded = [
        f"{plugin.package} {plugin.version}: {part.kind} {part.name}"
        for plugin in plugins
        for part in plugin.loaded
    ]
    return {
        "plugins": as_many_as_fit(loaded),
        "plugins_refused": sum(len(p.problems) for p in plugins),
    }
