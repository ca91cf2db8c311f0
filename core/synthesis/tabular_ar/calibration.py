"""The last touch after training: shares of each column as they are in the training rows.

Small errors of early columns add up in later ones. Rows are drawn column after column as they will
be, and each class's logit is moved until the mean of the network's shares over these rows is the
column's own distribution, which the cells hold anyway; the column is then drawn with it. Where
further columns are given, rows are drawn without: the errors there are others.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from core.synthesis.forest.cells import Floats
from core.synthesis.tabular_ar.columns import Field, Float32
from core.synthesis.tabular_ar.network import Shape, log_shares
from core.synthesis.tabular_ar.sampler import MOVES, Rows, Sampler, shares_of

ROWS = 8_192
_ROUNDS = 4
_MOST = 1.0


class _Calibrator(Sampler):
    """A sampler that finds out as it draws how far to move its logits."""

    def _scores(self, state: Rows, place: int, is_moved: bool) -> Float32:
        scores = super()._scores(state, place, False)
        field, start = self.columns[place].field, int(self.shape.starts[place])
        moved = shift(scores, field.slot_mass().sum(axis=1))
        self.moves[start : start + field.classes] = moved
        return scores + moved


def shift(scores: Float32, mass: Floats) -> Float32:
    """What to add to each column of ``scores`` so that the mean shares are those of ``mass``."""
    wanted = np.exp(log_shares(mass))
    total = np.zeros(scores.shape[1])
    for _ in range(_ROUNDS):
        found = shares_of(scores + total).mean(axis=0)
        total += np.log(np.maximum(wanted, 1e-12)) - np.log(np.maximum(found, 1e-12))
        total = np.where(mass > 0, np.clip(total, -_MOST, _MOST), 0.0)
    return total.astype(np.float32)


def calibrated(
    fields: tuple[Field, ...],
    shape: Shape,
    weights: Mapping[str, Float32],
    device: str,
    around: pd.DataFrame,
    rng: np.random.Generator,
) -> dict[str, Float32]:
    """The weights and the moves of logits; ``around`` holds the context of the rows to draw."""
    calibrator = _Calibrator(fields, shape, weights, device)
    calibrator.block(len(around), rng, around)
    return {**weights, MOVES: calibrator.moves}
