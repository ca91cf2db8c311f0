"""The copula's parts on figures that are known by hand."""

import numpy as np
import pytest

from core.synthesis.marginals import copula
from core.synthesis.marginals.sample import spread_normals


def test_scores_are_the_means_of_a_normal_number_in_its_parts():
    halves = copula._scores(np.array([0.5, 0.5]), np.array([0, 1]))
    np.testing.assert_allclose(halves, [-np.sqrt(2 / np.pi), np.sqrt(2 / np.pi)])
    turned = copula._scores(np.array([0.2, 0.8]), np.array([1, 0]))
    assert turned[0] > 0 > turned[1]
    assert 0.2 * turned[0] + 0.8 * turned[1] == pytest.approx(0)


def test_correlations_come_back_from_tables_of_a_normal_pair():
    rng = np.random.default_rng(0)
    pair = rng.multivariate_normal([0, 0], [[1, 0.4], [0.4, 1]], 200_000)
    codes = np.floor(pair * 1.2).clip(-3, 2).astype(int) + 3
    table = np.bincount(codes[:, 0] * 6 + codes[:, 1], minlength=36).reshape(6, 6) / len(codes)
    shares = [table.sum(axis=1), table.sum(axis=0)]
    scores = [copula._scores(one, np.arange(6)) for one in shares]
    found = copula._correlations(scores, shares, {(0, 1): table})
    assert found[0, 1] == found[1, 0] == pytest.approx(0.4, abs=0.03)


def test_any_noisy_matrix_is_brought_to_one_of_correlations():
    noisy = np.array([[1.0, 0.9, -0.9], [0.9, 1.0, 0.9], [-0.9, 0.9, 1.0]])
    root = copula._root(noisy)
    made = root @ root.T
    np.testing.assert_allclose(np.diag(made), 1.0)
    assert np.linalg.eigvalsh(made).min() > -1e-9


def test_labels_are_ordered_by_how_they_differ():
    """Places 0 and 2 go with one value of the other column, place 1 lies between them and 3."""
    table = np.array([[0.25, 0.0], [0.10, 0.15], [0.24, 0.01], [0.0, 0.25]])
    off = copula._departures(table.sum(axis=1), table.sum(axis=0), table, False)
    main = np.linalg.svd(off, full_matrices=False)[0][:, 0]
    order = np.argsort(main / np.sqrt(table.sum(axis=1))).tolist()
    assert order in ([0, 2, 1, 3], [3, 1, 2, 0])


def test_spread_normals_fill_every_slice_once():
    numbers = spread_normals(1_000, 2, np.random.default_rng(1))
    assert numbers.shape == (1_000, 2)
    for column in numbers.T:
        assert (np.histogram(column, [-9, -1.2815515655, 0, 1.2815515655, 9])[0]).tolist() == [
            100, 400, 400, 100,
        ]  # fmt: skip
    assert abs(np.corrcoef(numbers.T)[0, 1]) < 0.2
    assert spread_normals(0, 3, np.random.default_rng(1)).shape == (0, 3)
