"""Exact copies: synthetic rows that equal a training row in every learned column."""

import numpy as np

from core.evaluation.attacks.limits import MIN_ROWS
from core.evaluation.attacks.protocol import Attack, Outcome
from core.evaluation.attacks.rates import risk_trial
from core.evaluation.attacks.scene import Scene
from core.evaluation.privacy import row_hashes
from core.evaluation.values import NotMeasured


def run(scene: Scene) -> Outcome:
    """Share of judged rows among the training rows, beyond the share of control rows."""
    names = [column.name for column in scene.columns]
    frames = scene.frames
    if not names:
        return NotMeasured("There are no learned columns.")
    if min(len(frames.judged), len(frames.control)) < MIN_ROWS:
        return NotMeasured(f"Copies need {MIN_ROWS} synthetic and {MIN_ROWS} holdout rows.")
    known = row_hashes(frames.train[names])
    hits = [
        int(np.isin(row_hashes(rows[names]), known).sum())
        for rows in (frames.judged, frames.control)
    ]
    return risk_trial(hits[0], len(frames.judged), hits[1], len(frames.control))


COPIES = Attack("copies", run)
