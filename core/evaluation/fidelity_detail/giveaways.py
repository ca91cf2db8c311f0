"""Which columns give synthetic rows away to a model."""

from dataclasses import dataclass, replace

import numpy as np

from core.evaluation.bins import Codes
from core.evaluation.case import Case
from core.evaluation.details import Giveaway
from core.evaluation.telling import Teller, teller
from core.evaluation.thresholds import MIN_MODEL_ROWS

_REPEATS = 3
_MAX_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class Told:
    """Columns by how much of the area under the curve they give, and a note on how it was taken."""

    giveaways: tuple[Giveaway, ...]
    note: str


def giveaways(case: Case, rng: np.random.Generator) -> Told:
    """How much worse synthetic rows are told from real ones when a column is shuffled.

    Computed: a gradient boosting model learns one half of the holdout and synthetic rows; on the
    other half each column in turn is shuffled three times, and the mean drop of the area under the
    ROC curve is what the column gives away (permutation importance; Breiman, 2001).
    Good: near 0 for every column.
    Misleads: two columns that say the same stand in for each other, and both seem harmless; a
    broken dependency shows in all columns that take part.
    """
    encoded = case.encoded
    if min(len(encoded.holdout), len(encoded.synthetic)) < MIN_MODEL_ROWS or not encoded.width:
        why = f"a model needs {MIN_MODEL_ROWS} holdout and synthetic rows"
        return Told((), f"Which columns give rows away was not measured: {why}.")
    model = teller(encoded, encoded.synthetic, int(rng.integers(2**31)), rng)
    held = len(model.real)
    model, whole = _cut(model, rng), model.auc()
    start = model.auc()
    drops = [start - _shuffled_area(model, j, rng) for j in range(encoded.width)]
    order = np.argsort(-np.asarray(drops), kind="stable")
    found = tuple(Giveaway(encoded.names[j], drops[j]) for j in order)
    note = f"Columns that give rows away: the model reaches an area of {whole:.3f}"
    if held > _MAX_ROWS:
        note += f"; importance on {_MAX_ROWS:,} of {held:,} held rows"
    return Told(found, note + ".")


def _cut(model: Teller, rng: np.random.Generator) -> Teller:
    rows: Codes = np.sort(rng.permutation(len(model.real))[:_MAX_ROWS])
    return replace(model, features=model.features[rows], real=model.real[rows])


def _shuffled_area(model: Teller, column: int, rng: np.random.Generator) -> float:
    """Mean area over a few shuffles of one column."""
    features = model.features.copy()
    areas = []
    for _ in range(_REPEATS):
        features[:, column] = rng.permutation(features[:, column])
        areas.append(model.auc(features))
    return float(np.mean(areas))
