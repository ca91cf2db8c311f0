"""How long work reports what it has done, and learns that it should stop.

Engines, the evaluation and the import take a :class:`Progress`; the job worker passes one that
sends messages to the server, the command line one that logs, tests a silent or recording one.
"""

from collections.abc import Mapping
from typing import Protocol


class Progress(Protocol):
    """Receives true progress. Every call may raise ``JobCancelled``: let it pass."""

    def stage(self, name: str) -> None:
        """A new stage begins: ``prepare``, ``fit``, ``sample`` or ``evaluate``."""

    def step(
        self,
        done: float,
        total: float,
        note: str = "",
        values: Mapping[str, float] | None = None,
    ) -> None:
        """``done`` of ``total`` units of the stage are finished.

        ``note`` says what in words ("column 3 of 15: age"); ``values`` carries figures to plot
        against ``done``, such as losses of an epoch.
        """


class SilentProgress:
    """Progress for callers that do not watch."""

    def stage(self, name: str) -> None:
        """Do nothing."""

    def step(
        self,
        done: float,
        total: float,
        note: str = "",
        values: Mapping[str, float] | None = None,
    ) -> None:
        """Do nothing."""
