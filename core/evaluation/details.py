"""What the full evaluation says beyond the figures shown at once: frozen values, fit for JSON.

Plain strings stand for outcomes: ``pass``, ``warn``, ``fail``, ``inconclusive`` (the measure could
not prove that it would have seen a leak), ``not applicable``. A share or score that could not be
taken is a :class:`~core.evaluation.measures.NotMeasured`. No value here is a real cell: labels that
few training rows have are counted under "other".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.evaluation.measures import Measure, Score

OUTCOMES = ("pass", "warn", "fail", "inconclusive", "not applicable")


@dataclass(frozen=True, slots=True)
class Crosstab:
    """Counts of two columns' bins or categories, real and synthetic, rows by columns."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    real: tuple[tuple[int, ...], ...]
    synthetic: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class PairDetail:
    """One of the pairs that differ most.

    ``association_real`` and ``association_synthetic`` are in the measure that fits the two types,
    which ``measure`` names.
    """

    left: str
    right: str
    similarity: Score
    fresh: Score
    independent: Score
    measure: str
    association_real: Score
    association_synthetic: Score
    table: Crosstab | None


@dataclass(frozen=True, slots=True)
class Giveaway:
    """How much of the area under the curve one column gives to telling synthetic from real."""

    column: str
    drop: float


@dataclass(frozen=True, slots=True)
class SdmetricsScores:
    """What the quality and the diagnostic report of ``sdmetrics`` say, in its own terms."""

    quality: Score
    column_shapes: Score
    column_pair_trends: Score
    diagnostic: Score
    data_validity: Score
    data_structure: Score
    note: str = ""


@dataclass(frozen=True, slots=True)
class FidelityDetail:
    """How alike columns, pairs and whole rows are.

    Attributes
    ----------
    columns
        By column: its measures, each with what fresh real rows reach.
    pairs
        The ten that stay furthest behind fresh real rows.
    whole
        Measures of whole rows: α-precision, β-recall, authenticity, triples, rules kept.
    giveaways
        Columns by which a model tells synthetic from real rows, the strongest first.
    """

    columns: Mapping[str, tuple[Measure, ...]]
    pairs: tuple[PairDetail, ...]
    whole: tuple[Measure, ...]
    giveaways: tuple[Giveaway, ...]
    sdmetrics: SdmetricsScores | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelScore:
    """One model and metric on the real holdout, by what the model was trained on.

    ``both`` is trained on real and synthetic rows together. ``low`` and ``high`` hold 95 % of the
    difference synthetic minus real over the repeats.
    """

    model: str
    metric: str
    synthetic: Score
    real: Score
    both: Score
    chance: Score
    best: float
    low: Score
    high: Score
    repeats: int


@dataclass(frozen=True, slots=True)
class Importance:
    """Permutation importance of a column to a model trained on real and on synthetic rows."""

    column: str
    real: float
    synthetic: float


@dataclass(frozen=True, slots=True)
class GroupScore:
    """A model's error and its share of positive answers within one group of the holdout."""

    group: str
    rows: int
    positive_real: Score
    positive_synthetic: Score
    error_real: Score
    error_synthetic: Score


@dataclass(frozen=True, slots=True)
class GroupReport:
    """What a model trained on real and one trained on synthetic rows do to the groups.

    The two gaps are the largest difference between groups: of the share of positive answers
    (demographic parity) and of the true and false positive rates (equalised odds).
    """

    sensitive: str
    groups: tuple[GroupScore, ...]
    parity_real: Score
    parity_synthetic: Score
    odds_real: Score
    odds_synthetic: Score


@dataclass(frozen=True, slots=True)
class TargetReport:
    """How useful the rows are to predict one column; ``kind`` is ``classes`` or ``number``.

    ``agreement`` is the rank correlation of the two lists of importances.
    """

    target: str
    kind: str
    scores: tuple[ModelScore, ...]
    importances: tuple[Importance, ...]
    agreement: Score
    groups: tuple[GroupReport, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class UtilityDetail:
    """Usefulness for each target that was asked for, or that was chosen."""

    targets: tuple[TargetReport, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AttackReport:
    """One attack, with what it reaches on the two controls.

    Attributes
    ----------
    name
        Key of the attack's words: title, threat model, how it is computed, where it misleads.
    value
        What the attacker reaches with the synthetic rows, in the attack's own unit.
    low, high
        95 % interval of ``value``.
    copy
        What the attacker reaches with a verbatim copy of the training rows: must be detected.
    fresh
        What the attacker reaches with fresh real rows: the baseline.
    harmless, worst
        The value of an attack that learns nothing, and of one that learns all.
    warn_at, fail_at
        Bounds of the outcome, from the policy.
    figures
        Further figures by name, such as ``tpr at 1 % fpr``.
    """

    name: str
    value: Score
    low: Score
    high: Score
    copy: Score
    fresh: Score
    harmless: float
    worst: float
    warn_at: float
    fail_at: float
    outcome: str
    figures: Mapping[str, Score] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True, slots=True)
class PrivacyDetail:
    """All attacks on one table, and the worst outcome; ``inconclusive`` without a control."""

    attacks: tuple[AttackReport, ...]
    outcome: str
    sentence: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GateFailure:
    """What failed, by column or by relationship; ``figures`` such as D, n and p of a test."""

    column: str
    value: Score
    figures: Mapping[str, float] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True, slots=True)
class GateResult:
    """One data quality gate.

    ``value`` has to be at least ``threshold``, or at most where ``at_most``.
    """

    name: str
    value: Score
    threshold: float
    at_most: bool
    outcome: str
    failed: tuple[GateFailure, ...] = ()
    note: str = ""
