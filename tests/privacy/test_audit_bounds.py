"""Lower bounds on ε: known answers, what chance gives, and the evidence that is kept."""

import math

import numpy as np
import pytest
from scipy.stats import binom

from core.errors import InvalidInput, InvalidParameter
from core.privacy.audit import AuditEvidence, evidence_for, stored_evidence, with_evidence
from core.privacy.audit.bounds import (
    chance_of_guesses,
    one_run_bound,
    share_at_least,
    share_at_most,
    two_world_bound,
)


def test_shares_of_none_and_all_have_their_exact_intervals():
    assert share_at_least(0, 20, 0.05) == 0
    assert share_at_least(20, 20, 0.05) == pytest.approx(0.05 ** (1 / 20))
    assert share_at_most(0, 20, 0.05) == pytest.approx(1 - 0.05 ** (1 / 20))
    assert share_at_most(20, 20, 0.05) == 1


def test_the_lower_end_is_where_the_tail_is_alpha():
    low = float(share_at_least(13, 40, 0.025))
    assert binom.sf(12, 40, low) == pytest.approx(0.025)


def test_a_person_who_always_shows_reaches_the_ceiling():
    found = two_world_bound(np.ones(2_000), np.zeros(2_000), 1e-5)
    assert found.lower == found.ceiling
    assert found.ceiling == pytest.approx(math.log((0.025**1e-3) / (1 - 0.025**1e-3)), abs=0.01)
    assert found.ceiling == pytest.approx(5.6, abs=0.05)


def test_a_person_who_shows_as_an_absence_is_seen_as_well():
    assert two_world_bound(np.zeros(400), np.ones(400), 0.0).lower > 3


def test_the_same_in_both_worlds_shows_nothing():
    rng = np.random.default_rng(3)
    assert two_world_bound(rng.normal(size=800), rng.normal(size=800), 1e-5).lower < 0.5
    assert two_world_bound(np.ones(800), np.ones(800), 1e-5).lower == 0


@pytest.mark.parametrize("multiplier", [1.0, 0.5])
def test_gaussian_noise_is_never_bounded_above_its_true_epsilon(multiplier):
    from core.privacy.accountant import spent
    from core.privacy.events import Gaussian

    rng = np.random.default_rng(4)
    runs = 4_000
    found = two_world_bound(
        1 + multiplier * rng.normal(size=runs), multiplier * rng.normal(size=runs), 1e-5
    )
    true = spent([Gaussian(multiplier)], 1e-5).epsilon
    assert 0.3 * true < found.lower < true


def test_a_bound_needs_runs_of_both_worlds():
    with pytest.raises(InvalidParameter):
        two_world_bound(np.ones(5), np.ones(4), 0.0)


def test_randomised_response_is_seen_but_not_overrated():
    share = 1 / (1 + math.exp(-1.0))
    found = one_run_bound(round(share * 1_000), 1_000, 1_000, 0.0)
    assert 0.8 < found.lower < 1.0
    assert found.ceiling == pytest.approx(math.log(0.05**1e-3 / (1 - 0.05**1e-3)), abs=0.01)


def test_guesses_no_better_than_a_coin_show_nothing():
    assert one_run_bound(500, 1_000, 1_000, 1e-5).lower == 0
    assert one_run_bound(0, 0, 10, 1e-5).lower == 0


def test_delta_makes_a_bound_weaker():
    sure, unsure = (one_run_bound(90, 100, 1_000, delta).lower for delta in (0.0, 1e-4))
    assert 0 < unsure < sure
    assert chance_of_guesses(1.0, 5, 10, 10, 0.5) == 1.0


@pytest.mark.parametrize("figures", [(3, 2, 10), (1, 11, 10), (0, 0, 0), (-1, 2, 3)])
def test_guesses_out_of_sense_are_refused(figures):
    with pytest.raises(InvalidParameter):
        one_run_bound(*figures, 0.0)


def evidence(**own) -> AuditEvidence:
    usual = {
        "engine": "aim",
        "epsilon": 1.0,
        "delta": 1e-5,
        "lower_bound": 0.2,
        "ceiling": 5.6,
        "runs": 4_000,
        "method": "two worlds: cell",
        "confidence": 0.95,
    }
    return AuditEvidence(**{**usual, **own})


def test_evidence_says_its_ceiling():
    assert "could have seen up to 5.6" in evidence().sentence
    assert "does not prove" in evidence().sentence
    assert evidence(lower_bound=1.2).is_broken
    assert "is broken" in evidence(lower_bound=1.2).sentence


def test_newer_evidence_takes_the_place_of_older(tmp_path):
    path = tmp_path / "measured.json"
    assert stored_evidence(path) == ()
    with_evidence([evidence(), evidence(engine="mst")], path)
    with_evidence([evidence(lower_bound=0.4)], path)
    assert [one.lower_bound for one in stored_evidence(path)] == [0.4, 0.2]
    assert evidence_for("mst", path) == (evidence(engine="mst"),)
    assert evidence_for("nobody", path) == ()


def test_what_is_no_evidence_is_refused(tmp_path):
    path = tmp_path / "measured.json"
    for text in ("no json", "{}", '{"version": 9, "evidence": []}'):
        path.write_text(text)
        with pytest.raises(InvalidInput):
            stored_evidence(path)
    with pytest.raises(InvalidInput):
        AuditEvidence.from_dict({"engine": "aim"})
    with pytest.raises(InvalidInput):
        AuditEvidence.from_dict(evidence(lower_bound=math.inf).to_dict())


def test_what_ships_can_be_read():
    assert all(one.ceiling > 0 for one in stored_evidence())
