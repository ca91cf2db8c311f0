"""Metrics of predictions against scikit-learn's own, and intervals and guesses by hand."""

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics as theirs

from core.evaluation.details import Importance
from core.evaluation.encoding import Encoded
from core.evaluation.glossary import words_for
from core.evaluation.models import Target
from core.evaluation.usefulness.importances import agreement
from core.evaluation.usefulness.learners import LEARNERS
from core.evaluation.usefulness.metrics import BEST, CLASS_METRICS, NUMBER_METRICS, chance, measure
from core.evaluation.usefulness.task import set_task
from core.evaluation.usefulness.trials import interval
from core.evaluation.values import NotMeasured


def task_of(answers: np.ndarray, levels: int):
    """A task whose training and tested answers are ``answers``, with one feature of no use."""
    rows = np.column_stack([answers, np.arange(len(answers))]).astype(float)
    encoded = Encoded(("y", "x"), np.array([levels, 0]), rows, rows, rows)
    kind = "classes" if levels else "number"
    return set_task(encoded, Target(0, "y", kind), np.random.default_rng(0))


def weightings(rows: int, rng: np.random.Generator) -> np.ndarray:
    """The rows as they are, and one draw with replacement."""
    draws = rng.multinomial(rows, np.full(rows, 1 / rows), size=1)
    return np.concatenate([np.ones((1, rows)), draws])


def test_two_classes_agree_with_sklearn():
    rng = np.random.default_rng(1)
    truth = (rng.random(300) < 0.3).astype(int)
    task = task_of(truth, 2)
    yes = np.round(np.clip(0.3 * truth + 0.7 * rng.random(300), 0, 1), 2)
    weights = weightings(300, rng)
    found = measure(task, np.column_stack([1 - yes, yes, np.zeros(300)]), weights)
    chosen = (yes > 0.5).astype(int)
    for row, weight in enumerate(weights):
        assert found["auc"][row] == pytest.approx(
            theirs.roc_auc_score(truth, yes, sample_weight=weight)
        )
        assert found["f1"][row] == pytest.approx(
            theirs.f1_score(truth, chosen, sample_weight=weight)
        )
        assert found["balanced_accuracy"][row] == pytest.approx(
            theirs.balanced_accuracy_score(truth, chosen, sample_weight=weight)
        )
        assert found["brier"][row] == pytest.approx(
            theirs.brier_score_loss(truth, yes, sample_weight=weight)
        )


def test_more_classes_agree_with_sklearn():
    rng = np.random.default_rng(2)
    truth = rng.integers(0, 4, 400)
    task = task_of(truth, 4)
    says = rng.dirichlet(np.ones(4), 400) + np.eye(4)[truth] * 0.3
    says /= says.sum(axis=1, keepdims=True)
    weights = weightings(400, rng)
    found = measure(task, np.column_stack([says, np.zeros(400)]), weights)
    chosen = says.argmax(axis=1)
    for row, weight in enumerate(weights):
        each = [
            theirs.roc_auc_score(truth == c, says[:, c], sample_weight=weight) for c in range(4)
        ]
        assert found["auc"][row] == pytest.approx(np.mean(each))
        assert found["f1"][row] == pytest.approx(
            theirs.f1_score(truth, chosen, average="macro", sample_weight=weight)
        )
        assert found["balanced_accuracy"][row] == pytest.approx(
            theirs.balanced_accuracy_score(truth, chosen, sample_weight=weight)
        )
        assert found["brier"][row] == pytest.approx(
            theirs.brier_score_loss(truth, says, sample_weight=weight, scale_by_half=False)
        )
    assert found["auc"][0] == pytest.approx(
        theirs.roc_auc_score(truth, says, multi_class="ovr", average="macro")
    )


def test_numbers_agree_with_sklearn():
    rng = np.random.default_rng(3)
    truth = rng.normal(size=200)
    task = task_of(truth, 0)
    says = truth + rng.normal(size=200)
    weights = weightings(200, rng)
    found = measure(task, says, weights)
    for row, weight in enumerate(weights):
        assert found["r2"][row] == pytest.approx(theirs.r2_score(truth, says, sample_weight=weight))
        assert found["rmse"][row] == pytest.approx(
            theirs.root_mean_squared_error(truth, says, sample_weight=weight)
        )
        assert found["mae"][row] == pytest.approx(
            theirs.mean_absolute_error(truth, says, sample_weight=weight)
        )


def test_calibration_by_hand():
    truth = np.repeat([0, 0, 1, 0, 1], 20)
    task = task_of(truth, 2)
    yes = np.repeat([0.25, 0.25, 0.25, 0.85, 0.85], 20)
    says = np.column_stack([1 - yes, yes, np.zeros(100)])
    found = measure(task, says, np.ones((1, 100)))["calibration_error"][0]
    assert found == pytest.approx(0.6 * (1 / 3 - 0.25) + 0.4 * (0.85 - 0.5))


def test_guessing_by_hand():
    task = task_of(np.repeat([0, 1], [150, 50]), 2)
    guessed = chance(task)
    assert guessed["auc"] == guessed["balanced_accuracy"] == 0.5
    assert guessed["f1"] == pytest.approx(0.25)
    assert guessed["brier"] == pytest.approx(0.25 * 0.75)
    assert isinstance(guessed["calibration_error"], NotMeasured)
    number = chance(task_of(np.repeat([0.0, 4.0], [150, 50]), 0))
    assert number["r2"] == pytest.approx(0)
    assert number["rmse"] == pytest.approx(np.sqrt(3))
    assert number["mae"] == pytest.approx(1)


def test_a_random_guess_comes_to_the_chance_reference():
    rng = np.random.default_rng(4)
    truth = rng.choice(3, 60_000, p=[0.5, 0.3, 0.2])
    task = task_of(truth, 3)
    says = np.eye(4)[rng.choice(3, len(task.truth), p=[0.5, 0.3, 0.2])]
    found = measure(task, says, np.ones((1, len(task.truth))))
    guessed = chance(task)
    for name in ("auc", "f1", "balanced_accuracy"):
        assert found[name][0] == pytest.approx(guessed[name], abs=0.02)


def test_interval_by_hand():
    low, high = interval(np.array([[0.1, 0.1, 0.1], [0.3, 0.3, 0.3]]))
    half = stats.t.ppf(0.975, 1) * np.sqrt(0.02 * 1.5)
    assert (low, high) == pytest.approx((0.2 - half, 0.2 + half))
    low, high = interval(np.array([[0.2, 0.1, 0.3], [0.2, 0.1, 0.3]]))
    half = stats.t.ppf(0.975, 2) * np.sqrt(0.02)
    assert (low, high) == pytest.approx((0.2 - half, 0.2 + half))
    assert interval(np.full((3, 4), 0.5)) == (0.5, 0.5)


def test_an_interval_needs_repeats_and_defined_values():
    assert isinstance(interval(np.zeros((1, 3)))[0], NotMeasured)
    assert isinstance(interval(np.full((2, 3), np.nan))[1], NotMeasured)


def test_agreement_is_the_rank_correlation():
    rng = np.random.default_rng(5)
    values = np.round(rng.normal(size=(8, 2)), 1)
    found = [Importance(f"c{i}", *map(float, pair)) for i, pair in enumerate(values)]
    assert agreement(found) == pytest.approx(stats.spearmanr(*values.T).statistic)
    assert isinstance(agreement(found[:2]), NotMeasured)
    flat = [Importance(f"c{i}", 0.0, float(i)) for i in range(4)]
    assert isinstance(agreement(flat), NotMeasured)


def test_every_model_and_metric_has_words():
    extra = ("parity", "odds", "agreement", "importance", "both", "difference")
    assert set(BEST) == {*CLASS_METRICS, *NUMBER_METRICS}
    for name in (*LEARNERS, *BEST, *extra):
        words = words_for("use", name)
        assert words.meaning
        assert words.computed
        assert words.reading
        assert words.misleads
