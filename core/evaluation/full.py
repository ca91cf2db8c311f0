"""What the full evaluation adds to a table's report: fidelity, utility and attacks in detail."""

from dataclasses import replace
from typing import Protocol

import numpy as np

from core.evaluation.asked import Asked
from core.evaluation.case import Case
from core.evaluation.values import TableReport
from core.progress import Progress

_FIRST = 6


class Steps(Protocol):
    """Where finished steps of a table are reported."""

    @property
    def progress(self) -> Progress:
        """The progress of the whole evaluation."""

    def done(self, step: int) -> None:
        """Say that ``step`` steps of this table are finished."""


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
    report = replace(report, privacy=privacy_detail(case, asked.schema, asked.policy, private))
    steps.done(_FIRST + 3)
    return report
