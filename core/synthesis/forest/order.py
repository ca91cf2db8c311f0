"""In which order the columns are drawn: from few to many distinct values, or numbers first.

Few distinct values first suits most tables. Where several numbers hang together closely it is
often better to draw the numbers first, the finest of them before all others: what is left to say
of the coarser ones is then little. Which it is, is tried on a sample of the rows: the order is
taken that writes down held-out rows in fewer nats.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from core.data.frames import as_numbers
from core.data.schema import Column, Table
from core.synthesis.forest.cells import Floats
from core.synthesis.forest.columns import LABELS
from core.synthesis.forest.learn import Learner
from core.synthesis.forest.lines import CLOSE, SCREEN_ROWS
from core.synthesis.forest.params import ForestParams

TRIAL_ROWS = 6000
MOST_COLUMNS = 100
FEWEST_CLOSE = 3
MARGIN = 0.15
FEW_ROWS = 500
_FEW_VALUES = 2


def choose_order(
    frame: pd.DataFrame,
    table: Table,
    context: tuple[str, ...],
    params: ForestParams,
    rng: np.random.Generator,
) -> list[Column]:
    """The columns in the order in which they are drawn; ``context`` first."""
    first = [table[name] for name in context]
    distinct = {c.name: int(frame[c.name].nunique()) for c in table.columns}
    rest = [c for c in table.columns if c.name not in context]
    rest.sort(key=lambda c: distinct[c.name])
    few = first + rest
    numbers = [c for c in rest if c.type not in LABELS and distinct[c.name] > _FEW_VALUES]
    if len(few) > MOST_COLUMNS or close_numbers(frame, numbers) < FEWEST_CLOSE:
        return few
    others = [c for c in rest if c not in numbers]
    many = first + numbers[::-1] + others
    rows = min(len(frame), TRIAL_ROWS)
    sample = frame.iloc[np.sort(rng.permutation(len(frame))[:rows])].reset_index(drop=True)
    trial = replace(params, trees=1)
    lengths = [_length(sample, order, len(first), trial, rng) for order in (few, many)]
    return many if lengths[1] < lengths[0] - MARGIN - FEW_ROWS / rows else few


def close_numbers(frame: pd.DataFrame, numbers: Sequence[Column]) -> int:
    """How many of the numbers have a rank correlation above ``CLOSE`` with another one."""
    step = max(1, len(frame) // SCREEN_ROWS)
    ranks = [_ranks(as_numbers(frame[c.name].iloc[::step], c)) for c in numbers]
    if len(ranks) < 2:
        return 0
    stacked = np.stack(ranks)
    alike = np.array([np.abs((stacked * row).sum(1)) for row in stacked])
    np.fill_diagonal(alike, 0.0)
    return int((alike.max(1) > CLOSE).sum())


def _ranks(values: Floats) -> Floats:
    """Ranks with mean 0 and length 1; missing values in the middle, all 0 for a constant."""
    known = ~np.isnan(values)
    ranks = np.zeros(len(values))
    _, place, counts = np.unique(values[known], return_inverse=True, return_counts=True)
    if len(counts) > 1:
        middle = np.cumsum(counts) - (counts - 1) / 2
        centred = middle[place] - middle[place].mean()
        ranks[known] = centred / np.sqrt((centred**2).sum())
    return ranks


def _length(
    frame: pd.DataFrame,
    order: Sequence[Column],
    given: int,
    params: ForestParams,
    rng: np.random.Generator,
) -> float:
    """Mean nats per row of the columns that are not given, in this order."""
    learner = Learner(params, order, len(frame), rng)
    for column in order:
        learner.take(frame[column.name])
    return sum(length for _, length in learner.learn(given, rng))
