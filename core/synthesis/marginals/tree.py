"""The junction tree of sets of columns: which columns are modelled together, and how that joins up.

Columns of one set are linked; eliminating the columns one by one, the cheapest first, links what
is left of each one's neighbours (Koller and Friedman, "Probabilistic Graphical Models", 2009,
section 9.4). What a column was linked with is a clique; cliques hang together over the columns
that they share, as a tree on which counts can be passed along.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

Columns = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class JunctionTree:
    """Cliques and how they hang together.

    Attributes
    ----------
    sizes
        Number of cells of each column.
    cliques
        Sets of columns in ascending order, none inside another.
    parent
        The clique that each hangs on, -1 for the root; ``order`` has parents before children.
    shared
        The columns that a clique shares with its parent.
    """

    sizes: tuple[int, ...]
    cliques: tuple[Columns, ...]
    parent: tuple[int, ...]
    order: tuple[int, ...]
    shared: tuple[Columns, ...]

    @property
    def cells(self) -> int:
        """Cells of all cliques together: what memory and time grow with."""
        return sum(cells_of(self.sizes, clique) for clique in self.cliques)

    def shape(self, columns: Columns) -> tuple[int, ...]:
        """Sizes of these columns."""
        return tuple(self.sizes[c] for c in columns)

    def holder(self, columns: Columns) -> int:
        """The smallest clique with all these columns; -1 when there is none."""
        wanted = set(columns)
        found = [i for i, clique in enumerate(self.cliques) if wanted <= set(clique)]
        return min(found, key=lambda i: cells_of(self.sizes, self.cliques[i]), default=-1)


def cells_of(sizes: Sequence[int], columns: Columns) -> int:
    """Number of cells of a set of columns."""
    return math.prod(sizes[c] for c in columns)


def junction_tree(sizes: Sequence[int], sets: Sequence[Columns]) -> JunctionTree:
    """The junction tree in which each of ``sets`` lies inside a clique."""
    cliques = tuple(find_cliques(sizes, sets))
    parent, order = [-1] * len(cliques), [0]
    shared: list[Columns] = [()] * len(cliques)
    best = {i: (_common(cliques[0], cliques[i]), 0) for i in range(1, len(cliques))}
    while best:
        child = max(best, key=lambda i: (len(best[i][0]), -i))
        shared[child], parent[child] = best.pop(child)
        order.append(child)
        for i, (common, _) in best.items():
            other = _common(cliques[child], cliques[i])
            if len(other) > len(common):
                best[i] = (other, child)
    return JunctionTree(tuple(sizes), cliques, tuple(parent), tuple(order), tuple(shared))


def find_cliques(sizes: Sequence[int], sets: Sequence[Columns]) -> list[Columns]:
    """The cliques that eliminating the columns, the cheapest next, gives rise to."""
    near: dict[int, set[int]] = {c: set() for c in range(len(sizes))}
    for columns in sets:
        for a, b in combinations(columns, 2):
            near[a].add(b)
            near[b].add(a)
    found: list[Columns] = []
    while near:
        column = min(near, key=lambda c: _cost(c, near, sizes))
        neighbours = near.pop(column)
        clique = tuple(sorted(neighbours | {column}))
        if not any(set(clique) <= set(other) for other in found):
            found.append(clique)
        for neighbour in neighbours:
            near[neighbour] |= neighbours - {neighbour}
            near[neighbour].discard(column)
    return found


def _cost(column: int, near: dict[int, set[int]], sizes: Sequence[int]) -> tuple[int, int]:
    """Cells of the clique that eliminating a column makes, then the column's number."""
    return math.prod(sizes[c] for c in near[column]) * sizes[column], column


def _common(one: Columns, other: Columns) -> Columns:
    return tuple(c for c in one if c in other)
