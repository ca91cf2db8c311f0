"""Measures that plug-ins add: in the report with their package, and harmless where they fail."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.data.schema import ColumnType
from core.evaluation import evaluate, render_pdf
from core.evaluation.added import ADDED, Addition, MeasureInfo, Sides
from core.evaluation.measures import Measure, NotMeasured
from core.evaluation.values import Report
from core.plugins import load_plugins
from tests.evaluation.tables import frame_of, schema_of
from tests.evaluation.test_pdf import CONTEXT
from tests.plugins.packages import registries_kept

TYPES = {"n": ColumnType.INTEGER, "c": ColumnType.CATEGORY}
SCHEMA = schema_of(TYPES)


def rows(count: int, seed: int, tens: bool) -> dict[str, pd.DataFrame]:
    rng = np.random.default_rng(seed)
    numbers = rng.integers(0, 9, count) * (10 if tens else 1) + (0 if tens else 1)
    values = {"n": numbers, "c": rng.choice(["a", "b"], count)}
    return {"people": frame_of(values, TYPES)}


def report_of(seed: int = 1) -> Report:
    sides = rows(80, 1, True), rows(60, 2, True), rows(80, 3, False)
    return evaluate(*sides, SCHEMA, seed=seed, depth="quick")


def test_the_measure_of_the_example(installed) -> None:
    before = report_of()
    load_plugins(["synth-studio-example"])
    report = report_of()
    (added,) = report["people"].added
    assert (added.package, added.version) == ("synth-studio-example", "1.0.0")
    assert (added.title, added.measure.value, added.measure.fresh) == ("Round numbers", 0.0, 1.0)
    assert added.measure.chance == pytest.approx(0.1)
    assert Report.from_dict(report.to_dict()) == report
    tables = tuple(replace(table, added=()) for table in report.tables)
    assert replace(report, tables=tables) == before


def test_a_report_is_read_and_drawn_without_the_package(installed) -> None:
    before = dict(ADDED)
    load_plugins(["synth-studio-example"])
    blob = report_of().to_dict()
    ADDED.clear()
    ADDED.update(before)
    report = Report.from_dict(blob)
    assert report["people"].added[0].title == "Round numbers"
    without = replace(report, tables=tuple(replace(t, added=()) for t in report.tables))
    assert len(render_pdf(report, CONTEXT)) > len(render_pdf(without, CONTEXT))


def measured(take) -> tuple[Report, Measure]:
    info = MeasureInfo("of_a_test", "T", "M.", "R.", take)
    with registries_kept():
        ADDED["of_a_test"] = Addition(info, "a-package", "2")
        report = report_of()
    return report, report["people"].added[0].measure


def test_what_a_measure_raises_is_not_told() -> None:
    def take(sides: Sides, rng: np.random.Generator) -> Measure:
        raise ValueError(f"secret {sides.train['n'].iloc[0]}")

    report, measure = measured(take)
    assert measure.value == NotMeasured("It stopped with an error of its own (ValueError).")
    assert "secret" not in str(report.to_dict())


@pytest.mark.parametrize(
    "found",
    [
        None,
        0.5,
        Measure("x", float("nan"), 1.0, 0.0, 1.0),
        Measure("x", 0.5, 1.0, 0.0, float("inf")),
        Measure("x", "0.5", 1.0, 0.0, 1.0),
        Measure("x", True, 1.0, 0.0, 1.0),
    ],
)
def test_what_is_no_measure_is_not_measured(found: object) -> None:
    _, measure = measured(lambda sides, rng: found)
    assert isinstance(measure.value, NotMeasured)


def test_numbers_of_numpy_are_taken_and_the_name_is_ours() -> None:
    found = Measure("x", np.float64(0.5), 1, NotMeasured("None."), np.int64(1))
    report, measure = measured(lambda sides, rng: found)
    assert (measure.name, measure.value, measure.best) == ("of_a_test", 0.5, 1.0)
    assert Report.from_dict(report.to_dict()) == report


def test_a_measure_cannot_change_the_rows() -> None:
    train, holdout, made = rows(80, 1, True), rows(60, 2, True), rows(80, 3, False)
    before = train["people"].copy()

    def take(sides: Sides, rng: np.random.Generator) -> Measure:
        sides.train.iloc[:, 0] = 0
        return Measure("x", rng.random(), 1.0, 0.0, 1.0)

    info = MeasureInfo("of_a_test", "T", "M.", "R.", take)
    with registries_kept():
        ADDED["of_a_test"] = Addition(info, "a-package", "2")
        one = evaluate(train, holdout, made, SCHEMA, seed=1, depth="quick")
        two = evaluate(train, holdout, made, SCHEMA, seed=1, depth="quick")
    pd.testing.assert_frame_equal(train["people"], before)
    assert one == two
