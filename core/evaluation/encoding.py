"""One table's training, holdout and synthetic rows as three float matrices of one width.

Every measure but the exact copies works on these: numbers, dates and times as they are with NaN
for missing; categories and booleans as their rank by frequency in the training rows (0 is the
most frequent, missing counts as a category, values unseen in training get the number of levels).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data.frames import as_numbers
from core.data.schema import Action, Column, ColumnType, Role, Schema, Table
from core.evaluation.thresholds import MAX_CELLS

Matrix = npt.NDArray[np.float64]
_LARGE = 1e100


@dataclass(frozen=True, slots=True)
class Encoded:
    """The judged columns of one table; ``levels`` counts training categories, 0 for numbers."""

    names: tuple[str, ...]
    levels: npt.NDArray[np.int64]
    train: Matrix
    holdout: Matrix
    synthetic: Matrix

    @property
    def is_number(self) -> npt.NDArray[np.bool_]:
        """Which columns lie on a line."""
        return np.asarray(self.levels == 0)

    @property
    def width(self) -> int:
        """How many columns are judged."""
        return len(self.names)


def exclusions(table: Table, schema: Schema, synthetic: pd.DataFrame) -> dict[str, str]:
    """Why columns take no part in pairs, models and distances, by name; judged ones are absent."""
    keys = schema.keys_of(table.name) if table.name in schema.names else frozenset()
    keys |= {table.primary_key} if table.primary_key else set()
    reasons = {c.name: _reason(c, c.name in keys, synthetic) for c in table.columns}
    return {name: reason for name, reason in reasons.items() if reason}


def _reason(column: Column, is_key: bool, synthetic: pd.DataFrame) -> str:
    if column.action is Action.DROP:
        return "dropped: absent from the synthetic table on purpose"
    if column.name not in synthetic:
        return "absent from the synthetic table"
    if is_key:
        return "key: its values only link rows"
    if column.action is Action.REPLACE:
        return "replaced: fresh fake values, not learned"
    if column.action is Action.MASK:
        return "masked: tokens, not learned"
    if column.role is Role.IDENTIFIER:
        return "identifier: its values name rows"
    if column.type is ColumnType.TEXT:
        return "free text: values hardly repeat"
    return ""


def encode_table(
    train: pd.DataFrame,
    holdout: pd.DataFrame,
    synthetic: pd.DataFrame,
    columns: Sequence[Column],
    rng: np.random.Generator,
) -> Encoded:
    """Encode ``columns`` of three canonical frames; very large ones are sampled by rows."""
    limit = max(1, MAX_CELLS // max(1, len(columns)))
    frames = [_sample(frame, limit, rng) for frame in (train, holdout, synthetic)]
    matrices = [np.empty((len(frame), len(columns))) for frame in frames]
    levels = np.zeros(len(columns), np.int64)
    for j, column in enumerate(columns):
        parts = [frame[column.name] for frame in frames]
        if column.type.is_numeric:
            coded = tamed([as_numbers(part, column) for part in parts])
        else:
            coded, levels[j] = _ranks(parts)
        for matrix, values in zip(matrices, coded, strict=True):
            matrix[:, j] = values
    return Encoded(tuple(c.name for c in columns), levels, *matrices)


def tamed(parts: list[Matrix]) -> list[Matrix]:
    """Numbers near the limit of float64 in a smaller unit; no measure depends on the unit."""
    largest = max((float(np.nanmax(np.abs(p), initial=0.0)) for p in parts), default=0.0)
    return [part / largest for part in parts] if largest > _LARGE else parts


def _sample(frame: pd.DataFrame, limit: int, rng: np.random.Generator) -> pd.DataFrame:
    if len(frame) <= limit:
        return frame
    return frame.iloc[np.sort(rng.choice(len(frame), limit, replace=False))]


def _ranks(parts: Sequence[pd.Series]) -> tuple[list[Matrix], int]:
    """Rank by frequency in the first part; also how many categories that part has."""
    sizes = np.cumsum([len(part) for part in parts])[:-1]
    joined = pd.concat(list(parts), ignore_index=True)
    codes, values = pd.factorize(joined, use_na_sentinel=False)
    split = np.split(codes, sizes)
    counts = np.bincount(split[0], minlength=len(values))
    known = int((counts > 0).sum())
    rank = np.empty(len(values))
    rank[np.argsort(-counts, kind="stable")] = np.arange(len(values))
    rank[counts == 0] = known
    return [rank[part] for part in split], max(known, 1)
