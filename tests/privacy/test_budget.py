"""What several runs cost together, and the second opinion on what one has spent."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.privacy.accountant import least_noise, spent
from core.privacy.budget import Use, UseState, compose, purposes_of
from core.privacy.events import (
    Event,
    Gaussian,
    GaussianThreshold,
    Laplace,
    SampledGaussian,
    Selection,
)
from core.privacy.gaussian import multiplier_of, rho_of, selection_of
from core.privacy.guarantee import Guarantee
from core.privacy.ledger import Entry
from core.privacy.second import NUMERICAL, second_opinion

ONE = least_noise(lambda noise: [Gaussian(noise)], 1.0, 1e-5)


def done(*events: Event, epsilon: float = 1.0, delta: float = 1e-5) -> Use:
    entries = tuple(Entry("measurement", "cells", event) for event in events)
    return Use(epsilon, delta, UseState.COMMITTED, entries)


def test_four_gaussian_releases_of_one_come_to_about_two() -> None:
    four = compose([done(Gaussian(ONE))] * 4)
    assert 1.95 < four.epsilon < 2.25
    assert four.delta == 1e-5
    assert four.epsilon == spent([Gaussian(ONE)] * 4, 1e-5).epsilon


def test_one_run_alone_costs_what_its_own_ledger_says() -> None:
    events = GaussianThreshold(6.0, 4e-6), Gaussian(5.0)
    assert compose([done(*events)]).epsilon == spent(events, 1e-5).epsilon
    twice = compose([done(*events), done(*events)])
    assert twice.delta == pytest.approx(1.4e-5)
    assert twice.epsilon == spent(events * 2, twice.delta).epsilon
    assert math.isfinite(twice.epsilon)


def test_what_has_no_ledger_is_added_up_and_keeps_its_own_delta() -> None:
    uses = [done(Gaussian(ONE)), Use(0.5, 1e-6), Use(2.0, 3e-6, UseState.STAYS_SPENT)]
    found = compose(uses)
    assert (found.added_epsilon, found.added_delta) == (2.5, pytest.approx(4e-6))
    assert found.epsilon == pytest.approx(found.events_epsilon + 2.5)
    assert found.delta == pytest.approx(1.4e-5)
    assert "at δ = 1e-05" in found.in_words
    assert "at δ = 4e-06" in found.in_words
    assert compose([]).in_words == "nothing was spent"
    assert purposes_of(uses) == {
        "measurement": found.events_epsilon,
        "reserved": 0.5,
        "stays spent": 2.0,
    }


@settings(max_examples=15, deadline=None)
@given(st.lists(st.floats(0.5, 30.0), min_size=1, max_size=4))
def test_one_more_use_never_costs_less(noises: list[float]) -> None:
    uses = [done(Gaussian(noise), Selection(1 / noise)) for noise in noises]
    assert compose(uses[:-1]).epsilon <= compose(uses).epsilon + 1e-9


RHO = rho_of(1.0, 1e-5)
SAMPLED = least_noise(lambda noise: [SampledGaussian(0.05, noise, 100)], 1.0, 1e-5)
PLANNED = {
    "gaussian": [Gaussian(ONE)],
    "pure": [Laplace(2.0), Selection(0.5)],
    "halves": [Gaussian(multiplier_of(RHO / 2)), Selection(selection_of(RHO / 2))],
    "tenth": [Gaussian(multiplier_of(0.9 * RHO)), *[Selection(selection_of(RHO / 400))] * 40],
    "sampled": [SampledGaussian(0.05, SAMPLED, 100)],
    "nothing": [],
}


@pytest.mark.parametrize("name", PLANNED)
def test_what_was_planned_to_cost_one_is_found_to_be_kept(name: str) -> None:
    opinion = second_opinion(PLANNED[name], Guarantee(1.0, 1e-5))
    assert opinion.is_kept
    assert opinion.epsilon is not None
    assert opinion.epsilon <= 1 + NUMERICAL


@pytest.mark.parametrize("name", sorted(PLANNED.keys() - {"nothing", "halves"}))
def test_a_twentieth_too_much_is_found(name: str) -> None:
    opinion = second_opinion(PLANNED[name], Guarantee(1 / 1.05, 1e-5))
    assert not opinion.is_kept


def test_the_second_opinion_agrees_with_the_first() -> None:
    for events in ([Gaussian(3.0)] * 2, [Laplace(0.7)], [*[Selection(0.05)] * 90, Laplace(8.0)]):
        opinion = second_opinion(events, Guarantee(1.0, 1e-6))
        assert opinion.epsilon == pytest.approx(spent(events, 1e-6).epsilon, rel=1e-3)


def test_thresholds_that_spend_all_of_delta_are_an_overspend() -> None:
    opinion = second_opinion([GaussianThreshold(50.0, 1e-5)], Guarantee(1.0, 1e-5))
    assert opinion.epsilon is None
    assert not opinion.is_kept
    assert opinion.to_dict()["is_kept"] is False
