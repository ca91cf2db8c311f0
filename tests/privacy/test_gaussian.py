"""Gaussian terms of noise and selections, against their definitions, and against each other."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from scipy.special import log_ndtr, logsumexp, ndtri_exp
from scipy.stats import norm

from core.privacy.gaussian import (
    epsilon_of,
    multiplier_of,
    noise_mu,
    rho_of,
    selection_mu,
    selection_of,
)
from core.privacy.selections import worst_epsilon

DELTA = 1e-5


def allowed(mu, first):
    """The least second error that μ-GDP allows beside a first."""
    return norm.cdf(norm.isf(first) - mu)


@pytest.mark.parametrize("sigma", [0.2, 0.5, 0.99, 1.0, 1.5, 3.0, 30.0])
def test_discrete_noise_tells_no_more_than_its_mu_at_any_threshold(sigma):
    """Telling 0 from 1 by whether the noisy number is above k, for each k."""
    k = np.arange(-int(60 * sigma) - 30, int(60 * sigma) + 31)
    chance = -(k**2) / (2 * sigma**2)
    below = np.logaddexp.accumulate(chance - logsumexp(chance))[k < 0]
    quantiles = ndtri_exp(below)
    quantiles = quantiles[quantiles > -36]
    told = np.diff(np.append(quantiles, -quantiles[-1]))
    assert told.max() <= noise_mu(sigma) * (1 + 1e-8)
    assert noise_mu(sigma) <= told.max() * (1 + 1e-6)
    assert noise_mu(sigma) > 1 / sigma


@pytest.mark.parametrize("epsilon", [0.001, 0.05, 0.4, 1.0, 3.0, 12.0])
def test_no_two_values_of_the_loss_tell_more_than_the_mu_of_a_selection(epsilon):
    """Generalised randomised response, whose odds change by exp(t) or exp(t - ε), for each t."""
    t = np.linspace(0, epsilon, 2_001)[1:-1]
    low, high = np.exp(t - epsilon), np.exp(t)
    first = (1 - low) / (high - low)
    second = low * (high - 1) / (high - low)
    assert np.log((1 - first) * (1 - second) / (first * second)) == pytest.approx(epsilon)
    needed = norm.isf(first) - norm.ppf(second)
    assert needed.max() == pytest.approx(selection_mu(epsilon), rel=1e-6)
    assert needed.max() <= selection_mu(epsilon) * (1 + 1e-9)


def test_the_mu_of_a_selection_is_largest_where_both_errors_are_equal():
    """As the slope of quantile over log-odds falls from the middle on."""
    z = np.linspace(1e-4, 35, 100_000)
    slope = log_ndtr(z) + log_ndtr(-z) + z**2 / 2
    assert (np.diff(slope) < 0).all()


@settings(max_examples=40, deadline=None)
@given(
    some.lists(some.tuples(some.floats(-3, 3), some.floats(-1, 1)), min_size=2, max_size=6),
    some.floats(0.01, 4),
)
def test_the_exponential_mechanism_keeps_to_its_mu(scores, epsilon):
    """All tests between its outputs for scores and for scores that moved by at most one."""
    here, moved = np.array(scores).T
    one, other = (
        np.exp(epsilon / 2 * s - logsumexp(epsilon / 2 * s)) for s in (here, here + moved)
    )
    order = np.argsort(one / other)
    for p, q in ((one[order], other[order]), (other[order][::-1], one[order][::-1])):
        first, second = np.cumsum(p)[:-1], 1 - np.cumsum(q)[:-1]
        assert (second >= allowed(selection_mu(epsilon), first) - 1e-9).all()


@pytest.mark.parametrize("rho", [1e-7, 1e-3, 0.0359, 0.5, 2.0])
def test_a_budget_is_what_noise_and_selections_of_it_cost(rho):
    assert noise_mu(multiplier_of(rho)) ** 2 / 2 <= rho * (1 + 1e-9)
    assert noise_mu(multiplier_of(rho)) ** 2 / 2 == pytest.approx(rho, rel=0.02)
    assert selection_mu(selection_of(rho)) ** 2 / 2 == pytest.approx(rho)


@pytest.mark.parametrize("epsilon", [0.01, 1.0, 10.0])
def test_the_budget_of_an_epsilon_costs_it(epsilon):
    rho = rho_of(epsilon, DELTA)
    assert epsilon_of(math.sqrt(2 * rho), DELTA) == pytest.approx(epsilon, rel=1e-6)
    assert epsilon_of(math.inf, DELTA) == math.inf


def delta_of_response(epsilon, t, mu, at):
    """The δ of noise with μ beside one response of two values, by its two cases."""
    low, high = math.exp(t - epsilon), math.exp(t)
    chance = high * (1 - low) / (high - low)
    found = 0.0
    for share, loss in ((chance, t), (1 - chance, t - epsilon)):
        left = at - loss
        found += share * norm.cdf(mu / 2 - left / mu)
        found -= share * math.exp(left) * norm.cdf(-mu / 2 - left / mu)
    return found


def test_the_worst_loss_is_above_one_selection_of_any_kind_and_hardly_more():
    epsilon, mu = 0.4, 0.2
    worst = worst_epsilon(mu, [epsilon], DELTA)
    deltas = [delta_of_response(epsilon, t, mu, worst) for t in np.linspace(0.001, 0.399, 399)]
    assert max(deltas) <= DELTA
    assert (
        max(delta_of_response(epsilon, t, mu, 0.93 * worst) for t in np.linspace(0.001, 0.399, 399))
        > DELTA
    )


@pytest.mark.parametrize("epsilon", [0.1, 1.0, 10.0])
@pytest.mark.parametrize(("number", "share"), [(1, 0.5), (14, 0.15), (60, 0.1)])
def test_the_worst_loss_confirms_gaussian_accounting_and_comes_near_it(epsilon, number, share):
    rho = rho_of(epsilon, DELTA)
    each = selection_of(share * rho / number)
    worst = worst_epsilon(math.sqrt(2 * (1 - share) * rho), [each] * number, DELTA)
    assert 0.8 * epsilon < worst < 0.995 * epsilon


def test_the_worst_loss_needs_no_noise_and_never_beats_one_selection():
    assert worst_epsilon(0.0, [0.5], 1e-9) == pytest.approx(0.5, rel=0.15)
    assert worst_epsilon(0.3, [], DELTA) == pytest.approx(epsilon_of(0.3, DELTA), rel=0.01)
    assert worst_epsilon(0.3, [], DELTA) >= epsilon_of(0.3, DELTA)
