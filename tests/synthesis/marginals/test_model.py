"""The graphical model against counts that can be worked out by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from core.synthesis.marginals.model import GraphicalModel, Measurement
from core.synthesis.marginals.sample import draw_evenly, joint_counts, sample_codes
from core.synthesis.marginals.tree import cells_of, find_cliques, junction_tree


def exactly(columns, table):
    """A measurement without noise worth speaking of."""
    return Measurement(columns, np.asarray(table, float), 0.5)


def test_cliques_of_a_chain_are_its_pairs():
    assert sorted(find_cliques((2, 3, 4), [(0, 1), (1, 2)])) == [(0, 1), (1, 2)]


def test_a_circle_is_closed_by_the_cheapest_chord():
    cliques = find_cliques((2, 9, 2, 9), [(0, 1), (1, 2), (2, 3), (0, 3)])
    assert sorted(cliques) == [(0, 1, 2), (0, 2, 3)]


@settings(max_examples=60)
@given(some.data())
def test_the_tree_holds_every_set_and_runs_through_shared_columns(data):
    width = data.draw(some.integers(1, 7))
    sizes = tuple(data.draw(some.lists(some.integers(1, 5), min_size=width, max_size=width)))
    column = some.integers(0, width - 1)
    sets = data.draw(some.lists(some.sets(column, min_size=1, max_size=3), max_size=6))
    tree = junction_tree(sizes, [tuple(sorted(one)) for one in sets])
    assert all(tree.holder(tuple(sorted(one))) >= 0 for one in sets)
    assert {c for clique in tree.cliques for c in clique} == set(range(width))
    assert sorted(tree.order) == list(range(len(tree.cliques)))
    for wanted in range(width):
        holding = [i for i, clique in enumerate(tree.cliques) if wanted in clique]
        joined = [i for i in holding if wanted in tree.shared[i]]
        assert len(holding) - len(joined) == 1


def test_nothing_measured_is_even():
    model = GraphicalModel((2, 4), 80)
    assert model.counts((1,)) == pytest.approx([20, 20, 20, 20])


def test_counts_that_were_measured_come_back():
    model = GraphicalModel((2, 3), 100)
    table = [[10, 20, 5], [40, 5, 20]]
    assert model.fit([exactly((0, 1), table)], 500, 1e-9) < 1
    assert model.counts((0, 1)) == pytest.approx(np.array(table), abs=1)
    assert model.counts((0,)) == pytest.approx([35, 65], abs=1)


def test_what_is_not_measured_is_independent_given_what_is():
    model = GraphicalModel((2, 2, 2), 400)
    left, right = [[90, 10], [30, 270]], [[60, 60], [28, 252]]
    model.fit([exactly((0, 1), left), exactly((1, 2), right)], 800, 1e-10)
    codes = sample_codes(model.tree, model.cliques, 400_000, np.random.default_rng(1))
    joint = joint_counts(codes, (0, 1, 2), (2, 2, 2)).reshape(2, 2, 2) / 1000
    middle = np.array(left).sum(0)
    expected = np.array(left)[:, :, None] * np.array(right)[None] / middle[None, :, None]
    assert joint == pytest.approx(expected, abs=2)


def test_better_measurements_weigh_more():
    model = GraphicalModel((2,), 100)
    sure = Measurement((0,), np.array([80.0, 20.0]), 1.0)
    unsure = Measurement((0,), np.array([20.0, 80.0]), 10.0)
    model.fit([sure, unsure], 500, 1e-10)
    assert model.counts((0,))[0] == pytest.approx((80 + 20 / 100) / (1 + 1 / 100), abs=0.5)


def test_the_model_goes_on_from_where_it_was():
    model = GraphicalModel((3, 3), 90)
    first = exactly((0,), [60, 20, 10])
    model.fit([first], 300, 1e-9)
    before = model.counts((0,)).copy()
    model.fit([first, exactly((0, 1), np.outer([60, 20, 10], [1, 1, 1]) / 3)], 0)
    assert model.counts((0,)) == pytest.approx(before)


def test_draws_stay_within_one_row_of_what_is_expected():
    table = np.array([[0.2, 0.3, 0.5], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]])
    given_rows = np.repeat([0, 1, 2], [1000, 7, 300])
    drawn = draw_evenly(table, given_rows, np.random.default_rng(0))
    assert np.abs(np.bincount(drawn[:1000], minlength=3) - [200, 300, 500]).max() <= 1
    assert set(drawn[1000:1007]) == {2}
    assert np.bincount(drawn[1007:], minlength=3) == pytest.approx([100, 100, 100], abs=1)


def test_the_same_seed_draws_the_same_rows():
    model = GraphicalModel((3, 4), 50)
    draws = [
        sample_codes(model.tree, model.cliques, 200, np.random.default_rng(s)) for s in (1, 1, 2)
    ]
    assert (draws[0] == draws[1]).all()
    assert (draws[0] != draws[2]).any()


def test_cells_are_counted():
    assert cells_of((2, 3, 4), (0, 2)) == 8
    assert junction_tree((2, 3, 4), [(0, 2)]).cells == 8 + 3
