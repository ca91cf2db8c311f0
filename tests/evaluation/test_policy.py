"""The policy: bounds, their outcomes, and reading them back with all problems at once."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidParameter
from core.evaluation.policy import (
    ATTACK_BOUNDS,
    Bounds,
    EvaluationPolicy,
    default_policy,
    field_of,
)

shares = st.floats(0, 1, allow_nan=False)


def test_a_policy_survives_json():
    policy = default_policy("Hospital")
    text = json.dumps(policy.to_dict(), allow_nan=False)
    assert EvaluationPolicy.from_dict(json.loads(text)) == policy
    assert EvaluationPolicy.from_dict({}) == EvaluationPolicy()


def test_all_problems_are_named_at_once():
    wrong = {
        "attacks": {"membership": {"warn": 0.7, "fail": 0.6}, "guessing": {}, "copies": 3},
        "gates": {"validity": 2, "distribution_by": "chi"},
        "levels": {"utility_good": 0.5, "utility_fair": 0.8},
        "small_group": 1,
        "colour": "red",
    }
    with pytest.raises(InvalidParameter) as caught:
        EvaluationPolicy.from_dict(wrong)
    text = " ".join(caught.value.problems)
    named = ("membership", "guessing", "copies", "validity", "distribution_by")
    assert all(name in text for name in (*named, "utility_good", "rows", "colour"))
    assert len(caught.value.problems) == 8


@pytest.mark.parametrize("part", ["attacks", "gates", "levels", "small_group"])
def test_parts_of_another_kind_are_refused(part):
    with pytest.raises(InvalidParameter):
        EvaluationPolicy.from_dict({part: ["x"]})


@pytest.mark.parametrize(
    ("value", "low", "outcome"),
    [
        (0.50, 0.48, "pass"),
        (0.54, 0.51, "pass"),  # one standard error explains what is beyond 0.53
        (0.54, 0.54, "warn"),
        (0.58, 0.55, "warn"),  # beyond 0.56, but its interval is not
        (0.60, 0.57, "fail"),
        (1.00, 1.00, "fail"),
    ],
)
def test_outcomes_allow_for_noise(value, low, outcome):
    assert Bounds(0.53, 0.56).outcome(value, low) == outcome


@given(shares, shares, shares, shares)
def test_a_larger_value_is_never_judged_better(a, b, warn, fail):
    bounds, order = Bounds(min(warn, fail), max(warn, fail)), ("pass", "warn", "fail")
    small, large = sorted((a, b))
    outcomes = [bounds.outcome(v, v) for v in (small, large)]
    assert order.index(outcomes[0]) <= order.index(outcomes[1])


def test_changes_are_named_by_path():
    before, after = EvaluationPolicy(), default_policy("clinic")
    assert before.changes(before) == {}
    changed = before.changes(after)
    assert changed["small_group"] == [5, 11]
    assert changed["attacks.linkability.fail"] == [0.15, 0.10]
    assert not any(name.startswith("gates") for name in changed)


@pytest.mark.parametrize(
    ("domain", "field"),
    [("", "general"), ("Retail Banking", "finance"), ("Public HEALTH", "health"), ("x", "general")],
)
def test_the_domain_chooses_the_defaults(domain, field):
    assert field_of(domain) == field
    assert isinstance(default_policy(domain), EvaluationPolicy)


def test_every_default_is_within_its_own_ends():
    assert EvaluationPolicy.from_dict(EvaluationPolicy().to_dict()) == EvaluationPolicy()
    for one in ATTACK_BOUNDS.values():
        assert one.title
        assert one.help.endswith(".")


def test_an_unknown_attack_is_refused():
    with pytest.raises(InvalidParameter, match="Known: copies"):
        EvaluationPolicy().bounds("guessing")
