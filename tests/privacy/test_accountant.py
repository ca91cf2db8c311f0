"""What events cost, against figures known from the literature and by hand."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as some
from scipy.stats import norm

from core.errors import InvalidInput, InvalidParameter
from core.privacy.accountant import least_noise, spent, within
from core.privacy.events import (
    Gaussian,
    GaussianThreshold,
    Laplace,
    SampledGaussian,
    Selection,
    event_from_dict,
    event_to_dict,
)
from core.privacy.gaussian import epsilon_of, multiplier_of, rho_of, selection_of

DELTA = 1e-5
EVENTS = [
    Gaussian(3.0),
    Laplace(2.0),
    Selection(0.5),
    GaussianThreshold(4.0, 1e-6),
    SampledGaussian(0.01, 1.0, 100),
]


def delta_of_gaussian(multiplier: float, epsilon: float) -> float:
    """Balle and Wang (2018), Theorem 8: the exact δ of Gaussian noise."""
    half, far = 1 / (2 * multiplier), epsilon * multiplier
    return float(norm.cdf(half - far) - math.exp(epsilon) * norm.cdf(-half - far))


def test_gaussian_noise_costs_what_the_exact_formula_says():
    epsilon = spent([Gaussian(37.3)], DELTA).epsilon
    assert delta_of_gaussian(37.3, epsilon) == pytest.approx(DELTA, rel=0.01)


@pytest.mark.parametrize(("noise", "delta"), [(0.4, 1e-5), (3.73, 1e-5), (40.0, 1e-9), (2.0, 0.1)])
def test_the_formula_for_gaussian_noise_agrees_with_loss_distributions(noise, delta):
    """Those are pessimistic by their grid, and never below the true value."""
    from dp_accounting import GaussianDpEvent
    from dp_accounting.pld import PLDAccountant

    accountant = PLDAccountant(value_discretization_interval=1e-3)
    other = accountant.compose(GaussianDpEvent(noise)).get_epsilon(delta)
    epsilon = epsilon_of(1 / noise, delta)
    assert epsilon <= other + 1e-6
    assert epsilon == pytest.approx(other, rel=0.02, abs=0.001)
    assert delta_of_gaussian(noise, epsilon) <= delta * (1 + 1e-9)
    many = spent([Gaussian(10 * noise)] * 100, delta).epsilon
    assert epsilon <= many <= 1.02 * epsilon


def test_four_gaussian_releases_of_epsilon_one_cost_about_two():
    one = least_noise(lambda noise: [Gaussian(noise)], 1.0, DELTA)
    assert spent([Gaussian(one)] * 4, DELTA).epsilon == pytest.approx(2.15, abs=0.1)


def test_laplace_noise_alone_is_pure():
    assert spent([Laplace(2.0)], DELTA).epsilon == pytest.approx(0.5, abs=0.001)


def test_a_selection_costs_an_eighth_of_its_epsilon_squared_by_renyi_divergence():
    rho = 0.0305
    laplace = Laplace(1e6)  # keeps the other way from being taken
    by_renyi = spent([Selection(math.sqrt(8 * rho)), laplace], DELTA)
    assert by_renyi.method == "RDP"
    assert by_renyi.epsilon == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.25])
def test_noise_and_selections_that_share_a_budget_cost_what_it_is_for(share):
    rho = rho_of(1.0, DELTA)
    noises = [Gaussian(multiplier_of((1 - share) * rho / 20))] * 20
    picks = [Selection(selection_of(share * rho / 10))] * 10 if share else []
    assert spent([*noises, *picks], DELTA).epsilon == pytest.approx(1.0, rel=1e-6)
    assert within([*noises, *picks], 1.0 + 1e-9, DELTA)
    assert not within([*noises, *picks], 0.97, DELTA)


def test_sampling_makes_noise_cheaper():
    whole = spent([SampledGaussian(1.0, 2.0, 50)], DELTA).epsilon
    part = spent([SampledGaussian(0.02, 2.0, 50)], DELTA).epsilon
    assert part < whole / 10


def test_a_threshold_spends_its_share_of_delta():
    assert spent([GaussianThreshold(5.0, DELTA)], DELTA).epsilon == math.inf
    plain = spent([Gaussian(5.0)], DELTA / 2).epsilon
    half = spent([GaussianThreshold(5.0, DELTA / 2)], DELTA).epsilon
    assert half == pytest.approx(plain)


def test_nothing_costs_nothing():
    assert spent([], DELTA).epsilon == 0


@pytest.mark.parametrize("event", EVENTS)
def test_more_of_an_event_costs_more(event):
    assert spent([event] * 3, DELTA).epsilon > spent([event], DELTA).epsilon > 0


@given(some.floats(0.5, 20), some.floats(1.1, 3))
def test_more_noise_never_costs_more(noise, factor):
    less, more = ([Gaussian(n), Selection(1 / n)] for n in (noise, noise * factor))
    assert spent(more, DELTA).epsilon <= spent(less, DELTA).epsilon + 1e-9


def test_the_least_noise_is_enough_and_hardly_more():
    def events(noise):
        return [SampledGaussian(0.05, noise, 200)]

    noise = least_noise(events, 1.0, DELTA)
    assert within(events(noise), 1.0, DELTA)
    assert not within(events(noise * 0.98), 1.0, DELTA)


def test_what_no_noise_can_keep_is_refused():
    with pytest.raises(InvalidParameter, match="No noise"):
        least_noise(lambda noise: [Laplace(1.0), Gaussian(noise)], 0.1, DELTA)


@pytest.mark.parametrize(
    "event",
    [
        Gaussian(0.0),
        Gaussian(math.nan),
        Laplace(-1.0),
        Selection(math.inf),
        SampledGaussian(1.5, 1.0, 10),
        SampledGaussian(0.1, 1.0, 0),
    ],
)
def test_figures_out_of_sense_are_refused(event):
    with pytest.raises(InvalidParameter):
        spent([event], DELTA)


def test_an_unknown_event_is_refused():
    with pytest.raises(InvalidParameter, match="no accounting"):
        spent(["noise"], DELTA)
    with pytest.raises(InvalidInput, match="no privacy event"):
        event_from_dict({"kind": "hope"})
    with pytest.raises(InvalidInput, match="figures"):
        event_from_dict({"kind": "gaussian", "sigma": 1.0})


@pytest.mark.parametrize("event", EVENTS)
def test_events_go_through_plain_values(event):
    assert event_from_dict(event_to_dict(event)) == event
