"""A measure of whether whole numbers are round as often as in the real rows.

People report ages and incomes in round numbers, and many generators lose that. Measured is the
share of values that can be divided by ten, on average over the columns of whole numbers.
"""

import numpy as np
import pandas as pd

from core.data.schema import ColumnType
from core.evaluation.added import MeasureInfo, Sides
from core.evaluation.measures import Measure, NotMeasured

NAME = "example_round_numbers"


def take(sides: Sides, rng: np.random.Generator) -> Measure:
    """One minus the gap to the holdout's share of round numbers; fresh real rows beside it."""
    names = [c.name for c in sides.table.columns if c.type is ColumnType.INTEGER]
    names = [name for name in names if name in sides.synthetic]
    if not names or not len(sides.holdout):
        absent = NotMeasured("It needs a column of whole numbers, and holdout rows.")
        return Measure(NAME, absent, absent, absent, best=1.0)
    held = _round_shares(sides.holdout, names)
    made = 1 - np.abs(_round_shares(sides.synthetic, names) - held).mean()
    fresh = 1 - np.abs(_round_shares(sides.train, names) - held).mean()
    chance = 1 - np.abs(0.1 - held).mean()
    return Measure(NAME, made, fresh, chance, best=1.0, note=f"{len(names)} columns")


def _round_shares(frame: pd.DataFrame, names: list[str]) -> np.ndarray:
    shares = [(frame[name].dropna() % 10 == 0).mean() for name in names]
    return np.nan_to_num(np.array(shares, dtype=float))


INFO = MeasureInfo(
    name=NAME,
    title="Round numbers",
    meaning="Whether whole numbers end in a nought as often as in fresh real rows.",
    reading="1 is the same; numbers whose last digit is drawn by lot are the lower reference.",
    take=take,
)
