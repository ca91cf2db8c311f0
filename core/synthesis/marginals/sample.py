"""Rows drawn from a graphical model, clique by clique, each given the columns it shares.

Within the rows that agree in the shared columns, draws are spread evenly over the distribution
(systematic sampling: Madow, 1949), so that the sample's counts differ from the model's by less
than one row a cell, instead of by chance.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from core.synthesis.marginals.tree import Columns, JunctionTree, cells_of

Codes = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]


def sample_codes(
    tree: JunctionTree, cliques: Sequence[Floats], rows: int, rng: np.random.Generator
) -> Codes:
    """``rows`` rows of codes, one column for each of the tree's.

    ``cliques`` holds expected counts of each clique, one axis a column.
    """
    codes = np.zeros((rows, len(tree.sizes)), np.int32)
    if not rows:
        return codes
    for i in tree.order:
        own, shared = tree.cliques[i], tree.shared[i]
        rest = tuple(c for c in own if c not in shared)
        shares = np.moveaxis(cliques[i], [own.index(c) for c in shared], range(len(shared)))
        table = shares.reshape(cells_of(tree.sizes, shared), -1)
        given = _joined(codes, shared, tree.sizes)
        _split(draw_evenly(table, given, rng), rest, tree.sizes, codes)
    return codes


def joint_counts(codes: Codes, columns: Columns, sizes: tuple[int, ...]) -> npt.NDArray[np.int64]:
    """Rows in each cell of some columns, flat, the last column fastest."""
    return np.bincount(_joined(codes, columns, sizes), minlength=cells_of(sizes, columns))


def _joined(codes: Codes, columns: Columns, sizes: tuple[int, ...]) -> Places:
    joined = np.zeros(len(codes), np.int64)
    for column in columns:
        joined *= sizes[column]
        joined += codes[:, column]
    return joined


def _split(joined: Places, columns: Columns, sizes: tuple[int, ...], codes: Codes) -> None:
    """The inverse of :func:`_joined`, written into ``codes``."""
    for column in reversed(columns):
        joined, codes[:, column] = np.divmod(joined, sizes[column])


def draw_evenly(table: Floats, given: Places, rng: np.random.Generator) -> Places:
    """A column of ``table`` for each row, by the weights in row ``given`` of ``table``.

    A row without any weight counts as even. Each column is drawn within one of as often as its
    weight says.
    """
    order = np.lexsort((rng.random(len(given)), given))
    group = given[order]
    first = np.flatnonzero(np.diff(group, prepend=-1))
    size = np.diff(np.append(first, len(group)))
    rank = np.arange(len(group)) - np.repeat(first, size)
    point = (rank + np.repeat(rng.random(len(first)), size)) / np.repeat(size, size)
    used = group[first]
    ends = np.cumsum(np.maximum(table[used], 0.0), axis=1)
    ends[ends[:, -1] <= 0] = np.arange(1, table.shape[1] + 1)
    ends /= ends[:, -1:]
    row = np.repeat(np.arange(len(used)), size)
    place = np.searchsorted((ends + np.arange(len(used))[:, None]).ravel(), row + point, "right")
    drawn = np.empty(len(given), np.int64)
    drawn[order] = np.minimum(place - row * table.shape[1], table.shape[1] - 1)
    return drawn


def spread_normals(rows: int, width: int, rng: np.random.Generator) -> Floats:
    """Standard normal numbers, one in each of as many slices of equal chance in every column.

    Latin hypercube sampling (McKay, Beckman and Conover, 1979).
    """
    from scipy.special import ndtri

    places = rng.permuted(np.tile(np.arange(rows), (width, 1)), axis=1)
    numbers: Floats = ndtri((places + rng.random(places.shape)) / max(rows, 1)).T
    return np.clip(numbers, -8.0, 8.0)
