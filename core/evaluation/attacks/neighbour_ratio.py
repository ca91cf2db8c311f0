"""Nearest-neighbour distance ratio: synthetic rows that point to one training row alone."""

import numpy as np

from core.evaluation.attacks.protocol import Attack, Outcome, Trial
from core.evaluation.attacks.rates import auc_trial
from core.evaluation.attacks.scene import Scene
from core.evaluation.values import NotMeasured, Score


def run(scene: Scene) -> Outcome:
    """How often a judged row's ratio of its two nearest training rows is below a control row's.

    A ratio near 0 singles out one training row; in the open it is near 1.
    """
    distances = scene.distances
    if isinstance(distances, NotMeasured):
        return distances
    judged, control = distances.judged_train.ratio, distances.control_train.ratio
    trial = auc_trial(-judged, -control)
    figures: dict[str, Score] = {
        "median ratio to training rows": float(np.median(judged)),
        "median ratio of holdout rows to training rows": float(np.median(control)),
        "median ratio to holdout rows": float(np.median(distances.judged_control.ratio)),
    }
    return Trial(trial.value, trial.low, trial.high, figures)


NEIGHBOUR_RATIO = Attack("neighbour_ratio", run, harmless=0.5)
