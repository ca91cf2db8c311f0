"""Rare values: categories that few training rows have and that occur again."""

import numpy as np
import pandas as pd

from core.evaluation.attacks.protocol import Attack, NotApplicable, Outcome
from core.evaluation.attacks.scene import Scene
from core.evaluation.attacks.sides import Keys, Sides, added, exact_trial, met, one_sided
from core.evaluation.values import Score

_CONTROLS = 5


def run(scene: Scene) -> Outcome:
    """Of rare categories that only training rows have, how many occur in the judged rows."""
    frames, small = scene.frames, scene.small_group
    found: list[tuple[Sides, Keys]] = []
    for column in scene.columns:
        if not column.type.is_numeric:
            train, control, judged = (
                keys(rows[column.name]) for rows in (frames.train, frames.control, frames.judged)
            )
            found.append((one_sided(train, control, small), judged))
    known = added([met(sides.known, judged) for sides, judged in found])
    mine = added([met(sides.train, judged) for sides, judged in found])
    others = added([met(sides.control, judged) for sides, judged in found])
    if not mine[1]:
        return NotApplicable(
            f"No category with fewer than {small} rows is found among training rows only."
        )
    figures: dict[str, Score] = {
        f"categories with fewer than {small} training rows": float(known[1]),
        f"of these with fewer than {small}, in the synthetic rows": float(known[0]),
    }
    if others[1] >= _CONTROLS:
        return exact_trial(mine, others, figures)
    expected = sum(sides.by_accident(len(frames.judged)) for sides, _ in found)
    note = "all values; what is expected without a leak comes from how often such values are seen"
    return exact_trial(mine, (expected, mine[1]), figures, note)


def keys(values: pd.Series) -> Keys:
    """One key a value that is there, equal for equal texts."""
    texts = values.dropna().astype("string")
    return np.asarray(pd.util.hash_pandas_object(texts, index=False), np.uint64)


RARE_VALUES = Attack("rare_values", run)
