"""What an evaluation says: frozen values, every number beside its references.

A measure that could not be taken holds a :class:`NotMeasured` with the reason, never a number
that stands in for it. Chart data hold counts; a category that fewer than five training rows have
is counted under "other", so that no rare value of a person is stored by name.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from core.errors import InvalidInput
from core.evaluation.codec import decode, encode
from core.evaluation.details import FidelityDetail, GateResult, PrivacyDetail, UtilityDetail
from core.evaluation.measures import Measure, NotMeasured, Score
from core.evaluation.policy import EvaluationPolicy
from core.evaluation.sealing import sealed
from core.privacy.guarantee import NOT_KNOWN

__all__ = [
    "AddedMeasure",
    "Advice",
    "Association",
    "Chart",
    "ColumnReport",
    "Dial",
    "Measure",
    "NotMeasured",
    "PairReport",
    "RelationReport",
    "Report",
    "Score",
    "TableReport",
    "shortfall",
]


@dataclass(frozen=True, slots=True)
class Chart:
    """Counts of training and synthetic rows to draw side by side.

    ``kind`` is ``histogram`` (``edges`` has one more entry than the counts; the first and the last
    bin hold everything beyond) or ``bars`` (``labels`` has one entry a count).
    """

    kind: str
    edges: tuple[float, ...]
    labels: tuple[str, ...]
    real: tuple[int, ...]
    synthetic: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ColumnReport:
    """How alike one column is.

    ``similarity`` is 1 − total variation distance on the column's bins or categories, ``ks`` is
    1 − the Kolmogorov-Smirnov distance of numbers. ``excluded`` says why a column is left out of
    pairs, models and distances; it is empty for judged columns.
    """

    name: str
    type: str
    role: str
    excluded: str
    similarity: Score
    fresh: Score
    ks: Score
    fresh_ks: Score
    missing_real: Score
    missing_synthetic: Score
    chart: Chart | None

    @property
    def shortfall(self) -> float:
        """How far the similarity stays behind fresh real rows; 0 when not measured."""
        return shortfall(self.similarity, self.fresh)


@dataclass(frozen=True, slots=True)
class PairReport:
    """How alike the joint distribution of two columns is (1 − total variation distance)."""

    left: str
    right: str
    similarity: float
    fresh: Score
    independent: float

    @property
    def shortfall(self) -> float:
        """How far the similarity stays behind fresh real rows; 0 when not measured."""
        return shortfall(self.similarity, self.fresh)


@dataclass(frozen=True, slots=True)
class Association:
    """Strength of association of columns, real and synthetic, as square matrices.

    Rank correlation between numbers (−1 to 1), correlation ratio between a number and a category,
    bias-corrected Cramér's V between categories (0 to 1). None where a column does not vary.
    """

    names: tuple[str, ...]
    real: tuple[tuple[float | None, ...], ...]
    synthetic: tuple[tuple[float | None, ...], ...]
    note: str = ""

    @property
    def difference(self) -> tuple[tuple[float | None, ...], ...]:
        """Synthetic minus real; None where either is undefined."""
        return tuple(
            tuple(None if r is None or s is None else s - r for r, s in zip(*rows, strict=True))
            for rows in zip(self.real, self.synthetic, strict=True)
        )


@dataclass(frozen=True, slots=True)
class AddedMeasure:
    """A measure that an outside package added, with its words, so that they last as the report.

    Attributes
    ----------
    package, version
        Which package measured it. The studio does not vouch for how.
    """

    package: str
    version: str
    title: str
    meaning: str
    reading: str
    measure: Measure


@dataclass(frozen=True, slots=True)
class TableReport:
    """Everything measured on one table.

    ``figures`` holds the eight figures of the neutral benchmark scorer (``uni``, ``biv``, ``tri``,
    ``c2st``, ``tstr``, ``dcr``, ``mia``, ``dup``) by that scorer's definitions. ``fidelity``,
    ``utility``, ``privacy`` and ``gates`` are there after a full evaluation. ``added`` are
    measures of outside packages; no dial and no verdict rests on them.
    """

    name: str
    rows: Mapping[str, int]
    target: str | None
    target_kind: str
    columns: tuple[ColumnReport, ...]
    pairs: tuple[PairReport, ...]
    pairs_total: int
    association: Association
    measures: Mapping[str, Measure]
    figures: Mapping[str, Measure]
    notes: tuple[str, ...] = ()
    fidelity: FidelityDetail | None = None
    utility: UtilityDetail | None = None
    privacy: PrivacyDetail | None = None
    gates: tuple[GateResult, ...] = ()
    added: tuple[AddedMeasure, ...] = ()

    @property
    def judged(self) -> tuple[ColumnReport, ...]:
        """The columns that take part in pairs, models and distances."""
        return tuple(column for column in self.columns if not column.excluded)


@dataclass(frozen=True, slots=True)
class RelationReport:
    """How a foreign key behaves.

    ``valid`` is the share of child rows whose key points to a parent row; ``children`` the
    similarity of the distribution of children per parent.
    """

    parent: str
    child: str
    child_key: str
    valid: Measure
    children: Measure


@dataclass(frozen=True, slots=True)
class Dial:
    """One of the three answers: fidelity, utility, privacy.

    ``level`` is ``good``, ``fair``, ``poor`` or ``unknown``.
    """

    name: str
    title: str
    value: Score
    best: Score
    chance: Score
    level: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do next, and where: a sentence, and the page with the setting.

    ``page`` is the name of a page (``generate``, ``review``, ``releases``, ``projects``) or empty;
    ``params`` names the setting there: ``table`` and ``column`` for the review, ``preset``,
    ``param`` or ``field`` for a new run.
    """

    text: str
    page: str = ""
    params: Mapping[str, str] = field(default_factory=dict)


VERSION = 2
DISCLOSURE = (
    "Internal: the measures of this report were computed from real data. They hold no row, but "
    "describe real people in sum. They may leave the organisation only where their release was "
    "paid for under differential privacy; nothing in this report was."
)


@dataclass(frozen=True, slots=True)
class Report:
    """What an evaluation found, and what follows from it in words.

    Attributes
    ----------
    suggestions, advice
        What to do next, as sentences and with the page and setting that each is about.
    depth
        ``full``, or ``quick`` without the details.
    policy
        The bounds it was judged by; None for reports of version 1.
    disclosure
        To whom the measures may be shown.
    guarantee
        The formal guarantee of how the tables were made, in words; also that there is none.
    content_hash
        Hash of the contents when the report was written down; empty before.
    """

    tables: tuple[TableReport, ...]
    relations: tuple[RelationReport, ...]
    dials: tuple[Dial, ...]
    level: str
    summary: str
    suggestions: tuple[str, ...]
    seed: int
    figures: Mapping[str, Score] = field(default_factory=dict)
    version: int = 1
    advice: tuple[Advice, ...] = ()
    depth: str = "quick"
    policy: EvaluationPolicy | None = None
    disclosure: str = DISCLOSURE
    guarantee: str = NOT_KNOWN
    content_hash: str = field(default="", compare=False)

    def __getitem__(self, table: str) -> TableReport:
        for report in self.tables:
            if report.name == table:
                return report
        raise InvalidInput(f"The report has no table {table!r}.")

    def dial(self, name: str) -> Dial:
        """The dial of that name: ``fidelity``, ``utility`` or ``privacy``."""
        return next(dial for dial in self.dials if dial.name == name)

    def to_dict(self) -> dict[str, Any]:
        """Plain dicts, lists, numbers and strings, fit for JSON, with the hash of them all."""
        return sealed(encode(self))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The inverse of :meth:`to_dict`, for reports of this and of older versions.

        Raises
        ------
        InvalidInput
            It is not a report, or one that a newer studio wrote.
        """
        try:
            if data.get("version", 1) > VERSION:
                raise ValueError(f"version {data['version']} was written by a newer studio")
            report: Self = decode(cls, data)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InvalidInput(f"This is not an evaluation report: {error}.") from error
        return report


def shortfall(value: Score, fresh: Score) -> float:
    """How far ``value`` stays behind ``fresh`` (behind 1 without it), at least 0."""
    if isinstance(value, NotMeasured):
        return 0.0
    return max(0.0, (1.0 if isinstance(fresh, NotMeasured) else fresh) - value)
