"""The only place where the noise of differential privacy is drawn.

Every function takes the run's ledger and writes its event there before it draws, so that nothing
noisy exists that was not paid for. The noise is OpenDP's, on whole numbers, and never seeded.
``sensitivity`` is what one row can change; one person changes ``rows_per_person`` times as much.
"""

import math
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import InvalidParameter
from core.privacy.events import Gaussian, GaussianThreshold, Laplace, Selection
from core.privacy.ledger import Ledger

Counts = npt.NDArray[np.int64]


def gaussian_counts(
    counts: Counts, multiplier: float, ledger: Ledger, purpose: str, about: str
) -> Counts:
    """Counts of rows in disjoint cells, with discrete Gaussian noise.

    Parameters
    ----------
    counts
        Whole numbers of any shape; each row is counted in one cell.
    multiplier
        Standard deviation of the noise over the L2 sensitivity to one person, who can change one
        cell by ``rows_per_person``.

    Returns
    -------
    numpy.ndarray
        Noisy whole numbers of the same shape; may be negative.

    Raises
    ------
    BudgetExceeded
        When the ledger refuses; nothing was drawn.
    """
    flat = _whole(counts)
    _positive(multiplier=multiplier)
    ledger.charge(purpose, about, Gaussian(multiplier))
    return _discrete_gaussian(flat, multiplier * _rows(ledger)).reshape(counts.shape)


def laplace_counts(
    counts: Counts, multiplier: float, ledger: Ledger, purpose: str, about: str
) -> Counts:
    """As :func:`gaussian_counts` with discrete Laplace noise; ``multiplier`` is scale over L1."""
    flat = _whole(counts)
    _positive(multiplier=multiplier)
    ledger.charge(purpose, about, Laplace(multiplier))
    return _discrete_laplace(flat, multiplier * _rows(ledger)).reshape(counts.shape)


def best_of(
    scores: npt.NDArray[np.float64],
    sensitivity: float,
    epsilon: float,
    ledger: Ledger,
    purpose: str,
    about: str,
) -> int:
    """The position of a high score, by the exponential mechanism.

    Parameters
    ----------
    scores
        One score a candidate.
    sensitivity
        The most that one row changes any score.
    epsilon
        Parameter of the mechanism for one person.

    Raises
    ------
    BudgetExceeded
        When the ledger refuses; nothing was drawn.
    InvalidParameter
        Without candidates, or when a score is not finite.
    """
    if not len(scores) or not np.isfinite(scores).all():
        raise InvalidParameter("A selection needs candidates whose scores are finite numbers.")
    _positive(sensitivity=sensitivity, epsilon=epsilon)
    ledger.charge(purpose, about, Selection(epsilon))
    scale = 2 * sensitivity * _rows(ledger) / epsilon
    return int(_opendp().noisy_max([float(score) for score in scores], scale))


def known_labels(
    counts: Mapping[str, int],
    multiplier: float,
    delta: float,
    ledger: Ledger,
    about: str,
) -> dict[str, int]:
    """Labels of an unknown set with noisy counts, those of a single person left out.

    A label is shown when its noisy count passes a threshold that a label of one person alone
    passes with a chance of at most ``delta``.

    Parameters
    ----------
    counts
        Rows of each label.
    multiplier
        Standard deviation of the noise over what one person can change in one label.

    Raises
    ------
    BudgetExceeded
        When the ledger refuses; nothing was drawn.
    """
    _positive(multiplier=multiplier, delta=delta)
    rows = _rows(ledger)
    ledger.charge("categories", about, GaussianThreshold(multiplier, delta))
    return _shown_labels(counts, multiplier * rows, label_threshold(multiplier, delta, rows))


def _shown_labels(counts: Mapping[str, int], sigma: float, threshold: int) -> dict[str, int]:
    """Labels whose noisy count reaches the threshold, in order, with that count."""
    labels = sorted(counts)
    noisy = _discrete_gaussian(np.array([counts[label] for label in labels], np.int64), sigma)
    return {
        label: int(count) for label, count in zip(labels, noisy, strict=True) if count >= threshold
    }


def label_threshold(multiplier: float, delta: float, rows_per_person: int) -> int:
    """The least noisy count that is shown.

    A person alone has at most k = ``rows_per_person`` labels of their own, in the worst case one
    row in each; each of them, even with all k rows in it, is shown with a chance of at most
    ``delta / k``. By the union bound the chance that any is shown is at most ``delta``. The tail of
    discrete Gaussian noise is bounded by that of the continuous one (Canonne, Kamath and Steinke,
    2020, Proposition 25), one whole number being allowed for.
    """
    from scipy.stats import norm

    sigma = multiplier * rows_per_person
    return rows_per_person + 1 + math.ceil(sigma * float(norm.isf(delta / rows_per_person)))


def _rows(ledger: Ledger) -> int:
    return ledger.guarantee.rows_per_person


def _whole(counts: Counts) -> Counts:
    if not np.issubdtype(counts.dtype, np.integer):
        raise InvalidParameter("Noise is added to whole numbers. Give an array of integers.")
    return counts.astype(np.int64).ravel()


def _positive(**figures: float) -> None:
    problems = [
        f"`{name}` must be positive and finite. Got {value}."
        for name, value in figures.items()
        if not (math.isfinite(value) and value > 0)
    ]
    if problems:
        raise InvalidParameter(" ".join(problems), problems)


def _discrete_gaussian(counts: Counts, sigma: float) -> Counts:
    return np.array(_opendp().gaussian(counts.tolist(), sigma), np.int64)


def _discrete_laplace(counts: Counts, scale: float) -> Counts:
    return np.array(_opendp().laplace(counts.tolist(), scale), np.int64)


class _OpenDP:
    """OpenDP's measurements, made when they are first needed: the library takes a second."""

    def __init__(self) -> None:
        import opendp.prelude as dp

        dp.enable_features("contrib")
        self._dp: Any = dp

    def gaussian(self, counts: Sequence[int], sigma: float) -> Sequence[int]:
        dp = self._dp
        domain = dp.vector_domain(dp.atom_domain(T=dp.i64))
        noisy: Sequence[int] = dp.m.make_gaussian(domain, dp.l2_distance(T=float), sigma)(counts)
        return noisy

    def laplace(self, counts: Sequence[int], scale: float) -> Sequence[int]:
        dp = self._dp
        domain = dp.vector_domain(dp.atom_domain(T=dp.i64))
        noisy: Sequence[int] = dp.m.make_laplace(domain, dp.l1_distance(T=dp.i64), scale)(counts)
        return noisy

    def noisy_max(self, scores: Sequence[float], scale: float) -> int:
        dp = self._dp
        domain = dp.vector_domain(dp.atom_domain(T=float, nan=False))
        measure = dp.zero_concentrated_divergence()
        best: int = dp.m.make_noisy_max(domain, dp.linf_distance(T=float), measure, scale)(scores)
        return best


@cache
def _opendp() -> _OpenDP:
    return _OpenDP()
