"""Membership inference by a density ratio, in the manner of DOMIAS.

Breugel et al., "Membership inference attacks against synthetic data through overfitting
detection" (AISTATS 2023): a record is likely a member where synthetic rows are denser than the
population is. Both densities are k-nearest-neighbour estimates, p ∝ 1 ÷ (n · rᵈ), in the leading
principal components of the reference rows.
"""

from dataclasses import replace

import numpy as np

from core.evaluation.attacks import limits
from core.evaluation.attacks.distances import Lengths, drawn, isolated_count, lengths
from core.evaluation.attacks.protocol import Attack, Outcome
from core.evaluation.attacks.rates import auc_trial
from core.evaluation.attacks.scene import Scene
from core.evaluation.nearest import Points
from core.evaluation.values import NotMeasured, Score

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
    near = [lengths(side, placed[2]) for side in placed[:2]]
    usual = [lengths(side, placed[3]) for side in placed[:2]]
    scores = [_score(*pair) for pair in zip(near, usual, strict=True)]
    note = (
        f"{count:,} members against as many outsiders; reference of {len(reference):,} rows; "
        f"{axes.shape[1]} dimensions"
    )
    trial = auc_trial(scores[0], scores[1], note)
    return replace(trial, figures={**trial.figures, **_isolated(scores, usual)})


def _isolated(scores: list[Lengths], usual: list[Lengths]) -> dict[str, Score]:
    """The same on the records that lie furthest from the reference."""
    total = sum(len(side) for side in usual)
    wanted = isolated_count(total)
    name = "auc of the most isolated"
    if wanted > limits.ISOLATED_MOST_SHARE * total:
        return {name: NotMeasured(f"{wanted} isolated records of {total:,} would be too many.")}
    bound = np.sort(np.concatenate(usual))[-wanted]
    chosen = [s[far >= bound] for s, far in zip(scores, usual, strict=True)]
    if min(len(side) for side in chosen) < limits.ISOLATED_EACH:
        return {name: NotMeasured("Too few of one side are isolated.")}
    trial = auc_trial(chosen[0], chosen[1])
    return {name: trial.value, f"{name}, low": trial.low, f"{name}, high": trial.high}


def components(rows: Points) -> tuple[Points, Points]:
    """Centre of the rows and their leading principal axes, as columns."""
    centre = rows.mean(0)
    spread = np.cov((rows - centre).T, dtype=np.float64).reshape(rows.shape[1], -1)
    values, axes = np.linalg.eigh(spread)
    kept = min(limits.DIMENSIONS, max(1, int((values > 1e-9).sum())))
    return np.asarray(centre, np.float32), axes[:, ::-1][:, :kept].astype(np.float32)


def _placed(rows: Points, centre: Points, axes: Points) -> Points:
    return np.asarray((rows - centre) @ axes, np.float32)


def _score(near: Lengths, usual: Lengths) -> Lengths:
    """Log of the density ratio, up to what is the same for all rows."""
    return np.asarray(np.log(usual + _FLOOR) - np.log(near + _FLOOR))


MEMBERSHIP_DENSITY = Attack("membership_density", run, harmless=0.5)
