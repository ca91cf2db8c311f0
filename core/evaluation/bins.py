"""Numbers into bins, and how alike two distributions over cells are.

Two binnings: the benchmark scorer's (20 quantile bins, which sees nothing of a column that one
value dominates) for the comparable figures, and a finer one for all that is shown: frequent
values are bins of their own, and so is what lies outside the range of the training rows.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.evaluation.encoding import Encoded, Matrix
from core.evaluation.thresholds import ATOM_SHARE, QUANTILE_BINS

Codes = npt.NDArray[np.int64]
_DENSE_CELLS = 2_000_000


@dataclass(frozen=True, slots=True)
class Binned:
    """Cell numbers of every row and column; cells of column j are below ``sizes[j]``."""

    sizes: Codes
    train: Codes
    holdout: Codes
    synthetic: Codes


def scorer_edges(values: Matrix) -> Matrix:
    """Inner edges of at most 20 quantile bins, as the benchmark scorer draws them."""
    known = values[~np.isnan(values)]
    if not len(known):
        return known
    return np.unique(np.quantile(known, np.linspace(0, 1, QUANTILE_BINS + 1)))[1:-1]


def fine_edges(values: Matrix) -> Matrix:
    """Inner edges of quantile bins, with frequent values and the outside apart.

    A value ``v`` has the bin ``[v, nextafter(v))`` when at least 5 % of the rows have it, or when
    the column has no more distinct values than there are quantile bins.
    """
    known = values[~np.isnan(values)]
    if not len(known):
        return known
    distinct, counts = np.unique(known, return_counts=True)
    if len(distinct) <= QUANTILE_BINS:
        atoms = distinct
    else:
        atoms = distinct[counts >= ATOM_SHARE * len(known)]
    quantiles = np.quantile(known, np.linspace(0, 1, QUANTILE_BINS + 1))
    inner = quantiles[:-1] if len(distinct) > QUANTILE_BINS else atoms
    after = np.nextafter(np.append(atoms, known.max()), np.inf)
    return np.unique(np.concatenate([inner, atoms, after]))


def bin_table(encoded: Encoded, *, like_scorer: bool = False) -> Binned:
    """Cell numbers of all three sets of rows; cell 0 is missing (or unseen for the scorer)."""
    edges_of = scorer_edges if like_scorer else fine_edges
    sets = (encoded.train, encoded.holdout, encoded.synthetic)
    coded = [np.empty(part.shape, np.int64, order="F") for part in sets]  # read by columns
    sizes = np.empty(encoded.width, np.int64)
    for j, level in enumerate(encoded.levels):
        edges = edges_of(encoded.train[:, j]) if level == 0 else None
        sizes[j] = (len(edges) if edges is not None else int(level)) + 2
        for part, codes in zip(sets, coded, strict=True):
            codes[:, j] = cells_of(part[:, j], edges, int(level))
    return Binned(sizes, *coded)


def cells_of(values: Matrix, edges: Matrix | None, levels: int = 0) -> Codes:
    """Cell numbers of numbers with inner ``edges``, or of ranks of ``levels`` categories."""
    if edges is None:
        return np.where(values >= levels, 0, values + 1).astype(np.int64)
    return np.where(np.isnan(values), 0, np.digitize(values, edges) + 1)


def joint(codes: Codes, columns: tuple[int, ...], sizes: Codes) -> Codes:
    """One cell number a row for the joint distribution of ``columns``."""
    key = codes[:, columns[0]]
    for j in columns[1:]:
        key = key * sizes[j] + codes[:, j]
    return key


def likeness(left: Codes, right: Codes) -> float:
    """1 − total variation distance of two samples of cell numbers (both not empty)."""
    top = int(max(left.max(), right.max())) + 1
    if top > _DENSE_CELLS:
        joined = np.unique(np.concatenate([left, right]), return_inverse=True)[1]
        left, right = joined[: len(left)], joined[len(left) :]
        top = int(joined.max()) + 1
    shares = [np.bincount(part, minlength=top) / len(part) for part in (left, right)]
    return float(1 - 0.5 * np.abs(shares[0] - shares[1]).sum())


def average_ranks(values: Matrix) -> Matrix:
    """Ranks from 1; equal values share the mean of their ranks."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(counts) - (counts - 1) / 2)[places])
