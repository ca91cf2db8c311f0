"""What is said of a run before it starts: which engine, what may be asked, what it takes."""

from dataclasses import dataclass
from datetime import date, datetime, time

from core.data.schema import ColumnType


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Which engine to take for a dataset, and why, in a sentence."""

    engine: str
    why: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A frequent value of a column, as a condition takes it, with its rows and share of all."""

    value: str | int
    rows: int
    share: float


@dataclass(frozen=True, slots=True)
class Askable:
    """A column of which conditions and shares can be asked, with what to choose from.

    Attributes
    ----------
    values
        The frequent values, at least five rows each, the most frequent first; of labels,
        booleans and whole numbers of at most 200 values. Empty where none may be shown.
    others
        Share of the rows with a value that is not among ``values``.
    low, high
        Where most of the values of a number, date or time lie: not the extremes, which may be
        one person's, but ends beyond which at least five rows are. None where there is no line,
        too few rows, or where no value may be shown. A range may be asked beyond them.
    missing
        Share of the rows without a value.
    """

    column: str
    type: ColumnType
    values: tuple[Offer, ...] = ()
    others: float = 0.0
    low: float | date | datetime | time | None = None
    high: float | date | datetime | time | None = None
    missing: float = 0.0

    @property
    def offers_values(self) -> bool:
        """Whether there are values to choose from."""
        return bool(self.values)

    @property
    def has_range(self) -> bool:
        """Whether a range can be asked of the column."""
        return self.type.is_numeric


@dataclass(frozen=True, slots=True)
class Estimate:
    """Expected seconds and peak memory of a run, and what the figures rest on.

    ``fit_s``, ``write_s``, ``sample_s`` and ``evaluate_s`` make up ``seconds`` with the start of
    the worker. ``language`` says what will be asked of a language model; empty where nothing is.
    ``note`` warns of a run that will not fit into memory; it is empty otherwise. ``exceeds``:
    whether that is more than a job may use at all.
    """

    seconds: float
    basis: str
    memory_mb: float = 0.0
    fit_s: float = 0.0
    sample_s: float = 0.0
    evaluate_s: float = 0.0
    note: str = ""
    exceeds: bool = False
    write_s: float = 0.0
    language: str = ""
