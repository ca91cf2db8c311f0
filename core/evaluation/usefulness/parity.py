"""What models trained on real and on synthetic rows do to groups of people.

Demographic parity compares the share of positive answers between groups, equalised odds the true
and the false positive rates (Hardt, Price and Srebro, 2016). Positive is the rarer of two classes,
or a number above the median of the training rows; with more classes each is taken against the
rest, and the largest gap counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.evaluation.case import Case
from core.evaluation.details import GroupReport, GroupScore
from core.evaluation.encoding import Matrix
from core.evaluation.usefulness import limits as at
from core.evaluation.usefulness.groups import Groups, find_groups
from core.evaluation.usefulness.task import Task
from core.evaluation.usefulness.trials import Trial
from core.evaluation.values import NotMeasured, Score

_FEW = NotMeasured(f"Fewer than {at.GROUP_ROWS} holdout rows.")
_MANY = NotMeasured("The target has more than two classes: there is no positive one.")
_ALONE = NotMeasured("Fewer than two groups have enough holdout rows to be compared.")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a model says of n rows.

    ``said`` and ``true`` are n by C: how often, of the repeats, the row got each answer that is
    compared, and whether it is right. ``errors`` are the n rows' mean errors.
    """

    said: Matrix
    true: Matrix
    errors: Matrix


def group_report(case: Case, task: Task, name: str, trials: Sequence[Trial]) -> GroupReport:
    """Errors, parity and odds by the groups of one column."""
    if name not in case.encoded.names:
        absent = NotMeasured(f"{name} is not among the learned columns of this table.")
        return GroupReport(name, (), absent, absent, absent, absent)
    groups = find_groups(case, name, task.places)
    real, made = (outcome(task, [t.predicted[s] for t in trials]) for s in ("real", "synthetic"))
    present = [code for code in range(len(groups.labels)) if (groups.codes == code).any()]
    return GroupReport(
        name,
        tuple(_score(groups, code, real, made) for code in present),
        parity_gap(real, groups),
        parity_gap(made, groups),
        odds_gap(real, groups),
        odds_gap(made, groups),
    )


def outcome(task: Task, predictions: Sequence[Matrix]) -> Outcome:
    """Answers of the models of several repeats beside the true ones."""
    if not task.has_classes:
        said = np.asarray(np.stack([p[:, None] > task.middle for p in predictions]).mean(axis=0))
        errors = np.stack([np.abs(p - task.truth) for p in predictions]).mean(axis=0)
        return Outcome(said, (task.truth[:, None] > task.middle).astype(np.float64), errors)
    compared = np.arange(len(task.classes))
    if len(compared) == 2:
        compared = compared[[task.positive]]
    chosen = [p.argmax(axis=1) for p in predictions]
    return Outcome(
        np.stack([c[:, None] == compared for c in chosen]).mean(axis=0),
        (task.truth[:, None] == compared).astype(np.float64),
        np.stack([c != task.truth for c in chosen]).mean(axis=0),
    )


def parity_gap(of: Outcome, groups: Groups) -> Score:
    """Largest difference between groups in how often the model says yes.

    Computed: demographic parity difference of gradient boosting on the holdout, the mean of the
    repeats' answers; yes is the rarer of two classes, or a number above the median of the training
    rows; with more classes each is taken and the largest difference counts. Groups with fewer than
    30 holdout rows are counted together.
    Good: not above that of the model trained on real rows; 0 is no difference.
    Misleads: groups that do differ make a right model differ too; small groups differ by chance,
    and the more groups there are the larger the largest difference is.
    """
    everyone = np.ones(of.said.shape, bool)
    return _largest_gap(_rates(of.said, everyone, groups, at.GROUP_ROWS))


def odds_gap(of: Outcome, groups: Groups) -> Score:
    """Largest difference between groups in how often the model is right to say yes, or wrong.

    Computed: equalised odds difference (Hardt, Price and Srebro, 2016): the larger of the
    differences of the true and of the false positive rates, with yes as for demographic parity.
    A rate needs 10 rows of the group.
    Good: not above that of the model trained on real rows; 0 is no difference.
    Misleads: a rate of few rows differs by chance: look at the groups' rows beside it.
    """
    rates = [_rates(of.said, of.true == truth, groups, at.GROUP_CASES) for truth in (1, 0)]
    return _largest_gap(np.concatenate(rates, axis=1))


def _rates(said: Matrix, counted: npt.NDArray[np.bool_], groups: Groups, least: int) -> Matrix:
    """Mean of ``said`` over the counted rows of each group (G by C); NaN below ``least`` rows."""
    rates = np.full((len(groups.labels), said.shape[1]), np.nan)
    for code in range(len(groups.labels)):
        inside = counted & (groups.codes == code)[:, None]
        rows = inside.sum(axis=0)
        sums = np.where(inside, said, 0.0).sum(axis=0)
        rates[code] = np.where(rows >= least, sums / np.maximum(rows, 1), np.nan)
    return rates


def _largest_gap(rates: Matrix) -> Score:
    comparable = rates[:, (~np.isnan(rates)).sum(axis=0) > 1]
    if not comparable.size:
        return _ALONE
    return float((np.nanmax(comparable, axis=0) - np.nanmin(comparable, axis=0)).max())


def _score(groups: Groups, code: int, real: Outcome, made: Outcome) -> GroupScore:
    inside = groups.codes == code
    rows = int(inside.sum())
    if rows < at.GROUP_ROWS:
        return GroupScore(groups.labels[code], rows, _FEW, _FEW, _FEW, _FEW)
    return GroupScore(
        groups.labels[code],
        rows,
        _positive(real, inside),
        _positive(made, inside),
        float(real.errors[inside].mean()),
        float(made.errors[inside].mean()),
    )


def _positive(of: Outcome, inside: npt.NDArray[np.bool_]) -> Score:
    return float(of.said[inside].mean()) if of.said.shape[1] == 1 else _MANY
