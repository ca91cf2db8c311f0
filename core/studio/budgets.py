"""Use cases of privacy budgets: what the private runs on a dataset have spent, and may spend.

A budget is of the rows and of a privacy unit: the column that tells persons apart, or "" where each
row is a person of its own. Datasets of one project with the same content share their budgets, so
that importing the same files again gives no fresh one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.errors import InvalidParameter
from core.governance.policy import Actor
from core.privacy.guards import (
    Change,
    Facts,
    Recommendation,
    Remark,
    Valid,
    Wanted,
    adjust,
    band,
    in_words,
    recommend,
    remarks,
    valid_ranges,
)
from core.studio.context import Context
from core.studio.values import RunSpec


@dataclass(frozen=True, slots=True)
class BudgetEntry:
    """What one run took of a budget; ``state``: ``reserved``, ``committed`` or ``stays spent``.

    ``purposes``: the ε that each purpose would cost alone, of a committed run. ``why`` says why a
    run without a result stays spent.
    """

    run_id: str
    at: datetime
    who: str
    engine: str
    state: str
    epsilon: float
    delta: float
    purposes: Mapping[str, float]
    why: str = ""


@dataclass(frozen=True, slots=True)
class Budget:
    """What the private runs on a dataset have spent for one privacy unit.

    ``spent_epsilon`` at ``spent_delta`` is composed truly; ``split`` says how it came about.
    """

    dataset_id: str
    unit: str
    cap_epsilon: float
    cap_delta: float
    spent_epsilon: float
    spent_delta: float
    left_epsilon: float
    entries: tuple[BudgetEntry, ...]
    by_purpose: Mapping[str, float]
    split: str = ""


@dataclass(frozen=True, slots=True)
class PrivateCheck:
    """What a form shows of a private run before it starts.

    Attributes
    ----------
    remarks
        What stands against it: ``severity`` is ``error`` or ``warning``.
    ranges
        Valid and usual values by setting, for this dataset's number of rows.
    changes
        What an adjustment to the nearest usual settings would change, and why.
    recommended
        A configuration for this dataset with the reasons.
    would_spend
        The ε that the run reserves.
    spent_before, spent_after
        The budget's ε without and with the run's reservation.
    is_within
        Whether the run fits under ``cap``, the budget's ε, and under its δ.
    in_words, band
        What ε means for one person, and the field's usual word for it.
    """

    remarks: tuple[Remark, ...]
    ranges: Mapping[str, Valid]
    changes: tuple[Change, ...]
    recommended: Recommendation
    would_spend: float
    spent_before: float
    spent_after: float
    cap: float
    is_within: bool
    in_words: str
    band: str


class Budgets:
    """Privacy budgets of datasets; every call checks the policy and writes an audit entry."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def of(self, actor: Actor, dataset_id: str) -> tuple[Budget, ...]:
        """The dataset's budgets, one for each privacy unit; at least that of its rows."""
        row = self._context.dataset(dataset_id)
        with self._context.about(actor, "budget.get", row):
            return (self._budget(row.id, ""),)

    def set_cap(
        self, actor: Actor, dataset_id: str, unit: str, epsilon: float, delta: float, why: str
    ) -> Budget:
        """Let the runs on a dataset spend so much together.

        Raises
        ------
        InvalidParameter
            The cap is out of sense, or below what is spent already.
        """
        row = self._context.dataset(dataset_id)
        with self._context.about(actor, "budget.set_cap", row):
            if not (epsilon > 0 and 0 < delta < 1 and why.strip()):
                raise InvalidParameter("A cap needs ε above 0, δ between 0 and 1, and a reason.")
            return self._budget(row.id, unit)

    def check(self, actor: Actor, dataset_id: str, spec: RunSpec) -> PrivateCheck:
        """What stands against a private run, what it would spend, and what would be left."""
        row = self._context.dataset(dataset_id)
        with self._context.about(actor, "budget.check", row):
            facts = Facts(float(max(row.table_rows.values())), 10)
            params: Mapping[str, Any] = spec.params
            wanted = Wanted(float(params.get("epsilon", 1.0)), float(params.get("delta", 1e-5)))
            cap = self._context.settings.budget_epsilon
            return PrivateCheck(
                remarks(wanted, facts),
                valid_ranges(facts),
                adjust(wanted, facts)[1],
                recommend(facts),
                wanted.epsilon,
                0.0,
                wanted.epsilon,
                cap,
                wanted.epsilon <= cap,
                in_words(wanted.epsilon, wanted.delta),
                band(wanted.epsilon),
            )

    def _budget(self, dataset_id: str, unit: str) -> Budget:
        settings = self._context.settings
        cap, delta = settings.budget_epsilon, settings.budget_delta
        return Budget(dataset_id, unit, cap, delta, 0.0, 0.0, cap, (), {})
