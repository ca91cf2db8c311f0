"""What the trees leave out is found by holding learned rows against drawn ones, and put right."""

import itertools

import numpy as np
import pandas as pd
import pytest

from core.data.schema import Column, ColumnType, Table
from core.progress import SilentProgress
from core.synthesis.forest import Forest, ForestParams
from core.synthesis.forest.contrast import (
    DRAWN,
    LEAST,
    MOST,
    Effort,
    Step,
    contrast,
    kept_share,
    log_odds,
)
from core.synthesis.forest.grow import Tree, leaves_of
from core.synthesis.forest.refine import FEWEST_ROWS, MOST_ROWS, effort_of, is_worth_it

NAMES = ("a", "b", "c")
TABLE = Table("t", tuple(Column(name, ColumnType.CATEGORY) for name in NAMES))


def parity(rows: int = FEWEST_ROWS) -> pd.DataFrame:
    """Two coins, and a third column that is 1 in 90 % of the rows in which they differ."""
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 2, (2, rows))
    c = np.where(rng.random(rows) < 0.9, a ^ b, 1 - (a ^ b))
    return pd.DataFrame({"a": a, "b": b, "c": c}).astype("string")


def fitted(frame: pd.DataFrame, context: tuple[str, ...] = (), **params: float) -> Forest:
    forest = Forest(ForestParams(**{"corrections": 10, **params}))  # type: ignore[arg-type]
    rng = np.random.default_rng(1)
    forest.fit(frame, TABLE, rng=rng, progress=SilentProgress(), context=context)
    return forest


def draw(forest: Forest, rows: int, given: pd.DataFrame | None = None) -> pd.DataFrame:
    rng = np.random.default_rng(2)
    return forest.sample(rows, rng=rng, progress=SilentProgress(), given=given)


def table_of(learned: dict[tuple[int, int], int], times: int = 1) -> np.ndarray:
    """Codes of two columns with so many rows of each pair."""
    pairs = [pair for pair, rows in learned.items() for _ in range(rows * times)]
    return np.array(pairs, np.uint8).T


def test_odds_are_how_many_times_more_often_rows_are_learned_than_drawn() -> None:
    learned = table_of({(0, 0): 1500, (0, 1): 500, (1, 0): 500, (1, 1): 1500})
    drawn = table_of(dict.fromkeys(itertools.product((0, 1), repeat=2), 1000), DRAWN)
    labels = np.zeros(2, bool)
    steps = tuple(contrast(learned, drawn, labels, Effort(60), np.random.default_rng(0)))
    odds = np.exp(log_odds(steps, np.array([[0, 0, 1, 1], [0, 1, 0, 1]], np.uint8)))
    assert odds == pytest.approx([1.5, 0.5, 0.5, 1.5], rel=0.15)


def test_codes_of_labels_are_put_in_the_order_that_tells_most() -> None:
    often = {(code, 0): 900 if code % 2 else 100 for code in range(8)}
    learned = table_of(often)
    drawn = table_of(dict.fromkeys(often, 500), DRAWN)
    (step,) = contrast(learned, drawn, np.ones(2, bool), Effort(1), np.random.default_rng(0))
    odds = step.of(np.array([range(8), [0] * 8], np.uint8))
    assert (odds[1::2] > 0).all()
    assert (odds[::2] < 0).all()


def test_equal_tables_tell_nothing() -> None:
    rng = np.random.default_rng(0)
    learned = rng.integers(0, 20, (4, 6000)).astype(np.uint8)
    drawn = rng.integers(0, 20, (4, 6000 * DRAWN)).astype(np.uint8)
    steps = tuple(contrast(learned, drawn, np.zeros(4, bool), Effort(5), np.random.default_rng(1)))
    fresh = rng.integers(0, 20, (4, 6000)).astype(np.uint8)
    assert np.abs(log_odds(steps, fresh)).mean() < 0.15


def test_a_step_adds_what_its_leaf_says() -> None:
    tree = Tree(
        np.zeros(3, np.int16), np.array([4, 255, 255], np.uint8), np.array([1, 1, 2], np.int32),
        np.array([0, 1, 3], np.int32),
    )  # fmt: skip
    backwards = np.arange(255, -1, -1, dtype=np.uint8)[None]
    step = Step(np.array([1], np.int32), backwards, tree, np.array([0, -1, 1], np.float32))
    codes = np.array([[9, 9], [0, 255]], np.uint8)
    assert step.of(codes).tolist() == [1, -1]


def test_leaves_are_as_large_as_asked() -> None:
    rng = np.random.default_rng(0)
    learned = rng.integers(0, 40, (2, 3000)).astype(np.uint8)
    drawn = rng.integers(0, 40, (2, 3000 * DRAWN)).astype(np.uint8)
    drawn[1] = drawn[0]
    codes = np.concatenate([learned, drawn], axis=1)
    weight = np.where(np.arange(codes.shape[1]) < 3000, DRAWN, 1)
    for least in (LEAST, 400):
        for step in contrast(learned, drawn, np.zeros(2, bool), Effort(3, least), rng):
            leaf = leaves_of(step.tree, codes[step.sources])
            found = np.bincount(leaf, weight)
            assert len(found[found > 0]) > 2
            assert found[found > 0].min() > 2 * least
    assert effort_of(ForestParams()).least == LEAST
    assert effort_of(ForestParams(min_leaf=200, corrections=7)) == Effort(7, 600)


def test_rows_are_kept_in_proportion_up_to_a_limit() -> None:
    odds = np.log([MOST / 4, MOST / 2, MOST, 100])
    assert kept_share(odds) == pytest.approx([0.25, 0.5, 1, 1])


def test_tables_too_small_or_too_large_are_not_corrected() -> None:
    assert is_worth_it(FEWEST_ROWS, 1)
    assert is_worth_it(MOST_ROWS, 1)
    assert not is_worth_it(FEWEST_ROWS - 1, 1)
    assert not is_worth_it(MOST_ROWS + 1, 1)
    assert not is_worth_it(FEWEST_ROWS, 0)


def test_what_no_single_split_shows_is_put_right() -> None:
    frame = parity()

    def held(rows: pd.DataFrame) -> float:
        return float(((rows["a"] != rows["b"]) == (rows["c"] == "1")).mean())

    plain = held(draw(fitted(frame, corrections=0, caution=100), 4000))
    assert plain < 0.6
    assert held(draw(fitted(frame, corrections=30, caution=100), 4000)) > plain + 0.15


@pytest.mark.parametrize("rows", [1, 3000])
def test_given_columns_stay_and_every_row_is_filled(rows: int) -> None:
    forest = fitted(parity(), ("b",))
    given = pd.DataFrame({"b": pd.array(["0", "1", "1"] * (rows // 3 + 1), "string")})[:rows]
    drawn = draw(forest, rows, given)
    assert drawn["b"].tolist() == given["b"].tolist()
    assert drawn.notna().all(axis=None)
    assert list(drawn) == list(NAMES)


@pytest.mark.parametrize("context", [(), ("b",)])
def test_a_corrected_forest_can_draw_no_rows(context: tuple[str, ...]) -> None:
    given = pd.DataFrame({"b": pd.array([], "string")}) if context else None
    drawn = draw(fitted(parity(), context, corrections=1), 0, given)
    assert len(drawn) == 0
    assert list(drawn) == list(NAMES)


def test_same_seed_same_rows_in_one_thread_or_two_and_from_the_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    forest = fitted(parity())
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    alone = draw(fitted(parity()), 70_000)
    pd.testing.assert_frame_equal(draw(forest, 70_000), alone)
    pd.testing.assert_frame_equal(draw(Forest.load(forest.dump()), 70_000), alone)
    assert forest.dump() == Forest.load(forest.dump()).dump()
