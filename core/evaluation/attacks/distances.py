"""Distances between the rows of a scene, each taken once for all attacks that need it.

The distance is that of ``core.evaluation.nearest``. Searches go over all rows of the side that is
searched; only those whose closest row is looked for are drawn, by lot.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.evaluation.attacks import limits
from core.evaluation.attacks.limits import Effort
from core.evaluation.nearest import Pair, Points, nearest, two_nearest
from core.evaluation.thresholds import DISTANCE_WORK, MIN_QUERIES
from core.evaluation.values import NotMeasured

Lengths = npt.NDArray[np.float64]
_ZERO = 1e-5


@dataclass(frozen=True, slots=True)
class PointSets:
    """Training, control and judged rows as points."""

    train: Points
    control: Points
    judged: Points


@dataclass(frozen=True, slots=True)
class Distances:
    """Distances of the rows of one scene.

    Attributes
    ----------
    judged_train, judged_control
        From judged rows to their two closest training and control rows.
    control_train, control_control
        The same from control rows, leaving themselves out.
    member, outsider
        From training and from control rows to the closest judged row, as many of both.
    isolated_member, isolated_outsider
        The same for the most isolated of both.
    isolated_share
        Share of the records that those are.
    """

    judged_train: Pair
    judged_control: Pair
    control_train: Pair
    control_control: Pair
    member: Lengths
    outsider: Lengths
    isolated_member: Lengths
    isolated_outsider: Lengths
    isolated_share: float


def measure_distances(
    points: PointSets, effort: Effort, rng: np.random.Generator
) -> Distances | NotMeasured:
    """All distances of a scene, or why there are none."""
    sizes = {"training": points.train, "control": points.control, "judged": points.judged}
    for name, rows in sizes.items():
        if len(rows) < limits.MIN_ROWS:
            return NotMeasured(
                f"There are {len(rows)} {name} rows; distances need {limits.MIN_ROWS}."
            )
    if not points.train.shape[1]:
        return NotMeasured("There are no learned columns.")
    real = len(points.train) + len(points.control)
    judged = drawn(points.judged, _queries(effort.closest, real, points), rng)
    control = drawn(points.control, _queries(effort.closest, real, points), rng)
    member, outsider = _membership(points, effort.members, rng)
    near, far, share = _isolated(points, rng)
    return Distances(
        two_nearest(judged, points.train),
        two_nearest(judged, points.control),
        two_nearest(control, points.train),
        two_nearest(control, points.control, skip_self=True),
        member,
        outsider,
        near,
        far,
        share,
    )


def drawn(rows: Points, count: int, rng: np.random.Generator) -> Points:
    """At most ``count`` rows, by lot."""
    return rows if len(rows) <= count else rows[rng.permutation(len(rows))[:count]]


def lengths(queries: Points, base: Points) -> Lengths:
    """Distance to the closest row of ``base``; below float noise it is none."""
    squared = nearest(queries, base).distance.astype(np.float64)
    return np.asarray(np.sqrt(np.where(squared < _ZERO, 0.0, squared)))


def _queries(most: int, base: int, points: PointSets) -> int:
    allowed = DISTANCE_WORK / max(1, base * points.train.shape[1])
    return int(np.clip(allowed, MIN_QUERIES, most))


def _membership(points: PointSets, most: int, rng: np.random.Generator) -> tuple[Lengths, Lengths]:
    count = min(len(points.train), len(points.control))
    count = min(count, _queries(most, len(points.judged), points))
    sides = (drawn(points.train, count, rng), drawn(points.control, count, rng))
    return lengths(sides[0], points.judged), lengths(sides[1], points.judged)


def _isolated(points: PointSets, rng: np.random.Generator) -> tuple[Lengths, Lengths, float]:
    """Distances of the most isolated members and outsiders, and their share.

    As many of both are drawn; a part of both, apart from them, is what isolation is measured
    against, so that neither side has an advantage.
    """
    count = min(len(points.train), len(points.control), limits.ISOLATION_POOL)
    sides = [drawn(points.train, count, rng), drawn(points.control, count, rng)]
    pools, far = _apart(sides, min(limits.ISOLATION_REFERENCE, count // 4))
    total = sum(len(pool) for pool in pools)
    bound = np.sort(np.concatenate(far))[-min(isolated_count(total), total)]
    chosen = [pool[distance >= bound] for pool, distance in zip(pools, far, strict=True)]
    share = sum(len(rows) for rows in chosen) / total
    return lengths(chosen[0], points.judged), lengths(chosen[1], points.judged), share


def isolated_count(total: int) -> int:
    """How many of so many records are called isolated: one per cent, more in small tables."""
    enough = min(limits.ISOLATED_ENOUGH, total // 20)
    return max(int(np.ceil(limits.ISOLATED_SHARE * total)), limits.ISOLATED_LEAST, enough)


def _apart(sides: list[Points], reference: int) -> tuple[list[Points], list[Lengths]]:
    """Records and how far each is from others: from all in a small pool, else from a part of it."""
    if len(sides[0]) <= limits.ISOLATION_REFERENCE:
        both = np.concatenate(sides)
        far = two_nearest(both, both, skip_self=True).first
        return sides, [far[: len(sides[0])], far[len(sides[0]) :]]
    known = np.concatenate([side[:reference] for side in sides])
    pools = [side[reference:] for side in sides]
    return pools, [lengths(pool, known) for pool in pools]
