"""Near copies: synthetic rows that lie much closer to a training row than to any holdout row."""

import numpy as np

from core.evaluation.attacks.protocol import Attack, Outcome
from core.evaluation.attacks.rates import risk_trial
from core.evaluation.attacks.scene import Scene
from core.evaluation.nearest import Pair
from core.evaluation.values import NotMeasured

_HALF = 0.5


def run(scene: Scene) -> Outcome:
    """Share of judged rows at most half as far from a training as from a control row.

    The same share of control rows, each left out of the search among the control rows, is the
    control; it takes up that there are more training rows to be near to.
    """
    distances = scene.distances
    if isinstance(distances, NotMeasured):
        return distances
    judged = _near(distances.judged_train, distances.judged_control)
    control = _near(distances.control_train, distances.control_control)
    return risk_trial(int(judged.sum()), len(judged), int(control.sum()), len(control))


def _near(train: Pair, control: Pair) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.asarray((train.first <= _HALF * control.first) & (control.first > 0))


NEAR_COPIES = Attack("near_copies", run)
