"""The measures of each column, by its type, on tables that are as awkward as they come."""

import numpy as np
import pandas as pd
import pytest

from core.data.schema import Action, Column, ColumnType, Role, Schema, Table
from core.evaluation.case import open_case
from core.evaluation.fidelity_detail.columns import column_measures
from core.evaluation.fidelity_detail.sides import sides_of
from core.evaluation.measures import NotMeasured
from core.evaluation.words import MEASURES
from tests.evaluation.tables import TYPES, frame_of, people, schema_of, shuffled

ROWS = 60
DISTANCES = {"missing", "total_variation", "jensen_shannon", "chi_square"}
LINE = DISTANCES | {"ks", "wasserstein", "range_coverage", "range_adherence", "atoms"}
NAMES = DISTANCES | {"category_coverage", "category_adherence"}
TEXTS = {"missing", "lengths", "patterns", "characters"}


def measured(train, holdout, synthetic, schema):
    rng = np.random.default_rng(4)
    case = open_case(schema.tables[0], schema, train, holdout, synthetic, rng)
    found = column_measures(case, sides_of(case, rng))
    return {name: {m.name: m for m in measures} for name, measures in found.items()}


def one_column(kind, values, synthetic=None):
    frame = frame_of({"c": values}, {"c": kind})
    made = frame if synthetic is None else frame_of({"c": synthetic}, {"c": kind})
    return measured(frame, frame, made, schema_of({"c": kind}))["c"]


def many(kind):
    """Values of a kind, some missing."""
    count = np.arange(ROWS)
    if kind in {ColumnType.DATE, ColumnType.DATETIME}:
        values = pd.Series(pd.Timestamp("2024-01-01") + pd.to_timedelta(count, unit="D"))
    elif kind is ColumnType.TIME:
        values = pd.Series(pd.to_timedelta(count, unit="h") % pd.Timedelta("24h"))
    elif kind is ColumnType.BOOLEAN:
        values = pd.Series(count % 2 == 0, dtype="boolean")
    elif kind in {ColumnType.CATEGORY, ColumnType.TEXT}:
        values = pd.Series([f"AB-{n:04d}" for n in count])
    else:
        values = pd.Series(count).astype("Int64")
    return values.mask(count % 7 == 0)


@pytest.mark.parametrize("kind", ColumnType)
def test_each_type_has_its_measures(kind):
    found = one_column(kind, many(kind))
    expected = {
        ColumnType.INTEGER: LINE | {"precision"},
        ColumnType.NUMBER: LINE | {"precision"},
        ColumnType.BOOLEAN: NAMES,
        ColumnType.DATE: LINE | {"weekday", "month"},
        ColumnType.DATETIME: LINE | {"weekday", "month", "hour"},
        ColumnType.TIME: LINE | {"hour"},
        ColumnType.CATEGORY: NAMES | TEXTS,
        ColumnType.TEXT: TEXTS,
    }
    assert set(found) == expected[kind]
    for measure in found.values():
        assert measure.name in MEASURES
        if not isinstance(measure.value, NotMeasured):
            assert measure.value == pytest.approx(measure.best)
            assert measure.fresh == pytest.approx(measure.best)


@pytest.mark.parametrize("kind", ColumnType)
@pytest.mark.parametrize("shape", ["constant", "missing", "one row", "missing in synthetic"])
def test_awkward_columns_raise_no_warning(kind, shape):
    values = many(kind)
    real = {"constant": values[1:2].repeat(ROWS), "missing": values[:1].repeat(ROWS)}.get(
        shape, values
    )
    made = {"one row": values[1:2], "missing in synthetic": values[:1].repeat(5)}.get(shape, real)
    found = one_column(kind, real.reset_index(drop=True), made.reset_index(drop=True))
    for measure in found.values():
        assert isinstance(measure.value, float | NotMeasured)
        if isinstance(measure.value, float):
            assert 0 <= measure.value <= 1 + 1e-9 or measure.name == "wasserstein"
    if shape == "missing":
        assert found["missing"].value == 1
        absent = found.get("ks") or found.get("category_coverage") or found["lengths"]
        assert "missing" in absent.value.reason


@pytest.mark.parametrize("rows", [0, 1, 19])
def test_without_a_holdout_nothing_is_fresh(rows):
    rng = np.random.default_rng(0)
    train = people(50, rng)
    found = measured(train, train.iloc[:rows], people(50, rng), schema_of(TYPES))
    for measures in found.values():
        for measure in measures.values():
            assert isinstance(measure.fresh, NotMeasured)
    assert isinstance(found["age"]["ks"].value, float)


def test_five_hundred_categories():
    codes = [f"c{n % 500:03d}" for n in range(1000)]
    found = one_column(ColumnType.CATEGORY, codes, codes[:250])
    assert found["category_coverage"].value == pytest.approx(0.5)
    assert found["category_adherence"].value == 1
    assert found["total_variation"].value == pytest.approx(0.5)
    assert found["patterns"].value == 1


def test_numbers_at_the_end_of_what_floats_hold():
    values = np.array([1e308, -1e308, 5e-324, 0.1, 3.0] * 12)
    found = one_column(ColumnType.NUMBER, values)
    assert found["ks"].value == 0
    assert found["wasserstein"].value == 0


def test_fresh_rows_are_at_the_ceiling_and_shuffled_columns_pass():
    rng = np.random.default_rng(1)
    train, holdout = people(2000, rng), people(2000, rng)
    found = measured(train, holdout, shuffled(train, rng), schema_of(TYPES))
    for measures in found.values():
        for measure in measures.values():
            assert measure.value == pytest.approx(measure.fresh)
            assert isinstance(measure.chance, NotMeasured)


def test_swapping_two_columns_changes_what_it_must():
    rng = np.random.default_rng(2)
    train, holdout, made = (people(500, rng) for _ in range(3))
    swapped = made.assign(income=made["balance"], balance=made["income"])
    before, after = (measured(train, holdout, part, schema_of(TYPES)) for part in (made, swapped))
    for name in ("income", "balance"):
        for measure in ("ks", "wasserstein", "total_variation", "jensen_shannon", "chi_square"):
            assert after[name][measure].value > before[name][measure].value + 0.1
    assert after["age"] == before["age"]
    assert after["balance"]["missing"].value < 0.95 < before["balance"]["missing"].value


def test_more_rows_do_not_turn_a_small_difference_into_a_large_one():
    def effect(rows):
        rng = np.random.default_rng(3)
        real, made = rng.random(rows) < 0.5, rng.random(rows) < 0.53
        frames = [frame_of({"c": part}, {"c": ColumnType.BOOLEAN}) for part in (real, made)]
        schema = schema_of({"c": ColumnType.BOOLEAN})
        return measured(frames[0], frames[0], frames[1], schema)["c"]["chi_square"].value

    assert effect(50_000) == pytest.approx(0.03, abs=0.01)
    assert effect(500) < 0.1


def test_rhythms_rounding_and_frequent_values_that_are_lost():
    rng = np.random.default_rng(4)
    days = pd.Series(pd.date_range("2024-01-01", periods=728, freq="D"))
    found = one_column(ColumnType.DATE, days[days.dt.dayofweek < 5].reset_index(drop=True), days)
    assert found["weekday"].value == pytest.approx(5 / 7, abs=0.01)
    assert found["month"].value > 0.95
    pay = np.where(rng.random(1000) < 0.6, 0, np.round(rng.gamma(2, 9_000, 1000), -3))
    rough = one_column(ColumnType.NUMBER, pay, pay + rng.normal(0, 0.01, 1000))
    assert rough["precision"].value < 0.1
    assert rough["atoms"].value == pytest.approx(0.36, abs=0.1)
    assert "0.0% of synthetic" in rough["atoms"].note
    assert rough["ks"].value < 0.7


def test_strings_that_are_built_in_another_way():
    real = [f"AB-{n:04d}" for n in range(100)]
    found = one_column(ColumnType.TEXT, real, [f"ab{n:04d}" for n in range(100)])
    assert found["lengths"].value == 0
    assert found["patterns"].value == 0
    assert found["characters"].value == pytest.approx(4 / 7)
    rng = np.random.default_rng(6)
    prose = [" ".join("x" * n for n in rng.integers(1, 9, 12)) for _ in range(100)]
    free = one_column(ColumnType.TEXT, prose)
    assert "free text" in free["patterns"].value.reason
    assert free["characters"].value == 1


def test_columns_that_no_model_learns_are_measured_in_part():
    columns = (
        Column("id", ColumnType.INTEGER),
        Column("name", ColumnType.CATEGORY, Role.IDENTIFIER, action=Action.REPLACE),
        Column("secret", ColumnType.NUMBER, action=Action.DROP),
    )
    schema = Schema((Table("t", columns, "id"),))
    values = {"id": range(30), "name": ["Anna Bee"] * 30, "secret": [0.5] * 30}
    frame = frame_of(values, {c.name: c.type for c in columns})
    found = measured(frame, frame, frame[["id", "name"]], schema)
    assert set(found) == {"id", "name"}
    assert set(found["id"]) == {"missing"}
    assert set(found["name"]) == TEXTS
