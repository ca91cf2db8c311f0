"""Values that only training rows or only control rows have: what could tell members apart."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.evaluation.attacks.intervals import CONFIDENCE, risk_of
from core.evaluation.attacks.protocol import Trial
from core.evaluation.counted import HITS, OF
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
    shares
        What share of the population each value of ``train`` is expected to have.
    """

    train: Keys
    control: Keys
    known: Keys
    shares: npt.NDArray[np.float64]

    def by_accident(self, rows: int) -> float:
        """How many of the values of ``train`` so many fresh rows are expected to have."""
        return float((1 - (1 - self.shares) ** rows).sum())


def one_sided(train: Keys, control: Keys, below: int) -> Sides:
    """Sort the values of two sides, given as one key a row.

    Values that a single real row has are equally likely to come up again by accident, whichever
    side that row is on; so these alone count, unless there are next to none on the training side.
    Then all one-sided values of fewer than ``below`` rows do.
    """
    values, counts = np.unique(np.concatenate([train, control]), return_counts=True)
    few, number = np.unique(train, return_counts=True)
    wanted = counts == 1
    if np.isin(values[wanted], train).sum() < _SINGLES:
        wanted = counts < below
    in_train, in_control = np.isin(values, train), np.isin(values, control)
    mine = wanted & in_train & ~in_control
    shares = expected_shares(counts)[mine]
    return Sides(values[mine], values[wanted & in_control & ~in_train], few[number < below], shares)


def expected_shares(counts: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Expected share of the population of values that were seen so often (Good, 1953).

    (c + 1) · N(c + 1) ÷ (N(c) · n), where N(c) values were seen c times in n rows; one is added
    to both numbers of values, as they are small.
    """
    seen = np.bincount(counts, minlength=2) if len(counts) else np.zeros(2, np.int64)
    more = np.append(seen[1:], 0)
    factor = (np.arange(len(seen)) + 1) * (more + 1) / (seen + 1)
    return np.asarray(np.minimum(factor[counts] / max(1, counts.sum()), 1.0))


def exact_trial(
    train: tuple[int, int], control: tuple[float, int], figures: dict[str, Score], note: str = ""
) -> Trial:
    """The risk from full counts: hits and values, of training rows and of the control.

    The value is the plain share beyond the control; the interval says how far another set of
    values might be from it.
    """
    (hits, of), (control_hits, control_of) = train, control
    base = control_hits / control_of if control_of else 0.0
    value = max(0.0, (hits / of - base) / (1 - base)) if base < 1 else 0.0
    risk = risk_of(hits, of, control_hits, max(control_of, 1), CONFIDENCE)
    counts: dict[str, Score] = {
        OF: float(of),
        HITS: float(hits),
        "share expected without a leak": base,
    }
    low, high = min(risk.low, value), max(risk.high, value)
    return Trial(value, low, high, {**counts, **figures}, note, exact=True)


def met(keys: Keys, judged: Keys) -> tuple[int, int]:
    """How many keys occur in the judged rows, and how many there are."""
    return int(np.isin(keys, judged).sum()), len(keys)


def added(counts: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """Hits and values of several columns together."""
    return sum(hits for hits, _ in counts), sum(of for _, of in counts)
