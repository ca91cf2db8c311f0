"""Distance to the closest record, among training rows and among holdout rows."""

import numpy as np

from core.evaluation.attacks.distances import Distances
from core.evaluation.attacks.intervals import wilson
from core.evaluation.attacks.protocol import Attack, Outcome, Trial
from core.evaluation.attacks.scene import Scene
from core.evaluation.nearest import Pair
from core.evaluation.values import NotMeasured, Score


def run(scene: Scene) -> Outcome:
    """Share of judged rows nearer to a training than to a control row, as for equal sizes.

    Fresh rows come nearer to the larger side. How often they do is taken from control rows, each
    left out of the search: the line through (that share, 1/2) and (1, 1) makes it comparable.
    """
    distances = scene.distances
    if isinstance(distances, NotMeasured):
        return distances
    judged = _closer(distances.judged_train, distances.judged_control)
    control = _closer(distances.control_train, distances.control_control)
    band, base = wilson(judged.sum(), len(judged)), wilson(control.sum(), len(control))
    share, expected = float(judged.mean()), float(control.mean())
    if expected > _NO_ROOM:
        return NotMeasured("Holdout rows too are nearly always nearest to a training row.")
    slope = 0.5 / (1 - expected)
    error = slope * float(np.hypot(band.error, base.error * (1 - share) / (1 - expected)))
    value = 0.5 + slope * (share - expected)
    low, high = max(value - error, 0.0), min(value + error, 1.0)
    return Trial(min(max(value, 0.0), 1.0), low, high, _figures(distances, share, expected))


_NO_ROOM = 0.98


def _closer(train: Pair, control: Pair) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """One where the training row is nearer, a half in a tie."""
    tied = np.abs(train.first - control.first) <= 1e-5
    return np.asarray(np.where(tied, 0.5, train.first < control.first), np.float64)


def _figures(distances: Distances, share: float, expected: float) -> dict[str, Score]:
    figures: dict[str, Score] = {
        "share nearer to training rows": share,
        "share of holdout rows nearer to training rows": expected,
    }
    sides = {
        "to training rows": distances.judged_train,
        "to holdout rows": distances.judged_control,
        "of holdout rows to training rows": distances.control_train,
    }
    for name, pair in sides.items():
        figures[f"median distance {name}"] = float(np.median(pair.first))
        figures[f"5th percentile of the distance {name}"] = float(np.quantile(pair.first, 0.05))
    return figures


NEARER = Attack("nearer", run, harmless=0.5)
