"""A Gaussian copula of noisy counts: single columns as counted, and one correlation a pair.

Each column is thought of as a normal number cut into its cells. Tables of all pairs, coarse and
noisy, give how the numbers of two columns go together: with the mean of the normal number within
each cell as the cell's score, the covariance of scores is, to first order, the correlation times
the variances of the scores (Mehler's expansion; Kowalski, 1973). The matrix of all correlations is
brought to the nearest that is one. Labels have no order of their own: they get the one in which
they differ most in the other columns, by the noisy tables (correspondence analysis; Greenacre,
1984). All of it but the tables looks at no row.
"""

from dataclasses import dataclass
from itertools import combinations
from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.errors import InvalidInput
from core.privacy.domain import Codes, Domain
from core.synthesis.marginals.adaptive import Told
from core.synthesis.marginals.coarse import Places, coarse_places, coarsened
from core.synthesis.marginals.fitted import Arrays, GroupedDomain
from core.synthesis.marginals.learn import Cells
from core.synthesis.marginals.sample import spread_normals
from core.synthesis.marginals.tree import Columns

Floats = npt.NDArray[np.float64]

_COUNTING = 0.3
_NUMBERS, _LABELS = 8, 16
_MOST = 0.95
_LEAST = 1e-3
_ROWS_AT_ONCE = 100_000


@dataclass(frozen=True, slots=True)
class FittedCopula:
    """All that is kept: cells, how often each group comes, in which order, and the correlations.

    Attributes
    ----------
    order
        Groups of each column in the order in which the normal number rises.
    shares
        Share of each group, by number of the group.
    root
        A matrix whose product with its transpose is that of the correlations.
    """

    cells: GroupedDomain
    order: tuple[Places, ...]
    shares: tuple[Floats, ...]
    root: Floats

    @property
    def domain(self) -> Domain:
        """The cells of each column."""
        return self.cells.domain

    def sample(self, rows: int, rng: np.random.Generator) -> pd.DataFrame:
        """Rows with values drawn inside their cells."""
        parts = [np.zeros((0, len(self.order)), np.int32)]
        for start in range(0, rows, _ROWS_AT_ONCE):
            parts.append(self._codes(min(_ROWS_AT_ONCE, rows - start), rng))
        return self.cells.values(np.concatenate(parts), rng)

    def _codes(self, rows: int, rng: np.random.Generator) -> Codes:
        from scipy.special import ndtr

        levels = ndtr(spread_normals(rows, len(self.order), rng) @ self.root.T)
        codes = np.zeros((rows, len(self.order)), np.int32)
        for i, (order, shares) in enumerate(zip(self.order, self.shares, strict=True)):
            ends = np.cumsum(shares[order])
            place = np.searchsorted(ends / ends[-1], levels[:, i], side="right")
            codes[:, i] = order[np.minimum(place, len(order) - 1)]
        return codes

    def dump(self) -> bytes:
        """JSON and arrays, without pickle."""
        arrays: Arrays = {"root": self.root}
        for i, (order, shares) in enumerate(zip(self.order, self.shares, strict=True)):
            arrays |= {f"order{i}": order, f"shares{i}": shares}
        return self.cells.pack({}, arrays)

    @classmethod
    def load(cls, blob: bytes) -> Self:
        """The inverse of :meth:`dump`; raises ``InvalidInput`` for other bytes."""
        what = "copula of noisy counts"
        cells, _, arrays = GroupedDomain.unpack(blob, what)
        columns = range(len(cells.groups))
        try:
            order = tuple(arrays[f"order{i}"] for i in columns)
            return cls(cells, order, tuple(arrays[f"shares{i}"] for i in columns), arrays["root"])
        except KeyError as error:
            raise InvalidInput(f"These bytes are no {what}.") from error


def fit_copula(cells: Cells, told: Told) -> FittedCopula:
    """The copula after all of the budget was spent; ``told`` hears the share spent."""
    counts = [np.maximum(noisy, 0.5) for noisy in cells.counted_again(_COUNTING)]
    places = coarse_places(cells, counts, _NUMBERS, _LABELS)
    coarse = coarsened(cells, places)
    told(_COUNTING)
    tables = _tables(coarse, (1 - _COUNTING) * cells.rho)
    told(1.0)
    held = [np.bincount(own, noisy) for own, noisy in zip(places, counts, strict=True)]
    shares = [own / own.sum() for own in held]
    ranks = [_ranks(i, coarse, shares, tables) for i in range(len(places))]
    scores = [_scores(share, rank) for share, rank in zip(shares, ranks, strict=True)]
    order = tuple(np.argsort(r[own], kind="stable") for r, own in zip(ranks, places, strict=True))
    return FittedCopula(
        cells.grouped,
        order,
        tuple(noisy / noisy.sum() for noisy in counts),
        _root(_correlations(scores, shares, tables)),
    )


def _tables(cells: Cells, rho: float) -> dict[Columns, Floats]:
    """Noisy shares of each pair of columns that vary; all of ``rho`` is spent on them."""
    varied = [c for c, size in enumerate(cells.sizes) if size > 1]
    pairs = list(combinations(varied, 2))
    return {p: cells.measure(p, rho / len(pairs)).counts / cells.rows for p in pairs}


def _ranks(
    column: int, cells: Cells, shares: list[Floats], tables: dict[Columns, Floats]
) -> Places:
    """The rank of each place of a column: as they are for numbers, by the other columns else."""
    size = len(shares[column])
    off = [
        _departures(shares[column], shares[sum(pair) - column], table, column == pair[1])
        for pair, table in tables.items()
        if column in pair
    ]
    if not cells.domain.columns[column].is_label or size < 3 or not off:
        return np.arange(size)
    main = np.linalg.svd(np.concatenate(off, axis=1), full_matrices=False)[0][:, 0]
    rank = np.empty(size, np.int64)
    rank[np.argsort(main / np.sqrt(shares[column]), kind="stable")] = np.arange(size)
    return rank


def _departures(own: Floats, other: Floats, table: Floats, is_second: bool) -> Floats:
    """How far a table is from independence, in units of chance; own places in rows."""
    expected = np.outer(own, other)
    return ((table.T if is_second else table) - expected) / np.sqrt(np.maximum(expected, _LEAST))


def _scores(shares: Floats, rank: Places) -> Floats:
    """The mean of a standard normal number within each place."""
    from scipy.stats import norm

    order = np.argsort(rank)
    edges = norm.ppf(np.clip(np.cumsum(shares[order]), 0.0, 1.0)[:-1])
    heights = np.concatenate([[0.0], norm.pdf(edges), [0.0]])
    scores = np.empty(len(shares))
    scores[order] = -np.diff(heights) / shares[order]
    return scores


def _correlations(
    scores: list[Floats], shares: list[Floats], tables: dict[Columns, Floats]
) -> Floats:
    """One correlation a pair, to first order; none where a column does not vary."""
    matrix = np.eye(len(scores))
    varied = [float((own**2 * share).sum()) for own, share in zip(scores, shares, strict=True)]
    for (i, j), table in tables.items():
        together = float(scores[i] @ (table - np.outer(shares[i], shares[j])) @ scores[j])
        found = together / max(varied[i] * varied[j], _LEAST)
        matrix[i, j] = matrix[j, i] = np.clip(found, -_MOST, _MOST)
    return matrix


def _root(matrix: Floats) -> Floats:
    """The root of the nearest matrix without negative eigenvalues, with ones on the diagonal."""
    values, vectors = np.linalg.eigh(matrix)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    lengths = np.sqrt((root**2).sum(axis=1, keepdims=True))
    scaled: Floats = root / np.maximum(lengths, 1e-12)
    return scaled
