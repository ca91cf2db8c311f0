"""Replay: values that were to be replaced, masked or dropped and still occur in the output."""

from dataclasses import dataclass

import numpy as np

from core.data.schema import Action, Column, ColumnType
from core.evaluation.attacks.protocol import Attack, NotApplicable, Outcome
from core.evaluation.attacks.rare_values import keys
from core.evaluation.attacks.scene import Frames, Scene
from core.evaluation.attacks.sides import Keys, Sides, added, exact_trial, met, one_sided
from core.evaluation.values import Score

_REMOVED = {Action.REPLACE, Action.MASK, Action.DROP}
_TEXTS = {ColumnType.CATEGORY, ColumnType.TEXT}
_NO_LIMIT = 1 << 62


@dataclass(frozen=True, slots=True)
class _Removed:
    """One column: its values by side, all training values, and where they may occur again."""

    sides: Sides
    train: Keys
    judged: Keys


def run(scene: Scene) -> Outcome:
    """Share of such values of training rows that occur in the judged rows.

    A value is looked for in its own column and in all columns of text. Values are compared by
    hash; none is kept or shown.
    """
    columns = [
        column
        for column in scene.table.columns
        if column.action in _REMOVED and column.name in scene.frames.train
    ]
    if not columns:
        return NotApplicable("No column was to be replaced, masked or dropped.")
    texts = _texts(scene)
    found = [_removed(column, scene.frames, texts) for column in columns]
    mine = added([met(one.sides.train, one.judged) for one in found])
    others = added([met(one.sides.control, one.judged) for one in found])
    if not mine[1]:
        return NotApplicable("No such value is found among training rows only.")
    figures: dict[str, Score] = {
        f"values of {column.name} that occur again": float(met(one.train, one.judged)[0])
        for column, one in zip(columns, found, strict=True)
    }
    return exact_trial(mine, others, figures)


def _texts(scene: Scene) -> Keys:
    """All values in columns of text of the judged rows."""
    judged = scene.frames.judged
    types = {column.name: column.type for column in scene.table.columns}
    parts = [keys(judged[name]) for name in judged if types.get(str(name)) in _TEXTS]
    return np.unique(np.concatenate([np.zeros(0, np.uint64), *parts]))


def _removed(column: Column, frames: Frames, texts: Keys) -> _Removed:
    train, control = keys(frames.train[column.name]), keys(frames.control[column.name])
    judged = texts
    if column.name in frames.judged:
        judged = np.union1d(texts, keys(frames.judged[column.name]))
    return _Removed(one_sided(train, control, _NO_LIMIT), np.unique(train), judged)


REPLAY = Attack("replay", run)
