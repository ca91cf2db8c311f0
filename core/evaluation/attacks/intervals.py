"""Success rates of attacks with their intervals, and the risk beyond a control.

The formulas are those of Giomi et al., "A unified framework for quantifying privacy risk in
synthetic data" (PoPETs 2023), which the package anonymeter implements.
"""

from dataclasses import dataclass
from math import sqrt

from scipy.stats import norm

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Rate:
    """A share, and half the width of its interval."""

    value: float
    error: float


@dataclass(frozen=True, slots=True)
class Risk:
    """A risk from 0 to 1 with its interval."""

    value: float
    low: float
    high: float


def wilson(successes: float, trials: float, confidence: float = CONFIDENCE) -> Rate:
    """Centre and half width of the Wilson score interval (Wilson, 1927).

    ``trials`` may be the effective number of trials that depend on each other.

    Raises
    ------
    ValueError
        When there are no trials.
    """
    if trials <= 0:
        raise ValueError("A rate needs at least one trial.")
    z = float(norm.ppf(0.5 * (1 + confidence)))
    spread = successes * (trials - successes) / trials
    whole = trials + z * z
    return Rate((successes + 0.5 * z * z) / whole, z / whole * sqrt(spread + 0.25 * z * z))


def excess(attack: Rate, control: Rate) -> Risk:
    """(attack − control) ÷ (1 − control) with propagated errors, cut to 0 and 1."""
    room = 1 - control.value
    value = (attack.value - control.value) / room
    error = sqrt((attack.error / room) ** 2 + (control.error * (attack.value - 1) / room**2) ** 2)
    return Risk(*(min(max(v, 0.0), 1.0) for v in (value, value - error, value + error)))


def risk_of(
    hits: float, trials: int, control_hits: float, control_trials: int, confidence: float
) -> Risk:
    """The risk beyond the control, from counts."""
    return excess(
        wilson(hits, trials, confidence), wilson(control_hits, control_trials, confidence)
    )
