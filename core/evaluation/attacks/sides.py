"""Values that only training rows or only control rows have: what could tell members apart."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.evaluation.attacks.intervals import CONFIDENCE, risk_of
from core.evaluation.attacks.protocol import Trial
from core.evaluation.values import Score

Keys = npt.NDArray[np.uint64]
_SINGLES = 10


@dataclass(frozen=True, slots=True)
class Sides:
    """Keys of values of training rows only and of control rows only.

    Attributes
    ----------
    known
        All values of few training rows, with or without control rows that have them.
    """

    train: Keys
    control: Keys
    known: Keys


def one_sided(train: Keys, control: Keys, below: int) -> Sides:
    """Sort the values of two sides, given as one key a row.

    Values that a single real row has are equally likely to come up again by accident, whichever
    side that row is on; so these alone count, unless there are next to none on the training side.
    Then all one-sided values of fewer than ``below`` rows do.
    """
    values, counts = np.unique(np.concatenate([train, control]), return_counts=True)
    few, number = np.unique(train, return_counts=True)
    chosen = values[counts == 1]
    if np.isin(chosen, train).sum() < _SINGLES:
        chosen = values[counts < below]
    in_train, in_control = np.isin(chosen, train), np.isin(chosen, control)
    return Sides(
        chosen[in_train & ~in_control], chosen[in_control & ~in_train], few[number < below]
    )


def exact_trial(found: Sequence[tuple[int, int]], figures: dict[str, Score]) -> Trial:
    """The risk from full counts: hits and values, of training and of control rows.

    The value is the plain share beyond the control; the interval says how far another set of
    values might be from it.
    """
    (hits, of), (control_hits, control_of) = found
    base = control_hits / control_of if control_of else 0.0
    value = max(0.0, (hits / of - base) / (1 - base)) if base < 1 else 0.0
    risk = risk_of(hits, of, control_hits, max(control_of, 1), CONFIDENCE)
    counts: dict[str, Score] = {
        "values of training rows alone": float(of),
        "of these in the synthetic rows": float(hits),
        "values of holdout rows alone": float(control_of),
        "of those in the synthetic rows": float(control_hits),
    }
    low, high = min(risk.low, value), max(risk.high, value)
    return Trial(value, low, high, {**counts, **figures}, exact=True)


def met(keys: Keys, judged: Keys) -> tuple[int, int]:
    """How many keys occur in the judged rows, and how many there are."""
    return int(np.isin(keys, judged).sum()), len(keys)


def added(counts: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """Hits and values of several columns together."""
    return sum(hits for hits, _ in counts), sum(of for _, of in counts)
