"""Adds up what events cost together: the ε at a given δ, by the tightest way that applies.

Rényi differential privacy (Mironov, 2017) takes every event; privacy loss distributions (Koskela
et al., 2020) take noise but no selections, and are tighter where they apply. Both are those of
``dp-accounting``, for adding or removing one person. Gaussian noise and selections alone are added
up in Gaussian differential privacy (:mod:`core.privacy.gaussian`), which stays tight where each of
them is chosen by what came out before. The smallest that applies holds; which one that is must not
hang on what was drawn, so that engines share out one budget, of one way, settled before.
"""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from core.errors import InvalidParameter
from core.privacy.events import (
    Event,
    Gaussian,
    GaussianThreshold,
    Laplace,
    SampledGaussian,
    Selection,
)
from core.privacy.gaussian import epsilon_of, noise_mu, selection_mu

_PRECISION = 1e-3
_MOST_NOISE = 1e6
_GRID = 1e-4


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
    left = _left(events, delta)
    if not events:
        return Spent(0.0, delta, "nothing spent")
    if left <= 0:
        return Spent(math.inf, delta, "the thresholds alone spend all of δ")
    found = [Spent(_rdp(events, left), delta, "RDP")]
    if _is_gaussian(events):
        found.append(Spent(_gaussian(events, left), delta, "Gaussian"))
    elif not any(isinstance(e, Selection) for e in events):
        found.append(Spent(_pld(tuple(events), left), delta, "PLD"))
    return min(found, key=lambda one: one.epsilon)


def within(events: Sequence[Event], epsilon: float, delta: float) -> bool:
    """Whether events cost at most ``epsilon``; asks the slower ways only when the first says no."""
    for event in events:
        _check(event)
    left = _left(events, delta)
    first = _gaussian if _is_gaussian(events) else _rdp
    if not events or (left > 0 and first(events, left) <= epsilon):
        return True
    return spent(events, delta).epsilon <= epsilon


def _left(events: Sequence[Event], delta: float) -> float:
    """The δ beside what thresholds take."""
    return delta - math.fsum(e.delta for e in events if isinstance(e, GaussianThreshold))


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


def _is_gaussian(events: Sequence[Event]) -> bool:
    return all(isinstance(e, Gaussian | GaussianThreshold | Selection) for e in events)


def _gaussian(events: Sequence[Event], delta: float) -> float:
    """The ε of Gaussian noise and selections alone, from above."""
    return epsilon_of(math.hypot(*(_mu(event) for event in events)), delta)


@lru_cache(maxsize=1024)
def _mu(event: Event) -> float:
    if isinstance(event, Gaussian | GaussianThreshold):
        return noise_mu(event.noise_multiplier)
    if isinstance(event, Selection):
        return selection_mu(event.epsilon)
    raise InvalidParameter(f"{type(event).__name__} is not added up in Gaussian terms here.")


def _rdp(events: Sequence[Event], delta: float) -> float:
    from dp_accounting.rdp import RdpAccountant

    accountant = RdpAccountant()
    for event, times in _grouped(events, _inverse):
        accountant.compose(_known(event, selections=True), times)
    return float(accountant.get_epsilon(delta))


@lru_cache(maxsize=256)
def _pld(events: tuple[Event, ...], delta: float) -> float:
    from dp_accounting.pld import PLDAccountant

    accountant = PLDAccountant(value_discretization_interval=_GRID)
    for event, times in _grouped(events, _mu):
        accountant.compose(_known(event, selections=False), times)
    return float(accountant.get_epsilon(delta))


def _grouped(events: Sequence[Event], mu: Callable[[Event], float]) -> list[tuple[Event, int]]:
    """Equal events once, with their number; all Gaussians as the one that ``mu`` brings them to."""
    noises = [mu(event) for event in events if isinstance(event, Gaussian | GaussianThreshold)]
    found: dict[Event, int] = Counter(
        event for event in events if not isinstance(event, Gaussian | GaussianThreshold)
    )
    if noises:
        found[Gaussian(1 / math.hypot(*noises))] = 1
    return list(found.items())


def _inverse(event: Event) -> float:
    """Sensitivity over deviation, which Rényi divergence asks for, also of discrete noise."""
    return 1 / event.noise_multiplier if isinstance(event, Gaussian | GaussianThreshold) else 0.0


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
