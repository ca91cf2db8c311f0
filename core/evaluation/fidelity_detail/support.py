"""Whether synthetic rows lie where real rows do, and real rows where synthetic ones do.

α-precision, β-recall and authenticity (A. Alaa, B. van Breugel, E. Saveliev, M. van der Schaar,
How Faithful is your Synthetic Data?, ICML 2022). The embedding is that of
``core.evaluation.nearest.place``: numbers standardised by the training rows and cut at five
standard deviations, the 30 most frequent categories of a column as 0 or 0.7. All sets are cut to
one size, as the definitions compare distances within and between samples.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt

from core.evaluation.case import Case
from core.evaluation.encoding import Encoded, Matrix
from core.evaluation.fidelity import no_holdout
from core.evaluation.fidelity_detail.sides import Sides, Taken, share_variance, taken
from core.evaluation.measures import Measure, NotMeasured
from core.evaluation.nearest import Points, place
from core.evaluation.thresholds import MIN_HOLDOUT

_NAMES = ("alpha_precision", "beta_recall", "authenticity")
MAX_ROWS = 10_000
NEIGHBOURS = 5
_GRID = (np.arange(2_000) + 0.5) / 2_000
_BLOCK_CELLS = 10_000_000
_SAME = 1e-4
_COPY = 0.0
Squares = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Embedded:
    """As many rows of each kind as points; ``independent`` have every training column shuffled."""

    train: Points
    holdout: Points
    synthetic: Points
    independent: Points


def support_measures(case: Case, rng: np.random.Generator) -> tuple[Measure, ...]:
    """``alpha_precision``, ``beta_recall`` and ``authenticity``."""
    encoded = case.encoded
    sizes = [len(part) for part in (encoded.train, encoded.holdout, encoded.synthetic)]
    reason = no_holdout(len(encoded.holdout))
    if not reason and (min(sizes) < MIN_HOLDOUT or not encoded.width):
        reason = f"Needs {MIN_HOLDOUT} rows of each kind and a learned column."
    points = None if reason else embed(encoded, rng)
    if points is not None and not (points.holdout != points.holdout[0]).any():
        reason = "The real rows are all alike."
    if reason or points is None:
        none = NotMeasured(reason)
        return tuple(Measure(n, none, none, none, 1.0) for n in _NAMES)
    return _measures(points, max(len(part) for part in (case.train, case.holdout, case.synthetic)))


def embed(encoded: Encoded, rng: np.random.Generator) -> Embedded:
    """At most ``MAX_ROWS`` rows of each kind, drawn by lot, as points."""
    parts = encoded.train, encoded.holdout, encoded.synthetic
    size = min(MAX_ROWS, *(len(part) for part in parts))
    cut = [part[rng.permutation(len(part))[:size]] for part in parts]
    small = replace(encoded, train=cut[0], holdout=cut[1], synthetic=cut[2])
    cloud = place(small, rng)
    loose = place(replace(small, synthetic=rng.permuted(cut[0], axis=0)), rng).synthetic
    return Embedded(cloud.train, cloud.holdout, cloud.synthetic, loose)


def alpha_precision(real: Points, other: Points) -> Taken:
    """Whether synthetic rows are as typical as real ones: neither outliers nor averages.

    Computed: for each α the share of synthetic rows within the ball around the mean of the real
    rows that holds the share α of these; one minus twice the area between that curve and the
    diagonal. Rows at one distance enter the ball in an order drawn by lot, in expectation.
    Good: what fresh real rows have, near 1.
    Misleads: only the distance to the centre counts, so rows may lie in the wrong direction; the
    paper learns an embedding, here it is a fixed one, so values differ from other programs.
    """
    centre = real.mean(axis=0)
    inner, outer = (np.sort(_from(part, centre)) for part in (real, other))
    steps = np.unique(np.concatenate([inner, outer]))
    shares = [np.searchsorted(part, steps, side="right") / len(part) for part in (inner, outer)]
    curve = np.interp(_GRID, np.append(0.0, shares[0]), np.append(0.0, shares[1]))
    places = [_middle(inner, part) for part in (inner, outer)]
    return _integrated(curve, places)


def beta_recall(real: Points, other: Points, radii: Squares) -> Taken:
    """Whether synthetic rows reach all the kinds of real rows there are.

    Computed: for each β the share of real rows that have, among the share β of synthetic rows
    nearest to the mean of these, one within the distance of their own fifth nearest real row; one
    minus twice the area between that curve and the diagonal.
    Good: what fresh real rows have.
    Misleads: fresh real rows do not reach 1 either, as neighbours are far in wide tables; copies of
    the training rows have as much recall as fresh rows.

    ``radii`` are the squared distances of the real rows to their fifth nearest other one.
    """
    order = np.argsort(_from(other, other.mean(axis=0)), kind="stable")
    first = np.full(len(real), np.inf)
    for rows, squares in _blocks(real, other[order]):
        inside = squares <= radii[rows][:, None]
        found = inside.any(axis=1)
        first[rows] = np.where(found, (inside.argmax(axis=1) + 1) / len(other), np.inf)
    curve = np.searchsorted(np.sort(first), _GRID, side="right") / len(first)
    return _integrated(np.asarray(curve), [first])


def authenticity(train: Points, other: Points, own: Squares) -> Taken:
    """Share of synthetic rows that are no closer to a training row than its own neighbours are.

    Computed: a row counts when its distance to the nearest training row is larger than the
    distance of that row to its nearest other training row.
    Good: what fresh real rows have, about one half; a copy of the training rows has 0.
    Misleads: rows far from anything real have 1, so more is better only up to what fresh real rows
    reach, about one half; equal rows, frequent in narrow tables, count as copies.

    ``own`` are the squared distances of the training rows to their nearest other one.
    """
    real = np.empty(len(other), np.bool_)
    for rows, squares in _blocks(other, train):
        nearest = squares.argmin(axis=1)
        real[rows] = squares[np.arange(len(nearest)), nearest] > own[nearest]
    share = float(real.mean())
    return taken(share, float(np.sqrt(share_variance(share, len(real)))))


def neighbour_distance(points: Points, number: int) -> Squares:
    """Squared distance of each row to its ``number``-th nearest other row."""
    found = np.empty(len(points), np.float32)
    number = min(number, len(points) - 1)
    for rows, squares in _blocks(points, points):
        squares[np.arange(len(squares)), np.arange(rows.start, rows.stop)] = np.inf
        found[rows] = np.partition(squares, number - 1, axis=1)[:, number - 1]
    return found


def _measures(points: Embedded, rows: int) -> tuple[Measure, ...]:
    size = len(points.holdout)
    note = "" if size == rows else f"{size:,} of at most {rows:,} rows of each kind"
    recall = partial(beta_recall, radii=neighbour_distance(points.holdout, NEIGHBOURS))
    copying = partial(authenticity, own=neighbour_distance(points.train, 1))
    against = Sides(points.holdout, points.synthetic, points.train)
    found = [
        against.measure(name, take, 1.0, take(points.holdout, points.independent).value)
        for name, take in (("alpha_precision", alpha_precision), ("beta_recall", recall))
    ]
    copied = Sides(points.train, points.synthetic, points.holdout)
    found.append(copied.measure("authenticity", copying, 1.0, _COPY))
    return tuple(replace(measure, note=note) for measure in found)


def _blocks(queries: Points, base: Points) -> Iterator[tuple[slice, Squares]]:
    """Squared distances of some queries at a time to all of ``base``; tiny ones are 0."""
    size = max(1, _BLOCK_CELLS // len(base))
    norms = (base * base).sum(1)
    for start in range(0, len(queries), size):
        rows = queries[start : start + size]
        squares = rows @ base.T
        squares *= -2
        squares += norms
        squares += (rows * rows).sum(1)[:, None]
        squares[squares < _SAME] = 0
        yield slice(start, start + len(rows)), squares


def _from(points: Points, centre: Points) -> Matrix:
    return np.asarray(np.sqrt(((points - centre) ** 2).sum(1)), np.float64)


def _middle(ordered: Matrix, values: Matrix) -> Matrix:
    """Where values lie among ordered ones, from 0 to 1; ties in their middle."""
    ends = [np.searchsorted(ordered, values, side=side) for side in ("left", "right")]
    return np.asarray((ends[0] + ends[1]) / (2 * len(ordered)))


def _integrated(curve: Matrix, places: list[Matrix]) -> Taken:
    """One minus twice the area between a curve and the diagonal, with its interval.

    A row at ``place`` lifts the curve from there on, so that its part in the area is the sum of the
    gap's signs beyond it.
    """
    gap = curve - _GRID
    beyond = np.append(np.cumsum(np.sign(gap)[::-1])[::-1], 0.0) / len(_GRID)
    parts = [beyond[np.searchsorted(_GRID, place)] for place in places]
    spread = 2 * np.sqrt(sum(float(part.var()) / len(part) for part in parts))
    return taken(1 - 2 * float(np.abs(gap).mean()), float(spread))
