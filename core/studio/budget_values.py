"""What the use cases of budgets give: what was spent, what is left, what stands against a run."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from core.privacy.guards import Change, Recommendation, Remark, Valid


@dataclass(frozen=True, slots=True)
class BudgetEntry:
    """What one run took of a budget.

    ``state``: ``reserved``, ``committed``, ``stays spent``, or ``released``, which counts nothing.
    ``purposes``: the ε that each purpose would cost alone, of a committed run. ``why`` says why a
    run without a result stays spent, or was released.
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
