"""Words for how good a table is, from its outcomes and the bounds of the policy."""

from collections.abc import Sequence

from core.evaluation.bounds import Bounds
from core.evaluation.details import GateResult
from core.evaluation.policy import EvaluationPolicy
from core.evaluation.values import Measure, NotMeasured, Score, TableReport

ORDER = {"poor": 0, "fair": 1, "unknown": 2, "good": 3}
LEVEL_OF = {
    "pass": "good",
    "warn": "fair",
    "fail": "poor",
    "inconclusive": "unknown",
    "not applicable": "good",
}
DECISIVE_GATES = frozenset({"types", "keys", "metadata", "coverage"})
"""A table that fails one of these is not the table that the schema describes."""


def worst_level(levels: Sequence[str]) -> str:
    """The worst of some levels; good without any."""
    return min(levels, key=ORDER.__getitem__, default="good")


def privacy_level(table: TableReport, policy: EvaluationPolicy) -> str:
    """The level of copies, nearness and membership, and of all attacks where they were run."""
    m = table.measures
    if not isinstance(m["copies"].value, float):
        return "unknown"
    levels = [
        _signal_level(m["nearer"], policy.bounds("nearer")),
        _signal_level(m["membership"], policy.bounds("membership")),
        _copies_level(m["copies"], policy.bounds("copies")),
    ]
    if table.privacy is not None:
        levels.append(LEVEL_OF[table.privacy.outcome])
    return worst_level(levels)


def control_is_seen(measure: Measure, bounds: Bounds) -> bool:
    """Whether a verbatim copy would have been called a failure by these bounds."""
    return isinstance(measure.chance, float) and measure.chance > bounds.fail


def _signal_level(measure: Measure, bounds: Bounds) -> str:
    """Level of a signal; without a control that is detected it is never good."""
    level = _level(measure.value, measure.margin, bounds)
    if level == "good" and not control_is_seen(measure, bounds):
        return "unknown"
    return level


def _copies_level(copies: Measure, bounds: Bounds) -> str:
    return _level(excess_copies(copies), copies.margin, bounds)


def _level(value: Score, margin: float, bounds: Bounds) -> str:
    if isinstance(value, NotMeasured):
        return "unknown"
    return LEVEL_OF[bounds.outcome(value, value - margin)]


def excess_copies(copies: Measure) -> Score:
    """Share of copies beyond what fresh real rows show."""
    if isinstance(copies.value, NotMeasured):
        return copies.value
    if isinstance(copies.fresh, NotMeasured):
        return copies.fresh
    return max(0.0, copies.value - copies.fresh)


def gates_level(gates: Sequence[GateResult]) -> str:
    """``poor`` where a decisive gate fails, ``fair`` where any other is not passed."""
    if any(g.outcome == "fail" and g.name in DECISIVE_GATES for g in gates):
        return "poor"
    return "good" if all(g.outcome in {"pass", "not applicable"} for g in gates) else "fair"
