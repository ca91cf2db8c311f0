"""Attribute inference: guessing one column of a member from all the others."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from core.data.schema import Column, ColumnType, Role
from core.evaluation.attacks import limits
from core.evaluation.attacks.gower import Gower, gower
from core.evaluation.attacks.intervals import CONFIDENCE, Rate, excess, wilson
from core.evaluation.attacks.protocol import Attack, NotApplicable, Outcome, Trial
from core.evaluation.attacks.scene import Scene
from core.evaluation.attacks.targets import Targets, choose_targets
from core.evaluation.encoding import Matrix
from core.evaluation.values import NotMeasured, Score

TOLERANCE = 0.05
Guesses = npt.NDArray[np.bool_]
_MOMENTS = {ColumnType.DATE, ColumnType.DATETIME, ColumnType.TIME}


def run(scene: Scene) -> Outcome:
    """The risk over all secrets, or that of one alone where it is the more certain leak.

    The interval of one alone is widened for having been chosen (Bonferroni).
    """
    secrets = choose_secrets(scene.columns, scene.cells.train)
    if not secrets or len(scene.columns) < 2:
        return NotApplicable("Guessing needs a column that varies, and another one to know.")
    targets = choose_targets(scene)
    if isinstance(targets, NotMeasured):
        return targets
    return infer(scene.columns, targets, gower(targets.cells), secrets)


def choose_secrets(columns: Sequence[Column], train: Matrix) -> list[int]:
    """Sensitive columns first, then no quasi-identifiers, then those with the most even values."""
    varied = {j: _evenness(train[:, j]) for j in range(train.shape[1])}

    def rank(j: int) -> tuple[bool, bool, float]:
        role = columns[j].role
        return role is not Role.SENSITIVE, role is Role.QUASI_IDENTIFIER, -varied[j]

    return sorted((j for j in varied if varied[j] > 0), key=rank)[: limits.SECRETS]


def _evenness(values: Matrix) -> float:
    """Share of pairs of rows that differ."""
    counts = np.unique(values, return_counts=True)[1] / max(1, len(values))
    return float(1 - (counts**2).sum())


def infer(
    columns: Sequence[Column], targets: Targets, space: Gower, secrets: Sequence[int]
) -> Trial:
    """The attack itself: each secret from the closest judged row in all other columns."""
    members, control = (
        _right(rows, columns, targets, space, secrets)
        for rows in (targets.members, targets.control)
    )
    confidence = 1 - (1 - CONFIDENCE) / len(secrets)
    risks = [excess(pooled(members), pooled(control))]
    figures = dict[str, Score]()
    for place, j in enumerate(secrets):
        sides = members[place], control[place]
        risks.append(excess(*(wilson(s.sum(), len(s), confidence) for s in sides)))
        figures[f"risk of {columns[j].name}"] = risks[-1].value
        figures[f"guessed right of {columns[j].name}"] = float(sides[0].mean())
        figures[f"guessed right of {columns[j].name}, control"] = float(sides[1].mean())
    worst = max(risks, key=lambda risk: risk.low)
    note = f"{targets.note}; {len(secrets)} columns guessed"
    return Trial(worst.value, worst.low, worst.high, figures, note)


def pooled(right: Guesses) -> Rate:
    """The rate over all secrets, its error widened as far as one row's guesses go together."""
    shares = right.mean(1)
    alone = float((shares * (1 - shares)).sum())
    together = float(right.sum(0).var()) / alone if alone else 1.0
    trials = right.size / max(together, 1.0)
    return wilson(float(right.mean()) * trials, trials)


def _right(
    rows: Matrix,
    columns: Sequence[Column],
    targets: Targets,
    space: Gower,
    secrets: Sequence[int],
) -> Guesses:
    """Whether each secret of each row was guessed: secrets by rows."""
    found = np.zeros((len(secrets), len(rows)), bool)
    for place, queries in space.blocks(rows):
        total = space.distances(queries, range(len(columns)))
        for number, j in enumerate(secrets):
            closest = (total - space.column(queries, j)).argmin(1)
            guess = targets.cells.judged[closest, j]
            found[number, place] = matches(guess, rows[place, j], columns[j], targets)
    return found


def matches(
    guess: Matrix, truth: Matrix, column: Column, targets: Targets
) -> npt.NDArray[np.bool_]:
    """Categories alike; numbers within five per cent; moments within a twentieth of the spread."""
    missing = np.isnan(guess) & np.isnan(truth)
    if not column.type.is_numeric:
        return np.asarray(missing | (guess == truth))
    j = targets.cells.names.index(column.name)
    room = TOLERANCE * np.abs(guess)
    if column.type in _MOMENTS:
        room = np.full(len(guess), TOLERANCE * float(np.nanstd(targets.cells.train[:, j])))
    return np.asarray(missing | (np.abs(guess - truth) <= room))


ATTRIBUTE_INFERENCE = Attack("attribute_inference", run)
