"""How a table is learned: what was set, fitted to the number of its rows.

On a few hundred rows a wide network learns single rows by heart before held-out rows end the
training. So small tables get a narrower one, more of it left out at each step, and numbers that
share with their neighbours (see ``tabular_ar.sharing``). Numbers share in larger tables, too, where
half of the columns are numbers that hang together closely.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from core.data.schema import Column
from core.synthesis.forest.columns import LABELS
from core.synthesis.forest.order import close_numbers
from core.synthesis.tabular_ar.params import TabularArParams

SMALL = 5_000
_ROWS_A_NUMBER = 20
_NARROWEST = 8
_MOST_DROPOUT = 0.9


@dataclass(frozen=True, slots=True)
class Recipe:
    """Settings of one training; see ``TabularArParams`` for the first ones.

    Attributes
    ----------
    shares
        Whether numbers share with their neighbours what is learned of them.
    """

    epochs: int
    patience: int
    width: int
    depth: int
    minutes: float
    batch_size: int
    rate: float
    dropout: float
    any_order: float
    shares: bool


def hangs_together(frame: pd.DataFrame, drawn: Sequence[Column]) -> bool:
    """Whether half of the columns that are drawn are numbers in close rank with another one."""
    numbers = [column for column in drawn if column.type not in LABELS]
    return len(numbers) > 1 and 2 * close_numbers(frame, numbers) >= len(drawn)


def recipe_of(params: TabularArParams, rows: int, is_close: bool = False) -> Recipe:
    """How a table of so many rows is learned; ``is_close``: its numbers hang together closely."""
    is_small = rows < SMALL
    return Recipe(
        epochs=params.epochs,
        patience=params.patience,
        width=min(params.width, max(_NARROWEST, rows // _ROWS_A_NUMBER)),
        depth=params.depth,
        minutes=params.minutes,
        batch_size=params.batch_size,
        rate=params.rate,
        dropout=min(params.dropout * (2 if is_small else 1), _MOST_DROPOUT),
        any_order=params.any_order,
        shares=is_small or is_close,
    )
