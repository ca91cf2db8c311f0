"""The utility in full: what models make of synthetic rows, for each target."""

from collections.abc import Sequence

import numpy as np

from core.errors import InvalidParameter
from core.evaluation.case import Case
from core.evaluation.details import TargetReport, UtilityDetail
from core.evaluation.encoding import Matrix
from core.evaluation.models import choose_target, class_labels, one_thread
from core.evaluation.usefulness import limits as at
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
    case = aligned(case, rng)
    wanted: list[str | None] = list(dict.fromkeys(targets)) or [None]
    streams = rng.spawn(len(wanted))
    with one_thread():
        reports = tuple(
            _report(case, name, stream, sensitive, repeats)
            for name, stream in zip(wanted, streams, strict=True)
        )
    return UtilityDetail(reports, _notes(case, repeats))


def _report(
    case: Case,
    wanted: str | None,
    rng: np.random.Generator,
    sensitive: Sequence[str],
    repeats: int,
) -> TargetReport:
    target = choose_target(case.encoded, wanted)
    if isinstance(target, NotMeasured):
        return _without(wanted or "", "none", target)
    task = set_task(case.encoded, target, rng)
    if isinstance(task, NotMeasured):
        return _without(target.name, target.kind, task)
    draws = [draw(task, rng) for _ in range(repeats)]
    trials = {name: [attempt(name, task, drawn) for drawn in draws] for name in LEARNERS}
    scores = [summarise(name, task, tried, draws) for name, tried in trials.items()]
    boosted = trials["boosting"]
    found = importances(task, boosted, rng)
    columns = group_columns(case, sensitive, target.name)
    return TargetReport(
        target.name,
        target.kind,
        tuple(score for each in scores for score in each),
        found,
        agreement(found),
        tuple(group_report(case, task, name, boosted) for name in columns),
        _note(case, task),
    )


def _without(name: str, kind: str, reason: NotMeasured) -> TargetReport:
    return TargetReport(name, kind, (), (), reason, (), reason.reason)


def _note(case: Case, task: Task) -> str:
    """What a reader has to know of this target."""
    sentences = []
    if len(task.held) == at.HOLDOUT_ROWS < len(case.encoded.holdout):
        sentences.append(f"Tested on {len(task.held):,} holdout rows, drawn by lot.")
    if not task.has_classes:
        sentences.append("For groups, positive is a number above the median of the training rows.")
        return " ".join(sentences)
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
    return " ".join(sentences)


def _made(task: Task) -> Matrix:
    return class_labels(task.encoded.synthetic[:, task.target.index])


def _notes(case: Case, repeats: int) -> tuple[str, ...]:
    """What holds for all targets: sizes, caps, and how gaps are filled."""
    real, made = len(case.encoded.train), len(case.encoded.synthetic)
    most = train_rows(case.encoded.width)
    notes = [
        f"Each model is trained {repeats} times, on rows drawn with replacement: "
        f"{min(real, most):,} of {len(case.train):,} real ones, {min(made, most):,} of "
        f"{len(case.synthetic):,} synthetic ones, or both together."
    ]
    if min(real, most) != min(made, most):
        notes.append("The two tables differ in size, which by itself makes models differ.")
    numbers = case.encoded.is_number
    if any(np.isnan(m[:, numbers]).any() for m in (case.encoded.train, case.encoded.synthetic)):
        notes.append(
            "Missing numbers are a value of their own to gradient boosting and forest; the linear "
            "model takes the mean and a mark. Missing categories are a category to all."
        )
    return tuple(notes)
