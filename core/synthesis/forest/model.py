"""The model of one column given the columns before it, and of a table as a list of them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.synthesis.forest.association import order_labels, strongest
from core.synthesis.forest.cells import Cells, Codes, Floats, Ints
from core.synthesis.forest.columns import Coder
from core.synthesis.forest.grow import STUMP, Tree, grow, leaves_of
from core.synthesis.forest.leaves import bisect, mix, node_counts, node_shares, prune, weigh
from core.synthesis.forest.params import ForestParams
from core.synthesis.forest.relations import NO_RELATION, Relation, Slant

HELD_OUT = 0.25
MIN_GAIN = 2.0
SMALL_TABLES = ((1500, 4), (5000, 2))


@dataclass(frozen=True, slots=True)
class Conditional:
    """Class shares of a column in the leaves of a tree over earlier columns.

    Attributes
    ----------
    sources
        The earlier columns that the tree's features are, by their number.
    places
        The order in which each feature's codes are compared (features x 256).
    leaf
        For each node of the tree, the number of its row in ``shares``.
    shares
        Share of each class in each leaf (leaves x classes), to three digits; of files of version
        2 to seven.
    """

    sources: npt.NDArray[np.int32]
    places: Codes
    tree: Tree
    leaf: npt.NDArray[np.int32]
    shares: npt.NDArray[np.float16 | np.float32]


def fit_law(
    codes: Codes,
    is_label: npt.NDArray[np.bool_],
    target: Codes,
    classes: int,
    params: ForestParams,
    rng: np.random.Generator,
) -> tuple[Conditional, float]:
    """Learn the class shares of ``target`` given earlier columns (columns x rows), by one tree.

    The tree is grown on random three quarters of the rows. Returns the law and the log-loss on
    rows that did not grow the tree, in nats per row.
    """
    rows = len(target)
    shuffled = rng.permutation(rows)[: params.grow_rows]
    held, fit = np.split(shuffled, [int(len(shuffled) * HELD_OUT)])
    least = params.min_leaf * next((times for few, times in SMALL_TABLES if rows < few), 1)
    if classes == 1 or len(fit) < 2 * least or not len(codes):
        return _marginal(target, classes)
    sources = strongest(codes, target, classes, params.most_features)
    places = np.tile(np.arange(256, dtype=np.uint8), (len(sources), 1))
    for number, source in enumerate(sources):
        if is_label[source]:
            places[number] = order_labels(codes[source][fit], target[fit], classes)
    seen = np.stack([place[codes[s]] for place, s in zip(places, sources, strict=True)])
    tree = grow(seen[:, fit], target[fit], classes, least, MIN_GAIN)
    leaf = leaves_of(tree, seen)
    grown, kept = (node_counts(tree, leaf[part], target[part], classes) for part in (fit, held))
    trust = weigh(tree, grown, kept, params.caution)
    small, old = prune(tree, trust.stop)
    counts = node_counts(tree, leaf, target, classes)[old]
    shares = node_shares(small, counts, bisect(counts[0]), trust.strength)
    shares = mix(small, shares, trust.stop[old])
    return _compact(sources, places, small, shares), -trust.evidence / len(held)


def _marginal(target: Codes, classes: int) -> tuple[Conditional, float]:
    shares = np.bincount(target, minlength=classes)[None] / len(target)
    none = np.zeros(0, np.int32)
    loss = -float((shares * np.log(np.maximum(shares, 1e-12))).sum())
    return _compact(none, np.zeros((0, 256), np.uint8), STUMP, shares), loss


def _compact(sources: Ints, places: Codes, tree: Tree, shares: Floats) -> Conditional:
    """Keep the features that the tree uses and the shares of its leaves."""
    leaves = np.flatnonzero(tree.is_leaf)
    leaf = np.zeros(tree.nodes, np.int32)
    leaf[leaves] = np.arange(len(leaves))
    used, feature = np.unique(tree.feature, return_inverse=True)
    used = used[: len(sources)]
    small = Tree(feature.astype(np.int16), tree.cut, tree.child, tree.level)
    own = sources[used].astype(np.int32)
    return Conditional(own, places[used], small, leaf, shares[leaves].astype(np.float16))


@dataclass(frozen=True, slots=True)
class ColumnModel:
    """How one column is drawn: a class by its tree, a cell of the class, a value of the cell.

    Each row takes one of the trees of ``laws``. ``slants`` are lines over earlier numbers that the
    trees see as more features, after the earlier columns. ``relation`` says how a number hangs
    together with earlier ones; the cells are then those of what is left over.
    """

    coder: Coder
    cells: Cells
    laws: tuple[Conditional, ...]
    slants: tuple[Slant, ...] = ()
    relation: Relation = NO_RELATION
