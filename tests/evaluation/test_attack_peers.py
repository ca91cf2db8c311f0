"""Linkability, inference and singling out agree with the package that defined them."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.data.schema import Column, ColumnType
from core.evaluation.attacks.attribute_inference import infer
from core.evaluation.attacks.gower import gower
from core.evaluation.attacks.intervals import excess, wilson
from core.evaluation.attacks.limits import FULL
from core.evaluation.attacks.linkability import link
from core.evaluation.attacks.scene import Cells
from core.evaluation.attacks.singling_out import distinct, find_queries, single_out
from core.evaluation.attacks.targets import Targets

NAMES = ("a", "b", "c", "kind")
COLUMNS = (*(Column(n, ColumnType.NUMBER) for n in "abc"), Column("kind", ColumnType.CATEGORY))
LEVELS = np.array([0, 0, 0, 4])


def draw(rows, seed):
    """Three numbers without ties and a category; the corners give all tables the same ranges."""
    rng = np.random.default_rng(seed)
    kind = rng.integers(0, 4, rows)
    numbers = 5 + rng.normal(size=(rows, 3)) + kind[:, None] * [0.5, 0.0, 1.0]
    numbers[:2] = [[0.1, 0.2, 0.3], [13.0, 14.0, 15.0]]
    return np.column_stack([np.clip(numbers, 0.1, 15), kind])


def framed(rows):
    frame = pd.DataFrame(rows, columns=list(NAMES))
    return frame.assign(kind=frame["kind"].astype(int).astype(str))


@pytest.fixture(scope="module", autouse=True)
def _interpreted():
    """These tables are smaller than what compiling the package's loops costs."""
    import numba

    before, numba.config.DISABLE_JIT = numba.config.DISABLE_JIT, True
    yield
    numba.config.DISABLE_JIT = before


@pytest.fixture(scope="module")
def tables():
    train, control = draw(120, 0), draw(120, 1)
    judged = np.concatenate([train[:2], train[2:60], draw(70, 2)])
    return train, control, judged


def targets_of(train, control, judged):
    return Targets(train, control, Cells(NAMES, LEVELS, train, control, judged), "")


@pytest.mark.parametrize("counts", [(50, 500, 10, 500), (0, 20, 0, 20), (99, 100, 1, 100)])
def test_risks_are_those_of_anonymeter(counts):
    from anonymeter.stats.confidence import residual_success, success_rate

    hits, trials, control_hits, control_trials = counts
    theirs = success_rate(trials, hits, 0.95), success_rate(control_trials, control_hits, 0.95)
    ours = wilson(hits, trials), wilson(control_hits, control_trials)
    assert ours[0].value == pytest.approx(theirs[0].value)
    assert ours[0].error == pytest.approx(theirs[0].error)
    risk, other = excess(*ours), residual_success(*theirs).to_risk()
    assert (risk.value, risk.low, risk.high) == pytest.approx((other.value, *other.ci))


def test_linkability_is_that_of_anonymeter(tables):
    from anonymeter.evaluators import LinkabilityEvaluator

    train, control, judged = tables
    targets = targets_of(*tables)
    trial = link(targets, gower(targets.cells), ([0, 3], [1, 2]))
    theirs = LinkabilityEvaluator(
        ori=framed(train),
        syn=framed(judged),
        control=framed(control),
        aux_cols=(["a", "kind"], ["b", "c"]),
        n_attacks=len(train),
    ).evaluate(n_jobs=1)
    risk = theirs.risk()
    assert 0.2 < trial.value < 0.8
    assert (trial.value, trial.low, trial.high) == pytest.approx((risk.value, *risk.ci))


@pytest.mark.parametrize("secret", ["b", "kind"])
def test_attribute_inference_is_that_of_anonymeter(tables, secret):
    from anonymeter.evaluators import InferenceEvaluator

    train, control, judged = tables
    targets = targets_of(*tables)
    trial = infer(COLUMNS, targets, gower(targets.cells), [NAMES.index(secret)])
    theirs = InferenceEvaluator(
        ori=framed(train),
        syn=framed(judged),
        control=framed(control),
        aux_cols=[name for name in NAMES if name != secret],
        secret=secret,
        regression=secret == "b",
        n_attacks=len(train),
    ).evaluate(n_jobs=1)
    risk = theirs.risk()
    assert 0.2 < trial.value < 0.8
    assert (trial.value, trial.low, trial.high) == pytest.approx((risk.value, *risk.ci))


def test_singling_out_counts_as_anonymeter_does(tables):
    import polars as pl
    from anonymeter.evaluators.singling_out_evaluator import _evaluate_queries

    train, control, judged = (distinct(part) for part in tables)
    rng = np.random.default_rng(0)
    queries = find_queries(judged, LEVELS, replace(FULL, guesses=80), rng)
    assert len(queries) == 80
    asked = [
        pl.all_horizontal(
            pl.col(NAMES[j]).is_between(low, high)
            for j, low, high in zip(q.columns, q.low, q.high, strict=True)
        )
        for q in queries
    ]

    def counts(rows):
        return _evaluate_queries(pl.DataFrame(rows, schema=list(NAMES)), asked)

    assert set(counts(judged)) == {1}
    trial = single_out(queries, train, control)
    assert trial.figures["successes"] == sum(n == 1 for n in counts(train))
    assert trial.figures["successes on control"] == sum(n == 1 for n in counts(control))


def test_singling_out_finds_about_the_risk_that_anonymeter_finds(tables):
    from anonymeter.evaluators import SinglingOutEvaluator

    train, control, judged = tables
    parts = [distinct(part) for part in tables]
    queries = find_queries(parts[2], LEVELS, replace(FULL, guesses=80), np.random.default_rng(0))
    ours = single_out(queries, parts[0], parts[1])
    evaluator = SinglingOutEvaluator(
        ori=framed(train), syn=framed(judged), control=framed(control), n_attacks=80, seed=0
    )
    theirs = evaluator.evaluate().risk()
    assert ours.value == pytest.approx(theirs.value, abs=0.15)
    assert max(ours.low, theirs.ci[0]) <= min(ours.high, theirs.ci[1])
