"""What is refused, what has to be accepted, and what is changed for the user before a run."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as some

from core.errors import InvalidParameter
from core.privacy.guards import (
    ERROR,
    Facts,
    Wanted,
    adjust,
    recommend,
    remarks,
    settle,
    usual_delta,
    valid_ranges,
)
from core.privacy.words import band, in_words

FACTS = Facts(rows=20_000, columns=15)
GOOD = Wanted(1.0, 1e-5, sample_share=0.05)


def names(wanted: Wanted, facts: Facts = FACTS) -> list[tuple[str, str]]:
    return [(remark.severity, remark.name) for remark in remarks(wanted, facts)]


def test_a_usual_run_may_start():
    assert settle(GOOD, FACTS) == ()


@pytest.mark.parametrize(
    ("wanted", "rows", "name"),
    [
        (GOOD, 49, "rows"),
        (Wanted(0.0, 1e-5), 20_000, "epsilon"),
        (Wanted(101.0, 1e-5), 20_000, "epsilon"),
        (Wanted(math.nan, 1e-5), 20_000, "epsilon"),
        (Wanted(1.0, 1 / 20_000), 20_000, "delta"),
        (Wanted(1.0, 0.0), 20_000, "delta"),
        (Wanted(1.0, 1e-5, sample_share=0.51), 20_000, "sample_share"),
        (Wanted(1.0, 1e-5, rows_per_person=401), 20_000, "rows_per_person"),
    ],
)
def test_errors_cannot_be_accepted(wanted, rows, name):
    facts = Facts(rows, 15)
    assert (ERROR, name) in names(wanted, facts)
    with pytest.raises(InvalidParameter):
        settle(wanted, facts, accepted=True)


@pytest.mark.parametrize(
    ("wanted", "rows", "name"),
    [
        (GOOD, 999, "rows"),
        (Wanted(10.5, 1e-5), 20_000, "epsilon"),
        (Wanted(0.09, 1e-6), 200_000, "epsilon"),
        (Wanted(1.0, 4e-5), 20_000, "delta"),
        (Wanted(1.0, 1e-5, sample_share=0.21), 20_000, "sample_share"),
        (Wanted(1.0, 1e-5, rows_per_person=11), 20_000, "rows_per_person"),
    ],
)
def test_warnings_have_to_be_accepted(wanted, rows, name):
    facts = Facts(rows, 2)
    with pytest.raises(InvalidParameter, match="Accept"):
        settle(wanted, facts)
    assert name in [remark.name for remark in settle(wanted, facts, accepted=True)]


def test_all_errors_are_said_at_once():
    with pytest.raises(InvalidParameter) as caught:
        settle(Wanted(-1.0, 2.0, 0, 0.9), FACTS)
    assert len(caught.value.problems) == 4


def test_valid_ranges_are_exact():
    valid = valid_ranges(FACTS)
    assert valid["sample_share"].low == 1 / 20_000
    assert valid["sample_share"].high == 0.5
    assert valid["sample_share"].usual_high == 0.2
    assert valid["delta"].high == 1 / 20_000
    assert valid["rows_per_person"].high == 400
    for name, high, above in (("sample_share", 0.5, 0.501), ("rows_per_person", 400, 401)):
        inside = Wanted(1.0, 1e-9, **{name: high})
        beyond = Wanted(1.0, 1e-9, **{name: above})
        assert (ERROR, name) not in names(inside)
        assert (ERROR, name) in names(beyond)


def test_adjusting_says_what_it_changed_and_why():
    settled, changes = adjust(Wanted(50.0, 1e-3, 20, 0.45), FACTS)
    assert settled == Wanted(10.0, 1 / 40_000, 10, 0.2)
    assert [c.name for c in changes] == ["epsilon", "delta", "rows_per_person", "sample_share"]
    assert all(change.why and change.before != change.after for change in changes)
    assert adjust(GOOD, FACTS) == (GOOD, ())


@given(
    some.floats(allow_nan=True, allow_infinity=True),
    some.floats(-1, 2),
    some.integers(-5, 5_000),
    some.floats(0, 2),
    some.integers(1_000, 10_000_000),
)
def test_what_was_adjusted_has_no_errors(epsilon, delta, rows_per_person, share, rows):
    facts = Facts(rows, 3)
    settled, _ = adjust(Wanted(epsilon, delta, rows_per_person, share), facts)
    assert not [r for r in remarks(settled, facts) if r.severity == ERROR]
    assert settled.epsilon <= max(epsilon, 0.1) or not epsilon > 0 or math.isnan(epsilon)


@pytest.mark.parametrize("rows", [1_000, 5_000, 24_421, 3_000_000])
def test_what_is_recommended_has_no_remarks(rows):
    found = recommend(Facts(rows, 15, unknown=3))
    assert remarks(found.wanted, Facts(rows, 15)) == ()
    assert found.engine == "aim"
    assert len(found.reasons) == 4
    assert recommend(Facts(rows, 200)).engine == "mst"


def test_delta_follows_the_rows():
    assert usual_delta(1_000) == 1e-5
    assert usual_delta(100_000) == 1e-6
    assert usual_delta(5_000_000) == 1e-8


def test_epsilon_in_words():
    assert "73%" in in_words(1.0)
    assert "more than 99%" in in_words(8.0)
    assert [band(e) for e in (0.5, 1.0, 2.0, 9.0, 30.0)] == [
        "strong",
        "strong",
        "good",
        "moderate",
        "weak",
    ]


def test_the_share_of_a_step_of_training_reaches_the_checks():
    from core.synthesis.dp_vae import DpVaeParams
    from core.synthesis.private import wanted_of

    wanted = wanted_of(DpVaeParams(sample_share=0.6))
    assert (ERROR, "sample_share") in names(wanted)
