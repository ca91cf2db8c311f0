"""An isolation forest (Liu, Ting and Zhou 2008): how few random cuts set a row apart.

All trees grow at once, level by level, on arrays; the same generator gives the same scores.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

SAMPLE = 256
_EULER = 0.5772156649015329

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Cuts:
    """Cuts of one level, trees by nodes: by which column, and where; NaN: a leaf."""

    column: Whole
    place: Floats


def isolation_scores(rows: Floats, rng: np.random.Generator, trees: int = 100) -> Floats:
    """Scores of rows (n by columns, none missing): around 0.5 like the others, near 1 set apart.

    Each tree is grown on at most :data:`SAMPLE` rows, to the depth at which half of them would
    stand alone. The score is 2 to the power of −(mean depth) / (expected depth).
    """
    size = min(SAMPLE, len(rows))
    picked = np.stack([rng.choice(len(rows), size, replace=False) for _ in range(trees)])
    levels = max(math.ceil(math.log2(max(size, 2))), 1)
    grown = np.zeros((trees, size), dtype=np.int64)
    walked = np.zeros((trees, len(rows)), dtype=np.int64)
    depth = np.zeros((trees, len(rows)))
    trunk = np.arange(trees)[:, None]
    for level in range(levels):
        cuts = _grow(rows, picked, grown, 2**level, rng)
        cut = cuts.place[trunk, walked]
        depth += ~np.isnan(cut)
        walked = 2 * walked + (rows[np.arange(len(rows)), cuts.column[trunk, walked]] > cut)
        cut = cuts.place[trunk, grown]
        grown = 2 * grown + (rows[picked, cuts.column[trunk, grown]] > cut)
    left = np.zeros((trees, 2**levels))
    np.add.at(left, (np.broadcast_to(trunk, grown.shape), grown), 1)
    depth += _expected(left)[trunk, walked]
    scores: Floats = 2.0 ** (-depth.mean(axis=0) / max(float(_expected(np.array(size))), 1e-9))
    return scores


def _grow(rows: Floats, picked: Whole, grown: Whole, nodes: int, rng: np.random.Generator) -> _Cuts:
    """A random cut for each node, between the ends of a column that varies there."""
    trees, columns = len(picked), rows.shape[1]
    flat = (np.arange(trees)[:, None] * nodes + grown).ravel()
    order = np.argsort(flat, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(flat[order]) > 0])
    values = rows[picked.ravel()[order]]
    low = np.full((trees * nodes, columns), np.nan)
    high = low.copy()
    low[flat[order][starts]] = np.minimum.reduceat(values, starts)
    high[flat[order][starts]] = np.maximum.reduceat(values, starts)
    keys = np.where(high > low, rng.random(low.shape), -1.0)
    column = keys.argmax(axis=1)
    node = np.arange(len(column))
    share = rng.random(len(column))
    place = low[node, column] + share * (high[node, column] - low[node, column])
    place[keys[node, column] < 0] = np.nan
    return _Cuts(column.reshape(trees, nodes), place.reshape(trees, nodes))


def _expected(count: Floats) -> Floats:
    """The mean depth of an unsuccessful search among so many rows."""
    some = np.maximum(count, 2.0)
    depth = 2 * (np.log(np.maximum(some - 1, 1)) + _EULER) - 2 * (some - 1) / some
    found: Floats = np.where(count > 2, depth, np.where(count == 2, 1.0, 0.0))
    return found
