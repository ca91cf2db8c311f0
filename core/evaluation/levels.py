"""Words for how good a measure is, by the bounds of ``core.evaluation.thresholds``."""

from core.evaluation import thresholds as at
from core.evaluation.values import Measure, NotMeasured, Score, TableReport

ORDER = {"poor": 0, "fair": 1, "unknown": 2, "good": 3}


def privacy_level(table: TableReport) -> str:
    """The level of copies, nearness and membership together: that of the worst."""
    m = table.measures
    if not isinstance(m["copies"].value, float):
        return "unknown"
    levels = [
        _above(m["nearer"].value, m["nearer"].margin, at.NEARER_GOOD, at.NEARER_FAIR),
        _above(
            m["membership"].value, m["membership"].margin, at.MEMBERSHIP_GOOD, at.MEMBERSHIP_FAIR
        ),
        _copies_level(m["copies"]),
    ]
    return min(levels, key=ORDER.__getitem__)


def _above(value: Score, margin: float, good: float, fair: float) -> str:
    """Level of a value that should be low, one standard error of noise allowed for.

    Poor only when two standard errors do not explain it, and good never beyond ``fair``.
    """
    if isinstance(value, NotMeasured):
        return "unknown"
    if value <= min(good + margin / 2, fair):
        return "good"
    return "poor" if value - margin > fair else "fair"


def _copies_level(copies: Measure) -> str:
    extra = excess_copies(copies)
    return _above(extra, copies.margin, at.COPIES_GOOD, at.COPIES_FAIR)


def excess_copies(copies: Measure) -> Score:
    """Share of copies beyond what fresh real rows show."""
    if isinstance(copies.value, NotMeasured):
        return copies.value
    if isinstance(copies.fresh, NotMeasured):
        return copies.fresh
    return max(0.0, copies.value - copies.fresh)
