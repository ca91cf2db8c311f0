"""Up to five runs of one dataset side by side: measures, where each stands, what was asked.

A measure is compared by how far it stays behind its best value, so that an area under the curve
of .48 is not called better than one of .50. Every best stands with those that noise does not tell
from it.
"""

from dataclasses import dataclass
from datetime import datetime

from core.evaluation.values import Score

MOST_RUNS = 5


@dataclass(frozen=True, slots=True)
class ComparedRun:
    """One of the runs: ``level`` is its verdict, ``dials`` the levels of the three dials."""

    id: str
    engine: str
    level: str
    fidelity: str
    utility: str
    privacy: str
    rows: int
    seconds: float
    created_by: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ComparedMeasure:
    """One measure of one table in all runs; scores are in the order of the runs.

    Attributes
    ----------
    key
        ``measure``, ``figure`` or ``attack``: where the words of ``name`` are.
    part
        ``fidelity``, ``utility`` or ``privacy``.
    best
        The best value that the measure can take.
    winners
        Positions of the runs that come nearest to it; empty when fewer than two are measured.
    tied
        Positions of the runs that noise does not tell from the winners.
    """

    key: str
    name: str
    title: str
    table: str
    part: str
    best: float
    values: tuple[Score, ...]
    fresh: tuple[Score, ...]
    winners: tuple[int, ...]
    tied: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ComparedParameter:
    """One setting of the runs as text; ``-`` where a run does not have it."""

    name: str
    values: tuple[str, ...]

    @property
    def differs(self) -> bool:
        """Whether not all runs have the same."""
        return len(set(self.values)) > 1


@dataclass(frozen=True, slots=True)
class TradeOff:
    """A run, or fresh real rows (``run_id`` empty), in the plane of privacy and use.

    All three are dial values, 1 is best.
    """

    run_id: str
    label: str
    privacy: Score
    utility: Score
    fidelity: Score


@dataclass(frozen=True, slots=True)
class Comparison:
    """Runs of one dataset side by side."""

    dataset_id: str
    runs: tuple[ComparedRun, ...]
    measures: tuple[ComparedMeasure, ...]
    parameters: tuple[ComparedParameter, ...]
    points: tuple[TradeOff, ...]
    notes: tuple[str, ...] = ()
