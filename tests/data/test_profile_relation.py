import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.duck import duck
from core.data.frames import canonical
from core.data.profile import TableProfile, foreign_keys, profile_relation, profile_table
from core.data.profile import coded as coded_module
from core.data.profile import relation as relation_module
from core.data.profile.isolation import isolation_scores
from core.data.schema import Column, ColumnType, Table
from core.data.vault import Vault
from core.keys import Keys
from core.settings import Settings

T = ColumnType


def frame_of(**columns: tuple[ColumnType, list]) -> tuple[pd.DataFrame, Table]:
    table = Table("t", tuple(Column(name, kind) for name, (kind, _) in columns.items()))
    frame = pd.DataFrame({name: pd.Series(v, dtype="object") for name, (_, v) in columns.items()})
    return canonical(frame, table), table


def profiled(**columns: tuple[ColumnType, list]) -> TableProfile:
    return profile_table(*frame_of(**columns))


def test_what_is_in_the_vault_is_profiled_as_the_frame_is(tmp_path):
    frame, table = frame_of(
        id=(T.INTEGER, list(range(60))),
        x=(T.NUMBER, [None, *np.linspace(0, 9, 59)]),
        day=(T.DATE, list(pd.date_range("2024-01-01", periods=60))),
        at=(T.TIME, list(pd.to_timedelta(np.arange(60) * 61, unit="s"))),
        ok=(T.BOOLEAN, [True, False, None] * 20),
        city=(T.CATEGORY, ["Rom", "Ulm", "Bari"] * 20),
    )
    vault = Vault(tmp_path, Keys.from_settings(Settings(key="11" * 32)))
    vault.write_table("t.parquet", frame, table)
    with vault.querying("t.parquet") as (cursor, relation):
        found = profile_relation(cursor, relation, table)
    assert found == profile_table(frame, table)


def test_moments_by_hand():
    numbers = profiled(v=(T.INTEGER, [1, 1, 1, 5]))["v"].numbers
    assert numbers.skew == pytest.approx(1.1547005, abs=1e-6)
    assert numbers.kurtosis == pytest.approx(-0.6666667, abs=1e-6)
    assert profiled(v=(T.INTEGER, [3, 3]))["v"].numbers.skew is None


def test_a_calendar_with_a_gap():
    days = [*pd.date_range("2024-01-01", periods=14), pd.Timestamp("2024-01-20")]
    calendar = profiled(day=(T.DATE, days))["day"].calendar
    assert calendar.weekdays == (2, 2, 2, 2, 2, 3, 2)
    assert (calendar.days, calendar.span, calendar.longest_gap, calendar.step) == (15, 20, 5, 1)


def test_patterns_show_how_strings_are_written():
    column = profiled(code=(T.CATEGORY, ["AB-12", "CD-345", "ÄÖ-9", "straße 7"]))["code"]
    assert column.patterns == (("A-9", 0.75), ("a 9", 0.25))


def test_patterns_and_lengths_of_hidden_columns_show_no_value():
    frame, table = frame_of(who=(T.CATEGORY, ["Ada", "Eve", "Ada"]))
    column = profile_table(frame, table, frozenset({"who"}))["who"]
    assert column.patterns == (("Aa", 1.0),)
    assert (column.top, column.numbers, column.calendar) == ((), None, None)


def test_nearly_constant():
    profile = profiled(
        flat=(T.INTEGER, [1] * 199 + [2]),
        gaps=(T.NUMBER, [None] * 199 + [2.0]),
        free=(T.INTEGER, list(range(200))),
    )
    assert [c.nearly_constant for c in profile.columns] == [True, True, False]


def test_one_column_tells_another():
    cities = ["Rom", "Ulm", "Bari", "Köln"] * 15
    codes = {"Rom": "1", "Ulm": "2", "Bari": "3", "Köln": "4"}
    lands = {"Rom": "it", "Bari": "it", "Ulm": "de", "Köln": "de"}
    profile = profiled(
        city=(T.CATEGORY, cities),
        code=(T.CATEGORY, [codes[c] for c in cities]),
        land=(T.CATEGORY, [lands[c] for c in cities]),
        free=(T.CATEGORY, [["a", "b", "c"][i * i % 7 % 3] for i in range(60)]),
    )
    found = {(d.determinant, d.dependent, d.both_ways) for d in profile.dependencies}
    lands_told = {("city", "land", False), ("code", "land", False)}
    assert found == {("city", "code", True)} | lands_told


def test_a_told_column_may_have_two_values_only():
    cities = ["Rom", "Ulm", "Bari", "Köln"] * 15
    lands = {"Rom": "it", "Bari": "it", "Ulm": "de", "Köln": "de"}
    profile = profiled(city=(T.CATEGORY, cities), land=(T.CATEGORY, [lands[c] for c in cities]))
    assert [(d.determinant, d.dependent) for d in profile.dependencies] == [("city", "land")]


def test_what_holds_in_a_sample_only_is_left_out(monkeypatch):
    monkeypatch.setattr(relation_module, "MOST_ROWS", 200)
    rows = 400
    low = np.arange(rows)
    high = low + 3
    high[0] = -1
    group = [f"g{i // 2 % 20}" for i in range(rows)]
    told = [f"t{i // 2 % 20}" for i in range(rows)]
    told[0] = "t9"
    profile = profiled(
        low=(T.INTEGER, low.tolist()),
        high=(T.INTEGER, high.tolist()),
        group=(T.CATEGORY, group),
        told=(T.CATEGORY, told),
    )
    assert profile.associations.rows == 200
    assert profile.inequalities == ()
    assert profile.dependencies == ()


def test_an_order_between_dates():
    start = pd.date_range("2024-01-01", periods=120)
    profile = profiled(
        start=(T.DATE, list(start)),
        end=(T.DATE, list(start + pd.to_timedelta(np.arange(120) % 5, unit="D"))),
        size=(T.INTEGER, [i * 7 % 40 for i in range(120)]),
    )
    (found,) = profile.inequalities
    assert (found.low, found.high, found.strict, found.rows) == ("start", "end", False, 120)


def test_pearson_has_a_sign_and_spearman_knows_no_curve():
    x = np.linspace(0.1, 4, 200)
    links = profiled(
        x=(T.NUMBER, x.tolist()),
        y=(T.NUMBER, (-np.exp(3 * x)).tolist()),
        c=(T.CATEGORY, ["a", "b"] * 100),
    ).associations
    assert links.spearman[0][1] == -1.0
    assert -0.8 < links.pearson[0][1] < 0
    assert links.matrix[0][1] == pytest.approx(-links.pearson[0][1])
    assert links.spearman[0][2] is None


def test_rows_set_apart():
    rng = np.random.default_rng(1)
    values = rng.normal(size=(300, 2))
    values[7] = (40, -40)
    profile = profiled(a=(T.NUMBER, values[:, 0].tolist()), b=(T.NUMBER, values[:, 1].tolist()))
    scores = dict(profile.anomalies.quantiles)
    assert scores[1.0] > 0.75 > 0.6 > scores[0.5]
    assert profile.anomalies.rows == 300
    assert profiled(a=(T.NUMBER, [1.0, 2.0])).anomalies is None


def test_the_quality_score_is_the_mean_of_its_parts():
    quality = profiled(
        a=(T.INTEGER, [1, 1, None, None]), b=(T.CATEGORY, ["x", "x", "x", "x"])
    ).quality
    scores = {part.name: part.score for part in quality.parts}
    assert scores["completeness"] == 0.75
    assert scores["uniqueness"] == 0.5
    assert scores["variation"] == 0.5
    assert scores["plausibility"] == 1.0
    assert quality.score == pytest.approx(0.75 * 0.4 + 0.5 * 0.3 + 0.5 * 0.15 + 0.15)
    assert profiled(a=(T.INTEGER, [])).quality is None


def test_many_different_strings_are_estimated_and_say_so(monkeypatch):
    monkeypatch.setattr(coded_module, "EXACT_DISTINCT", 50)
    many = profiled(v=(T.CATEGORY, [f"v{i // 2}" for i in range(400)]))["v"]
    assert not many.distinct_exact
    assert 150 <= many.distinct <= 250
    assert (many.lengths.shortest, many.lengths.longest) == (2, 4)
    key = profiled(v=(T.CATEGORY, [f"v{i}" for i in range(400)]))
    assert key["v"].distinct_exact
    assert key.key_candidates == ("v",)


LINES = {
    "few": (T.INTEGER, [i * i % 7 for i in range(300)]),
    "wide": (T.INTEGER, [None, -(2**40), *(i * 2**33 for i in range(298))]),
    "x": (T.NUMBER, [None, *np.random.default_rng(5).lognormal(3, 1, 299)]),
    "huge": (T.NUMBER, [-1e308, 1e308, *np.linspace(-1e300, 1e300, 298)]),
    "day": (T.DATE, [None, *pd.date_range("2023-12-30", periods=299, freq="3D")]),
    "at": (T.DATETIME, list(pd.date_range("2024-01-01", periods=300, freq="37min7s"))),
    "fine": (T.DATETIME, list(pd.date_range("2024-01-01", periods=300, freq="1s1us"))),
    "time": (T.TIME, list(pd.to_timedelta(np.arange(300) * 61 % 86_400, unit="s"))),
    "none": (T.NUMBER, [None] * 300),
    "flat": (T.INTEGER, [4] * 300),
}


def test_long_columns_are_described_as_those_that_are_held(tmp_path, monkeypatch):
    frame, table = frame_of(**LINES)
    vault = Vault(tmp_path, Keys.from_settings(Settings(key="11" * 32)))
    vault.write_table("t.parquet", frame, table)
    with vault.querying("t.parquet") as (cursor, relation):
        held = profile_relation(cursor, relation, table)
        monkeypatch.setattr(relation_module, "MOST_HELD", 10)
        counted = profile_relation(cursor, relation, table)
    assert held.associations == counted.associations
    for one, other in zip(held.columns, counted.columns, strict=True):
        assert replace(one, numbers=None, histogram=None) == replace(
            other, numbers=None, histogram=None
        )
        for figure in ("min", "max", "mean", "std", "skew", "kurtosis", "outliers"):
            found = [getattr(c.numbers, figure, None) for c in (one, other)]
            if found[1] is None:
                assert found[0] is None
                continue
            near = 1e-9 * max(1.0, getattr(one.numbers, "std", 1.0))
            assert found[0] == pytest.approx(found[1], rel=1e-9, abs=near), (one.name, figure)
        if one.histogram is not None:
            assert one.histogram.edges == pytest.approx(other.histogram.edges)
            assert sum(one.histogram.counts) == sum(other.histogram.counts)


@given(st.lists(st.one_of(st.none(), st.integers(-50, 200_000)), min_size=1, max_size=60))
@settings(max_examples=25, deadline=None)
def test_figures_read_off_the_counts_are_those_of_the_values(values):
    found = profiled(v=(T.INTEGER, values))["v"]
    present = pd.Series([v for v in values if v is not None], dtype="float64")
    assert (found.distinct, found.missing) == (present.nunique(), values.count(None))
    if not len(present):
        assert found.numbers is None
        return
    counts = present.value_counts()
    top = sorted(((-n, v) for v, n in counts.items() if n > 1))[:20]
    assert found.top == tuple((str(int(v)), -n) for n, v in top)
    assert found.numbers.mean == pytest.approx(present.mean())
    assert dict(found.numbers.quantiles) == pytest.approx(
        {p: present.quantile(p) for p, _ in found.numbers.quantiles}
    )
    histogram = found.histogram
    assert sum(histogram.counts) + histogram.below + histogram.above == len(present)


def test_rows_set_apart_are_those_of_the_reference_forest():
    from sklearn.ensemble import IsolationForest

    rng = np.random.default_rng(4)
    rows = np.vstack([rng.normal(size=(600, 3)), [[9, 9, 9], [-9, 0, 9]]])
    scores = isolation_scores(rows, np.random.default_rng(1))
    reference = -IsolationForest(random_state=0).fit(rows).score_samples(rows)
    assert set(np.argsort(-scores)[:2]) == {600, 601}
    assert np.corrcoef(scores, reference)[0, 1] > 0.95
    assert abs(np.median(scores) - np.median(reference)) < 0.03
    assert np.array_equal(scores, isolation_scores(rows, np.random.default_rng(1)))


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_a_forest_of_hardly_any_rows(rows):
    scores = isolation_scores(np.ones((rows, 1)), np.random.default_rng(1))
    assert np.isfinite(scores).all()


def test_foreign_keys_across_tables():
    parent, customers = frame_of(id=(T.INTEGER, list(range(1, 31))))
    child, orders = frame_of(
        customer_id=(T.INTEGER, [1 + i % 25 for i in range(60)]),
        other=(T.INTEGER, [40 + i % 25 for i in range(60)]),
    )
    customers, orders = Table("customers", customers.columns), Table("orders", orders.columns)
    with duck() as cursor:
        cursor.register("p", parent.set_axis(["c0"], axis=1))
        cursor.register("k", child.set_axis(["c0", "c1"], axis=1))
        relations = {"customers": "p", "orders": "k"}
        profiles = {
            t.name: profile_relation(cursor, relations[t.name], t) for t in (customers, orders)
        }
        found = foreign_keys(cursor, relations, profiles)
    assert [(k.column, k.parent, k.parent_column) for k in found["orders"]] == [
        ("customer_id", "customers", "id")
    ]
    assert found["customers"] == ()


def test_everything_survives_json_and_older_profiles_are_read():
    profile = profiled(
        day=(T.DATE, list(pd.date_range("2024-01-01", periods=120))),
        code=(T.CATEGORY, ["A1", "B2", "C3"] * 40),
        x=(T.NUMBER, np.linspace(0, 1, 120).tolist()),
        y=(T.NUMBER, (np.linspace(0, 1, 120) ** 2).tolist()),
    )
    stored = json.loads(json.dumps(profile.to_dict()))
    assert TableProfile.from_dict(stored) == profile
    for name in ("dependencies", "inequalities", "foreign_keys", "anomalies", "quality"):
        del stored[name]
    for name in ("distinct_exact", "most", "patterns", "calendar"):
        for column in stored["columns"]:
            del column[name]
    assert TableProfile.from_dict(stored).quality is None
