"""Cells of a column of numbers of which nothing is known: bounds, bins and atoms, all paid for.

1. Bounds: noisy counts of the buckets 0, ±1, ±2–3, ±4–7, … of the column's unit; what lies beyond
   the outermost buckets with clearly more rows than noise goes to them.
2. Bins: buckets that hold many rows are divided by up to sixteen, as far as the parts will stand
   out from their noise, and the parts again, down to single
   values where so many rows have the same one (an atom, such as 40 hours or a price of 99.99).
   It stops when nothing large is left; what was not spent goes to the last count.
3. Neighbouring cells with next to no rows are joined, and empty ends are cut off, by the noisy
   counts alone; ends once more by the last count, so that noise alone hardly ever moves a bound.

The idea of dividing where the noisy count is large is PrivTree's (Zhang, Xiao and Xie, 2016); here
each level is a full histogram under Gaussian noise.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.privacy.gaussian import multiplier_of
from core.privacy.ledger import Ledger
from core.privacy.noise import gaussian_counts

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]

_BUCKETS = 100
_FAN = 16
_LEVELS = 6
_CLEAR = 4.0
_ENDS = 3.0
_LARGE = 1 / 64
_BOUNDS_SHARE, _BINS_SHARE = 0.3, 0.7


@dataclass(frozen=True, slots=True)
class Found:
    """Edges of cells in whole units of the column, and the budget ρ that finding them took."""

    edges: Floats
    rho: float


def find_edges(values: Floats, ledger: Ledger, rho: float, about: str) -> Found:
    """Edges of cells for whole numbers ``values`` (missing ones left out), for at most ``rho``."""
    buckets, counts, sigma = _bounds(values, ledger, _BOUNDS_SHARE * rho, about)
    total = float(max(counts.sum(), 1))
    levels = _depth(buckets)
    spent = _BOUNDS_SHARE * rho
    edges, noisy, noise = buckets, counts.astype(float), np.full(len(counts), sigma)
    share = _BINS_SHARE * rho / levels
    sigma = multiplier_of(share) * ledger.guarantee.rows_per_person
    for level in range(levels):
        parts = _parts(edges, noisy, noise, sigma, total)
        if not (parts > 1).any():
            break
        told = f"{about}, level {level + 1}"
        edges, noisy, noise = _divide(values, (edges, noisy, noise), parts, ledger, share, told)
        spent += share
    return Found(_joined(edges, noisy, noise), spent)


def _bounds(values: Floats, ledger: Ledger, rho: float, about: str) -> tuple[Floats, Counts, float]:
    """The buckets from the first to the last with clearly more rows than noise."""
    powers = 2.0 ** np.arange(_BUCKETS + 1)
    edges = np.concatenate([1 - powers[::-1], powers])
    multiplier = multiplier_of(rho)
    noisy = gaussian_counts(counted(values, edges), multiplier, ledger, "bounds", about)
    sigma = multiplier * ledger.guarantee.rows_per_person
    clear = np.flatnonzero(noisy >= _CLEAR * sigma)
    first, last = (clear[0], clear[-1]) if len(clear) else (int(np.argmax(noisy)),) * 2
    inside = noisy[first : last + 1].copy()
    return edges[first : last + 2], inside, sigma


def counted(values: Floats, edges: Floats) -> Counts:
    """Rows in each cell; those beyond the ends in the first and the last."""
    places = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, len(edges) - 2)
    return np.bincount(places, minlength=len(edges) - 1).astype(np.int64)


def _depth(edges: Floats) -> int:
    """Levels that take the widest bucket down to single values, within the limit."""
    widest = float(np.diff(edges).max())
    return min(_LEVELS, max(1, math.ceil(math.log(max(widest, 2), _FAN))))


def _parts(
    edges: Floats, noisy: Floats, noise: Floats, sigma: float, total: float
) -> npt.NDArray[np.int64]:
    """Into how many parts each cell is divided, 1 for not at all.

    Divided are cells with many rows, and of the outermost ones those that are surely not empty, so
    that parts of even size would stand out from noise of ``sigma``.
    """
    many = np.full(len(noisy), _LARGE * total)
    many[[0, -1]] = 0.0
    divided = (noisy > np.maximum(many, _CLEAR * noise)) & (np.diff(edges) > 1)
    visible = np.maximum(noisy, 1.0) / (_CLEAR * sigma)
    powers = np.floor(np.log2(np.clip(visible, 1.0, _FAN)))
    parts: npt.NDArray[np.int64] = np.where(divided, 2.0**powers, 1.0).astype(np.int64)
    return parts


def _divide(
    values: Floats,
    cells: tuple[Floats, Floats, Floats],
    parts: npt.NDArray[np.int64],
    ledger: Ledger,
    rho: float,
    about: str,
) -> tuple[Floats, Floats, Floats]:
    """The cells with some of them divided, the parts counted anew."""
    edges, noisy, noise = cells
    starts = [
        np.unique(np.floor(np.linspace(edges[i], edges[i + 1], count + 1)))[:-1]
        for i, count in enumerate(parts)
    ]
    sizes = np.array([len(start) for start in starts])
    new = np.concatenate([*starts, edges[-1:]])
    fresh = np.repeat(parts > 1, sizes)
    multiplier = multiplier_of(rho)
    about = f"{about}, {int(fresh.sum())} cells"
    counts = counted(values, new)[fresh]
    noisy, noise = np.repeat(noisy, sizes), np.repeat(noise, sizes)
    noisy[fresh] = gaussian_counts(counts, multiplier, ledger, "bounds", about)
    noise[fresh] = multiplier * ledger.guarantee.rows_per_person
    return new, noisy, noise


def _joined(edges: Floats, noisy: Floats, noise: Floats) -> Floats:
    """Runs of neighbours with next to no rows as one cell each; empty ends are cut off.

    A run ends where the rows in it are clearly more than their noise, or a cell with clearly more
    rows of its own begins.
    """
    clear = noisy > _CLEAR * noise
    full = np.flatnonzero(noisy > _ENDS * noise)
    if not len(full):
        return edges
    kept = [edges[full[0]]]
    rows = variance = 0.0
    for i in range(full[0], full[-1] + 1):
        if clear[i] and kept[-1] < edges[i]:
            kept.append(edges[i])
            rows = variance = 0.0
        rows, variance = rows + noisy[i], variance + noise[i] ** 2
        if rows > _CLEAR / 2 * math.sqrt(variance) or i == full[-1]:
            kept.append(edges[i + 1])
            rows = variance = 0.0
    return np.array(kept)


def without_empty_ends(edges: Floats, noisy: Counts, sigma: float) -> tuple[Floats, Counts]:
    """Cells from the first to the last that holds clearly more rows than noise.

    Rows beyond go to the outermost cells, and so do their noisy counts.
    """
    full = np.flatnonzero(noisy > _CLEAR / 2 * sigma)
    if not len(full):
        return edges, noisy
    first, last = int(full[0]), int(full[-1])
    inside = noisy[first : last + 1].copy()
    inside[0] += noisy[:first].sum()
    inside[-1] += noisy[last + 1 :].sum()
    return edges[first : last + 2], inside
