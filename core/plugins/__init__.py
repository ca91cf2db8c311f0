"""Generators, measures and readers of outside packages; see ``docs/plugins.md``.

Nothing is loaded but from packages that the administrator named. A plug-in runs with all rights of
the studio: naming a package means to trust it.
"""

from core.plugins.loading import GROUPS, load_plugins, named_packages
from core.plugins.values import Kind, Part, Plugin

__all__ = ["GROUPS", "Kind", "Part", "Plugin", "load_plugins", "named_packages"]
