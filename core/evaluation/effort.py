"""How much an evaluation works: all of it, or what can be shown at once.

The quick one trains its models and looks for nearest rows on fewer rows, and says so; it leaves
the details out. What it measures on all rows is the same as in full.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from core.errors import InvalidParameter
from core.evaluation.encoding import Encoded
from core.evaluation.measures import Measure, NotMeasured
from core.evaluation.models import one_thread
from core.evaluation.thresholds import ASSOCIATION_ROWS, MAX_QUERIES

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Effort:
    """How many rows the slow parts work on.

    Attributes
    ----------
    model_rows
        Training, holdout and synthetic rows that models see, of each; None for no cap of its own.
    association_rows
        Rows that association matrices are computed from.
    queries
        Rows whose nearest rows are looked for.
    """

    depth: str
    model_rows: int | None
    association_rows: int
    queries: int

    @property
    def is_full(self) -> bool:
        """Whether the details are measured too."""
        return self.depth == "full"

    def started(self, work: Callable[[], T]) -> Callable[[], T]:
        """Where the result of ``work`` is to be had: in quick it is under way at once, beside.

        Somebody waits for the quick evaluation, so that it takes a second core; the full one is
        a job among others and does one thing after the other.
        """
        if self.is_full:
            return work
        pool = ThreadPoolExecutor(1)
        future = pool.submit(_alone, work)
        pool.shutdown(wait=False)
        return future.result

    def modelled(self, encoded: Encoded, rng: np.random.Generator) -> Encoded:
        """The rows that models see."""
        return encoded if self.model_rows is None else thin(encoded, self.model_rows, rng)

    def noted(self, measure: Measure, rows: int) -> Measure:
        """A model's measure with a word on how many of ``rows`` rows it saw."""
        if self.model_rows is None or rows <= self.model_rows:
            return measure
        return replace(measure, note=f"models see {self.model_rows:,} of {rows:,} rows")

    def figure(self, measure: Measure, rows: int) -> Measure:
        """The measure as one of the comparable figures, which are defined on all rows."""
        if self.model_rows is None or rows <= self.model_rows:
            return measure
        reason = NotMeasured(
            f"This figure is defined on all {rows:,} rows; the quick evaluation trains models on "
            f"{self.model_rows:,}. Evaluate in full for it."
        )
        return replace(measure, value=reason, fresh=reason, chance=reason, margin=0.0, note="")


EFFORTS = {
    "quick": Effort("quick", 4_000, 10_000, 800),
    "full": Effort("full", None, ASSOCIATION_ROWS, MAX_QUERIES // 2),
}


def _alone(work: Callable[[], T]) -> T:
    with one_thread():
        return work()


def effort_of(depth: str) -> Effort:
    """The effort of that depth.

    Raises
    ------
    InvalidParameter
        It is neither ``quick`` nor ``full``.
    """
    try:
        return EFFORTS[depth]
    except KeyError:
        raise InvalidParameter(f"`depth` must be one of {', '.join(EFFORTS)}.") from None


def thin(encoded: Encoded, rows: int, rng: np.random.Generator) -> Encoded:
    """At most ``rows`` rows of each side, drawn at random."""
    sides = (encoded.train, encoded.holdout, encoded.synthetic)
    train, holdout, synthetic = (
        side if len(side) <= rows else side[np.sort(rng.choice(len(side), rows, replace=False))]
        for side in sides
    )
    return replace(encoded, train=train, holdout=holdout, synthetic=synthetic)
