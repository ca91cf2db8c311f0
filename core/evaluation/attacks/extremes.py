"""Extremes: the largest and smallest numbers of the training rows that occur again exactly."""

import numpy as np

from core.evaluation.attacks.protocol import Attack, NotApplicable, Outcome, Trial
from core.evaluation.attacks.rare_values import exact
from core.evaluation.attacks.rates import risk_trial
from core.evaluation.attacks.scene import Scene
from core.evaluation.encoding import Matrix


def run(scene: Scene) -> Outcome:
    """Share of training extremes that few rows share and that occur in the judged rows."""
    cells, small = scene.cells, scene.small_group
    numbers = np.flatnonzero(cells.levels == 0)
    found = [_met(cells.train[:, j], cells.judged[:, j], small) for j in numbers]
    control = [_met(cells.control[:, j], cells.judged[:, j], small) for j in numbers]
    hits, of, control_hits, control_of = (
        sum(one[k] for one in side) for side in (found, control) for k in (0, 1)
    )
    if not of:
        return NotApplicable(
            f"No number has a largest or smallest value that fewer than {small} "
            "training rows share."
        )
    trial = risk_trial(hits, of, control_hits, max(control_of, 1))
    value = exact(hits, of, control_hits, control_of)
    low, high = min(trial.low, value), max(trial.high, value)
    figures = {
        "extremes of training rows": float(of),
        "of these in the synthetic rows": float(hits),
    }
    return Trial(value, low, high, {**trial.figures, **figures}, exact=True)


def _met(real: Matrix, judged: Matrix, small: int) -> tuple[int, int]:
    """How many of the two ends that few rows share occur in ``judged``, and how many there are."""
    known = real[~np.isnan(real)]
    if not len(known):
        return 0, 0
    ends = {float(known.min()), float(known.max())}
    few = [end for end in ends if (known == end).sum() < small]
    return sum(bool((judged == end).any()) for end in few), len(few)


EXTREMES = Attack("extremes", run)
