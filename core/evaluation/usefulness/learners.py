"""The models: gradient boosting, a forest and a linear model, behind one shape.

A learner fits rows of the encoded table and gives back a function from rows to predictions: for
classes a matrix of probabilities with a column for each scored class and one for all others, for
a number a vector. A target that does not vary among the rows is predicted as it is.
"""

import warnings
from collections.abc import Callable
from typing import Any, Protocol, TypeAlias

import numpy as np

from core.evaluation.encoding import Matrix
from core.evaluation.models import learnable, native_features
from core.evaluation.usefulness import limits as at
from core.evaluation.usefulness.task import Task
from core.evaluation.usefulness.views import LinearView, ordinal_view

Predictor: TypeAlias = Callable[[Matrix], Matrix]


class Learner(Protocol):
    """Fits encoded rows, of which at least two have different answers."""

    def __call__(self, task: Task, rows: Matrix, seed: int) -> Predictor:
        """Fit ``rows`` and return the function that predicts others."""


def fit(name: str, task: Task, rows: Matrix, seed: int) -> Predictor:
    """Fit the learner of that name; a constant when the rows have only one answer."""
    answers = task.answers(rows)
    if (answers == answers[0]).all():
        return _constant(task, float(answers[0]))
    return LEARNERS[name](task, rows, seed)


def boosting(task: Task, rows: Matrix, seed: int) -> Predictor:
    """Many small trees, each of which mends what those before it got wrong.

    Computed: histogram gradient boosting of scikit-learn with trees of 15 leaves, and a penalty on
    them without which rare classes make it go astray; 100 rounds, fewer with more than two
    classes. Categories (the 200 most frequent) and missing values are native.
    Good: close to the same model trained on real rows: mostly the strongest of the three.
    Misleads: it also uses fine dependencies that few analyses need.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    features, categorical = native_features(rows, task.encoded, task.used)
    kind = HistGradientBoostingClassifier if task.has_classes else HistGradientBoostingRegressor
    model = kind(
        random_state=seed,
        categorical_features=categorical,
        max_iter=_rounds(task),
        max_leaf_nodes=at.BOOST_LEAVES,
        l2_regularization=1.0,
        early_stopping=False,
    )
    model.fit(learnable(features), task.answers(rows))
    return lambda others: _predict(model, native_features(others, task.encoded, task.used)[0], task)


def forest(task: Task, rows: Matrix, seed: int) -> Predictor:
    """Many large trees, each on its own draw of rows and columns, that vote.

    Computed: random forest of scikit-learn, 40 trees on at most 8,000 rows each, with at least 5
    rows a leaf. Numbers are seen in 255 quantile bins, missing ones as a bin of their own,
    categories as ranks by frequency.
    Good: close to the same model trained on real rows.
    Misleads: with its few trees, probabilities are coarse, and those of rare classes low.
    """
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

    view = ordinal_view(task)
    kind = RandomForestClassifier if task.has_classes else RandomForestRegressor
    model = kind(
        at.TREES,
        min_samples_leaf=at.LEAF_ROWS,
        max_features="sqrt",
        max_samples=min(len(rows), at.TREE_ROWS),
        random_state=seed,
        n_jobs=1,
    )
    model.fit(view(rows), task.answers(rows))
    return lambda others: _predict(model, view(others), task)


def linear(task: Task, rows: Matrix, seed: int) -> Predictor:
    """A weighted sum of the columns: what a simple analysis would see.

    Computed: logistic regression for classes, ridge regression for a number, with penalty 1.
    Numbers are standardised by the rows fitted, a missing one takes the mean and a mark; of each
    category the 20 most frequent levels are columns of their own, missing being a level.
    Good: close to the same model trained on real rows.
    Misleads: blind to what only holds between several columns, so that rows without it do well.
    """
    from sklearn.linear_model import LogisticRegression, Ridge

    view = LinearView.of(task, rows)
    answers = task.answers(rows)
    if task.has_classes:
        logistic = LogisticRegression(max_iter=at.LINEAR_STEPS)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            logistic.fit(view(rows), answers)
        return lambda others: _predict(logistic, view(others), task)
    middle, spread = answers.mean(), answers.std() or 1.0
    ridge = Ridge().fit(view(rows), (answers - middle) / spread)
    return lambda others: np.asarray(ridge.predict(view(others)) * spread + middle)


LEARNERS: dict[str, Learner] = {"boosting": boosting, "forest": forest, "linear": linear}
"""All models, by the name of their words; the first also tells importances and groups."""


def _rounds(task: Task) -> int:
    if len(task.classes) <= 2:
        return at.BOOST_ROUNDS
    return max(at.LEAST_ROUNDS, min(at.BOOST_ROUNDS, at.BOOST_TREES // len(task.classes)))


def _constant(task: Task, answer: float) -> Predictor:
    def predict(rows: Matrix) -> Matrix:
        if not task.has_classes:
            return np.full(len(rows), answer)
        chances = np.zeros((len(rows), len(task.classes) + 1))
        chances[:, int(answer)] = 1.0
        return chances

    return predict


def _predict(model: Any, features: Matrix, task: Task) -> Matrix:
    if not task.has_classes:
        return np.asarray(model.predict(features), np.float64)
    chances = np.zeros((len(features), len(task.classes) + 1))
    chances[:, model.classes_.astype(np.int64)] = model.predict_proba(features)
    return chances
