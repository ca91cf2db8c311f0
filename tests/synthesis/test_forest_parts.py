"""The forest's parts against answers worked out by hand or by a slower way."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.schema import Column, ColumnType
from core.synthesis.forest.association import order_labels
from core.synthesis.forest.cells import number_cells, pool, safe_ends
from core.synthesis.forest.columns import find_grid, number_coder
from core.synthesis.forest.draw import choices, golden, scale
from core.synthesis.forest.grow import STUMP, grow, leaves_of
from core.synthesis.forest.labels import replace_rare
from core.synthesis.forest.leaves import bisect, mix, node_counts, node_shares, prune, weigh
from core.synthesis.forest.lines import Line
from core.synthesis.forest.relations import Search, find_line, find_order, left_over


def test_grow_finds_the_one_split_that_matters() -> None:
    codes = np.array([[1, 1, 2, 2, 3, 3], [9, 8, 9, 8, 9, 8]], np.uint8)
    target = np.array([0, 0, 0, 0, 1, 1], np.uint8)
    tree = grow(codes, target, 2, 1, 0.1)
    assert tree.nodes == 3
    assert (tree.feature[0], tree.cut[0]) == (0, 2)
    assert leaves_of(tree, codes).tolist() == [1, 1, 1, 1, 2, 2]


def test_grow_equals_an_exhaustive_search_at_the_root() -> None:
    rng = np.random.default_rng(3)
    codes = rng.integers(0, 12, (4, 300)).astype(np.uint8)
    target = ((codes[2] > 6) + rng.integers(0, 3, 300)).astype(np.uint8)

    def loss(part: np.ndarray) -> float:
        counts = np.bincount(target[part], minlength=4)
        return -sum(c * np.log(c / part.sum()) for c in counts if c)

    every = np.ones(300, bool)
    best = max(
        (loss(every) - loss(codes[f] <= c) - loss(codes[f] > c), f, c)
        for f in range(4)
        for c in range(12)
        if 20 <= (codes[f] <= c).sum() <= 280
    )
    tree = grow(codes, target, 4, 20, best[0] - 1e-6)
    assert (tree.feature[0], tree.cut[0]) == best[1:]
    assert grow(codes, target, 4, 20, best[0] + 1e-6).nodes == 1


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 400), st.integers(1, 40), st.integers(0, 10_000))
def test_leaves_hold_enough_rows_and_counts_add_up(rows: int, least: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, 30, (3, rows)).astype(np.uint8)
    target = (codes[0] // 10 + rng.integers(0, 2, rows)).astype(np.uint8)
    tree = grow(codes, target, 4, least, 0.0)
    leaf = leaves_of(tree, codes)
    sizes = np.bincount(leaf, minlength=tree.nodes)
    assert sizes[~tree.is_leaf].sum() == 0
    assert tree.nodes == 1 or sizes[tree.is_leaf].min() >= least
    counts = node_counts(tree, leaf, target, 4)
    assert counts[0].tolist() == np.bincount(target, minlength=4).tolist()
    shares = node_shares(tree, counts, bisect(counts[0]), 4.0)
    assert np.allclose(shares.sum(1), 1)
    stop = weigh(tree, counts, counts, 0.0).stop
    small, old = prune(tree, stop, 0.5)
    assert np.array_equal(node_counts(small, leaves_of(small, codes), target, 4), counts[old])
    assert np.allclose(mix(small, shares[old], stop[old])[small.is_leaf].sum(1), 1)


def test_a_split_that_held_out_rows_deny_is_not_trusted() -> None:
    codes = np.repeat(np.array([[0, 1]], np.uint8), 100, 1)
    tree = grow(codes, codes[0], 2, 10, 1.0)
    grown = node_counts(tree, leaves_of(tree, codes), codes[0], 2)
    denied = np.array([[100.0, 100.0], [50.0, 50.0], [50.0, 50.0]])
    assert weigh(tree, grown, denied, 0.0).stop[0] > 0.99
    assert weigh(tree, grown, grown, 0.0).stop[0] < 0.01


def test_mixture_with_certain_stop_is_the_root() -> None:
    codes = np.array([[0, 1, 0, 1]], np.uint8)
    tree = grow(codes, codes[0], 2, 1, 0.0)
    shares = np.array([[0.5, 0.5], [1.0, 0.0], [0.0, 1.0]])
    assert mix(tree, shares, np.ones(3)).tolist() == [[0.5, 0.5]] * 3
    assert mix(STUMP, shares[:1], np.ones(1)).tolist() == [[0.5, 0.5]]


def test_cells_keep_common_values_and_pool_rare_ones() -> None:
    values = np.array([1.0] * 9 + [2.0, 3.0, 4.0] + [10.0] * 5 + [np.nan] * 2)
    cells, cell = number_cells(values, 64, 3)
    assert cells.mass.tolist() == [9, 3, 5, 2]
    assert cells.low.tolist()[:3] == [1.0, 1.5, 10.0]
    assert cells.high.tolist()[:3] == [1.0, 7.0, 10.0]
    assert np.isnan(cells.low[3])
    assert cell.tolist() == [0] * 9 + [1] * 3 + [2] * 5 + [3] * 2


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.one_of(st.integers(-9, 9), st.floats(-1e308, 1e308), st.none()), min_size=1),
    st.integers(1, 6),
)
def test_cells_of_any_numbers(values: list[float | None], protect: int) -> None:
    numbers = np.array([np.nan if v is None else float(v) for v in values])
    cells, cell = number_cells(numbers, 8, protect)
    assert cells.mass.sum() == len(numbers)
    assert np.array_equal(np.bincount(cell, minlength=len(cells.mass)), cells.mass)
    assert sorted(set(cells.group.tolist())) == list(range(cells.classes))
    solid = ~np.isnan(numbers)
    if not solid.any():
        return
    distinct, counts = np.unique(numbers[solid], return_counts=True)
    least, most = safe_ends(distinct, counts, protect)
    assert distinct[0] <= least <= most <= distinct[-1]
    stretches = cells.mass[cells.low < cells.high]
    assert len(stretches) < 2 or stretches.min() >= protect
    inside = np.clip(numbers, least, most)[solid]
    assert (cells.low[cell][solid] <= inside).all()
    assert (inside <= cells.high[cell][solid]).all()


def test_an_extreme_of_few_rows_gives_way_to_a_mean() -> None:
    distinct, counts = np.array([1.0, 2.0, 4.0, 90.0]), np.array([2, 1, 8, 1])
    assert safe_ends(distinct, counts, 1) == (1.0, 90.0)
    assert safe_ends(distinct, counts, 3) == (4 / 3, (90 + 4 + 4) / 3)
    assert safe_ends(np.array([7.0]), np.array([1]), 5) == (7.0, 7.0)


def test_grid_of_tens_cents_and_none() -> None:
    assert find_grid(np.array([10.0, 30.0, 70.0])).snap(np.array([34.0])).tolist() == [30.0]
    assert find_grid(np.array([0.25, 1.1, 3.33])).snap(np.array([2.004])).tolist() == [2.0]
    assert find_grid(np.array([np.pi, np.e])).step == 0
    assert find_grid(np.array([1e300, 2.0])).step == 0
    assert find_grid(np.array([5.0])).snap(np.array([5.0])).tolist() == [5.0]


def test_codes_follow_the_order_of_numbers() -> None:
    values = np.array([3.0, 1.0, np.nan, 2.0])
    coder = number_coder(Column("x", ColumnType.NUMBER), values, 1)
    assert coder.code_numbers(values).tolist() == [3, 1, 0, 2]
    many = np.arange(10_000.0)
    codes = number_coder(Column("x", ColumnType.NUMBER), many, 1).code_numbers(many)
    assert codes.max() <= 255
    assert (np.diff(codes.astype(int)) >= 0).all()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 9)), st.integers(1, 12))
def test_parts_hold_enough_rows(counts: list[int], least: int) -> None:
    part = pool(np.array(counts, np.int64), least)
    assert (np.diff(part) >= 0).all()
    rows = np.bincount(part, counts)
    assert len(rows) < 2 or rows.min() >= least
    assert len(rows) < 2 or rows[:-1].max() < least + 9


def test_golden_numbers_fill_the_unit_evenly_in_every_run() -> None:
    uniform = golden(1000, np.random.default_rng(0))
    assert uniform.min() >= 0
    assert uniform.max() < 1
    for start in (0, 137, 900):
        assert np.histogram(uniform[start : start + 100], 10, (0, 1))[0].min() >= 8


def test_entries_are_drawn_by_share_inside_the_group() -> None:
    ready = choices(np.array([1.0, 3.0, 2.0, 0.0]), np.array([0, 0, 1, 1]))
    groups, uniform = np.array([0, 0, 0, 1, 1]), np.array([0.1, 0.25, 0.99, 0.0, 0.999])
    entries = ready.draw(groups, uniform)
    assert entries.tolist() == [0, 1, 1, 2, 2]
    assert np.allclose(ready.place(entries, uniform), [0.4, 0.0, 0.74 / 0.75, 0.0, 0.999])


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 9), min_size=1), min_size=1, max_size=8), st.integers(0, 99)
)
def test_entries_are_those_of_a_plain_search(weights: list[list[int]], seed: int) -> None:
    lists = [[*few, 1] for few in weights]
    group = np.repeat(np.arange(len(lists)), [len(few) for few in lists])
    ready = choices(np.concatenate(lists).astype(float), group)
    rng = np.random.default_rng(seed)
    groups, uniform = rng.integers(0, len(lists), 200), rng.random(200)
    for g, u, entry in zip(groups, uniform, ready.draw(groups, uniform), strict=True):
        mine = ready.cumulated[group == g]
        first = int(np.flatnonzero(group == g)[0])
        assert entry == first + np.searchsorted(mine, u, side="right")


@settings(max_examples=50, deadline=None)
@given(st.sets(st.floats(-1e308, 1e308), min_size=1, max_size=254), st.integers(0, 99))
def test_stretches_are_those_of_a_plain_search(edges: set[float], seed: int) -> None:
    sorted_edges = np.array(sorted(edges))
    rng = np.random.default_rng(seed)
    values = np.concatenate([sorted_edges, rng.normal(size=50), rng.choice(sorted_edges, 50) * 0.7])
    assert np.array_equal(scale(sorted_edges).stretch(values), sorted_edges.searchsorted(values))


def test_labels_are_ordered_by_what_they_say_of_the_target() -> None:
    code = np.repeat(np.arange(4, dtype=np.uint8), 50)
    target = np.where(np.isin(code, [0, 3]), 1, 0).astype(np.uint8)
    place = order_labels(code, target, 2)[:4].tolist()
    assert sorted(place) == [0, 1, 2, 3]
    assert abs(place[0] - place[3]) == 1


@pytest.mark.parametrize(("protect", "left"), [(1, {0, 1, 2}), (3, {0, 1})])
def test_rare_labels_take_common_ones(protect: int, left: set[int]) -> None:
    number = np.array([0] * 30 + [1] * 20 + [2] * 2)
    assert set(replace_rare(number, protect, np.random.default_rng(0)).tolist()) == left


def test_halving_splits_at_equal_mass_down_to_single_classes() -> None:
    depths = [part.tolist() for part in bisect(np.array([1.0, 1.0, 6.0, 1.0, 1.0]))]
    assert depths == [[[0, 2, 5]], [[0, 1, 2], [2, 3, 5]], [[3, 4, 5]]]


def test_shares_are_pulled_to_the_parent_by_pseudo_rows() -> None:
    tree = grow(np.array([[0, 0, 1, 1]], np.uint8), np.array([0, 0, 1, 1], np.uint8), 2, 1, 0.0)
    counts = np.array([[2.0, 2.0], [2.0, 0.0], [0.0, 2.0]])
    shares = node_shares(tree, counts, bisect(counts[0]), 6.0)
    assert shares.tolist() == [[0.5, 0.5], [0.625, 0.375], [0.375, 0.625]]


def search_in(values: np.ndarray, quantum: float, powers: bool = True) -> Search:
    return Search(values, np.arange(len(values)), quantum, 5, powers)


def test_a_line_is_a_sum_or_a_product_and_fills_gaps() -> None:
    values = np.array([[2.0, np.nan, 4.0], [3.0, 5.0, 0.0]])
    total = Line(np.array([0, 1]), np.array([1.0, -1.0]), np.array([7.0, 1.0]))
    assert total.of(values).tolist() == [-1.0, 2.0, 4.0]
    product = Line(np.array([0, 1]), np.array([1.0, 2.0]), np.array([7.0, 1.0]), True)
    assert np.allclose(product.of(values), [18.0, 175.0, 4.0])


def test_the_line_that_a_column_follows_is_found() -> None:
    rng = np.random.default_rng(0)
    values = np.round(rng.lognormal(3, 0.5, (3, 3000)), 2)
    line, _, length = find_line(values[0] - values[2], search_in(values, 0.01))
    assert sorted(zip(line.sources.tolist(), line.weights.tolist(), strict=True)) == [
        (0, 1.0),
        (2, -1.0),
    ]
    assert not line.product
    assert length < 0.01
    ratio = np.round(values[1] / values[2] ** 2, 4)
    line, _, _ = find_line(ratio, search_in(values, 0.0001))
    assert line.product
    assert dict(zip(line.sources.tolist(), line.weights.tolist(), strict=True))[2] == -2.0
    assert not find_line(ratio, search_in(values, 0.0001, False))[0].product


def test_a_rate_with_rounded_results_is_one_ratio() -> None:
    rng = np.random.default_rng(0)
    net = np.round(rng.lognormal(5, 0.4, 3000), 2)
    rate = rng.choice([0.07, 0.19], 3000)
    line, step, length = find_line(np.round(net * rate, 2), search_in(net[None], 0.01))
    rest = left_over(np.round(net * rate, 2), net[None], line, step, 0.01)
    assert line.product
    assert np.unique(rest.numbers.round(6)).tolist() == [0.07, 0.19]
    assert rest.missed == 0
    assert length < 0.7


def test_ratios_too_coarse_for_the_column_are_not_used() -> None:
    rng = np.random.default_rng(0)
    base = rng.integers(100, 9000, 3000).astype(float)
    target = np.round(base * rng.uniform(0.2, 0.4, 3000))
    line, step, _ = find_line(target, search_in(base[None], 1.0))
    assert left_over(target, base[None], line, step, 1.0).missed <= 0.02


def test_orders_that_hold_in_every_row() -> None:
    rng = np.random.default_rng(0)
    low = rng.integers(0, 50, 500).astype(float)
    values = np.array([low, low + rng.integers(0, 60, 500), rng.integers(0, 90, 500)])
    low_end, high_end = find_order(low + 3, search_in(values - 0.0, 1.0))
    assert low_end.tolist() == [0]
    assert high_end.tolist() == []
    broken = low + 3
    broken[7] = low[7] - 1
    assert find_order(broken, search_in(values, 1.0))[0].tolist() == []
