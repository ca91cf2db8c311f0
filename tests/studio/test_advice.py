"""Suggestions name their figures; estimates follow what this machine measured."""

import pytest

from core.data.schema import Column, ColumnType, Schema, Table
from core.store.tables import RunRow
from core.studio.advice import estimate, suggest
from core.studio.values import RunSpec

NUMBERS = Schema(
    (Table("t", tuple(Column(name, ColumnType.NUMBER) for name in ("a", "b", "c", "d"))),)
)


def past(fit_s: float, rows: int = 1000, engine: str = "forest", **params: object) -> RunRow:
    result = {
        "fit_s": fit_s,
        "sample_s": 0.0,
        "evaluate_s": 0.0,
        "train_rows": {"t": rows},
        "columns": 4,
    }
    return RunRow(spec={"engine": engine, "params": params}, result=result)


def test_small_numeric_tables_get_the_copula_and_others_forest() -> None:
    small = suggest(NUMBERS, {"t": 120})
    assert small.engine == "copula"
    assert "120" in small.why
    large = suggest(NUMBERS, {"t": 24_000})
    assert large.engine == "forest"
    assert "24,000" in large.why


def test_an_estimate_without_past_runs_says_so() -> None:
    guess = estimate(NUMBERS, {"t": 1000}, RunSpec(), [])
    assert guess.seconds > 0
    assert "first guess" in guess.basis


def test_an_estimate_is_the_median_of_past_runs_scaled_to_size() -> None:
    runs = [past(10), past(20), past(1000), past(500, engine="ctgan")]
    same = estimate(NUMBERS, {"t": 1000}, RunSpec(), runs)
    twice = estimate(NUMBERS, {"t": 2000}, RunSpec(), runs)
    assert same.seconds == pytest.approx(22)
    assert twice.seconds - 2 == pytest.approx(2 * (same.seconds - 2))
    assert "3 past runs" in same.basis


def test_an_estimate_follows_epochs() -> None:
    runs = [past(30, engine="ctgan", epochs=10)]
    spec = RunSpec(engine="ctgan", params={"epochs": 100})
    assert estimate(NUMBERS, {"t": 1000}, spec, runs).seconds == pytest.approx(302)
