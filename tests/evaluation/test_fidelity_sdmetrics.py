"""The reports of sdmetrics beside our own measures."""

import warnings
from dataclasses import astuple

import numpy as np
import pandas as pd
import pytest
from sdmetrics.column_pairs import ContingencySimilarity

from core.data.schema import Column, ColumnType, Schema, Table
from core.evaluation.case import open_case
from core.evaluation.fidelity_detail import sdmetrics_reports
from core.evaluation.fidelity_detail.columns import column_measures
from core.evaluation.fidelity_detail.pairs import pair_details
from core.evaluation.fidelity_detail.sdmetrics_reports import sdmetrics_scores
from core.evaluation.fidelity_detail.sides import sides_of
from core.evaluation.measures import NotMeasured
from tests.evaluation.tables import TYPES, frame_of, people, schema_of, shuffled


def case_of(train, holdout, synthetic, schema):
    rng = np.random.default_rng(9)
    return open_case(schema.tables[0], schema, train, holdout, synthetic, rng)


def scores_of(case):
    return sdmetrics_scores(case, Schema((case.table,)), np.random.default_rng(0))


@pytest.fixture(scope="module")
def case():
    rng = np.random.default_rng(7)
    train, holdout = people(400, rng), people(400, rng)
    return case_of(train, holdout, shuffled(train, rng), schema_of(TYPES))


def test_both_reports_quietly(case, capfd):
    scores = scores_of(case)
    assert capfd.readouterr() == ("", "")
    assert scores.diagnostic == scores.data_validity == scores.data_structure == 1
    assert scores.quality == pytest.approx((scores.column_shapes + scores.column_pair_trends) / 2)
    assert "Fresh real rows reach 0.9" in scores.note
    assert scores.column_pair_trends < 0.8 < scores.column_shapes


def test_column_shapes_are_the_mean_of_our_measures(case):
    found = column_measures(case, sides_of(case, np.random.default_rng(0)))
    each = []
    for measures in found.values():
        named = {m.name: m for m in measures}
        each.append(1 - named.get("ks", named["total_variation"]).value)
    assert scores_of(case).column_shapes == pytest.approx(np.mean(each), abs=1e-6)


def test_pairs_of_categories_are_what_sdmetrics_calls_contingency_similarity(case):
    pairs, _ = pair_details(case, np.random.default_rng(0))
    compared = 0
    for pair in pairs:
        if {pair.left, pair.right} <= {"member", "city", "risk"}:
            sides = [
                f[[pair.left, pair.right]].astype("object") for f in (case.holdout, case.synthetic)
            ]
            assert pair.similarity == pytest.approx(ContingencySimilarity.compute(*sides))
            compared += 1
    assert compared


def test_large_tables_are_cut_and_say_so(case, monkeypatch):
    monkeypatch.setattr(sdmetrics_reports, "MAX_ROWS", 100)
    scores = scores_of(case)
    assert "On at most 100 of up to 400 rows of each." in scores.note
    assert scores == scores_of(case)


def test_every_type_and_a_key():
    types = {kind.value: kind for kind in ColumnType}
    table = Table("t", tuple(Column(n, kind) for n, kind in types.items()), "text")
    count = pd.Series(range(60))
    values = {
        "integer": count,
        "number": count / 3,
        "boolean": count % 2 == 0,
        "date": pd.Timestamp("2024-01-01") + pd.to_timedelta(count, unit="D"),
        "datetime": pd.Timestamp("2024-01-01") + pd.to_timedelta(count, unit="h"),
        "time": pd.to_timedelta(count, unit="min"),
        "category": [f"c{n % 4}" for n in count],
        "text": [f"key {n}" for n in count],
    }
    frame = frame_of(values, types)
    holes = frame.apply(lambda column: column.mask(np.arange(60) % 5 == 0))
    holes["text"] = frame["text"]
    for part in (frame, holes):
        scores = scores_of(case_of(part, part, part, Schema((table,))))
        assert scores.column_shapes == pytest.approx(1)
        assert scores.data_validity == pytest.approx(1)


@pytest.mark.parametrize("value", [5.0, np.nan])
def test_what_sdmetrics_cannot_measure_says_so(value):
    frame = frame_of({"a": [value] * 30}, {"a": ColumnType.NUMBER})
    scores = scores_of(case_of(frame, frame, frame, schema_of({"a": ColumnType.NUMBER})))
    assert isinstance(scores.column_pair_trends, NotMeasured)
    for score in astuple(scores)[:-1]:
        assert not isinstance(score, float) or not np.isnan(score)


def test_a_failing_report_names_no_value(case, monkeypatch):
    from sdmetrics.reports import QualityReport

    def fail(*_, **__):
        warnings.warn("a warning with a value", stacklevel=1)
        raise ValueError("Anna Bee")

    monkeypatch.setattr(QualityReport, "generate", fail)
    scores = scores_of(case)
    assert scores.quality == NotMeasured("sdmetrics could not measure it (ValueError).")
    assert scores.diagnostic == 1
