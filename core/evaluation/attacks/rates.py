"""Turning scores and counts into trials: areas under curves, rates at thresholds, risks."""

import numpy as np

from core.evaluation.attacks import limits
from core.evaluation.attacks.distances import Lengths
from core.evaluation.attacks.intervals import CONFIDENCE, risk_of, wilson
from core.evaluation.attacks.protocol import Trial
from core.evaluation.models import auc, auc_margin
from core.evaluation.values import NotMeasured, Score

RATES = {"1 %": 0.01, "0.1 %": 0.001}


def auc_trial(members: Lengths, outsiders: Lengths, note: str = "") -> Trial:
    """Area under the curve of telling members (higher scores) from outsiders, with its rates."""
    value = auc(members, outsiders)
    margin = auc_margin(value, len(members), len(outsiders))
    low, high = max(value - margin, 0.0), min(value + margin, 1.0)
    return Trial(value, low, high, rates(members, outsiders), note)


def rates(members: Lengths, outsiders: Lengths) -> dict[str, Score]:
    """True positive rate at 1 % and at 0.1 % false positives, with the interval's ends."""
    found: dict[str, Score] = {}
    for name, rate in RATES.items():
        share = _rate(members, outsiders, rate)
        if isinstance(share, NotMeasured):
            found[f"tpr at {name} fpr"] = share
            continue
        band = wilson(share * len(members), len(members))
        found[f"tpr at {name} fpr"] = share
        found[f"tpr at {name} fpr, low"] = max(0.0, band.value - band.error)
        found[f"tpr at {name} fpr, high"] = min(1.0, band.value + band.error)
    return found


def _rate(members: Lengths, outsiders: Lengths, rate: float) -> float | NotMeasured:
    needed = round(limits.RATE_ROWS / rate)
    if len(outsiders) < needed:
        return NotMeasured(f"Needs {needed:,} holdout rows; there are {len(outsiders):,}.")
    threshold = np.sort(outsiders)[-(int(rate * len(outsiders)) + 1)]
    return float((members > threshold).mean())


def risk_trial(
    hits: float,
    trials: int,
    control_hits: float,
    control_trials: int,
    *,
    confidence: float = CONFIDENCE,
) -> Trial:
    """The risk beyond the control; its figures are the counts that it came from."""
    risk = risk_of(hits, trials, control_hits, control_trials, confidence)
    figures: dict[str, Score] = {
        "successes": float(hits),
        "attempts": float(trials),
        "successes on control": float(control_hits),
        "attempts on control": float(control_trials),
    }
    return Trial(risk.value, risk.low, risk.high, figures)
