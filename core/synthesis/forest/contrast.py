"""Telling learned rows from drawn ones: boosted trees on the codes of whole rows.

A chain of trees, one a column, leaves out what no single column shows strongly enough. What it
leaves out is found by a second learner that sees whole rows, learned ones and drawn ones, and adds
up small trees (gradient boosting of the logistic loss; Friedman 2001). The log-odds that it gives
a row estimate how many times more often such a row is learned than drawn; drawn rows are then kept
in that proportion (discriminator rejection sampling; Azadi et al. 2019).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.synthesis.forest.cells import Codes, Floats, Ints
from core.synthesis.forest.grow import Tree, as_tree, leaves_of

DRAWN = 2
"""Drawn rows for each learned row; a learned row weighs as much as so many drawn ones."""

MOST = 1.6
"""So many times more often than another row, and no more, a row can be kept for its odds of 1."""

LEAST = 30
"""A leaf of a contrast weighs as much as so many drawn rows at least."""

_AS_IS = np.arange(256, dtype=np.uint8)
_SHARE = 1 / 3
_RATE = 0.2
_DEPTH = 8
_PRIOR = 50.0
_UNIT = 1024
_PACK = 2.0**32


@dataclass(frozen=True, slots=True)
class Effort:
    """How a contrast is learned: the number of trees, and the least that a leaf weighs."""

    rounds: int
    least: int = LEAST


@dataclass(frozen=True, slots=True)
class Step:
    """One tree of a contrast.

    Attributes
    ----------
    sources
        The columns that the tree's features are, by their number.
    places
        The order in which each feature's codes are compared (features x 256).
    odds
        What a row in each node of the tree adds to the log-odds.
    """

    sources: npt.NDArray[np.int32]
    places: Codes
    tree: Tree
    odds: npt.NDArray[np.float32]

    def of(self, codes: Codes) -> npt.NDArray[np.float32]:
        """What the tree adds to the log-odds of each row of ``codes`` (columns x rows)."""
        seen = codes.take(self.sources, axis=0)
        for code, place in zip(seen, self.places, strict=True):
            if not np.array_equal(place, _AS_IS):
                code[:] = place.take(code)
        return self.odds.take(leaves_of(self.tree, seen))


def log_odds(steps: tuple[Step, ...], codes: Codes) -> Floats:
    """Log of how many times more often rows like each of ``codes`` are learned than drawn."""
    total: Floats = np.zeros(codes.shape[1])
    for step in steps:
        total += step.of(codes)
    return total


def kept_share(odds: Floats) -> Floats:
    """Which share of the rows with these log-odds is kept; beyond ``MOST`` times, all are."""
    share: Floats = np.exp(np.minimum(odds - np.log(MOST), 0.0))
    return share


def contrast(
    learned: Codes,
    drawn: Codes,
    is_label: npt.NDArray[np.bool_],
    effort: Effort,
    rng: np.random.Generator,
) -> Iterator[Step]:
    """Trees that tell ``learned`` from ``drawn`` rows, one after the other.

    Parameters
    ----------
    learned, drawn
        Codes of rows (columns x rows); ``DRAWN`` times as many drawn as learned ones.
    is_label
        Which columns have codes without an order.
    effort
        How many trees, and of which leaves. Each is grown on a third of the rows, drawn anew.
    """
    codes = np.concatenate([learned, drawn], axis=1)
    real = np.arange(codes.shape[1]) < learned.shape[1]
    weight = np.where(real, DRAWN, 1)
    total: Floats = np.zeros(codes.shape[1])
    for _ in range(effort.rounds):
        picked = np.flatnonzero(rng.random(len(total)) < _SHARE)
        share = 1 / (1 + np.exp(-total[picked]))
        pull = weight[picked] * (real[picked] - share)
        step = _step(codes[:, picked], is_label, _pack(pull, weight[picked]), effort.least)
        total += step.of(codes)
        yield step


def _pack(pull: Floats, weight: Ints) -> Floats:
    """Two sums in one: whole weights, and pulls to the 1,024th, exact in 53 bits."""
    packed: Floats = np.asarray(weight * _PACK + np.rint(pull * _UNIT), np.float64)
    return packed


def _unpack(packed: Any) -> tuple[Floats, Floats]:
    weight = np.rint(packed / _PACK)
    return (packed - weight * _PACK) / _UNIT, weight


def _step(codes: Codes, is_label: npt.NDArray[np.bool_], packed: Floats, least: int) -> Step:
    """One tree on ``codes`` whose nodes move the log-odds by a Newton step, shrunk."""
    places = np.tile(_AS_IS, (len(codes), 1))
    for number in np.flatnonzero(is_label):
        places[number] = _by_pull(codes[number], packed)
    seen = np.stack([place.take(code) for place, code in zip(places, codes, strict=True)])
    tree, node = _grow(seen, packed, least)
    pull, weight = _unpack(np.bincount(node, weights=packed, minlength=tree.nodes))
    odds = np.where(tree.is_leaf, 4 * _RATE * pull / (weight + _PRIOR), 0.0)
    used, feature = np.unique(tree.feature[~tree.is_leaf], return_inverse=True)
    features = np.zeros(tree.nodes, np.int16)
    features[~tree.is_leaf] = feature
    small = Tree(features, tree.cut, tree.child, tree.level)
    return Step(used.astype(np.int32), places[used], small, odds.astype(np.float32))


def _by_pull(code: Codes, packed: Floats) -> Codes:
    """The place of each of 256 codes by its mean pull; codes that do not occur come last."""
    pull, weight = _unpack(np.bincount(code, weights=packed, minlength=256))
    mean = np.where(weight > 0, pull / (weight + _PRIOR), np.inf)
    place = np.zeros(256, np.uint8)
    place[np.argsort(mean, kind="stable")] = np.arange(256)
    return place


def _grow(seen: Codes, packed: Floats, least: int) -> tuple[Tree, Ints]:
    """A tree of the best splits level by level, and the node in which each row ends."""
    rows = np.arange(seen.shape[1])
    ends, node = np.zeros(len(rows), np.intp), np.zeros(len(rows), np.intp)
    features, cuts, children, starts = [], [], [], [0, 1]
    opened = np.zeros(1, np.intp)
    while True:
        number, size = len(opened), starts[-1] - starts[-2]
        feature, cut = np.zeros(size, np.intp), np.full(size, 255)
        if number and len(starts) <= _DEPTH + 1:
            feature[opened], cut[opened] = _best(seen, (rows, node), packed, number, least)
        split = cut < 255
        first = starts[-1] + 2 * (np.cumsum(split) - 1)
        features.append(feature)
        cuts.append(cut)
        children.append(np.where(split, first, np.arange(starts[-2], starts[-1])))
        if not split.any():
            break
        kept = split[opened].take(node)
        rows, own = rows[kept], opened.take(node[kept])
        right = seen[feature.take(own), rows] > cut.take(own)
        ends[rows] = first.take(own) + right
        starts.append(starts[-1] + 2 * int(split.sum()))
        weight = _unpack(
            np.bincount(ends[rows] - starts[-2], packed[rows], starts[-1] - starts[-2])
        )[1]
        active = weight >= 2 * least
        opened, place = np.flatnonzero(active), np.cumsum(active) - 1
        kept = active.take(ends[rows] - starts[-2])
        rows = rows[kept]
        node = place.take(ends[rows] - starts[-2])
    return as_tree(features, cuts, children, starts), ends


def _best(
    seen: Codes, inside: tuple[Ints, Ints], packed: Floats, nodes: int, least: int
) -> tuple[Ints, npt.NDArray[Any]]:
    """Feature and cut of the best split of each node; a cut of 255 where none is worth it.

    ``inside`` has rows, and the node that each is in.
    """
    rows, node = inside
    best, feature, cut = np.zeros(nodes), np.zeros(nodes, np.intp), np.full(nodes, 255)
    weights = packed.take(rows)
    for number, codes in enumerate(seen):
        width = int(codes.max()) + 1
        if width > 1:
            at = codes.take(rows).astype(np.intp)
            at *= nodes
            at += node
            sums = np.bincount(at, weights, width * nodes).reshape(width, nodes)
            gain = _gains(sums.cumsum(0), least)
            place = gain.argmax(0)
            won = gain[place, np.arange(nodes)]
            better = won > best
            best[better], feature[better], cut[better] = won[better], number, place[better]
    return feature, cut


def _gains(sums: Floats, least: int) -> Floats:
    """How much better two sides of ``least`` and more are than one, for each cut (cuts x nodes)."""
    pull, weight = _unpack(sums)
    all_pull, all_weight = pull[-1], weight[-1]
    pull, weight = pull[:-1], weight[:-1]
    other, rest = all_pull - pull, all_weight - weight
    gain: Floats = pull * pull / (weight + _PRIOR)
    gain += other * other / (rest + _PRIOR)
    gain -= all_pull * all_pull / (all_weight + _PRIOR)
    gain[np.minimum(weight, rest) < least] = 0.0
    return gain
