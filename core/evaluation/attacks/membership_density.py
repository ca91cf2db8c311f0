"""Membership inference by a density ratio, in the manner of DOMIAS.

Breugel et al., "Membership inference attacks against synthetic data through overfitting
detection" (AISTATS 2023): a record is likely a member where synthetic rows are denser than the
population is. Both densities are k-nearest-neighbour estimates, p ∝ 1 ÷ (n · rᵈ), in the leading
principal components of the reference rows.
"""

import numpy as np

from core.evaluation.attacks.distances import Lengths, drawn, lengths
from core.evaluation.attacks.limits import DIMENSIONS
from core.evaluation.attacks.protocol import Attack, Outcome
from core.evaluation.attacks.rates import auc_trial
from core.evaluation.attacks.scene import Scene
from core.evaluation.nearest import Points
from core.evaluation.values import NotMeasured

_FLOOR = 1e-3


def run(scene: Scene) -> Outcome:
    """Tell members from outsiders by the log of the ratio of the two densities.

    One half of the control rows is the attacker's reference, the other the outsiders.
    """
    if isinstance(scene.distances, NotMeasured):
        return scene.distances
    points, rng = scene.points, scene.rng()
    control = points.control[rng.permutation(len(points.control))]
    reference, outsiders = control[: len(control) // 2], control[len(control) // 2 :]
    count = min(len(points.train), len(outsiders), scene.effort.members)
    sides = (drawn(points.train, count, rng), outsiders[:count])
    centre, axes = components(reference)
    placed = [_placed(part, centre, axes) for part in (*sides, points.judged, reference)]
    scores = [_score(side, placed[2], placed[3]) for side in placed[:2]]
    note = (
        f"{count:,} members against as many outsiders; reference of {len(reference):,} rows; "
        f"{axes.shape[1]} dimensions"
    )
    return auc_trial(scores[0], scores[1], note)


def components(rows: Points) -> tuple[Points, Points]:
    """Centre of the rows and their leading principal axes, as columns."""
    centre = rows.mean(0)
    spread = np.cov((rows - centre).T, dtype=np.float64).reshape(rows.shape[1], -1)
    values, axes = np.linalg.eigh(spread)
    kept = min(DIMENSIONS, max(1, int((values > 1e-9).sum())))
    return np.asarray(centre, np.float32), axes[:, ::-1][:, :kept].astype(np.float32)


def _placed(rows: Points, centre: Points, axes: Points) -> Points:
    return np.asarray((rows - centre) @ axes, np.float32)


def _score(rows: Points, judged: Points, reference: Points) -> Lengths:
    """Log of the density ratio, up to what is the same for all rows."""
    near, usual = lengths(rows, judged), lengths(rows, reference)
    return np.asarray(np.log(usual + _FLOOR) - np.log(near + _FLOOR))


MEMBERSHIP_DENSITY = Attack("membership_density", run, harmless=0.5)
