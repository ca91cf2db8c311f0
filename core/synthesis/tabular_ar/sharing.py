"""In small tables, numbers that lie close share what is learned of them.

A column of numbers has many classes, and in a small table few rows in each: the network would learn
each number by the few rows that have it, and tie those rows' other values to it. There the vectors
of a column's classes, where a row enters and in the heads, are sums over their neighbours in rank:
what holds for a stretch of numbers is learned at once by all of it, what is particular to one
number only slowly, and training ends before that. A number that many rows have lies far from all
others in rank, and keeps its own. After training the sums are worked out, so that a fitted network
is the same as any other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.synthesis.forest.cells import Cells, Floats
from core.synthesis.tabular_ar.columns import Field
from core.synthesis.tabular_ar.network import Shape, Weights

REACH = 0.05
OWN = 0.3
_SHARED = ("embedding", "heads")


@dataclass(frozen=True, slots=True)
class Sharing:
    """What each class of some columns takes from the others.

    Attributes
    ----------
    blocks
        For each such column, where its classes begin among all, and a matrix (classes x classes).
    """

    blocks: Mapping[int, Any]

    def of(self, weights: Weights) -> Weights:
        """The weights as the network uses them."""
        if not self.blocks:
            return weights
        return {**weights, **{name: self._summed(weights[name]) for name in _SHARED}}

    def _summed(self, table: Any) -> Any:
        import torch

        parts, done = [], 0
        for start, matrix in self.blocks.items():
            parts += [table[done:start], matrix @ table[start : start + len(matrix)]]
            done = start + len(matrix)
        return torch.cat([*parts, table[done:]])


def sharing_of(fields: tuple[Field, ...], shape: Shape, device: str) -> Sharing:
    """Sharing for all columns of numbers."""
    import torch

    blocks = {}
    for place in shape.numbers:
        matrix = torch.from_numpy(neighbours(fields[place].cells).astype(np.float32))
        blocks[int(shape.starts[place])] = matrix.to(device)
    return Sharing(blocks)


def neighbours(cells: Cells) -> Floats:
    """What each class takes from each (classes x classes); the missing value keeps to itself.

    Weights fall with the distance in rank as a normal density of deviation ``REACH`` does (a share
    of the rows), and are the higher the more rows a neighbour has. Each class has ``OWN`` of itself
    beside them.
    """
    mass = np.bincount(cells.group, cells.mass, cells.classes)
    least = np.full(cells.classes, np.inf)
    np.fmin.at(least, cells.group, cells.low)
    order = np.argsort(least, kind="stable")[: int((least < np.inf).sum())]
    place = (np.cumsum(mass[order]) - mass[order] / 2) / mass.sum()
    near = np.exp(-(((place[:, None] - place) / REACH) ** 2) / 2) * np.sqrt(mass[order])
    near /= np.maximum(np.sqrt((near**2).sum(axis=1, keepdims=True)), 1e-12)
    matrix = np.eye(cells.classes)
    matrix[np.ix_(order, order)] = (1 - OWN) * near + OWN * np.eye(len(order))
    return matrix
