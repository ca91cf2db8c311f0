"""What the full evaluation adds to a table's report: fidelity, utility and attacks in detail."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from core.evaluation.asked import Asked
from core.evaluation.case import Case
from core.evaluation.values import TableReport
from core.progress import SilentProgress

_FIRST = 6


class Steps(Protocol):
    """Where finished steps of a table are reported."""

    def done(self, step: int) -> None:
        """Say that ``step`` steps of this table are finished."""

    def within(self, step: int, share: float, note: str) -> None:
        """Say that of the step after ``step`` others such a share is finished."""


@dataclass(frozen=True, slots=True)
class _Within(SilentProgress):
    """Steps of one part as shares of its step."""

    steps: Steps
    step_number: int

    def step(
        self, done: float, total: float, note: str = "", values: Mapping[str, float] | None = None
    ) -> None:
        """Report a share of the step."""
        self.steps.within(self.step_number, min(1.0, done / max(total, 1.0)), note)


def detailed(
    report: TableReport, case: Case, asked: Asked, rng: np.random.Generator, steps: Steps
) -> TableReport:
    """The report with all details of one table."""
    from core.evaluation.attacks import privacy_detail
    from core.evaluation.fidelity_detail import fidelity_detail
    from core.evaluation.usefulness import utility_detail

    alike, useful, private = rng.spawn(3)
    rules = asked.rules.get(report.name, ())
    report = replace(report, fidelity=fidelity_detail(case, asked.schema, alike, rules=rules))
    steps.done(_FIRST + 1)
    targets = asked.targets.get(report.name, ())
    report = replace(report, utility=utility_detail(case, targets, useful))
    steps.done(_FIRST + 2)
    watched = _Within(steps, _FIRST + 2)
    found = privacy_detail(case, asked.schema, asked.policy, private, progress=watched)
    report = replace(report, privacy=found)
    steps.done(_FIRST + 3)
    return report
