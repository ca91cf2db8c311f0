"""Rare values: categories that few training rows have and that occur again."""

from dataclasses import dataclass

import numpy as np

from core.data.schema import Column
from core.evaluation.attacks.protocol import Attack, NotApplicable, Outcome, Trial
from core.evaluation.attacks.rates import risk_trial
from core.evaluation.attacks.scene import Frames, Scene


@dataclass(frozen=True, slots=True)
class Counts:
    """Categories of one or more columns: rare ones of training rows and how many came through.

    ``only`` and ``control`` count categories that one real row alone has, on the training and on
    the control side.
    """

    rare: int = 0
    rare_met: int = 0
    only: int = 0
    only_met: int = 0
    control: int = 0
    control_met: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        mine, theirs = ([getattr(one, name) for name in Counts.__slots__] for one in (self, other))
        return Counts(*(a + b for a, b in zip(mine, theirs, strict=True)))


def run(scene: Scene) -> Outcome:
    """Of categories that one real row alone has, how many of members occur in judged rows."""
    total = Counts()
    for column in scene.columns:
        if not column.type.is_numeric:
            total += count(column, scene.frames, scene.small_group)
    if not total.rare:
        return NotApplicable(f"No category has fewer than {scene.small_group} training rows.")
    figures = {
        f"categories with fewer than {scene.small_group} training rows": float(total.rare),
        "of these in the synthetic rows": float(total.rare_met),
    }
    hits, of = (total.only_met, total.only) if total.only else (total.rare_met, total.rare)
    trial = risk_trial(hits, of, total.control_met, max(total.control, 1))
    value = exact(hits, of, total.control_met, total.control)
    low, high = min(trial.low, value), max(trial.high, value)
    return Trial(value, low, high, {**trial.figures, **figures}, exact=True)


def exact(hits: int, of: int, control: int, control_of: int) -> float:
    """(attack − control) ÷ (1 − control) of counts, at least 0."""
    base = control / control_of if control_of else 0.0
    return max(0.0, (hits / of - base) / (1 - base)) if base < 1 else 0.0


def count(column: Column, frames: Frames, small: int) -> Counts:
    """The counts of one column."""
    train, control = (
        rows[column.name].value_counts(dropna=True) for rows in (frames.train, frames.control)
    )
    met = set(frames.judged[column.name].dropna().unique())
    rare = [v for v, n in train.items() if n < small]
    only = [v for v, n in train.items() if n == 1 and v not in control.index]
    other = [v for v, n in control.items() if n == 1 and v not in train.index]
    met_of = [sum(v in met for v in values) for values in (rare, only, other)]
    sizes = [len(rare), len(only), len(other)]
    return Counts(*np.ravel(list(zip(sizes, met_of, strict=True))).tolist())


RARE_VALUES = Attack("rare_values", run)
