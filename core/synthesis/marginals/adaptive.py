"""The adaptive and iterative mechanism: measure what the model gets most wrong, again and again.

AIM of McKenna, Mullins, Sheldon and Miklau ("AIM: an adaptive and iterative mechanism for
differentially private synthetic data", VLDB 2022): in each round a set of columns is selected
privately by how far the model's counts are off, less what noise alone would put them off, then
measured, and the model adapted; when a round teaches little, later rounds get more budget each.
Candidates are scored on rows drawn from the model, and are left out where their clique would
grow too large.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from core.privacy.gaussian import multiplier_of
from core.synthesis.marginals.learn import Cells
from core.synthesis.marginals.model import GraphicalModel, Measurement
from core.synthesis.marginals.sample import joint_counts, sample_codes
from core.synthesis.marginals.tree import Columns, JunctionTree, cells_of, find_cliques

Floats = npt.NDArray[np.float64]
Told = Callable[[float], None]

_SELECTION = 0.1
_BOOST = 2.0
_SCORE_ROWS = 50_000
_FIRST_STEPS = 400
_ROUND_STEPS = 30
_LAST_STEPS = 2000
_LAST_TOLERANCE = 1e-8
_EARLY_CELLS = 0.1
_MEAN_OF_HALF_NORMAL = math.sqrt(2 / math.pi)


@dataclass(frozen=True, slots=True)
class Effort:
    """How far the mechanism may go.

    Attributes
    ----------
    rounds
        Rounds a column that the budget is first shared out to.
    cells
        Cells of the whole model.
    candidate_cells
        Cells of one measured set of three columns.
    seconds
        After so long by the clock, what is left of the budget goes into a last measurement.
    """

    rounds: int
    cells: int
    candidate_cells: int
    seconds: float


@dataclass(slots=True)
class _Budget:
    """What is left, and what a round gets of it."""

    left: float
    round: float

    def take(self, hurry: bool) -> tuple[float, bool]:
        """The next round's share, and whether it is the last."""
        last = hurry or self.left < 2 * self.round
        share = self.left if last else self.round
        self.left -= share
        return share, last


def fit_adaptively(
    cells: Cells, effort: Effort, rng: np.random.Generator, told: Told
) -> GraphicalModel:
    """The model of a table after all of the budget was spent; ``told`` hears the share spent."""
    model = GraphicalModel(cells.sizes, cells.rows)
    measured = cells.singles()
    model.fit(measured, _FIRST_STEPS)
    candidates = _candidates(cells.sizes, effort)
    start = time.monotonic()
    budget = _Budget(cells.rho, cells.rho / max(effort.rounds * len(cells.sizes), 1))
    last = not candidates
    while not last:
        share, last = budget.take(time.monotonic() - start > effort.seconds)
        rows = sample_codes(model.tree, model.cliques, score_rows(cells), rng)
        chosen = _select(cells, model, rows, candidates, share, effort, budget.left / cells.rho)
        measured.append(cells.measure(chosen, (1 - _SELECTION) * share))
        before = estimate(rows, chosen, cells)
        model.fit(measured, _ROUND_STEPS)
        if _learned_little(model, before, measured[-1]):
            budget.round *= _BOOST
        told(1 - budget.left / cells.rho)
    model.fit(measured, _LAST_STEPS, _LAST_TOLERANCE)
    return model


def _candidates(sizes: tuple[int, ...], effort: Effort) -> list[Columns]:
    """All pairs, and the triples that are small enough, of columns that vary."""
    varied = [c for c, size in enumerate(sizes) if size > 1]
    triples = combinations(varied, 3)
    return [
        *combinations(varied, 2),
        *(t for t in triples if cells_of(sizes, t) <= effort.candidate_cells),
    ]


def score_rows(cells: Cells) -> int:
    """Rows of a model's sample that candidates are scored on."""
    return min(max(int(cells.rows), _SCORE_ROWS), 10 * _SCORE_ROWS)


def estimate(rows: npt.NDArray[np.int32], columns: Columns, cells: Cells) -> Floats:
    """The model's counts of some columns, from rows drawn of it."""
    drawn = joint_counts(rows, columns, cells.sizes).astype(np.float64)
    return drawn * (cells.rows / len(rows))


def _select(
    cells: Cells,
    model: GraphicalModel,
    rows: npt.NDArray[np.int32],
    candidates: list[Columns],
    share: float,
    effort: Effort,
    left: float,
) -> Columns:
    """The set of columns to measure, selected by how much there is to learn from it."""
    limit = effort.cells * max(_EARLY_CELLS, 1 - left)
    possible = [c for c in candidates if fits(model.tree, c, limit)] or [
        min(candidates, key=lambda c: cells_of(cells.sizes, c))
    ]
    scores = np.array([gain(cells, rows, c, (1 - _SELECTION) * share) for c in possible])
    return possible[cells.select(scores, _SELECTION * share)]


def gain(cells: Cells, rows: npt.NDArray[np.int32], columns: Columns, rho: float) -> float:
    """How many rows a model has elsewhere, less how many noise for ``rho`` alone would put there.

    ``rows`` are drawn from the model. For private selections only: it looks at true counts.
    """
    sigma = cells.private.ledger.guarantee.rows_per_person * multiplier_of(rho)
    off = float(np.abs(cells.real(columns) - estimate(rows, columns, cells)).sum())
    return off - _MEAN_OF_HALF_NORMAL * sigma * cells_of(cells.sizes, columns)


def fits(tree: JunctionTree, columns: Columns, limit: float) -> bool:
    """Whether the model stays within ``limit`` cells with these columns in one clique."""
    if tree.holder(columns) >= 0:
        return True
    cliques = find_cliques(tree.sizes, [*tree.cliques, columns])
    return sum(cells_of(tree.sizes, clique) for clique in cliques) <= limit


def _learned_little(model: GraphicalModel, before: Floats, measured: Measurement) -> bool:
    """Whether the model moved by less than what noise alone would do."""
    after = model.counts(measured.columns).ravel()
    noise = _MEAN_OF_HALF_NORMAL * float(np.mean(measured.sigma)) * after.size
    return float(np.abs(after - before).sum()) <= noise
