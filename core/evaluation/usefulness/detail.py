"""The utility in full: what models make of synthetic rows, for each target."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.errors import InvalidParameter
from core.evaluation.case import Case
from core.evaluation.details import TargetReport, UtilityDetail
from core.evaluation.encoding import Matrix
from core.evaluation.models import choose_target, class_labels, one_thread
from core.evaluation.usefulness.groups import group_columns, label_of
from core.evaluation.usefulness.importances import agreement, importances
from core.evaluation.usefulness.learners import LEARNERS
from core.evaluation.usefulness.parity import group_report
from core.evaluation.usefulness.task import Task, aligned, set_task, train_rows
from core.evaluation.usefulness.trials import attempt, draw, summarise
from core.evaluation.values import NotMeasured


def utility_detail(
    case: Case,
    targets: Sequence[str],
    rng: np.random.Generator,
    *,
    sensitive: Sequence[str] = (),
    repeats: int = 3,
) -> UtilityDetail:
    """Train on synthetic rows, test on the holdout, and the same with real rows.

    Parameters
    ----------
    targets
        Columns to predict; without any, the one that ``choose_target`` picks.
    sensitive
        Columns by whose values errors are compared; without any, the sensitive ones and the
        quasi-identifiers of few values.
    repeats
        How often training rows are drawn and models fitted; two or more give an interval.

    Raises
    ------
    InvalidParameter
        When ``repeats`` is not positive.
    """
    if repeats < 1:
        raise InvalidParameter(f"`repeats` must be at least 1. Got {repeats}.")
    plan = _Plan(aligned(case, rng), case, tuple(sensitive), repeats)
    wanted: list[str | None] = list(dict.fromkeys(targets)) or [None]
    streams = rng.spawn(len(wanted))
    with one_thread():
        reports = [_report(plan, name, rng) for name, rng in zip(wanted, streams, strict=True)]
    return UtilityDetail(tuple(reports), _notes(plan.case))


@dataclass(frozen=True, slots=True)
class _Plan:
    """What holds for every target; ``whole`` is the case before very large tables are sampled."""

    case: Case
    whole: Case
    sensitive: tuple[str, ...]
    repeats: int


def _report(plan: _Plan, wanted: str | None, rng: np.random.Generator) -> TargetReport:
    case = plan.case
    target = choose_target(case.encoded, wanted)
    if isinstance(target, NotMeasured):
        return _without(wanted or "", "none", target)
    task = set_task(case.encoded, target, rng)
    if isinstance(task, NotMeasured):
        return _without(target.name, target.kind, task)
    draws = [draw(task, rng) for _ in range(plan.repeats)]
    trials = {name: [attempt(name, task, drawn) for drawn in draws] for name in LEARNERS}
    scores = [summarise(name, task, tried, draws) for name, tried in trials.items()]
    boosted = trials["boosting"]
    found = importances(task, boosted, rng)
    columns = group_columns(case, plan.sensitive, target.name)
    return TargetReport(
        target.name,
        target.kind,
        tuple(score for each in scores for score in each),
        found,
        agreement(found),
        tuple(group_report(case, task, name, boosted) for name in columns),
        " ".join([_sizes(plan, task), *_remarks(case, task)]),
    )


def _without(name: str, kind: str, reason: NotMeasured) -> TargetReport:
    return TargetReport(name, kind, (), (), reason, (), reason.reason)


def _sizes(plan: _Plan, task: Task) -> str:
    """How many rows models were trained and tested on."""
    tables, most = (task.encoded.train, task.encoded.synthetic), train_rows(task)
    real, made = (min(len(task.usable(table)), most) for table in tables)
    times = "once" if plan.repeats == 1 else f"{plan.repeats} times"
    text = (
        f"Each model is trained {times}, on {real:,} of {len(plan.whole.train):,} real rows drawn "
        f"with replacement, {made:,} of {len(plan.whole.synthetic):,} synthetic ones, or both "
        f"together, and tested on {len(task.held):,} of {len(plan.whole.holdout):,} holdout rows."
    )
    if real == made:
        return text
    return text + " The numbers of rows differ, which by itself makes models differ."


def _remarks(case: Case, task: Task) -> list[str]:
    """What is particular to this target."""
    if not task.has_classes:
        return ["For groups, positive is a number above the median of the training rows."]
    sentences = []
    if len(task.classes) == 2:
        positive = label_of(case, task.target.name, float(task.classes[task.positive]))
        sentences.append(f"The positive class is the rarer one: {positive}.")
    codes = task.answers(case.encoded.train)
    if (codes == len(task.classes)).any():
        sentences.append("Classes with few training or holdout rows are counted as one, unscored.")
    absent = len(task.classes) - len(np.intersect1d(task.classes, _made(task)))
    if absent:
        sentences.append(
            f"{absent} of {len(task.classes)} classes are absent from the synthetic rows: models "
            "trained on them never say these."
        )
    return sentences


def _made(task: Task) -> Matrix:
    return class_labels(task.encoded.synthetic[:, task.target.index])


def _notes(case: Case) -> tuple[str, ...]:
    """What holds for all targets: how gaps are filled."""
    numbers = case.encoded.is_number
    if any(np.isnan(m[:, numbers]).any() for m in (case.encoded.train, case.encoded.synthetic)):
        return (
            "Missing numbers are a value of their own to gradient boosting and forest; the linear "
            "model takes the mean and a mark. Missing categories are a category to all.",
        )
    return ()
