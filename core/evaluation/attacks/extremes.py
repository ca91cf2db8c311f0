"""Extremes: the largest and smallest numbers of the training rows that occur again exactly."""

import numpy as np

from core.evaluation.attacks.protocol import Attack, NotApplicable, Outcome
from core.evaluation.attacks.scene import Scene
from core.evaluation.attacks.sides import added, exact_trial
from core.evaluation.encoding import Matrix


def run(scene: Scene) -> Outcome:
    """Share of training extremes that few rows share and that occur in the judged rows."""
    cells, small = scene.cells, scene.small_group
    numbers = np.flatnonzero(cells.levels == 0)
    counts = [
        added([_met(real[:, j], cells.judged[:, j], small) for j in numbers])
        for real in (cells.train, cells.control)
    ]
    if not counts[0][1]:
        return NotApplicable(
            f"No number has a largest or smallest value that fewer than {small} training rows "
            "share."
        )
    return exact_trial(counts, {})


def _met(real: Matrix, judged: Matrix, small: int) -> tuple[int, int]:
    """How many of the two ends that few rows share occur in ``judged``, and how many there are."""
    known = real[~np.isnan(real)]
    if not len(known):
        return 0, 0
    ends = {float(known.min()), float(known.max())}
    few = [end for end in ends if (known == end).sum() < small]
    return sum(bool((judged == end).any()) for end in few), len(few)


EXTREMES = Attack("extremes", run)
