"""Usefulness in full on tables whose answer is known."""

import numpy as np
import pandas as pd
import pytest

from core.data.schema import ColumnType, Schema
from core.errors import InvalidParameter
from core.evaluation import encoding
from core.evaluation.case import Case, open_case
from core.evaluation.codec import decode, encode
from core.evaluation.details import ModelScore, TargetReport, UtilityDetail
from core.evaluation.usefulness import limits, utility_detail
from core.evaluation.usefulness.task import aligned
from core.evaluation.values import NotMeasured
from tests.evaluation.tables import TYPES, frame_of, people, schema_of, shuffled


def case_of(train, holdout, synthetic, types=TYPES, schema: Schema | None = None) -> Case:
    schema = schema or schema_of(types)
    rng = np.random.default_rng(0)
    return open_case(schema.tables[0], schema, train, holdout, synthetic, rng)


def detail_of(case: Case, *targets: str, seed: int = 1, **asked) -> UtilityDetail:
    return utility_detail(case, targets, np.random.default_rng(seed), **asked)


def score(report: TargetReport, model: str, metric: str) -> ModelScore:
    return next(s for s in report.scores if (s.model, s.metric) == (model, metric))


@pytest.fixture(scope="module")
def sides() -> list[pd.DataFrame]:
    rng = np.random.default_rng(7)
    return [people(rows, rng) for rows in (500, 500, 500)]


@pytest.fixture(scope="module")
def fresh(sides) -> UtilityDetail:
    """Fresh real rows in the place of synthetic ones, judged on a class and on a number."""
    return detail_of(case_of(*sides), "risk", "income")


def test_fresh_real_rows_make_no_difference(fresh):
    risk, income = fresh.targets
    assert (risk.kind, income.kind) == ("classes", "number")
    assert len(risk.scores) == 15
    assert len(income.scores) == 9
    for report in fresh.targets:
        for each in report.scores:
            assert each.repeats == 3
            assert each.low <= each.high
            if each.metric in {"auc", "r2"}:
                assert each.low < 0 < each.high
                assert abs(each.synthetic - each.real) < 0.1
                assert each.chance == pytest.approx(0.5 if each.metric == "auc" else 0, abs=0.05)
                assert each.real > each.chance + 0.2
            if each.metric in {"rmse", "brier"}:
                assert each.real < each.chance


def test_models_lean_on_the_columns_that_matter(fresh):
    risk = fresh.targets[0]
    assert risk.importances[0].column in {"income", "balance", "age", "joined"}
    assert [i.real for i in risk.importances] == sorted(
        (i.real for i in risk.importances), reverse=True
    )
    assert risk.agreement > 0.3


def test_the_same_seed_gives_the_same_and_it_goes_through_json(sides):
    case = case_of(*sides)
    first, again, other = (detail_of(case, "risk", seed=s, repeats=1) for s in (3, 3, 4))
    assert first == again != other
    assert decode(UtilityDetail, encode(first)) == first
    assert isinstance(score(first.targets[0], "linear", "auc").low, NotMeasured)


def test_broken_dependence_predicts_at_chance(sides):
    train, holdout, made = sides
    broken = shuffled(made, np.random.default_rng(5))
    for report in detail_of(case_of(train, holdout, broken), "risk", "income", repeats=1).targets:
        metric = "auc" if report.kind == "classes" else "r2"
        for model in ("boosting", "forest", "linear"):
            each = score(report, model, metric)
            assert each.synthetic < each.chance + 0.12
            assert each.synthetic < each.real - 0.2


def test_without_a_target_one_is_chosen(sides):
    (report,) = detail_of(case_of(*sides), repeats=1).targets
    assert report.target == "risk"
    assert "The positive class is the rarer one" in report.note


def test_scarce_real_rows_gain_from_synthetic_ones():
    rng = np.random.default_rng(9)
    case = case_of(people(60, rng), people(500, rng), people(1500, rng))
    (report,) = detail_of(case, "income", repeats=2).targets
    each = score(report, "forest", "r2")
    assert each.both > each.real + 0.02


def test_a_class_that_synthetic_rows_lack_is_told():
    rng = np.random.default_rng(2)
    types = {"x": ColumnType.NUMBER, "y": ColumnType.CATEGORY}

    def rows(count: int) -> pd.DataFrame:
        x = rng.random(count)
        labels = np.array(["low", "mid", "high"])[(x * 3).astype(int)]
        return frame_of({"x": x, "y": labels}, types)

    train, holdout, made = rows(300), rows(300), rows(300)
    made = made[made["y"] != "mid"].reset_index(drop=True)
    (report,) = detail_of(case_of(train, holdout, made, types), "y", repeats=2).targets
    assert "1 of 3 classes are absent" in report.note
    accuracy = score(report, "boosting", "balanced_accuracy")
    assert accuracy.real > 0.95
    assert accuracy.synthetic == pytest.approx(2 / 3, abs=0.02)


def test_synthetic_rows_of_one_class_know_only_that_one():
    rng = np.random.default_rng(2)
    types = {"x": ColumnType.NUMBER, "y": ColumnType.BOOLEAN}
    x = rng.random(200)
    real = frame_of({"x": x, "y": x > 0.5}, types)
    made = frame_of({"x": x, "y": np.ones(200, bool)}, types)
    (report,) = detail_of(case_of(real, real, made, types), "y", repeats=2).targets
    for model in ("boosting", "forest", "linear"):
        assert score(report, model, "auc").synthetic == 0.5
        assert score(report, model, "auc").real > 0.95


def not_measured(case: Case, target: str) -> str:
    (report,) = detail_of(case, target).targets
    assert report.scores == report.importances == ()
    assert isinstance(report.agreement, NotMeasured)
    assert report.note == report.agreement.reason
    return report.note


def test_what_cannot_be_predicted_says_why():
    rng = np.random.default_rng(3)
    types = {
        "x": ColumnType.NUMBER,
        "constant": ColumnType.CATEGORY,
        "many": ColumnType.CATEGORY,
        "rare": ColumnType.CATEGORY,
        "empty": ColumnType.NUMBER,
    }
    values = {
        "x": rng.random(200),
        "constant": ["a"] * 200,
        "many": [f"v{i % 25}" for i in range(200)],
        "rare": ["a"] * 197 + ["b"] * 3,
        "empty": [np.nan] * 200,
    }
    frame = frame_of(values, types)
    case = case_of(frame, frame, frame, types)
    assert "no two values" in not_measured(case, "constant")
    assert "more than 20 categories" in not_measured(case, "many")
    assert "no two values" in not_measured(case, "rare")
    assert not_measured(case, "empty")
    assert "not among the learned columns" in not_measured(case, "unknown")
    few = frame.iloc[:30].reset_index(drop=True)
    assert "50 training, holdout" in not_measured(case_of(few, frame, frame, types), "x")
    gone = frame.assign(x=np.nan)
    assert "missing" in not_measured(case_of(frame, gone, frame, types), "x")
    assert "missing" in not_measured(case_of(frame, frame, gone, types), "x")


def test_one_column_predicts_nothing():
    types = {"x": ColumnType.NUMBER}
    frame = frame_of({"x": np.arange(100.0)}, types)
    assert "another column" in not_measured(case_of(frame, frame, frame, types), "x")


def test_odd_columns_stop_no_model():
    rng = np.random.default_rng(4)
    types = {
        "constant": ColumnType.NUMBER,
        "empty": ColumnType.NUMBER,
        "blank": ColumnType.CATEGORY,
        "many": ColumnType.CATEGORY,
        "huge": ColumnType.NUMBER,
        "day": ColumnType.DATE,
        "gaps": ColumnType.NUMBER,
        "y": ColumnType.BOOLEAN,
    }

    def rows(count: int) -> pd.DataFrame:
        y = rng.random(count) < 0.5
        return frame_of(
            {
                "constant": np.ones(count),
                "empty": np.full(count, np.nan),
                "blank": [None] * count,
                "many": [f"v{i}" for i in rng.integers(0, 500, count)],
                "huge": np.where(y, 1e300, -1e300) * rng.random(count),
                "day": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 9, count), "D"),
                "gaps": np.where(rng.random(count) < 0.5, np.nan, y + rng.normal(size=count)),
                "y": pd.array(np.where(rng.random(count) < 0.1, None, y), dtype="boolean"),
            },
            types,
        )

    case = case_of(rows(200), rows(200), rows(200), types)
    found = detail_of(case, "y", "gaps", "huge", "day", repeats=1)
    assert all(report.scores for report in found.targets)
    assert "Missing numbers are a value of their own" in found.notes[-1]
    for report in found.targets:
        for each in report.scores:
            assert isinstance(each.real, float)
            assert np.isfinite(each.real)
    assert score(found.targets[0], "linear", "auc").real > 0.6


def test_very_large_tables_are_sampled_once_more_with_their_labels(monkeypatch, sides):
    monkeypatch.setattr(encoding, "MAX_CELLS", 7 * 400)
    case = case_of(*sides)
    assert len(case.encoded.holdout) == 400 < len(case.holdout)
    again = aligned(case, np.random.default_rng(1))
    assert len(again.encoded.holdout) == len(again.holdout) == 400
    j = again.encoded.names.index("age")
    assert (again.encoded.train[:, j] == again.train["age"].to_numpy(float)).all()


def test_caps_are_said(monkeypatch, sides):
    monkeypatch.setattr(limits, "TRAIN_ROWS", 200)
    monkeypatch.setattr(limits, "LEAST_ROWS", 100)
    monkeypatch.setattr(limits, "HOLDOUT_ROWS", 300)
    train, holdout, made = sides
    short = made.iloc[:150].reset_index(drop=True)
    found = detail_of(case_of(train, holdout, short), "risk", repeats=1)
    (report,) = found.targets
    assert "trained once, on 200 of 500 real rows" in report.note
    assert "150 of 150 synthetic ones" in report.note
    assert "tested on 300 of 500 holdout rows" in report.note
    assert "differ, which by itself" in report.note


def test_no_repeat_is_refused(sides):
    with pytest.raises(InvalidParameter, match="Got 0"):
        detail_of(case_of(*sides), "risk", repeats=0)
