"""Repeated training on real, synthetic and both kinds of rows, and what it comes to.

Each repeat draws its training rows with replacement, so that the spread over the repeats is that
of the tables and of the models. The spread that comes from the holdout is taken by drawing its
rows with replacement under fixed models. Both go into the interval of the difference.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.evaluation.details import ModelScore
from core.evaluation.encoding import Matrix
from core.evaluation.usefulness import limits as at
from core.evaluation.usefulness.learners import Predictor, fit
from core.evaluation.usefulness.metrics import BEST, chance, measure
from core.evaluation.usefulness.task import Task, train_rows
from core.evaluation.values import NotMeasured, Score

SOURCES = ("real", "synthetic", "both")
_UNDEFINED = NotMeasured("It is undefined on these holdout rows.")


@dataclass(frozen=True, slots=True)
class Draw:
    """What one repeat works with: training rows by source, weightings of the n tested rows."""

    rows: Mapping[str, Matrix]
    weights: Matrix
    seed: int


@dataclass(frozen=True, slots=True)
class Trial:
    """One learner fitted in one repeat: by source, the fitted model and what it says."""

    predictors: Mapping[str, Predictor]
    predicted: Mapping[str, Matrix]


def draw(task: Task, rng: np.random.Generator) -> Draw:
    """Training rows drawn with replacement from each table, at most ``train_rows`` of each."""
    most = train_rows(task)
    rows = {}
    for source, table in (("real", task.encoded.train), ("synthetic", task.encoded.synthetic)):
        usable = task.usable(table)
        rows[source] = usable[rng.integers(len(usable), size=min(len(usable), most))]
    rows["both"] = both(rows["real"], rows["synthetic"])
    tested = len(task.truth)
    redrawn = rng.multinomial(tested, np.full(tested, 1 / tested), size=at.RESAMPLES)
    weights = np.concatenate([np.ones((1, tested)), redrawn])
    return Draw(rows, weights, int(rng.integers(2**31)))


def both(real: Matrix, synthetic: Matrix) -> Matrix:
    """Whether synthetic rows add something to the real ones.

    Computed: the model is trained on the real rows drawn in a repeat and on the synthetic ones.
    Good: above the model trained on real rows alone, where real rows are scarce.
    Misleads: synthetic rows are made from the same training rows, so that with many of these there
    is little to be gained.
    """
    return np.concatenate([real, synthetic])


def attempt(name: str, task: Task, drawn: Draw) -> Trial:
    """Fit a learner on each source and predict the tested rows."""
    predictors = {source: fit(name, task, drawn.rows[source], drawn.seed) for source in SOURCES}
    return Trial(predictors, {s: predictor(task.held) for s, predictor in predictors.items()})


def summarise(
    name: str, task: Task, trials: Sequence[Trial], draws: Sequence[Draw]
) -> tuple[ModelScore, ...]:
    """Every metric of one learner over all repeats."""
    taken = [
        {source: measure(task, trial.predicted[source], drawn.weights) for source in SOURCES}
        for trial, drawn in zip(trials, draws, strict=True)
    ]
    guessed = chance(task)
    return tuple(_score(name, metric, taken, guessed[metric]) for metric in guessed)


def _score(
    name: str, metric: str, taken: Sequence[Mapping[str, Mapping[str, Matrix]]], guessed: Score
) -> ModelScore:
    by_source = {s: np.stack([repeat[s][metric] for repeat in taken]) for s in SOURCES}
    means = {s: _defined(float(values[:, 0].mean())) for s, values in by_source.items()}
    low, high = interval(by_source["synthetic"] - by_source["real"])
    return ModelScore(
        name,
        metric,
        means["synthetic"],
        means["real"],
        means["both"],
        guessed,
        BEST[metric],
        low,
        high,
        len(taken),
    )


def interval(differences: Matrix) -> tuple[Score, Score]:
    """How far a model trained on synthetic rows is from one trained on real ones.

    Computed: 95 % interval of the difference. Each repeat draws the training rows of both tables
    with replacement, and the holdout rows under the fitted models; the two variances are added,
    and Student's t has the degrees of freedom of Welch and Satterthwaite (1947).
    Good: narrow and around 0; an interval without 0 says that the difference is no chance.
    Misleads: with few repeats it is wide, and 0 within it does not prove that there is none. It
    does not know of other splits into training and holdout rows.

    The differences are R repeats by 1 + B: on the holdout as it is, and on B draws of it.
    """
    from scipy.special import stdtrit

    repeats, columns = differences.shape
    if repeats < 2:
        alone = NotMeasured("One repeat shows no spread.")
        return alone, alone
    if np.isnan(differences[:, 0]).any():
        return _UNDEFINED, _UNDEFINED
    middle = float(differences[:, 0].mean())
    between = float(differences[:, 0].var(ddof=1)) * (1 + 1 / repeats)
    within = float(np.nanvar(differences[:, 1:], axis=1, ddof=1).mean())
    if between + within == 0:
        return middle, middle
    freedom = (between + within) ** 2 / (
        between**2 / (repeats - 1) + within**2 / (repeats * (columns - 2))
    )
    half = float(stdtrit(freedom, 0.975)) * float(np.sqrt(between + within))
    return middle - half, middle + half


def _defined(value: float) -> Score:
    return value if np.isfinite(value) else _UNDEFINED
