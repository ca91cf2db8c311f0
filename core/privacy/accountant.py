"""Adds up what events cost together: the ε at a given δ, by the tightest way that applies.

Rényi differential privacy (Mironov, 2017) takes every event; privacy loss distributions (Koskela
et al., 2020) take noise but no selections, and are tighter where they apply. The smaller of the two
holds. Both are those of ``dp-accounting``, for adding or removing one person. What Gaussian noise
alone costs has a formula, which is used there.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from core.errors import InvalidParameter
from core.privacy.events import (
    Event,
    Gaussian,
    GaussianThreshold,
    Laplace,
    SampledGaussian,
    Selection,
)

_PRECISION = 1e-3
_MOST_NOISE = 1e6
_GRID = 1e-4
_EXACT = 1e-9
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Spent:
    """The ε that events cost at ``delta``, and by which way of adding up."""

    epsilon: float
    delta: float
    method: str


def spent(events: Sequence[Event], delta: float) -> Spent:
    """The smallest proven ε of all events together at ``delta``.

    Raises
    ------
    InvalidParameter
        When δ is out of sense, a figure of an event is, or an event is unknown.
    """
    if not 0 < delta < 1:
        raise InvalidParameter(f"`delta` must be between 0 and 1. Got {delta:g}.")
    for event in events:
        _check(event)
    shown = sum(e.delta for e in events if isinstance(e, GaussianThreshold))
    left = delta - shown
    if not events:
        return Spent(0.0, delta, "nothing spent")
    if left <= 0:
        return Spent(math.inf, delta, "the thresholds alone spend all of δ")
    if all(isinstance(e, Gaussian | GaussianThreshold) for e in events):
        return Spent(_gaussian(events, left), delta, "exact")
    found = [Spent(_rdp(events, left), delta, "RDP")]
    if not any(isinstance(e, Selection) for e in events):
        found.append(Spent(_pld(tuple(events), left), delta, "PLD"))
    return min(found, key=lambda one: one.epsilon)


def within(events: Sequence[Event], epsilon: float, delta: float) -> bool:
    """Whether events cost at most ``epsilon``; asks the slower way only when the first says no."""
    for event in events:
        _check(event)
    left = delta - sum(e.delta for e in events if isinstance(e, GaussianThreshold))
    is_exact = all(isinstance(e, Gaussian | GaussianThreshold) for e in events)
    if not events or (left > 0 and not is_exact and _rdp(events, left) <= epsilon):
        return True
    return spent(events, delta).epsilon <= epsilon


def least_noise(
    events_of: Callable[[float], Sequence[Event]], epsilon: float, delta: float
) -> float:
    """The smallest noise multiplier whose events cost at most ``epsilon`` at ``delta``.

    Parameters
    ----------
    events_of
        All events of a run, from the multiplier; more noise must never cost more.

    Raises
    ------
    InvalidParameter
        When no noise is enough.
    """
    low, high = 0.0, 1.0
    while not within(events_of(high), epsilon, delta):
        low, high = high, 2 * high
        if high > _MOST_NOISE:
            raise InvalidParameter(
                f"No noise keeps this within ε = {epsilon:g} at δ = {delta:g}. "
                "Ask for less, or give more ε."
            )
    while high - low > _PRECISION * high:
        middle = (low + high) / 2
        if within(events_of(middle), epsilon, delta):
            high = middle
        else:
            low = middle
    return high


def rho_of(epsilon: float, delta: float) -> float:
    """The zCDP budget ρ whose cost by RDP is ``epsilon`` at ``delta``.

    A mechanism of Gaussian noise and selections can share it out: ``1 / (2 σ²)`` for noise of
    multiplier σ, ``ε² / 8`` for a selection.
    """
    multiplier = least_noise(lambda noise: [_as_selection(noise)], epsilon, delta)
    return 1 / (2 * multiplier**2)


def _as_selection(noise: float) -> Selection:
    """A selection that costs the ρ of Gaussian noise, so that only RDP is taken."""
    return Selection(2 / noise)


def _check(event: Event) -> None:
    if not isinstance(event, Gaussian | Laplace | Selection | GaussianThreshold | SampledGaussian):
        raise InvalidParameter(f"There is no accounting for {type(event).__name__}; refused.")
    figures = {
        "noise_multiplier": getattr(event, "noise_multiplier", 1.0),
        "epsilon": getattr(event, "epsilon", 1.0),
    }
    problems = [
        f"`{name}` must be positive and finite. Got {value}."
        for name, value in figures.items()
        if not (math.isfinite(value) and value > 0)
    ]
    if isinstance(event, SampledGaussian):
        if not 0 < event.sampling_probability <= 1:
            problems.append("`sampling_probability` must be above 0 and at most 1.")
        if event.steps < 1:
            problems.append(f"`steps` must be at least 1. Got {event.steps}.")
    if problems:
        raise InvalidParameter(" ".join(problems), problems)


def _gaussian(events: Sequence[Event], delta: float) -> float:
    """The ε of Gaussian noise alone, from above: what all of it amounts to is one Gaussian.

    Balle and Wang, "Improving the Gaussian mechanism for differential privacy: analytical
    calibration and optimal denoising" (ICML 2018), Theorem 8.
    """
    ((event, _),) = _grouped(events)
    noise = cast(Gaussian, event).noise_multiplier
    low, high = 0.0, 1.0
    while _delta_of(noise, high) > delta:
        low, high = high, 2 * high
    while high - low > _EXACT * high:
        middle = (low + high) / 2
        low, high = (low, middle) if _delta_of(noise, middle) <= delta else (middle, high)
    return high


def _delta_of(noise: float, epsilon: float) -> float:
    """The δ of Gaussian noise at an ε, with what rounding may take from it."""
    from scipy.special import log_ndtr

    half, far = 1 / (2 * noise), epsilon * noise
    first = float(log_ndtr(half - far))
    second = epsilon + float(log_ndtr(-half - far))
    return math.exp(first) * (_ROUNDING - math.expm1(min(second - first, 0.0)))


def _rdp(events: Sequence[Event], delta: float) -> float:
    from dp_accounting.rdp import RdpAccountant

    accountant = RdpAccountant()
    for event, times in _grouped(events):
        accountant.compose(_known(event, selections=True), times)
    return float(accountant.get_epsilon(delta))


@lru_cache(maxsize=256)
def _pld(events: tuple[Event, ...], delta: float) -> float:
    from dp_accounting.pld import PLDAccountant

    accountant = PLDAccountant(value_discretization_interval=_GRID)
    for event, times in _grouped(events):
        accountant.compose(_known(event, selections=False), times)
    return float(accountant.get_epsilon(delta))


def _grouped(events: Sequence[Event]) -> list[tuple[Event, int]]:
    """Equal events once, with their number; all full-batch Gaussians as the one they amount to."""
    noises = [e.noise_multiplier for e in events if isinstance(e, Gaussian | GaussianThreshold)]
    found: dict[Event, int] = {}
    for event in events:
        if not isinstance(event, Gaussian | GaussianThreshold):
            found[event] = found.get(event, 0) + 1
    if noises:
        found[Gaussian(sum(noise**-2 for noise in noises) ** -0.5)] = 1
    return list(found.items())


def _known(event: Event, *, selections: bool) -> Any:
    import dp_accounting as accounting

    if isinstance(event, Gaussian | GaussianThreshold):
        return accounting.GaussianDpEvent(event.noise_multiplier)
    if isinstance(event, Laplace):
        return accounting.LaplaceDpEvent(event.noise_multiplier)
    if isinstance(event, SampledGaussian):
        step = accounting.PoissonSampledDpEvent(
            event.sampling_probability, accounting.GaussianDpEvent(event.noise_multiplier)
        )
        return accounting.SelfComposedDpEvent(step, event.steps)
    if not selections:
        raise InvalidParameter("Selections have no privacy loss distribution here.")
    return accounting.ZCDpEvent(event.epsilon**2 / 8)
