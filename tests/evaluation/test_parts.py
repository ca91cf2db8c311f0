"""The parts of the evaluation against answers worked out by hand."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from core.data.schema import Column, ColumnType
from core.evaluation.bins import average_ranks, fine_edges, likeness, scorer_edges
from core.evaluation.charts import OTHER, column_chart, round_edges
from core.evaluation.fidelity import ks_likeness
from core.evaluation.models import auc
from core.evaluation.nearest import nearest, share_first, share_nearer
from core.evaluation.values import Association, NotMeasured
from tests.evaluation.tables import frame_of

NUMBERS = hnp.arrays(
    np.float64,
    st.integers(1, 60),
    elements=st.floats(-1e12, 1e12),
)


def text(values):
    return pd.Series(values, dtype="string[pyarrow]")


def test_likeness_is_one_minus_total_variation():
    assert likeness(np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1])) == pytest.approx(0.75)
    assert likeness(np.array([0, 0]), np.array([1, 1])) == 0
    far = np.array([0, 10**12])
    assert likeness(far, far) == 1


@given(NUMBERS, NUMBERS)
def test_scores_of_samples_stay_between_zero_and_one(left, right):
    edges = fine_edges(left)
    cells = [np.digitize(part, edges) for part in (left, right)]
    assert -1e-12 <= likeness(*cells) <= 1
    assert likeness(cells[0], cells[0]) == pytest.approx(1)
    assert 0 <= ks_likeness(left, right) <= 1
    assert auc(left, right) == pytest.approx(1 - auc(right, left))


def test_auc_by_hand():
    assert auc(np.array([3.0, 2.0]), np.array([1.0, 2.0])) == pytest.approx(0.875)


def test_equal_values_share_a_rank():
    assert average_ranks(np.array([5.0, 1.0, 5.0, 9.0])).tolist() == [2.5, 1, 2.5, 4]


def test_ks_by_hand_and_when_all_is_missing():
    assert ks_likeness(np.array([1.0, 2, 3, 4]), np.array([3.0, 4, 5, 6])) == pytest.approx(0.5)
    assert isinstance(ks_likeness(np.array([np.nan]), np.array([1.0])), NotMeasured)


def test_rare_values_of_a_number_are_seen_by_the_fine_bins_only():
    real = np.array([0.0] * 97 + [1.0] * 3)
    flipped = 1 - real
    assert len(scorer_edges(real)) == 0
    cells = [np.digitize(part, fine_edges(real)) for part in (real, flipped)]
    assert likeness(*cells) == pytest.approx(0.06)


def test_values_outside_the_training_range_have_bins_of_their_own():
    edges = fine_edges(np.full(50, 5.0))
    assert len({int(np.digitize(v, edges)) for v in (4.0, 5.0, 6.0)}) == 3


def test_nearest_by_hand():
    base = np.array([[0, 0], [0, 0], [3, 4]], np.float32)
    found = nearest(np.array([[0, 0], [3, 3]], np.float32), base)
    assert found.distance.tolist() == [0, 1]
    assert found.ties.tolist() == [2, 1]
    assert np.isinf(nearest(base, base[:0]).distance).all()


def test_ties_are_drawn_by_lot_among_all_real_rows():
    query = np.zeros((1, 2), np.float32)
    train, holdout = np.zeros((3, 2), np.float32), np.zeros((1, 2), np.float32)
    left, right = nearest(query, train), nearest(query, holdout)
    assert share_first(left, right) == pytest.approx(0.75)
    assert share_nearer(left, right) == pytest.approx(0.5)
    merged = left.merge(right)
    assert merged.ties.tolist() == [4]


def test_rare_categories_are_never_named():
    real = text(["often"] * 10 + ["rare"] * 4 + [None])
    made = text(["often"] * 3 + ["rare"] * 9 + ["new"])
    chart = column_chart(real, made, Column("c", ColumnType.CATEGORY))
    assert chart.labels == ("often", OTHER)
    assert (chart.real, chart.synthetic) == ((10, 4), (3, 10))


def test_histograms_count_all_rows_and_name_no_extreme():
    rng = np.random.default_rng(0)
    values = pd.Series(np.append(rng.normal(50, 10, 5000), [123456.789]))
    chart = column_chart(values, values * 2, Column("n", ColumnType.NUMBER))
    assert sum(chart.real) == sum(chart.synthetic) == len(values)
    assert max(chart.edges) < 200
    assert len(chart.real) == len(chart.edges) - 1 <= 30


@given(NUMBERS)
def test_round_edges_cover_the_middle(values):
    edges = round_edges(values, whole=False)
    low, high = np.quantile(values, [0.01, 0.99])
    assert 2 <= len(edges) <= 31
    assert edges[0] <= low + 1e-6 * max(1, abs(low))
    assert edges[-1] >= high - 1e-6 * max(1, abs(high))


def test_nothing_to_draw():
    assert column_chart(text([None]), text(["a"]), Column("c", ColumnType.CATEGORY)) is None
    empty = frame_of({"n": [np.nan]}, {"n": ColumnType.NUMBER})["n"]
    assert column_chart(empty, empty, Column("n", ColumnType.NUMBER)) is None


def test_difference_of_associations_keeps_what_is_undefined():
    cells = Association(("a", "b"), ((1.0, None), (None, 1.0)), ((1.0, 0.5), (0.5, 0.75)))
    assert cells.difference == ((0.0, None), (None, -0.25))


def test_a_chart_names_no_value_where_all_are_rare():
    chart = column_chart(text(["a"]), text(["a", "a"]), Column("c", ColumnType.CATEGORY))
    assert (chart.labels, chart.real, chart.synthetic) == ((OTHER,), (1,), (2,))
    truth = pd.Series([True, False], dtype="boolean")
    chart = column_chart(truth, truth, Column("c", ColumnType.BOOLEAN))
    assert (chart.labels, chart.real) == ((OTHER,), (2,))
