"""What a profile says: frozen values that survive a trip through JSON.

Numbers, dates and times are kept on one axis (see ``core.data.frames.as_numbers``): plain numbers,
days since 1970 for dates, seconds since 1970 for datetimes, seconds since midnight for times.
:func:`as_text` turns a point on that axis back into what a reader expects.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from core.data.frames import EXACT_WHOLE
from core.data.numbers import EXACT_DIGITS
from core.data.profile.shape import (
    Anomalies,
    Calendar,
    Dependency,
    ForeignKey,
    Inequality,
    Quality,
    parts_of,
)
from core.data.schema import ColumnType
from core.errors import InvalidInput, NotFound

_EPOCH = datetime(1970, 1, 1)
NEARLY = 0.99


@dataclass(frozen=True, slots=True)
class NumberSummary:
    """Where values lie on their axis.

    ``quantiles`` are ``(probability, value)`` in order. ``outliers`` counts values further than
    1.5 interquartile ranges from the middle half (Tukey's fences), ``far_outliers`` those further
    than 3. ``skew`` and ``kurtosis`` are the third and fourth standardised moments of the values,
    the latter less 3; None where the values do not vary.
    """

    min: float
    max: float
    mean: float
    std: float
    quantiles: tuple[tuple[float, float], ...]
    outliers: int
    far_outliers: int = 0
    skew: float | None = None
    kurtosis: float | None = None


@dataclass(frozen=True, slots=True)
class Histogram:
    """Counts between neighbouring ``edges`` (one more than counts).

    ``below`` and ``above`` count values outside the edges: a long tail is cut there, so that the
    bins show where most values are. A constant column has one bin whose edges are equal.
    """

    edges: tuple[float, ...]
    counts: tuple[int, ...]
    below: int = 0
    above: int = 0


@dataclass(frozen=True, slots=True)
class LengthSummary:
    """Characters in the values of a text column."""

    shortest: int
    longest: int
    mean: float


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """One column in numbers.

    ``top`` lists the most frequent values that occur more than once, with their counts. A column
    with ``hidden`` set was profiled without showing any of its values: ``numbers``,
    ``histogram`` and ``top`` are empty whatever it holds.

    ``distinct`` is an estimate (HyperLogLog) where ``distinct_exact`` is not set. ``most`` is how
    many rows hold the most frequent value. ``patterns`` are how strings are written (``A`` for
    capitals, ``a`` for other letters, ``9`` for digits, each for any number of them) with their
    share of the rows looked at.
    """

    name: str
    type: ColumnType
    rows: int
    missing: int
    distinct: int
    hidden: bool = False
    numbers: NumberSummary | None = None
    histogram: Histogram | None = None
    top: tuple[tuple[str, int], ...] = ()
    lengths: LengthSummary | None = None
    distinct_exact: bool = True
    most: int = 0
    patterns: tuple[tuple[str, float], ...] = ()
    calendar: Calendar | None = None

    @property
    def nearly_constant(self) -> bool:
        """Whether one value, or none, stands in at least 99 % of the rows."""
        return self.rows > 0 and max(self.most, self.missing) >= NEARLY * self.rows

    @property
    def missing_share(self) -> float:
        """Missing values as a share of the rows, from 0 to 1."""
        return self.missing / self.rows if self.rows else 0.0

    @property
    def beyond_floats(self) -> bool:
        """Whether there are whole numbers that engines, and the figures here, round."""
        if self.type is not ColumnType.INTEGER or self.numbers is None:
            return False
        return max(-self.numbers.min, self.numbers.max) >= EXACT_WHOLE

    @property
    def constant(self) -> bool:
        """Whether there is at most one distinct value."""
        return self.distinct <= 1

    @property
    def unique(self) -> bool:
        """Whether no value occurs twice and none is missing."""
        return self.rows > 1 and self.missing == 0 and self.distinct == self.rows

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The inverse of ``dataclasses.asdict``."""
        numbers, histogram, lengths = data["numbers"], data["histogram"], data["lengths"]
        calendar = data.get("calendar")
        return cls(
            name=data["name"],
            type=ColumnType(data["type"]),
            rows=data["rows"],
            missing=data["missing"],
            distinct=data["distinct"],
            hidden=data["hidden"],
            numbers=_summary(numbers) if numbers else None,
            histogram=_histogram(histogram) if histogram else None,
            top=tuple((text, count) for text, count in data["top"]),
            lengths=LengthSummary(**lengths) if lengths else None,
            distinct_exact=data.get("distinct_exact", True),
            most=data.get("most", 0),
            patterns=tuple((text, share) for text, share in data.get("patterns", ())),
            calendar=Calendar.from_dict(calendar) if calendar else None,
        )


@dataclass(frozen=True, slots=True)
class Associations:
    """How strongly columns go together, from 0 (not at all) to 1 (one tells the other).

    Each pair is measured by what fits it: Pearson's r without its sign for two numeric columns,
    Cramér's V for two categorical ones, the correlation ratio for one of each. None means
    that it could not be measured. ``left_out`` names the columns that were not measured, ``rows``
    says on how many rows. ``pearson`` and ``spearman`` have the signed coefficients of pairs of
    numeric columns, and None for all others.
    """

    columns: tuple[str, ...]
    matrix: tuple[tuple[float | None, ...], ...]
    left_out: tuple[str, ...]
    rows: int
    pearson: tuple[tuple[float | None, ...], ...] = ()
    spearman: tuple[tuple[float | None, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class TableProfile:
    """One table in numbers.

    ``duplicate_rows`` counts rows that repeat an earlier one; ``key_candidates`` are columns whose
    values are all there and all different.
    """

    table: str
    rows: int
    columns: tuple[ColumnProfile, ...]
    duplicate_rows: int
    key_candidates: tuple[str, ...]
    associations: Associations
    dependencies: tuple[Dependency, ...] = ()
    inequalities: tuple[Inequality, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    anomalies: Anomalies | None = None
    quality: Quality | None = None

    def __getitem__(self, name: str) -> ColumnProfile:
        for column in self.columns:
            if column.name == name:
                return column
        raise NotFound(f"The profile of table {self.table!r} has no column {name!r}.")

    @property
    def missing_share(self) -> float:
        """Missing cells as a share of all cells, from 0 to 1."""
        cells = self.rows * len(self.columns)
        return sum(column.missing for column in self.columns) / cells if cells else 0.0

    def to_dict(self) -> dict[str, Any]:
        """Plain dicts, lists and strings, fit for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The inverse of :meth:`to_dict`; raises ``InvalidInput`` when it is not a profile."""
        try:
            links = data["associations"]
            return cls(
                table=data["table"],
                rows=data["rows"],
                columns=tuple(ColumnProfile.from_dict(c) for c in data["columns"]),
                duplicate_rows=data["duplicate_rows"],
                key_candidates=tuple(data["key_candidates"]),
                associations=Associations(
                    columns=tuple(links["columns"]),
                    matrix=tuple(tuple(row) for row in links["matrix"]),
                    left_out=tuple(links["left_out"]),
                    rows=links["rows"],
                    pearson=tuple(tuple(row) for row in links.get("pearson", ())),
                    spearman=tuple(tuple(row) for row in links.get("spearman", ())),
                ),
                **parts_of(data),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidInput(f"This is not a profile: {type(error).__name__} {error}.") from error


def _summary(data: Mapping[str, Any]) -> NumberSummary:
    pairs = tuple((probability, value) for probability, value in data["quantiles"])
    return NumberSummary(**{**data, "quantiles": pairs})


def _histogram(data: Mapping[str, Any]) -> Histogram:
    return Histogram(
        tuple(data["edges"]), tuple(data["counts"]), int(data["below"]), int(data["above"])
    )


def as_text(value: float, kind: ColumnType) -> str:
    """A point on a column's axis as a reader expects it.

    Whole numbers that the axis rounds show as many digits as are certain.

    Examples
    --------
    >>> as_text(366.0, ColumnType.DATE)
    '1971-01-02'
    """
    if not math.isfinite(value):
        return str(value)
    if kind is ColumnType.TIME:
        return _clock(value)
    if kind in {ColumnType.DATE, ColumnType.DATETIME}:
        return _calendar(value, kind)
    if kind is ColumnType.INTEGER and abs(value) >= EXACT_WHOLE:
        return f"{value:.{EXACT_DIGITS}g}"
    if kind is ColumnType.INTEGER and value == round(value):
        return str(int(value))
    return f"{value:.6g}"


def _clock(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 3600:02d}:{whole % 3600 // 60:02d}:{whole % 60:02d}"


def _calendar(value: float, kind: ColumnType) -> str:
    unit = "days" if kind is ColumnType.DATE else "seconds"
    try:
        moment = _EPOCH + timedelta(**{unit: round(value)})
    except OverflowError:
        return f"{value:.6g}"
    return moment.isoformat(" ", "seconds")[: 10 if kind is ColumnType.DATE else 19]
