"""Extremes: the largest and smallest numbers of the training rows that occur again exactly."""

import numpy as np

from core.evaluation.attacks.protocol import Attack, NotApplicable, Outcome
from core.evaluation.attacks.scene import Scene
from core.evaluation.attacks.sides import added, exact_trial
from core.evaluation.encoding import Matrix

_STEPS = 10


def run(scene: Scene) -> Outcome:
    """Share of training extremes of few rows that occur in the judged rows."""
    cells, small = scene.cells, scene.small_group
    train, control = [], []
    for j in np.flatnonzero(cells.levels == 0):
        sides, judged = (cells.train[:, j], cells.control[:, j]), cells.judged[:, j]
        train.append(_met(ends(sides[0], small), sides[1], judged))
        control.append(_met(ends(sides[1], small), sides[0], judged))
    found, others = added(train), added(control)
    if not found[1]:
        return NotApplicable(
            f"No number has a largest or smallest value apart that fewer than {small} training "
            "rows and no holdout row share."
        )
    return exact_trial(found, others, {})


def ends(values: Matrix, small: int) -> list[float]:
    """The smallest and the largest value, where few rows share it and it lies apart.

    Apart means ten steps or more from the next value, a step being the smallest gap between any
    two: other rows would hardly meet it by accident, as they do the highest age.
    """
    distinct, counts = np.unique(values[~np.isnan(values)], return_counts=True)
    if len(distinct) < 3:
        return []
    gaps = np.diff(distinct)
    far = _STEPS * gaps.min()
    sides = ((0, 0), (-1, -1))
    return [float(distinct[v]) for v, g in sides if counts[v] < small and gaps[g] >= far]


def _met(found: list[float], other: Matrix, judged: Matrix) -> tuple[int, int]:
    """How many that the other side lacks occur in the judged rows, and how many there are."""
    own = [end for end in found if not (other == end).any()]
    return sum(bool((judged == end).any()) for end in own), len(own)


EXTREMES = Attack("extremes", run)
