"""Which columns give synthetic rows away to a model."""

from dataclasses import dataclass, replace

import numpy as np

from core.evaluation.bins import Codes
from core.evaluation.case import Case
from core.evaluation.details import Giveaway
from core.evaluation.encoding import Matrix
from core.evaluation.models import auc
from core.evaluation.telling import Teller, teller
from core.evaluation.thresholds import MIN_MODEL_ROWS

_REPEATS = 3
_MOST = 30
_ROWS, _LEAST, _LOOK_ROWS = 10_000, 1_000, 500
_CELLS = 30_000_000
_CELLS_AT_ONCE = 6_000_000


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
    columns, note = np.arange(encoded.width), f"the model reaches an area of {model.auc():.3f}"
    if encoded.width > _MOST:
        columns = np.argsort(-_drops(_cut(model, _LOOK_ROWS, rng), columns, 1, rng))[:_MOST]
        note += f"; the {_MOST} of {encoded.width} columns that a first look on {_LOOK_ROWS} rows "
        note += "found strongest"
    rows = int(np.clip(_CELLS // (len(columns) * _REPEATS * encoded.width), _LEAST, _ROWS))
    if rows < len(model.real):
        note += f"; importance on {rows:,} of {len(model.real):,} held rows"
    drops = _drops(_cut(model, rows, rng), columns, _REPEATS, rng)
    order = np.argsort(-drops, kind="stable")
    found = tuple(Giveaway(encoded.names[columns[k]], float(drops[k])) for k in order)
    return Told(found, f"Columns that give rows away: {note}.")


def _cut(model: Teller, most: int, rng: np.random.Generator) -> Teller:
    rows: Codes = np.sort(rng.permutation(len(model.real))[:most])
    return replace(model, features=model.features[rows], real=model.real[rows])


def _drops(model: Teller, columns: Codes, repeats: int, rng: np.random.Generator) -> Matrix:
    """Mean drop of the area over a few shuffles of each column; several columns a prediction."""
    start = model.auc()
    together = max(1, _CELLS_AT_ONCE // (model.features.size * repeats))
    found: list[float] = []
    for first in range(0, len(columns), together):
        shuffled = [
            _shuffled(model.features, int(column), rng)
            for column in columns[first : first + together]
            for _ in range(repeats)
        ]
        scores = np.split(model.score(np.concatenate(shuffled)), len(shuffled))
        areas = [auc(part[model.real], part[~model.real]) for part in scores]
        found += [start - a for a in np.reshape(areas, (-1, repeats)).mean(axis=1)]
    return np.asarray(found)


def _shuffled(features: Matrix, column: int, rng: np.random.Generator) -> Matrix:
    changed = features.copy()
    changed[:, column] = rng.permutation(features[:, column])
    return changed
