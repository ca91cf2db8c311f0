"""What is drawn in a leaf: class shares, shrunk toward the nodes above and weighed by evidence.

Each node's shares are its counts plus ``strength`` pseudo-rows of its parent's shares. Rows that
did not grow the tree then say, at every inner node, how far to trust the split below it: the
leaf's final shares are the mixture over all prunings of the tree (as in context tree weighting),
and subtrees that the held-out rows do not believe in are cut off.
"""

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.synthesis.forest.grow import Tree

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.integer[Any]]

STRENGTHS = (1.0, 4.0, 12.0, 36.0, 108.0)


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


def node_shares(tree: Tree, counts: Floats, strength: float, prior: float = 0.0) -> Floats:
    """Shares of each class in each node, shrunk toward the parent's.

    ``prior`` is a number of pseudo-rows added to each class in the root.
    """
    shares = counts.copy()
    shares[0] += prior
    shares[0] /= shares[0].sum()
    parent = tree.parent
    for start, stop in _levels(tree)[1:]:
        shares[start:stop] += strength * shares[parent[start:stop]]
        shares[start:stop] /= shares[start:stop].sum(1, keepdims=True)
    return shares


def weigh(tree: Tree, grown: Floats, held: Floats, caution: float) -> Trust:
    """Choose the strength and the stopping chances by the likelihood of held-out rows.

    ``grown`` and ``held`` are node counts of the rows that grew the tree and of those that did
    not. ``caution`` is the prior log-odds of stopping at a node, in nats.
    """
    best: Trust | None = None
    for strength in STRENGTHS:
        stop, evidence = _stops(tree, node_shares(tree, grown, strength, 0.5), held, caution)
        if best is None or evidence > best.evidence:
            best = Trust(strength, stop, evidence)
    assert best is not None
    return best


def _stops(tree: Tree, shares: Floats, held: Floats, caution: float) -> tuple[Floats, float]:
    here = (held * np.log(shares)).sum(1)
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
