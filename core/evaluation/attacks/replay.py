"""Replay: values that were to be replaced, masked or dropped and still occur in the output."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data.schema import Action, Column, ColumnType
from core.evaluation.attacks.protocol import Attack, NotApplicable, Outcome, Trial
from core.evaluation.attacks.rates import risk_trial
from core.evaluation.attacks.scene import Frames, Scene
from core.evaluation.values import Score

Hashes = npt.NDArray[np.uint64]
_REMOVED = {Action.REPLACE, Action.MASK, Action.DROP}
_TEXTS = {ColumnType.CATEGORY, ColumnType.TEXT}


def run(scene: Scene) -> Outcome:
    """Share of the values that only one side has that occur in the judged rows.

    Values are compared by hash; none is kept or shown.
    """
    removed = [c for c in scene.table.columns if c.action in _REMOVED]
    if not removed:
        return NotApplicable("No column was to be replaced, masked or dropped.")
    texts = hashed(
        scene.frames.judged[c.name]
        for c in scene.table.columns
        if c.type in _TEXTS and c.name in scene.frames.judged
    )
    counts = [_count(column, scene.frames, texts) for column in removed]
    if not sum(count[1] for count in counts):
        return NotApplicable("No such value tells training from holdout rows.")
    figures: dict[str, Score] = {
        f"values of {c.name} that occur again": float(count[4])
        for c, count in zip(removed, counts, strict=True)
    }
    sums = [sum(count[k] for count in counts) for k in range(4)]
    trial = risk_trial(sums[0], sums[1], sums[2], max(sums[3], 1))
    value = _exact(sums)
    return Trial(value, min(trial.low, value), max(trial.high, value),
                 {**trial.figures, **figures}, exact=True)  # fmt: skip


def _exact(sums: list[int]) -> float:
    attack, control = sums[0] / sums[1], sums[2] / max(sums[3], 1)
    return max(0.0, (attack - control) / (1 - control)) if control < 1 else 0.0


def _count(column: Column, frames: Frames, texts: Hashes) -> tuple[int, int, int, int, int]:
    """Hits and values of training rows, of control rows, and all training values that recur."""
    train, control = (hashed([rows[column.name]]) for rows in (frames.train, frames.control))
    known = texts
    if column.name in frames.judged:
        known = np.union1d(texts, hashed([frames.judged[column.name]]))
    only = np.setdiff1d(train, control), np.setdiff1d(control, train)
    hits = [int(np.isin(part, known).sum()) for part in (*only, train)]
    return hits[0], len(only[0]), hits[1], len(only[1]), hits[2]


def hashed(columns: Iterable[pd.Series]) -> Hashes:
    """The distinct values of columns as hashes of their text; missing ones left out."""
    found = [np.zeros(0, np.uint64)]
    for values in columns:
        texts = values.dropna().astype("string").drop_duplicates()
        found.append(np.asarray(pd.util.hash_pandas_object(texts, index=False), np.uint64))
    return np.unique(np.concatenate(found))


REPLAY = Attack("replay", run)
