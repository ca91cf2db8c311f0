"""Growing one tree: entropy splits on 8-bit features, level by level, in plain array passes.

Rows are kept sorted by (node, feature code). With the rank of each row among the rows of its
node and class, the change of ``sum(c * log c)`` at every possible split is one cumulative sum,
so the cost of a level is a few passes over the rows for each feature and does not depend on the
number of classes.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.integer[Any]]
Floats = npt.NDArray[np.float64]

MAX_DEPTH = 24
MAX_NODES = 60_000
_LEAVE = 3
_DEEP = 8


@dataclass(frozen=True, slots=True)
class Tree:
    """A binary tree in breadth-first order.

    Row r of a node goes to ``child`` when its code of ``feature`` is at most ``cut`` and to
    ``child + 1`` otherwise; a leaf is its own child with a cut that no code passes.
    ``level`` holds where each depth begins, and the number of nodes at its end.
    """

    feature: npt.NDArray[np.int16]
    cut: Codes
    child: npt.NDArray[np.int32]
    level: npt.NDArray[np.int32]

    @property
    def nodes(self) -> int:
        """Number of nodes, leaves included."""
        return len(self.feature)

    @property
    def is_leaf(self) -> npt.NDArray[np.bool_]:
        """Which nodes are leaves."""
        leaf: npt.NDArray[np.bool_] = self.child == np.arange(self.nodes)
        return leaf

    @property
    def parent(self) -> npt.NDArray[np.int32]:
        """The parent of each node; the root is its own."""
        parent = np.zeros(self.nodes, np.int32)
        inner = np.flatnonzero(~self.is_leaf)
        parent[self.child[inner]] = inner
        parent[self.child[inner] + 1] = inner
        return parent


STUMP = Tree(
    np.zeros(1, np.int16), np.full(1, 255, np.uint8), np.zeros(1, np.int32), np.array([0, 1])
)


def leaves_of(tree: Tree, codes: Codes, chunk: int = 32_768) -> npt.NDArray[np.int32]:
    """The leaf (node number) of each row of ``codes`` (features x rows)."""
    rows = codes.shape[1]
    out = np.zeros(rows, np.int32)
    if tree.nodes == 1:
        return out
    feature, child = tree.feature.astype(np.intp), tree.child.astype(np.intp)
    inner = ~tree.is_leaf
    is_deep = len(tree.level) - 2 > _DEEP
    for start in range(0, rows, chunk):
        part = codes[:, start : start + chunk]
        flat, base = part.ravel(), feature * part.shape[1]
        place = np.arange(part.shape[1])
        node = np.zeros(part.shape[1], np.intp)
        for depth in range(1, len(tree.level) - 1):
            at = base.take(node)
            at += place
            right = flat.take(at) > tree.cut.take(node)
            node = child.take(node)
            node += right
            if is_deep and depth % _LEAVE == 0:
                out[start + place] = node
                going = np.flatnonzero(inner.take(node))
                place, node = place.take(going), node.take(going)
        out[start + place] = node
    return out


def grow(codes: Codes, target: Codes, classes: int, min_leaf: int, min_gain: float) -> Tree:
    """Grow a tree that tells the classes of ``target`` apart.

    Parameters
    ----------
    codes
        Features x rows; a split puts codes up to a cut to the left.
    target
        Class of each row, below ``classes``.
    min_leaf
        Least number of rows in a leaf.
    min_gain
        Least fall of the log-loss, in nats summed over the node's rows, that a split must bring.
    """
    level = _Level(codes, target, classes, min_leaf)
    features, cuts, children, starts = [], [], [], [0, 1]
    for _ in range(MAX_DEPTH):
        gain, feature, cut = level.best_splits()
        split = gain > min_gain
        if starts[-1] + 2 * split.sum() > MAX_NODES:
            split[:] = False
        first = starts[-1] + 2 * (np.cumsum(split) - 1)
        own = np.arange(starts[-2], starts[-1])
        features.append(np.where(split, feature, 0))
        cuts.append(np.where(split, cut, 255))
        children.append(np.where(split, first, own))
        if not split.any():
            return as_tree(features, cuts, children, starts)
        starts.append(starts[-1] + 2 * int(split.sum()))
        level.descend(split, feature, cut)
    own = np.arange(starts[-2], starts[-1])
    features.append(np.zeros(len(own)))
    cuts.append(np.full(len(own), 255))
    children.append(own)
    return as_tree(features, cuts, children, starts)


def as_tree(features: list, cuts: list, children: list, starts: list[int]) -> Tree:  # type: ignore[type-arg]
    """A tree of what was kept level by level; ``starts`` is where each level begins."""
    return Tree(
        np.concatenate(features).astype(np.int16),
        np.concatenate(cuts).astype(np.uint8),
        np.concatenate(children).astype(np.int32),
        np.asarray(starts, np.int32),
    )


class _Level:
    """The rows of the nodes that may still be split, sorted for each feature."""

    def __init__(self, codes: Codes, target: Codes, classes: int, min_leaf: int) -> None:
        self.codes, self.target, self.classes, self.min_leaf = codes, target, classes, min_leaf
        rows = np.arange(codes.shape[1] + 2, dtype=np.float64)
        self.entropy = rows * np.log(np.maximum(rows, 1))
        self.step = np.diff(self.entropy)
        self.node: Ints = np.zeros(codes.shape[1], np.uint8)
        self.order = [np.argsort(code, kind="stable").astype(np.int32) for code in codes]
        self.nodes = 1
        self.index = np.zeros(1, np.int64)
        self.total = 1

    def best_splits(self) -> tuple[Floats, Ints, Ints]:
        """Gain, feature and cut of the best split of each node of the level."""
        gain = np.zeros(self.nodes)
        feature, cut = np.zeros(self.nodes, np.int64), np.zeros(self.nodes, np.int64)
        if self.order and len(self.order[0]) >= 2 * self.min_leaf:
            counts = self._counts()
            for number in range(len(self.codes)):
                self._improve(number, counts, gain, feature, cut)
        every = np.zeros(self.total)
        where = [np.zeros(self.total, np.int64) for _ in range(2)]
        every[self.index], where[0][self.index], where[1][self.index] = gain, feature, cut
        return every, where[0], where[1]

    def _counts(self) -> Ints:
        rows = self.order[0]
        keys = self.node[rows].astype(np.int64) * self.classes + self.target[rows]
        return np.bincount(keys, minlength=self.nodes * self.classes)

    def _improve(self, number: int, counts: Ints, gain: Floats, feature: Ints, cut: Ints) -> None:
        order = self.order[number]
        code, node, target = self.codes[number][order], self.node[order], self.target[order]
        edge = np.flatnonzero((code[1:] != code[:-1]) & (node[1:] == node[:-1]))
        if not len(edge):
            return
        sizes = counts.reshape(self.nodes, self.classes).sum(1)
        start = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        at = node[edge].astype(np.int64)
        left = edge + 1 - start[at]
        right = sizes[at] - left
        fits = (left >= self.min_leaf) & (right >= self.min_leaf)
        if not fits.any():
            return
        edge, at, left, right = edge[fits], at[fits], left[fits], right[fits]
        total = np.cumsum(self._changes(node, target, counts))
        before = np.where(start > 0, total[start - 1], 0.0)
        won = (
            total[edge]
            - before[at]
            - (self.entropy[left] + self.entropy[right] - self.entropy[sizes[at]])
        )
        self._keep_best(number, won, at, code[edge], gain, feature, cut)

    def _changes(self, node: Ints, target: Codes, counts: Ints) -> Floats:
        """What moving each row from right to left does to the sum of c log c of both sides."""
        grouped = self._by_class(node, target)
        filled = np.flatnonzero(counts)
        sizes = counts[filled]
        starts = np.cumsum(sizes) - sizes
        rank = np.arange(len(node)) - np.repeat(starts, sizes)
        rest = np.repeat(sizes, sizes) - rank - 1
        change = np.empty(len(node))
        change[grouped] = self.step[rank] - self.step[rest]
        return change

    def _by_class(self, node: Ints, target: Codes) -> Ints:
        """The rows, which are sorted by node, sorted by class too; else in the order they have."""
        if self.nodes * self.classes <= 65_536:
            narrow = self.nodes * self.classes <= 256
            key = node.astype(np.uint16) * np.uint16(self.classes) + target
            return np.argsort(key.astype(np.uint8) if narrow else key, kind="stable")
        by_class = np.argsort(target, kind="stable")
        return by_class[np.argsort(node[by_class], kind="stable")]

    @staticmethod
    def _keep_best(
        number: int, won: Floats, at: Ints, code: Codes, gain: Floats, feature: Ints, cut: Ints
    ) -> None:
        first = np.flatnonzero(np.concatenate([[True], at[1:] != at[:-1]]))
        best = np.maximum.reduceat(won, first)
        node = at[first]
        place = np.flatnonzero(won == np.repeat(best, np.diff(np.append(first, len(won)))))
        place = place[np.unique(at[place], return_index=True)[1]]
        better = best > gain[node] + 1e-9
        gain[node[better]] = best[better]
        feature[node[better]] = number
        cut[node[better]] = code[place[better]]

    def descend(self, split: npt.NDArray[np.bool_], feature: Ints, cut: Ints) -> None:
        """Go one level down: rows of nodes that were not split leave."""
        mine = self.index
        rows = self.order[0]
        place = np.where(split[mine], np.cumsum(split)[mine] - 1, -1)
        old = self.node[rows]
        f, c = feature[mine][old], cut[mine][old]
        child = 2 * place[old] + (self.codes[f, rows] > c)
        kept = place[old] >= 0
        sizes = np.bincount(child[kept], minlength=2 * int(split.sum()))
        active = sizes >= 2 * self.min_leaf
        label = np.cumsum(active) - 1
        alive = np.zeros(len(self.node), bool)
        alive[rows[kept]] = active[child[kept]]
        self.total, self.index = len(sizes), np.flatnonzero(active)
        self.nodes = len(self.index)
        self.node = np.zeros(len(self.node), np.uint8 if self.nodes <= 256 else np.uint16)
        self.node[rows[kept]] = label[child[kept]]
        for number, order in enumerate(self.order):
            order = order[alive[order]]
            self.order[number] = order[np.argsort(self.node[order], kind="stable")]
