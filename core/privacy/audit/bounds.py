"""Lower bounds on ε from guesses about who took part, at a given confidence.

Two worlds: how often a test says "with" with and without a person bounds ε, the shares themselves
being bounded after Clopper and Pearson (1934); see Jagielski, Ullman and Oprea, "Auditing
differentially private machine learning" (NeurIPS 2020). One run: many persons are each in or out
by a fair coin, and the share of right guesses bounds ε; see Steinke, Nasr and Jagielski, "Privacy
auditing with one (1) training run" (NeurIPS 2023), Theorem 5.2.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.errors import InvalidParameter

Floats = npt.NDArray[np.float64]

_CLOSE = 1e-4
_MOST = 64.0


@dataclass(frozen=True, slots=True)
class Bound:
    """A lower bound on ε, and the one that guesses without a mistake would have given."""

    lower: float
    ceiling: float


def share_at_least(right: npt.ArrayLike, of: int, alpha: float) -> Floats:
    """Lower ends of one-sided Clopper–Pearson intervals for shares of ``of`` trials."""
    from scipy.stats import beta

    counts = np.asarray(right, np.float64)
    low = beta.ppf(alpha, np.maximum(counts, 1), of - counts + 1)
    return np.where(counts > 0, low, 0.0).astype(np.float64)


def share_at_most(right: npt.ArrayLike, of: int, alpha: float) -> Floats:
    """Upper ends of the same intervals."""
    return 1 - share_at_least(of - np.asarray(right, np.float64), of, alpha)


def two_world_bound(
    with_person: Floats, without: Floats, delta: float, confidence: float = 0.95
) -> Bound:
    """The bound from a figure that was seen in runs with and in runs without a person.

    Threshold and direction of the test are chosen on the first half of each, and the test is
    counted on the second.

    Parameters
    ----------
    with_person, without
        The figure of each run, as many of one as of the other; at least four.
    delta
        The promised δ.
    """
    if len(with_person) != len(without) or len(without) < 4:
        raise InvalidParameter("An audit needs as many runs with as without, at least 4 of each.")
    half = len(without) // 2
    alpha = (1 - confidence) / 2
    threshold, sign, of_with = _best_test(with_person[:half], without[:half], delta, alpha)
    inside, outside = sign * with_person[half:], sign * without[half:]
    of = len(outside)
    hits, alarms = int((inside >= threshold).sum()), int((outside >= threshold).sum())
    if not of_with:
        hits, alarms = of - alarms, of - hits
    found = _odds(np.array([hits]), np.array([alarms]), of, delta, alpha)
    perfect = _odds(np.array([of]), np.array([0]), of, delta, alpha)
    return Bound(float(found[0]), float(perfect[0]))


def _best_test(
    with_person: Floats, without: Floats, delta: float, alpha: float
) -> tuple[float, int, bool]:
    """Threshold, sign of the figure, and whether "with" (else "without") is what is said rarely."""
    best = (-1.0, 0.0, 1, True)
    of = len(without)
    for sign in (1, -1):
        inside, outside = np.sort(sign * with_person), np.sort(sign * without)
        values = np.unique(np.concatenate([inside, outside]))
        thresholds = np.append(values[:1], (values[1:] + values[:-1]) / 2)
        hits = of - np.searchsorted(inside, thresholds)
        alarms = of - np.searchsorted(outside, thresholds)
        for of_with in (True, False):
            pair = (hits, alarms) if of_with else (of - alarms, of - hits)
            found = _odds(*pair, of, delta, alpha)
            place = int(np.argmax(found))
            if found[place] > best[0]:
                best = (float(found[place]), float(thresholds[place]), sign, of_with)
    return best[1:]


def _odds(
    hits: npt.NDArray[np.int64], alarms: npt.NDArray[np.int64], of: int, delta: float, alpha: float
) -> Floats:
    """``ln((share of hits - δ) / share of false alarms)`` with both shares at their worst."""
    low = np.maximum(share_at_least(hits, of, alpha) - delta, 0.0)
    high = np.maximum(share_at_most(alarms, of, alpha), 1e-300)
    with np.errstate(divide="ignore"):
        return np.maximum(np.log(low / high), 0.0).astype(np.float64)


def one_run_bound(
    right: int, guesses: int, canaries: int, delta: float, confidence: float = 0.95
) -> Bound:
    """The bound from ``right`` of ``guesses`` guesses about who of ``canaries`` took part.

    The number of guesses must be settled before the outcome is seen. Runs over disjoint canaries,
    each with its own noise, may be taken together.
    """
    if not 0 <= right <= guesses <= canaries or canaries < 1:
        raise InvalidParameter("Right guesses are at most as many as guesses, those as canaries.")
    alpha = 1 - confidence
    return Bound(
        _largest_refuted(right, guesses, canaries, delta, alpha),
        _largest_refuted(guesses, guesses, canaries, delta, alpha),
    )


def chance_of_guesses(
    epsilon: float, right: int, guesses: int, canaries: int, delta: float
) -> float:
    """The most likely that so many right guesses can be under (ε, δ)-differential privacy."""
    from scipy.stats import binom

    odds = 1 / (1 + math.exp(-epsilon))
    tail = float(binom.sf(right - 1, guesses, odds))
    if not delta or not right:
        return min(tail, 1.0)
    below = np.cumsum(binom.pmf(np.arange(right - 1, -1, -1), guesses, odds))
    slope = float(np.max(below / np.arange(1, right + 1)))
    return min(tail + 2 * canaries * delta * slope, 1.0)


def _largest_refuted(right: int, guesses: int, canaries: int, delta: float, alpha: float) -> float:
    """The largest ε under which so many right guesses are less likely than ``alpha``."""
    low, high = 0.0, _MOST
    if chance_of_guesses(0.0, right, guesses, canaries, delta) > alpha:
        return 0.0
    while high - low > _CLOSE:
        middle = (low + high) / 2
        if chance_of_guesses(middle, right, guesses, canaries, delta) <= alpha:
            low = middle
        else:
            high = middle
    return low
