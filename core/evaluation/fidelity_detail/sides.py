"""What is compared with what: real rows with synthetic ones, and with fresh real rows beside.

Real rows are the holdout, which no generator has seen. Fresh rows are training rows, cut to as
many as there are synthetic ones, so that both differ from the holdout by the same chance. Without
a usable holdout the training rows are what is compared with, and nothing is fresh.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

import numpy as np
import pandas as pd

from core.evaluation.case import Case
from core.evaluation.encoding import Matrix
from core.evaluation.fidelity import no_holdout
from core.evaluation.measures import Measure, NotMeasured, Score

Part = TypeVar("Part")
Other = TypeVar("Other")
SHUFFLED = NotMeasured("Shuffling the columns leaves each column as it is.")
_NORMAL = 1.959964


@dataclass(frozen=True, slots=True)
class Taken:
    """A score of one set of rows against the real ones, with its 95 % interval if it has one."""

    value: Score
    low: float | None = None
    high: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Sides(Generic[Part]):
    """The same part of real, synthetic and fresh rows; ``without`` says why nothing is fresh."""

    real: Part
    synthetic: Part
    fresh: Part | None
    without: str = ""

    def map(self, change: Callable[[Part], Other]) -> "Sides[Other]":
        """Another part of the same rows."""
        fresh = None if self.fresh is None else change(self.fresh)
        return Sides(change(self.real), change(self.synthetic), fresh, self.without)

    def measure(
        self,
        name: str,
        take: Callable[[Part, Part], Taken],
        best: float,
        chance: Score = SHUFFLED,
    ) -> Measure:
        """Score synthetic and fresh rows against the real ones."""
        taken = take(self.real, self.synthetic)
        fresh: Score = NotMeasured(self.without)
        if self.fresh is not None:
            fresh = take(self.real, self.fresh).value
        margin = 0.0
        if taken.low is not None and taken.high is not None:
            margin = (taken.high - taken.low) / 2
        return Measure(
            name, taken.value, fresh, chance, best, margin, taken.note, taken.low, taken.high
        )


def cut_alike(case: Case, rng: np.random.Generator) -> Case:
    """The case with no more synthetic rows than there are training rows to be fresh ones.

    Distances shrink with the number of rows, so that more synthetic rows than fresh ones would
    come out better than the best possible.
    """
    most, spare = len(case.train), len(case.synthetic) - len(case.train)
    if spare <= 0 or no_holdout(len(case.holdout)):
        return case
    rows = np.sort(rng.choice(len(case.synthetic), most, replace=False))
    coded = case.encoded.synthetic
    kept = np.sort(rng.permutation(len(coded))[: len(case.encoded.train)])
    encoded = replace(case.encoded, synthetic=coded[kept])
    return replace(case, synthetic=case.synthetic.iloc[rows], encoded=encoded)


def sides_of(case: Case, rng: np.random.Generator) -> Sides[pd.DataFrame]:
    """The frames of a case, fresh rows drawn from the training rows."""
    without = no_holdout(len(case.holdout))
    if without:
        return Sides(case.train, case.synthetic, None, without)
    rows = rng.permutation(len(case.train))[: len(case.synthetic)]
    return Sides(case.holdout, case.synthetic, case.train.iloc[rows])


def taken(
    value: float, spread: float, low: float = 0.0, high: float = 1.0, note: str = ""
) -> Taken:
    """A score with its interval by the normal approximation, cut to what the score can be.

    A spread of 0 says nothing of the certainty of a score at its bound: no interval then.
    """
    if not spread > 0:
        return Taken(float(value), note=note)
    half = _NORMAL * spread
    return Taken(float(value), float(max(low, value - half)), float(min(high, value + half)), note)


def drawn_by_lot(measure: Measure, scores: Sequence[float], total: int, what: str) -> Measure:
    """A mean over ``scores``, of ``total`` that there are: what was drawn, and the interval.

    The interval of a mean of a sample without repetition; there is none when all were taken.
    """
    drawn = len(scores)
    if drawn >= total or not isinstance(measure.value, float):
        return measure
    share = (1 - drawn / total) / drawn
    half = _NORMAL * float(np.std(scores, ddof=1) * np.sqrt(share))
    note = f"{drawn:,} of {total:,} {what}, drawn by lot"
    low, high = measure.value - half, measure.value + half
    return replace(measure, note=note, margin=half, low=low, high=high)


def share_variance(share: float, rows: int) -> float:
    """Variance of a share of so many rows; not its standard error."""
    return share * (1 - share) / max(rows, 1)


def encoded_sides(case: Case, rng: np.random.Generator) -> Sides[Matrix]:
    """The same of the encoded rows."""
    encoded = case.encoded
    without = no_holdout(len(encoded.holdout))
    if without:
        return Sides(encoded.train, encoded.synthetic, None, without)
    rows = rng.permutation(len(encoded.train))[: len(encoded.synthetic)]
    return Sides(encoded.holdout, encoded.synthetic, encoded.train[rows])
