"""Parts of the attacks on tables whose answer is known by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.evaluation import nearest
from core.evaluation.attacks import gower as gower_module
from core.evaluation.attacks import limits
from core.evaluation.attacks.anonymity import groups
from core.evaluation.attacks.distances import PointSets, isolated_count, measure_distances
from core.evaluation.attacks.extremes import ends
from core.evaluation.attacks.gower import gower
from core.evaluation.attacks.growth import single_rate
from core.evaluation.attacks.intervals import excess, risk_of, wilson
from core.evaluation.attacks.judging import is_unsure, judge, overall, report
from core.evaluation.attacks.limits import LIGHT
from core.evaluation.attacks.protocol import Attack, NotApplicable, Trial
from core.evaluation.attacks.queries import Query, ready, single_queries
from core.evaluation.attacks.rates import auc_trial
from core.evaluation.attacks.scene import Cells
from core.evaluation.attacks.sides import exact_trial, expected_shares, one_sided
from core.evaluation.bounds import Bounds
from core.evaluation.measures import NotMeasured
from core.evaluation.nearest import two_nearest

BOUNDS = Bounds(0.05, 0.15)
ATTACK = Attack("copies", lambda scene: None)
COPY, FRESH = Trial(0.9, 0.8, 1.0), Trial(0.0, 0.0, 0.02)


@pytest.mark.parametrize(
    ("synthetic", "copy", "fresh", "outcome"),
    [
        (Trial(0.01, 0.0, 0.04), COPY, FRESH, "pass"),
        (Trial(0.12, 0.08, 0.16), COPY, FRESH, "warn"),
        (Trial(0.3, 0.2, 0.4), COPY, FRESH, "fail"),
        (Trial(0.3, 0.1, 0.5), COPY, FRESH, "warn"),
        (Trial(0.01, 0.0, 0.2), COPY, FRESH, "warn"),
        (Trial(0.3, 0.2, 0.4), Trial(0.2, 0.1, 0.3), FRESH, "inconclusive"),
        (Trial(0.3, 0.2, 0.4), NotMeasured("small"), FRESH, "inconclusive"),
        (Trial(0.3, 0.2, 0.4), NotApplicable("none"), FRESH, "inconclusive"),
        (Trial(0.3, 0.2, 0.4), COPY, Trial(0.1, 0.07, 0.2), "inconclusive"),
        (Trial(0.3, 0.2, 0.4), COPY, NotMeasured("small"), "inconclusive"),
        (Trial(0.01, 0.0, 0.04), COPY, NotApplicable("none"), "pass"),
        (NotMeasured("small"), COPY, FRESH, "inconclusive"),
        (NotApplicable("none"), COPY, FRESH, "not applicable"),
        (Trial(0.0, 0.0, 0.9, exact=True), Trial(0.1, 0.0, 0.2, exact=True), FRESH, "pass"),
        (Trial(0.04, 0.0, 0.9, exact=True), Trial(1.0, 0.1, 1.0, exact=True), FRESH, "pass"),
        (Trial(0.08, 0.0, 0.9, exact=True), Trial(1.0, 0.1, 1.0, exact=True), FRESH, "warn"),
        (Trial(0.0, 0.0, 0.9, exact=True), Trial(0.0, 0.0, 0.2, exact=True), FRESH, "inconclusive"),
    ],
)
def test_outcomes_take_margins_and_controls_into_account(synthetic, copy, fresh, outcome):
    found, why = judge(ATTACK, BOUNDS, synthetic, copy, fresh)
    assert found == outcome
    if outcome in {"inconclusive", "not applicable"}:
        assert why
    if "Too few" in why:
        assert outcome == "warn"


def test_an_attack_that_wants_for_rows_keeps_the_whole_from_passing_and_no_more():
    few, fine = NotMeasured("small"), Trial(0.01, 0.0, 0.04)
    side = Attack("membership_isolated", lambda scene: None)
    open_one = report(side, BOUNDS, few, COPY, FRESH)
    found = overall([report(ATTACK, BOUNDS, fine, COPY, FRESH), open_one], ())
    assert found.outcome == "warn"
    assert "could not be settled" in found.sentence
    assert overall([open_one], ()).outcome == "inconclusive"


@pytest.mark.parametrize(
    ("outcomes", "whole"),
    [
        (["pass", "pass"], "pass"),
        (["pass", "warn", "not applicable"], "warn"),
        (["warn", "inconclusive"], "inconclusive"),
        (["inconclusive", "fail"], "fail"),
        (["not applicable"], "inconclusive"),
        ([], "inconclusive"),
    ],
)
def test_the_whole_is_its_worst_part_and_never_safe_by_default(outcomes, whole):
    trials = {
        "pass": Trial(0.01, 0.0, 0.04),
        "warn": Trial(0.12, 0.08, 0.16),
        "fail": Trial(0.3, 0.2, 0.4),
        "inconclusive": NotMeasured("small"),
        "not applicable": NotApplicable("none"),
    }
    reports = [report(ATTACK, BOUNDS, trials[one], COPY, FRESH) for one in outcomes]
    found = overall(reports, ())
    assert found.outcome == whole
    assert found.sentence.endswith(".")


def test_the_wilson_interval_is_the_textbook_one():
    rate = wilson(10, 100)
    assert rate.value - rate.error == pytest.approx(0.0552, abs=1e-4)
    assert rate.value + rate.error == pytest.approx(0.1744, abs=1e-4)
    with pytest.raises(ValueError, match="at least one trial"):
        wilson(0, 0)


@given(st.integers(1, 400), st.integers(1, 400), st.data())
def test_a_risk_lies_in_the_unit_range_and_grows_with_the_hits(trials, others, data):
    hits = data.draw(st.integers(0, trials))
    control = data.draw(st.integers(0, others))
    risk = risk_of(hits, trials, control, others, 0.95)
    assert 0 <= risk.low <= risk.value <= risk.high <= 1
    assert risk_of(trials, trials, control, others, 0.95).value >= risk.value
    assert excess(wilson(hits, trials), wilson(hits, trials)).value == 0


@given(st.integers(1, 6), st.integers(1, 12), st.integers(0, 2**32 - 1))
def test_the_two_nearest_are_those_of_a_full_search(width, rows, seed):
    rng = np.random.default_rng(seed)
    base = rng.integers(0, 4, (rows, width)).astype(np.float32)
    queries = np.concatenate([base, rng.integers(0, 4, (5, width)).astype(np.float32)])
    gaps = np.sqrt(((queries[:, None] - base[None]) ** 2).sum(2))
    ordered = np.sort(np.pad(gaps, ((0, 0), (0, 2)), constant_values=np.inf), axis=1)
    found = two_nearest(queries, base)
    np.testing.assert_allclose(found.first, ordered[:, 0], atol=1e-3)
    np.testing.assert_allclose(found.second, ordered[:, 1], atol=1e-3)
    own = two_nearest(base, base, skip_self=True)
    np.testing.assert_allclose(own.first, ordered[:rows, 1], atol=1e-3)
    assert ((found.ratio >= 0) & (found.ratio <= 1)).all()


def test_searches_go_in_blocks_of_bounded_memory():
    rng = np.random.default_rng(0)
    base = rng.normal(size=(200_000, 3)).astype(np.float32)
    blocks = [rows for _, rows, _ in nearest._searches(base[:120], base)]
    assert sum(len(rows) for rows in blocks) == 120
    assert max(len(rows) * len(base) for rows in blocks) <= 10_000_000
    assert nearest._products(blocks[0][:2], base).dtype == np.float32
    cells = base.astype(np.float64)
    space = gower(Cells(("a", "b", "c"), np.zeros(3, np.int64), cells, cells, cells))
    sizes = [len(rows) * len(cells) for _, rows in space.blocks(cells[:30])]
    assert sum(sizes) == 30 * len(cells)
    assert max(sizes) <= gower_module._BLOCK_CELLS


def test_gower_counts_gaps_over_the_range_and_categories_that_differ():
    nan = np.nan
    judged = np.array([[0.0, 0.0, nan], [10.0, 1.0, 2.0], [5.0, 1.0, 2.0]])
    asked = np.array([[5.0, 1.0, nan], [nan, 0.0, 2.0]])
    space = gower(Cells(("n", "c", "m"), np.array([0, 3, 0]), asked, judged, judged))
    found = space.distances(space.scale(asked), range(3))
    np.testing.assert_allclose(found, [[1.5, 1.5, 1.0], [2.0, 2.0, 2.0]])


def test_queries_take_ranges_equality_and_missing_values():
    rows = ready(np.array([[1.0, 0.0], [2.0, 1.0], [np.nan, 1.0], [3.0, 1.0]]))
    least = Query((0, 1), (2.0, 1.0), (1e300, 1.0))
    assert least.matches(rows).tolist() == [False, True, False, True]
    assert Query((0,), (-1e300,), (2.0,)).matches(rows).tolist() == [True, True, False, False]
    missing = Query((0,), (np.inf,), (np.inf,))
    assert missing.matches(rows).tolist() == [False, False, True, False]
    found = list(single_queries(rows, np.array([True, False]), 2, 5, np.random.default_rng(0)))
    assert len(found) == len(set(found))
    assert all(query.matches(rows).sum() == 1 for query in found)
    # 1 and 2 at most and missing pick one row each with their category, and so does 3 at least.
    picked = {int(np.flatnonzero(query.matches(rows))[0]) for query in found}
    assert picked == {0, 1, 2, 3}


@pytest.mark.parametrize("size", [200, 800, 6400])
def test_a_smaller_control_is_scaled_to_what_as_many_rows_would_show(size):
    rng = np.random.default_rng(0)
    weights = rng.gamma(0.6, 1 / 900, 20_000)
    met = rng.binomial(size, np.minimum(weights, 1))
    truth = (rng.binomial(3200, np.minimum(weights, 1)) == 1).mean()
    assert single_rate(met, size, 3200) == pytest.approx(truth, abs=0.02)
    assert single_rate(met, size, size) == (met == 1).mean()
    assert single_rate(np.zeros(9, np.int64), 100, 300) == 0


def test_values_of_one_side_are_those_of_single_rows_where_there_are_enough():
    keys = np.arange(100, 112, dtype=np.uint64)
    train = np.concatenate([keys, np.array([1, 1, 2, 3], np.uint64)])
    control = np.array([2, 4, 5, 5], np.uint64)
    sides = one_sided(train, control, 5)
    assert set(sides.train) == {*keys.tolist(), 3}
    assert set(sides.control) == {4}
    assert set(sides.known) == {*keys.tolist(), 1, 2, 3}
    few = one_sided(np.array([1, 1, 2, 3], np.uint64), control, 3)
    assert set(few.train) == {1, 3}
    assert set(few.control) == {4, 5}


def test_what_fresh_rows_have_by_accident_is_expected_by_how_often_such_values_are_seen():
    expected, found = [], []
    for seed in range(30):
        rng = np.random.default_rng(seed)
        weights = rng.gamma(0.7, 1.0, 400)
        rows = rng.choice(400, (3, 600), p=weights / weights.sum()).astype(np.uint64)
        sides = one_sided(rows[0], rows[1], 5)
        expected.append(sides.by_accident(600))
        found.append(np.isin(sides.train, rows[2]).sum())
    assert np.mean(expected) == pytest.approx(np.mean(found), rel=0.25)
    assert sides.by_accident(0) == 0
    assert (expected_shares(np.array([1, 1, 2, 3])) <= 1).all()


def test_counts_give_the_plain_share_beyond_the_control():
    trial = exact_trial((3, 4), (1, 2), {})
    assert trial.value == pytest.approx(0.5)
    assert trial.exact
    assert exact_trial((4, 4), (2, 2), {}).value == 0
    assert exact_trial((1, 4), (0, 0), {}).value == 0.25


def test_extremes_are_those_of_few_rows_that_lie_apart():
    values = np.array([1.0, 2.0, 3.0, 3.0, 50.0, np.nan])
    assert ends(values, 5) == [50.0]
    assert ends(-values, 5) == [-50.0]
    assert ends(np.append(values, [50.0] * 4), 5) == []
    assert ends(np.array([1.0, 9.0]), 5) == []
    assert ends(np.full(4, np.nan), 5) == []


def test_groups_are_counted():
    train = np.array([1, 1, 2, 3], np.uint64)
    judged = np.array([1, 1, 1, 2, 4, 4], np.uint64)
    assert groups(train, judged, 3) == {
        "smallest group of synthetic rows": 1,
        "share of synthetic rows in groups below 3": pytest.approx(0.5),
        "share of synthetic rows that meet a training row alone in its group": pytest.approx(1 / 6),
    }


def test_rates_need_enough_outsiders():
    members, outsiders = np.arange(1000.0) + 500, np.arange(1000.0)
    figures = auc_trial(members, outsiders).figures
    assert figures["tpr at 1 % fpr"] == pytest.approx(0.51, abs=0.002)
    assert figures["tpr at 1 % fpr, low"] < 0.5 < figures["tpr at 1 % fpr, high"]
    assert "5,000 holdout rows" in figures["tpr at 0.1 % fpr"].reason
    ties = auc_trial(np.zeros(600), np.zeros(600))
    assert ties.value == 0.5
    assert ties.figures["tpr at 1 % fpr"] == 0


def test_small_sides_are_not_measured():
    rng = np.random.default_rng(0)
    points = rng.normal(size=(200, 2)).astype(np.float32)
    few = PointSets(points, points[: limits.MIN_ROWS - 1], points)
    found = measure_distances(few, LIGHT, rng)
    assert isinstance(found, NotMeasured)
    assert "49 control rows" in found.reason
    assert isolated_count(200) == 60
    assert isolated_count(2_000) == 100
    assert isolated_count(40_000) == 400


def test_an_attack_that_found_nothing_on_few_rows_is_unsure_and_one_that_found_is_not():
    unsure = report(ATTACK, BOUNDS, Trial(0.01, 0.0, 0.2), COPY, FRESH)
    found = report(ATTACK, BOUNDS, Trial(0.12, 0.08, 0.16), COPY, FRESH)
    assert (unsure.outcome, found.outcome) == ("warn", "warn")
    assert is_unsure(unsure)
    assert not is_unsure(found)
