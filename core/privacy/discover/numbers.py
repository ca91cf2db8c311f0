"""Cells of a column of numbers of which nothing is known: bounds, bins and atoms, all paid for.

1. Bounds: noisy counts of the buckets 0, ±1, ±2–3, ±4–7, … of the column's unit; what lies beyond
   the outermost buckets with clearly more rows than noise goes to them.
2. Bins: buckets that hold many rows are divided by sixteen, and their parts again, down to single
   values where so many rows have the same one (an atom, such as 40 hours or a price of 99.99).
   It stops when nothing large is left; what was not spent goes to the last count.
3. Neighbouring cells with next to no rows are joined, by the noisy counts alone.

The idea of dividing where the noisy count is large is PrivTree's (Zhang, Xiao and Xie, 2016); here
each level is a full histogram under Gaussian noise.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.privacy.ledger import Ledger
from core.privacy.noise import gaussian_counts

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]

_BUCKETS = 100
_FAN = 16
_LEVELS = 6
_CLEAR = 4.0
_LARGE = 1 / 64
_BOUNDS_SHARE, _BINS_SHARE = 0.3, 0.7


@dataclass(frozen=True, slots=True)
class Found:
    """Edges of cells in whole units of the column, and the zCDP that finding them took."""

    edges: Floats
    rho: float


def multiplier_of(rho: float) -> float:
    """The noise multiplier of Gaussian noise that costs ``rho``."""
    return math.sqrt(1 / (2 * rho))


def find_edges(values: Floats, ledger: Ledger, rho: float, about: str) -> Found:
    """Edges of cells for whole numbers ``values`` (missing ones left out), for at most ``rho``."""
    buckets, counts, sigma = _bounds(values, ledger, _BOUNDS_SHARE * rho, about)
    total = float(max(counts.sum(), 1))
    levels = _depth(buckets)
    spent = _BOUNDS_SHARE * rho
    edges, noisy, noise = buckets, counts.astype(float), np.full(len(counts), sigma)
    for level in range(levels):
        divided = _to_divide(edges, noisy, noise, total)
        if not divided.any():
            break
        share = _BINS_SHARE * rho / levels
        edges, noisy, noise = _divide(
            values, (edges, noisy, noise), divided, ledger, share, f"{about}, level {level + 1}"
        )
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


def _to_divide(edges: Floats, noisy: Floats, noise: Floats, total: float) -> npt.NDArray[np.bool_]:
    """Cells with many rows, and of the outermost ones those that are surely not empty."""
    clear = _CLEAR * noise
    many = np.maximum(clear, _LARGE * total)
    many[[0, -1]] = clear[[0, -1]]
    divided: npt.NDArray[np.bool_] = (noisy > many) & (np.diff(edges) > 1)
    return divided


def _divide(
    values: Floats,
    cells: tuple[Floats, Floats, Floats],
    divided: npt.NDArray[np.bool_],
    ledger: Ledger,
    rho: float,
    about: str,
) -> tuple[Floats, Floats, Floats]:
    """The cells with some of them divided, the parts counted anew."""
    edges, noisy, noise = cells
    parts = [
        np.unique(np.floor(np.linspace(edges[i], edges[i + 1], _FAN + 1)))[:-1]
        if cut
        else edges[[i]]
        for i, cut in enumerate(divided)
    ]
    sizes = np.array([len(part) for part in parts])
    new = np.concatenate([*parts, edges[-1:]])
    fresh = np.repeat(divided, sizes)
    counts = counted(values, new)
    multiplier = multiplier_of(rho)
    about = f"{about}, {int(fresh.sum())} cells"
    counts_now = gaussian_counts(counts[fresh], multiplier, ledger, "bounds", about)
    noisy, noise = np.repeat(noisy, sizes), np.repeat(noise, sizes)
    noisy[fresh] = counts_now
    noise[fresh] = multiplier * ledger.guarantee.rows_per_person
    return new, noisy, noise


def _joined(edges: Floats, noisy: Floats, noise: Floats) -> Floats:
    """Runs of neighbours with next to no rows as one cell each; empty ends are cut off.

    A run ends where the rows in it are clearly more than their noise, or a cell with clearly more
    rows of its own begins.
    """
    clear = noisy > _CLEAR * noise
    full = np.flatnonzero(noisy > _CLEAR / 2 * noise)
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
