"""Groups of cells: noise around next to nothing makes none, clear cells stay alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from hypothesis.extra.numpy import arrays

from core.data.schema import Column, ColumnType
from core.privacy.domain import ColumnDomain
from core.synthesis.marginals.compress import compress, nearest_counts

MANY = arrays(np.float64, some.integers(1, 30), elements=some.integers(-200, 200).map(float))


def numbers(counts: list[int], sigma: float) -> ColumnDomain:
    edges = np.arange(len(counts) + 1, dtype=np.float64)
    column = Column("paid", ColumnType.INTEGER)
    return ColumnDomain(column, edges=edges, step=1.0, counts=np.array(counts), sigma=sigma)


def test_the_nearest_counts_take_the_same_from_all():
    assert nearest_counts(np.array([10.0, -4.0, 4.0])) == pytest.approx([8.0, 0.0, 2.0])
    assert nearest_counts(np.array([3.0, 5.0])) == pytest.approx([3.0, 5.0])
    assert nearest_counts(np.array([-3.0, 1.0])) == pytest.approx([0.0, 0.0])


@given(MANY)
def test_the_nearest_counts_have_the_sum_and_the_order(noisy):
    found = nearest_counts(noisy)
    assert (found >= 0).all()
    assert found.sum() == pytest.approx(max(noisy.sum(), 0.0), abs=1e-6)
    assert (np.diff(found[np.argsort(noisy)]) >= -1e-9).all()


def test_a_large_cell_leaves_groups_for_the_others():
    grouped = compress(numbers([9_000, 0, 100, 0, 100, 0, 100, 0], 10.0), 6)
    assert grouped.group.tolist() == [0, 1, 1, 2, 2, 3, 3, 4]
    assert grouped.counts.tolist() == [9_000, 100, 100, 100, 0]


def test_there_are_at_most_as_many_groups_as_asked_for():
    grouped = compress(numbers([100] * 40, 1.0), 7)
    assert grouped.size <= 7
    assert grouped.counts.sum() == 4_000


def test_noise_around_nothing_is_hardly_drawn():
    noise = np.random.default_rng(0).normal(0, 20, 300).round().astype(int)
    noise[0] += 20_000
    noise[150] += 500
    grouped = compress(numbers(noise.tolist(), 20.0), 24)
    far = np.flatnonzero(grouped.weight)
    assert {0, 150} <= set(far.tolist())
    assert grouped.weight[1:150].sum() + grouped.weight[151:].sum() < 800
    assert grouped.size < 12
