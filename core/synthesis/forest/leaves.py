"""What is drawn in a leaf: class shares, shrunk toward the nodes above and weighed by evidence.

Each node's shares are its counts plus pseudo-rows of its parent's shares, at every halving of the
ordered classes. Rows that did not grow the tree then say, at every inner node, how far to trust
the split below it: the leaf's final shares are the mixture over all prunings of the tree (as in
context tree weighting), and subtrees that the held-out rows do not believe in are cut off.
"""

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.synthesis.forest.grow import Tree

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.integer[Any]]

STRENGTHS = (3.0, 10.0, 30.0, 100.0, 300.0)
_TINY = 1e-12


@dataclass(frozen=True, slots=True)
class Trust:
    """How far a tree is to be trusted: pseudo-rows, and the chance to stop at each node."""

    strength: float
    stop: Floats
    evidence: float


def node_counts(tree: Tree, leaf: Ints, target: Ints, classes: int) -> Floats:
    """Rows of each class in each node (nodes x classes)."""
    flat = np.bincount(leaf * classes + target, minlength=tree.nodes * classes)
    counts = flat.reshape(tree.nodes, classes).astype(np.float64)
    for start, stop in _levels(tree)[::-1]:
        inner = start + np.flatnonzero(tree.child[start:stop] != np.arange(start, stop))
        child = tree.child[inner]
        counts[inner] = counts[child] + counts[child + 1]
    return counts


def bisect(mass: Floats) -> list[Ints]:
    """Halve the classes, then the halves, at about equal mass, down to single classes.

    Returns, for each depth, the (first, middle, end) of each part that is halved there.
    """
    total = np.append(0, np.cumsum(mass))
    depths, parts = [], [(0, len(mass))]
    while parts:
        halved = []
        for first, end in parts:
            if end - first > 1:
                goal = (total[first] + total[end]) / 2
                middle = first + 1 + int(np.argmin(np.abs(total[first + 1 : end] - goal)))
                halved.append((first, middle, end))
        if halved:
            depths.append(np.array(halved))
        parts = [half for a, b, c in halved for half in ((a, b), (b, c))]
    return depths


def node_shares(
    tree: Tree, counts: Floats, halvings: list[Ints], strength: float, prior: float = 0.0
) -> Floats:
    """Shares of each class in each node, shrunk toward the parent's.

    At every halving of the classes (from :func:`bisect`) the share of the first half is its count
    plus ``strength`` pseudo-rows of the parent's share: coarse differences between nodes are
    taken over from few rows, fine ones only from many (a Polya tree). ``prior`` is a number of
    pseudo-rows added to each class in the root.
    """
    total = np.zeros((tree.nodes, counts.shape[1] + 1))
    np.cumsum(counts, axis=1, out=total[:, 1:])
    total[0] += prior * np.arange(total.shape[1])
    shares = np.ones(counts.shape[::-1])
    parent, levels = tree.parent, _levels(tree)[1:]
    for parts in halvings:
        first, middle, end = parts.T
        left, whole = total[:, middle] - total[:, first], total[:, end] - total[:, first]
        left[0] /= np.maximum(whole[0], _TINY)
        for start, stop in levels:
            left[start:stop] += strength * left[parent[start:stop]]
            left[start:stop] /= whole[start:stop] + strength
        for number, (a, b, c) in enumerate(parts):
            shares[a:b] *= left[:, number]
            shares[b:c] *= 1 - left[:, number]
    return np.ascontiguousarray(shares.T)


def weigh(tree: Tree, grown: Floats, held: Floats, caution: float) -> Trust:
    """Choose the strength and the stopping chances by the likelihood of held-out rows.

    Strengths are tried from the middle one on, up and then down, as long as they get better.

    ``grown`` and ``held`` are node counts of the rows that grew the tree and of those that did
    not. ``caution`` is the prior log-odds of stopping at a node, in nats.
    """
    halvings = bisect(grown[0] + held[0])
    tried: dict[int, Trust] = {}

    def trust(number: int) -> Trust:
        if number not in tried:
            shares = node_shares(tree, grown, halvings, STRENGTHS[number], 0.5)
            tried[number] = Trust(STRENGTHS[number], *_stops(tree, shares, held, caution))
        return tried[number]

    best = len(STRENGTHS) // 2
    for step in (1, -1):
        while 0 <= best + step < len(STRENGTHS):
            if trust(best + step).evidence <= trust(best).evidence:
                break
            best += step
    return trust(best)


def _stops(tree: Tree, shares: Floats, held: Floats, caution: float) -> tuple[Floats, float]:
    here = (held * np.log(np.maximum(shares, _TINY))).sum(1)
    below = here.copy()
    stop = np.ones(tree.nodes)
    quit_, go_on = -np.logaddexp(0, -caution), -np.logaddexp(0, caution)
    for start, end in _levels(tree)[::-1]:
        inner = start + np.flatnonzero(tree.child[start:end] != np.arange(start, end))
        child = tree.child[inner]
        deeper = go_on + below[child] + below[child + 1]
        below[inner] = np.logaddexp(quit_ + here[inner], deeper)
        stop[inner] = np.exp(quit_ + here[inner] - below[inner])
    return stop, float(below[0])


def prune(tree: Tree, stop: Floats, sure: float = 0.98) -> tuple[Tree, Ints]:
    """Cut subtrees below nodes where stopping is nearly sure.

    Returns the smaller tree and, for each of its nodes, the node of the old tree.
    """
    kept, starts = [np.zeros(1, np.int64)], [0, 1]
    children = []
    while True:
        mine = kept[-1]
        inner = (tree.child[mine] != mine) & (stop[mine] < sure)
        first = starts[-1] + 2 * (np.cumsum(inner) - 1)
        children.append(np.where(inner, first, np.arange(starts[-2], starts[-1])))
        if not inner.any():
            break
        child = tree.child[mine[inner]].astype(np.int64)
        kept.append(np.stack([child, child + 1], 1).ravel())
        starts.append(starts[-1] + len(kept[-1]))
    old, child = np.concatenate(kept), np.concatenate(children).astype(np.int32)
    leaf = child == np.arange(len(old))
    feature = np.where(leaf, 0, tree.feature[old]).astype(np.int16)
    cut = np.where(leaf, 255, tree.cut[old]).astype(np.uint8)
    return Tree(feature, cut, child, np.asarray(starts, np.int32)), old


def mix(tree: Tree, shares: Floats, stop: Floats) -> Floats:
    """Shares of each leaf, mixed with those of the nodes above by the stopping chances."""
    stop = np.where(tree.is_leaf, 1.0, stop)
    reach = np.ones(tree.nodes)
    mixed = shares * stop[:, None]
    parent = tree.parent
    gone = np.zeros_like(shares)
    gone[0] = 0
    for start, end in _levels(tree)[1:]:
        up = parent[start:end]
        reach[start:end] = reach[up] * (1 - stop[up])
        gone[start:end] = gone[up] + (reach[up] * stop[up])[:, None] * shares[up]
        mixed[start:end] = gone[start:end] + reach[start:end, None] * shares[start:end]
    return mixed


def _levels(tree: Tree) -> list[tuple[int, int]]:
    edges = [int(x) for x in tree.level]
    return list(itertools.pairwise(edges))
