"""Searches along few axes find what a full search finds."""

import numpy as np
import pytest

from core.evaluation import few_axes
from core.evaluation.few_axes import Bounds, axes_of
from core.evaluation.nearest import nearest, two_nearest


def rows_of(rng: np.random.Generator, count: int) -> np.ndarray:
    """A number and eight columns of five labels each, of which two tell the others."""
    told = rng.integers(0, 5, (count, 2))
    noisy = np.where(rng.random((count, 6)) < 0.1, 0, told[:, [0, 1, 0, 1, 0, 1]])
    labels = np.concatenate([told, noisy], axis=1)
    numbers = rng.normal(size=(count, 1)).round(1)
    spread = np.eye(5)[labels].reshape(count, -1) * 0.7
    return np.concatenate([numbers, spread], axis=1).astype(np.float32)


@pytest.fixture
def sides(monkeypatch):
    """Queries and base rows; few rows are worth the axes too."""
    monkeypatch.setattr(few_axes, "_LEAST_WORK", 0.0)
    rng = np.random.default_rng(3)
    return rows_of(rng, 300), rows_of(rng, 2_000)


def full(queries: np.ndarray, base: np.ndarray) -> np.ndarray:
    return ((queries[:, None] - base[None]).astype(float) ** 2).sum(2)


def test_the_nearest_row_and_its_ties_are_those_of_a_full_search(sides, monkeypatch):
    queries, base = sides
    asked = []
    search = Bounds.candidates

    def counted(self, *args):
        found = search(self, *args)
        asked.append(found is not None)
        return found

    monkeypatch.setattr(Bounds, "candidates", counted)
    found, squares = nearest(queries, base), full(queries, base)
    assert asked
    assert all(asked)
    np.testing.assert_allclose(found.distance, squares.min(1), atol=1e-5)
    assert (found.ties == (squares <= squares.min(1)[:, None] + 1e-4).sum(1)).all()
    assert found.ties.max() > 1


def test_the_two_nearest_rows_are_those_of_a_full_search(sides):
    queries, base = sides
    ordered = np.sqrt(np.sort(full(queries, base), axis=1))
    found = two_nearest(queries, base)
    np.testing.assert_allclose(found.first, ordered[:, 0], atol=1e-3)
    np.testing.assert_allclose(found.second, ordered[:, 1], atol=1e-3)
    own = two_nearest(base[:300], base, skip_self=True)
    ordered = np.sqrt(np.sort(full(base[:300], base), axis=1))
    np.testing.assert_allclose(own.first, ordered[:, 1], atol=1e-3)


def test_rows_that_are_all_alike_are_searched_in_full(sides):
    _, base = sides
    same = np.concatenate([base, np.repeat(base[:1], 2_000, axis=0)])
    axes = axes_of(base, 300)
    assert axes is not None
    assert axes.directions.shape[1] <= 20
    assert Bounds(axes, same, 300).candidates(base[:1], 0.0) is None
    assert nearest(base[:1], same).ties.tolist() == [(full(base[:1], same) <= 1e-4).sum()]


def test_few_axes_do_not_stand_for_independent_numbers(sides):
    noise = np.random.default_rng(0).normal(size=(500, 12)).astype(np.float32)
    assert axes_of(noise, 500) is None
    assert axes_of(noise[:, :1], 500) is None
    squares = full(noise[:50], noise)
    np.testing.assert_allclose(nearest(noise[:50], noise).distance, squares.min(1), atol=1e-5)


def test_few_rows_or_very_wide_ones_are_searched_in_full():
    base = rows_of(np.random.default_rng(1), 1_000)
    assert axes_of(base, 10) is None
    assert axes_of(np.zeros((2_000, 700), np.float32), 10_000) is None
    assert axes_of(np.repeat(base, 20, axis=0), 10_000) is not None
