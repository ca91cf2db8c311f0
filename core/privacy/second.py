"""A second opinion: what a finished run spent, added up again by other means than it was planned.

:mod:`core.privacy.accountant` plans with ``dp-accounting``. Here nothing of it is used. Every way
below proves an upper bound, and the smallest that applies holds:

- pure: Laplace noise of scale b costs 1/b, a selection its ε; they add up.
- Rényi, from the closed forms of Mironov (2017), and for sampled Gaussians of Mironov, Talwar and
  Zhang (2019) at whole orders; to (ε, δ) by Canonne, Kamath and Steinke (2020), proposition 12.
- Gaussian noise alone: exact, by Balle and Wang (2018), theorem 8, what discrete noise is more than
  continuous counted in.
- Gaussian noise and selections: by the worst that the privacy loss can do (:mod:`selections`), for
  the events as they are in the ledger.
- Sampled and other Gaussians alone: the privacy random variable of Gopi, Lee and Wutschitz (2021)
  as Opacus has it.
"""

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.privacy.events import (
    Event,
    Gaussian,
    GaussianThreshold,
    Laplace,
    SampledGaussian,
    Selection,
)
from core.privacy.guarantee import Guarantee
from core.privacy.selections import worst_epsilon

EXACT = 1e-4
"""Relative difference between ways of adding up that is put down to rounding and grids."""
NUMERICAL = 0.02
"""... and where rows are sampled: whole orders only, or a numerical integral with its own error."""
_PRV_ERROR = 0.01
_SMOOTH, _TAIL = 1_000.0, 40.0
_WHOLE: npt.NDArray[np.float64] = np.concatenate([np.arange(2, 65), 2.0 ** np.arange(6.5, 11, 0.5)])
_ORDERS = 1 + np.logspace(-3, 5, 1_000)

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SecondOpinion:
    """What the events of a run amount to, against what was asked.

    Attributes
    ----------
    epsilon
        The smallest bound found here; None where no way applies, which counts as overspent.
    asked
        The ε that was promised.
    tolerance
        Share of ``asked`` that is put down to the error of the method.
    """

    epsilon: float | None
    asked: float
    method: str
    tolerance: float

    @property
    def is_kept(self) -> bool:
        """Whether no more was spent than asked."""
        return self.epsilon is not None and self.epsilon <= self.asked * (1 + self.tolerance)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, fit for JSON."""
        return {
            "epsilon": self.epsilon,
            "asked": self.asked,
            "method": self.method,
            "tolerance": self.tolerance,
            "is_kept": self.is_kept,
        }


def second_opinion(events: Sequence[Event], guarantee: Guarantee) -> SecondOpinion:
    """Add up the events of a finished run again."""
    if not events:
        return SecondOpinion(0.0, guarantee.epsilon, "nothing spent", 0.0)
    thresholds = [event for event in events if isinstance(event, GaussianThreshold)]
    delta = guarantee.delta - math.fsum(event.delta for event in thresholds)
    is_sampled = any(isinstance(event, SampledGaussian) for event in events)
    rounding = NUMERICAL if is_sampled else EXACT
    found = [(bound, name, rounding) for name, bound in _exact(events, delta).items()]
    kept = guarantee.epsilon * (1 + rounding)
    if not any(bound <= kept for bound, _, _ in found) and _is_sampled_alone(events) and delta > 0:
        error = min(_PRV_ERROR, guarantee.epsilon / 100)
        found.append((_prv(events, delta, error), "privacy random variable", NUMERICAL))
    if not any(bound <= kept for bound, _, _ in found) and _has_selections(events) and delta > 0:
        found.append((_worst(events, delta), "worst privacy loss", EXACT))
    bound, name, tolerance = min(found, key=lambda one: one[0])
    epsilon = bound if math.isfinite(bound) else None
    return SecondOpinion(epsilon, guarantee.epsilon, name, tolerance)


def _exact(events: Sequence[Event], delta: float) -> dict[str, float]:
    if delta <= 0:
        return {"δ is spent by thresholds": math.inf}
    found = {"Rényi": _renyi(events, delta)}
    if all(isinstance(event, Laplace | Selection) for event in events):
        found["pure"] = math.fsum(
            1 / e.noise_multiplier if isinstance(e, Laplace) else e.epsilon
            for e in events
            if isinstance(e, Laplace | Selection)
        )
    if all(isinstance(event, Gaussian | GaussianThreshold) for event in events):
        found["exact Gaussian"] = _gaussian(_mu_of_noise(events), delta)
    return found


def _mu_of_noise(events: Sequence[Event]) -> float:
    noises = (e.noise_multiplier for e in events if isinstance(e, Gaussian | GaussianThreshold))
    return math.hypot(*(_discrete(noise) for noise in noises))


def _discrete(noise: float) -> float:
    """What discrete noise on whole numbers, moved by one, tells: its own tail, summed up."""
    from scipy.stats import norm

    if noise > _SMOOTH:
        return (1 + 1 / (20 * noise**2)) / noise
    places = np.arange(1, math.ceil(_TAIL * noise) + 2)
    tail = float(np.exp(-((places / noise) ** 2) / 2).sum())
    return 2 * float(norm.isf(tail / (1 + 2 * tail)))


def _has_selections(events: Sequence[Event]) -> bool:
    kinds = {type(event) for event in events}
    return Selection in kinds and kinds <= {Selection, Gaussian, GaussianThreshold}


def _worst(events: Sequence[Event], delta: float) -> float:
    selections = [event.epsilon for event in events if isinstance(event, Selection)]
    return worst_epsilon(_mu_of_noise(events), selections, delta)


def _renyi(events: Sequence[Event], delta: float) -> float:
    """By Rényi divergences; only whole orders where rows are sampled."""
    sampled = [event for event in events if isinstance(event, SampledGaussian)]
    orders: Floats = _WHOLE if sampled else _ORDERS
    total = np.zeros(len(orders))
    for event in events:
        total = total + _divergence(event, orders)
    less_one = orders - 1
    with np.errstate(invalid="ignore"):
        bounds = total + np.log1p(-1 / orders) - (math.log(delta) + np.log(orders)) / less_one
    return max(0.0, float(np.nanmin(bounds)))


def _divergence(event: Event, orders: Floats) -> Floats:
    """Rényi divergence of an event at each order."""
    match event:
        case Gaussian() | GaussianThreshold():
            return orders / (2 * event.noise_multiplier**2)
        case Selection():
            return orders * event.epsilon**2 / 8
        case Laplace():
            return _laplace(1 / event.noise_multiplier, orders)
        case SampledGaussian():
            q, noise = event.sampling_probability, event.noise_multiplier
            return event.steps * np.array([_sampled(q, noise, int(order)) for order in orders])


def _laplace(scale: float, orders: Floats) -> Floats:
    """Mironov (2017), table II."""
    twice = 2 * orders - 1
    up = np.log(orders / twice) + (orders - 1) * scale
    down = np.log((orders - 1) / twice) - orders * scale
    divergence: Floats = np.logaddexp(up, down) / (orders - 1)
    return divergence


def _sampled(q: float, noise: float, order: int) -> float:
    """Mironov, Talwar and Zhang (2019), equation 30: the log of a sum over whole k."""
    if q == 1:
        return order / (2 * noise**2)
    k = np.arange(order + 1)
    from scipy.special import gammaln, logsumexp

    binomial = gammaln(order + 1) - gammaln(k + 1) - gammaln(order - k + 1)
    terms = binomial + k * math.log(q) + (order - k) * math.log1p(-q)
    return float(logsumexp(terms + k * (k - 1) / (2 * noise**2))) / (order - 1)


def _gaussian(mu: float, delta: float) -> float:
    """The smallest ε of Gaussian noise with sensitivity over deviation ``mu``."""
    from scipy.optimize import brentq
    from scipy.stats import norm

    def too_much(epsilon: float) -> float:
        up = norm.cdf(mu / 2 - epsilon / mu)
        down = math.exp(epsilon + norm.logcdf(-mu / 2 - epsilon / mu))
        return float(up - down - delta)

    if too_much(0.0) <= 0:
        return 0.0
    return float(brentq(too_much, 0.0, mu**2 / 2 + mu * 40 + 1, xtol=1e-9))


def _is_sampled_alone(events: Sequence[Event]) -> bool:
    kinds = {type(event) for event in events}
    return SampledGaussian in kinds and kinds <= {SampledGaussian, Gaussian, GaussianThreshold}


def _prv(events: Sequence[Event], delta: float, error: float) -> float:
    from opacus.accountants import PRVAccountant

    accountant = PRVAccountant()
    accountant.history = [
        (event.noise_multiplier, event.sampling_probability, event.steps)
        if isinstance(event, SampledGaussian)
        else (event.noise_multiplier, 1.0, 1)
        for event in events
        if isinstance(event, SampledGaussian | Gaussian | GaussianThreshold)
    ]
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return float(accountant.get_epsilon(delta, eps_error=error))
