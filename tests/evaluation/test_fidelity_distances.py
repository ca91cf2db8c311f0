"""Distances of single columns, by hand and against scipy and sdmetrics."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.spatial.distance import jensenshannon
from scipy.stats import chi2_contingency, ks_2samp, wasserstein_distance
from sdmetrics.single_column import (
    CategoryAdherence,
    CategoryCoverage,
    KSComplement,
    MissingValueSimilarity,
    RangeCoverage,
    TVComplement,
)

from core.evaluation.fidelity_detail import cells, columns, numbers
from core.evaluation.fidelity_detail.calendars import rhythm
from core.evaluation.measures import NotMeasured

CODES = hnp.arrays(np.int64, st.integers(1, 80), elements=st.integers(0, 7))
NUMBERS = hnp.arrays(np.float64, st.integers(1, 60), elements=st.integers(-50, 50).map(float))
HALVES = np.repeat([0, 1], [2, 2])
QUARTER = np.repeat([0, 1], [1, 3])


def test_by_hand():
    assert cells.total_variation(HALVES, QUARTER).value == pytest.approx(0.25)
    assert cells.similarity(HALVES, QUARTER).value == pytest.approx(0.75)
    assert cells.chi_square(np.zeros(4, int), np.ones(4, int)).value == pytest.approx(1)
    assert cells.jensen_shannon(np.zeros(4, int), np.ones(4, int)).value == pytest.approx(1)
    real, other = np.array([0.0, 1, 2, 3]), np.array([1.0, 2, 3, 4])
    assert numbers.kolmogorov_smirnov(real, other).value == pytest.approx(0.25)
    assert numbers.wasserstein(real, other).value == pytest.approx(1 / np.std(real))
    assert numbers.range_coverage(real, other).value == pytest.approx(2 / 3)
    assert numbers.range_adherence(real, other).value == pytest.approx(3 / 4)


@given(CODES, CODES)
def test_cells_agree_with_scipy(real, other):
    p, q = cells.counts(real, other)
    shares = p / p.sum(), q / q.sum()
    expected = jensenshannon(*shares, base=2) ** 2
    assert cells.jensen_shannon(real, other).value == pytest.approx(expected, abs=1e-9)
    statistic = chi2_contingency(np.stack([p, q]), correction=False).statistic if len(p) > 1 else 0
    found = cells.chi_square(real, other)
    assert found.value == pytest.approx(np.sqrt(statistic / (p.sum() + q.sum())), abs=1e-9)
    assert f"degrees of freedom {len(p) - 1}," in found.note
    assert f"χ² = {statistic:,.1f}" in found.note


@given(NUMBERS, NUMBERS)
def test_numbers_agree_with_scipy(real, other):
    real, other = np.sort(real), np.sort(other)
    with warnings.catch_warnings(action="ignore"):
        expected = ks_2samp(real, other).statistic
    assert numbers.kolmogorov_smirnov(real, other).value == pytest.approx(expected)
    found = numbers.wasserstein(real, other).value
    if real[0] == real[-1]:
        assert isinstance(found, NotMeasured)
    else:
        assert found * real.std() == pytest.approx(wasserstein_distance(real, other))


def test_single_columns_agree_with_sdmetrics():
    rng = np.random.default_rng(5)
    real, other = rng.integers(0, 30, 300), rng.integers(3, 40, 200)
    codes = pd.Series(real + 1), pd.Series(other + 1)
    both = real + 1, other + 1
    assert cells.total_variation(*both).value == pytest.approx(1 - TVComplement.compute(*codes))
    assert columns.category_coverage(*both).value == CategoryCoverage.compute(*codes)
    assert columns.category_adherence(*both).value == CategoryAdherence.compute(*codes)
    ordered = np.sort(real.astype(float)), np.sort(other.astype(float))
    assert numbers.kolmogorov_smirnov(*ordered).value == pytest.approx(
        1 - KSComplement.compute(*codes)
    )
    assert numbers.range_coverage(*ordered).value == pytest.approx(RangeCoverage.compute(*codes))
    holes = [pd.Series(np.where(part > 25, np.nan, part)) for part in both]
    assert columns.missing_share(*(h.isna().to_numpy() for h in holes)).value == pytest.approx(
        MissingValueSimilarity.compute(*holes)
    )


@given(CODES, CODES)
def test_intervals_hold_their_value(real, other):
    for take in (cells.total_variation, cells.jensen_shannon, cells.chi_square, rhythm):
        found = take(real, other)
        assert 0 <= found.value <= 1 + 1e-12
        assert (found.low is None) == (found.high is None)
        if found.low is not None:
            assert 0 <= found.low <= found.value + 1e-12
            assert found.value - 1e-12 <= found.high <= 1


def test_intervals_cover_the_truth():
    rng = np.random.default_rng(1)
    p, q = np.array([0.5, 0.3, 0.2]), np.array([0.3, 0.3, 0.4])
    truth = {
        cells.total_variation: 0.2,
        cells.jensen_shannon: jensenshannon(p, q, base=2) ** 2,
        cells.chi_square: np.sqrt((0.25 * (p - q) ** 2 / ((p + q) / 2)).sum()),
    }
    draws = [(rng.choice(3, 500, p=p), rng.choice(3, 500, p=q)) for _ in range(200)]
    for take, value in truth.items():
        found = [take(*pair) for pair in draws]
        assert 0.90 <= np.mean([f.low <= value <= f.high for f in found]) <= 0.99


def test_intervals_of_numbers_cover_the_truth():
    rng = np.random.default_rng(2)
    draws = [(np.sort(rng.normal(0, 1, 400)), np.sort(rng.normal(1, 1, 400))) for _ in range(200)]
    ks = [numbers.kolmogorov_smirnov(*pair) for pair in draws]
    assert 0.90 <= np.mean([f.low <= 0.38292 <= f.high for f in ks]) <= 0.99
    moved = [numbers.wasserstein(*pair) for pair in draws]
    assert 0.90 <= np.mean([f.low <= 1 <= f.high for f in moved]) <= 1


def test_the_last_digit_of_a_number():
    values = np.array([0.0, 12_000, 1_250, 7, 0.5, 1.25, 0.285, 1 / 3])
    coarse = numbers.last_digits(values) - 6
    assert coarse.tolist() == [-6, -3, -1, 0, 1, 2, 3, 11]


def test_atoms_are_told_from_other_values():
    coded = numbers.atom_codes(np.array([0.0, 3.0, 5.0, 7.0]), np.array([0.0, 5.0]))
    assert coded.tolist() == [1, 0, 2, 0]


@given(CODES)
def test_the_same_rows_are_at_no_distance(codes):
    for take in (cells.total_variation, cells.jensen_shannon, cells.chi_square):
        assert take(codes, codes).value == pytest.approx(0, abs=1e-9)
