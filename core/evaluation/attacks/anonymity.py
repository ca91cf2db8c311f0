"""k-anonymity of the synthetic rows, and people who are alone with their quasi-identifiers."""

import numpy as np
import numpy.typing as npt

from core.data.schema import Role
from core.evaluation.attacks.limits import MIN_ROWS
from core.evaluation.attacks.protocol import Attack, NotApplicable, Outcome, Trial
from core.evaluation.attacks.rates import risk_trial
from core.evaluation.attacks.scene import Scene
from core.evaluation.privacy import row_hashes
from core.evaluation.values import NotMeasured, Score

Hashes = npt.NDArray[np.uint64]


def run(scene: Scene) -> Outcome:
    """Of real people alone with their quasi-identifiers, how many members are met again.

    Alone means: once among training and control rows together, so that members and control rows
    have the same chance of being met by rows that were not learned from them.
    """
    frames = scene.frames
    names = [
        c.name
        for c in scene.table.columns
        if c.role is Role.QUASI_IDENTIFIER and c.name in frames.judged
    ]
    if not names:
        return NotApplicable("No column is marked as a quasi-identifier.")
    if min(len(frames.train), len(frames.control), len(frames.judged)) < MIN_ROWS:
        return NotMeasured(f"Groups need {MIN_ROWS} rows of each kind.")
    train, control, judged = (
        row_hashes(rows[names]) for rows in (frames.train, frames.control, frames.judged)
    )
    figures = groups(train, judged, scene.small_group)
    alone = alone_in(np.concatenate([train, control]))
    sides = [side[np.isin(side, alone)] for side in (train, control)]
    if not len(sides[0]) or not len(sides[1]):
        return NotApplicable("Nobody is alone with their quasi-identifiers.")
    hits = [int(np.isin(side, judged).sum()) for side in sides]
    trial = risk_trial(hits[0], len(sides[0]), hits[1], len(sides[1]))
    note = f"{len(names)} quasi-identifiers"
    return Trial(trial.value, trial.low, trial.high, {**trial.figures, **figures}, note)


def alone_in(keys: Hashes) -> Hashes:
    """Keys that occur once."""
    found, counts = np.unique(keys, return_counts=True)
    return np.asarray(found[counts == 1], np.uint64)


def groups(train: Hashes, judged: Hashes, small: int) -> dict[str, Score]:
    """k-anonymity of the judged rows, and how many meet a training row that is alone."""
    counts = np.unique(judged, return_counts=True)[1]
    meets = np.isin(judged, alone_in(train))
    return {
        "smallest group of synthetic rows": float(counts.min()),
        f"share of synthetic rows in groups below {small}": float(
            counts[counts < small].sum() / len(judged)
        ),
        "share of synthetic rows that meet a training row alone in its group": float(meets.mean()),
    }


ANONYMITY = Attack("anonymity", run)
