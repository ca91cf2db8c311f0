"""Hand-made values of a full evaluation, for tests of how it is shown."""

from dataclasses import is_dataclass, replace
from itertools import pairwise
from typing import get_args, get_type_hints

from core.evaluation.details import (
    AttackReport,
    Crosstab,
    FidelityDetail,
    GateFailure,
    GateResult,
    Giveaway,
    GroupReport,
    GroupScore,
    Importance,
    ModelScore,
    PairDetail,
    PrivacyDetail,
    SdmetricsScores,
    TargetReport,
    UtilityDetail,
)
from core.evaluation.measures import Measure, NotMeasured
from core.evaluation.values import Report, TableReport

WHY = NotMeasured("too few rows for this in the test")
"""The reason that :func:`unmeasured` puts in the place of every number."""

CROSS = Crosstab(
    ("18 to 40", "40 to 80"),
    ("Köln", "Οία", "other"),
    ((40, 10, 5), (5, 30, 0)),
    ((30, 20, 5), (9, 26, 0)),
)


def full(report: Report) -> Report:
    """The report as if every table had been evaluated in full."""
    return replace(report, tables=tuple(_full(table) for table in report.tables))


def unmeasured(value):
    """The same value with a reason in the place of every score; bounds and counts stay."""
    if isinstance(value, tuple):
        return tuple(unmeasured(item) for item in value)
    if isinstance(value, dict):
        return {name: unmeasured(item) for name, item in value.items()}
    if not is_dataclass(value) or isinstance(value, NotMeasured):
        return value
    hints = get_type_hints(type(value))
    return replace(
        value,
        **{name: _without(hint, getattr(value, name)) for name, hint in hints.items()},
    )


def _without(hint, item):
    if NotMeasured in get_args(hint):
        return WHY
    if any(NotMeasured in get_args(kind) for kind in get_args(hint)):
        return dict.fromkeys(item, WHY)
    return unmeasured(item)


def _full(table: TableReport) -> TableReport:
    return replace(
        table,
        fidelity=fidelity(table),
        utility=utility(table),
        privacy=privacy(),
        gates=gates(table),
    )


def fidelity(table: TableReport) -> FidelityDetail:
    """Measures by column, one pair with its counts and one without, giveaways, sdmetrics."""
    names = [c.name for c in table.judged]
    columns = {
        name: (
            Measure("ks", 0.05 + 0.01 * place, 0.02, 0.03, 0.0),
            Measure("wasserstein", WHY, WHY, WHY, 0.0),
            Measure("coverage", 0.97, 0.99, 0.99, 1.0, note="of 400 rows", low=0.95, high=0.98),
        )
        for place, name in enumerate(names)
    }
    pairs = tuple(
        PairDetail(left, right, 0.8, 0.95, 0.7, "Cramér's V", 0.6, 0.31, table_)
        for (left, right), table_ in zip(pairwise(names), (CROSS, None), strict=False)
    )
    return FidelityDetail(
        columns,
        pairs,
        (
            Measure("alpha_precision", 0.93, 0.96, 0.5, 1.0),
            Measure("authenticity", 0.71, 0.7, 0.0, 1.0),
        ),
        tuple(Giveaway(name, 0.08 / (i + 1)) for i, name in enumerate(names)),
        SdmetricsScores(0.91, 0.93, 0.89, 1.0, 1.0, 1.0, "Without holdout."),
        ("Taken on 400 rows.",),
    )


def utility(table: TableReport) -> UtilityDetail:
    """Two models and two metrics for one target, with importances and groups."""
    scores = tuple(
        ModelScore(model, metric, 0.8, 0.85, 0.86, chance, 1.0, -0.08, -0.02, 3)
        for model in ("boosting", "linear")
        for metric, chance in (("auc", 0.5), ("f1", 0.33))
    )
    groups = (
        GroupScore("Köln", 80, 0.4, 0.5, 0.1, 0.15),
        GroupScore("other", 12, WHY, WHY, WHY, WHY),
    )
    names = [c.name for c in table.judged] or ["none"]
    target = TargetReport(
        names[-1],
        "classes",
        scores,
        tuple(Importance(name, 0.2 / (i + 1), 0.1) for i, name in enumerate(names)),
        0.7,
        (GroupReport("city", groups, 0.1, 0.24, 0.05, 0.12),),
        "3 repeats.",
    )
    return UtilityDetail((target, replace(target, target=names[0], kind="number", groups=())))


def attack(name: str, outcome: str, **changes) -> AttackReport:
    """One attack whose value is an area under the curve."""
    made = AttackReport(
        name, 0.56, 0.53, 0.59, 0.99, 0.5, 0.5, 1.0, 0.55, 0.6, outcome, {"tpr at 1 % fpr": 0.02}
    )
    return replace(made, **changes)


def privacy() -> PrivacyDetail:
    """One attack of each outcome."""
    attacks = (
        attack("membership", "warn"),
        attack("linkability", "pass", value=0.01, low=0.0, high=0.03, fresh=0.0, harmless=0.0),
        attack("singling_out", "fail", value=0.8, low=0.7, high=0.9),
        attack("attribute_inference", "inconclusive", copy=0.51, note="The copy was not seen."),
        attack("anonymity", "not applicable", value=WHY, low=WHY, high=WHY, copy=WHY, fresh=WHY),
    )
    return PrivacyDetail(attacks, "fail", "One attack learns more than it may.", ("Of 400 rows.",))


def gates(table: TableReport) -> tuple[GateResult, ...]:
    """One gate of each kind of outcome."""
    name = table.columns[0].name
    failed = (GateFailure(name, 0.91, {"D": 0.12, "n": 400.0, "p": 0.001}, "shifted up"),)
    return (
        GateResult("completeness", 1.0, 0.99, False, "pass"),
        GateResult("distribution", 0.12, 0.1, True, "fail", failed, "By D, as n is large."),
        GateResult("coverage", WHY, 0.99, False, "not applicable"),
    )
