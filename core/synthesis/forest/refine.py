"""Correcting a fitted forest: learned rows are held against rows that it draws."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.progress import Progress
from core.synthesis.forest.cells import Codes
from core.synthesis.forest.contrast import DRAWN, LEAST, Effort, contrast, kept_share, log_odds
from core.synthesis.forest.model_file import Fitted
from core.synthesis.forest.params import ForestParams
from core.synthesis.forest.sampler import Sampler
from core.synthesis.forest.threads import in_order

FEWEST_ROWS = 8_000
MOST_ROWS = 200_000
_CONTRAST_ROWS = 50_000
_LEAVES = 3
_JUDGED_ROWS = 5_000


def is_worth_it(rows: int, rounds: int) -> bool:
    """Whether a table of ``rows`` rows is corrected: fewer rows cannot show what is wrong."""
    return rounds > 0 and FEWEST_ROWS <= rows <= MOST_ROWS


def effort_of(params: ForestParams) -> Effort:
    """Rounds as asked; leaves that grow with ``min_leaf`` from the default's on.

    A leaf weighs three times ``min_leaf`` on a third of the rows, of which about half is of
    learned rows that count twice: more than twice ``min_leaf`` of all learned rows.
    """
    return Effort(params.corrections, max(LEAST, _LEAVES * params.min_leaf))


def refine(
    fitted: Fitted,
    codes: Codes,
    is_label: npt.NDArray[np.bool_],
    given: pd.DataFrame,
    effort: Effort,
    rng: np.random.Generator,
    progress: Progress,
) -> Fitted:
    """``fitted`` with the trees by which the rows that it draws are kept or drawn again.

    Parameters
    ----------
    codes
        Codes of the learned rows (columns in the order they are drawn x rows).
    is_label
        Which of these columns are labels.
    given
        The given columns of the learned rows.
    effort
        How many trees, and of which leaves.
    """
    rows = np.sort(rng.permutation(codes.shape[1])[:_CONTRAST_ROWS])
    drawn = _drawn(fitted, given.iloc[np.tile(rows, DRAWN)], rng)
    steps = []
    for step in contrast(codes[:, rows], drawn, is_label, effort, rng):
        steps.append(step)
        progress.step(len(steps), effort.rounds, f"correction {len(steps)} of {effort.rounds}")
    kept = kept_share(log_odds(tuple(steps), drawn[:, :_JUDGED_ROWS])).mean()
    return replace(fitted, steps=tuple(steps), kept=float(kept))


def _drawn(fitted: Fitted, given: pd.DataFrame, rng: np.random.Generator) -> Codes:
    """Codes of rows as they are drawn without correction, one for each of ``given``."""
    sampler = Sampler(fitted)
    sizes = sampler.sizes(len(given))
    starts, seeds = np.cumsum([0, *sizes]), rng.integers(0, 2**63, len(sizes))

    def draw(number: int) -> Codes:
        part = given.iloc[starts[number] : starts[number + 1]]
        return sampler.draw(len(part), np.random.default_rng(seeds[number]), part)[1]

    return np.concatenate(list(in_order(draw, len(sizes))), axis=1)
