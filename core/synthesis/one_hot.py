"""Plain columns for models that spread codes over one-hot columns, within a bound on their number.

A column of fifty thousand values does not become as many outputs of a network: its frequent values
have a code each, the rare ones share codes by frequency, and what was done is told.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.data.schema import Table
from core.synthesis.encoding import (
    CategoryCoder,
    Coder,
    ConstantCoder,
    Plain,
    TableCoder,
    code_categories,
    code_numbers,
)

_LEAST_CODES = 4


@dataclass(frozen=True, slots=True)
class Coding:
    """How columns are coded for models that spread codes over one-hot columns.

    Attributes
    ----------
    most
        Most codes that a column of categories may have; rarer ones share codes.
    few
        Numbers with at most this many distinct values are learned as categories.
    spike
        Share of rows from which on a repeated number has a state of its own.
    widest
        Most codes of all columns of categories together; ``most`` is lowered to keep to it.
    """

    most: int
    few: int = 12
    spike: float = 0.05
    widest: int = 6_000

    def fitting(self, sizes: list[int]) -> int:
        """``most``, lowered until columns of so many categories keep to ``widest``."""
        most = self.most
        while most > _LEAST_CODES and sum(min(size, most) for size in sizes) > self.widest:
            most = max(_LEAST_CODES, most * 3 // 4)
        return most


def code_one_hot(
    frame: pd.DataFrame,
    table: Table,
    rng: np.random.Generator,
    coding: Coding,
    told: Callable[[int, int], None] = lambda *_: None,
) -> tuple[TableCoder, pd.DataFrame]:
    """Coders and plain columns; ``told`` hears which column is begun, and of how many."""
    distinct = [int(frame[column.name].nunique(dropna=False)) for column in table.columns]
    pairs = list(zip(table.columns, distinct, strict=True))
    worded = [size for column, size in pairs if not column.type.is_numeric or size <= coding.few]
    most = coding.fitting(worded)
    coders: list[Coder] = []
    plain: Plain = {}
    for place, (column, size) in enumerate(pairs):
        told(place, len(pairs))
        values, name = frame[column.name], f"c{place}"
        made: Plain = {}
        coder: Coder
        if size <= 1:
            coder = ConstantCoder(values.iloc[:1].reset_index(drop=True))
        elif not column.type.is_numeric or size <= coding.few:
            coder, made = code_categories(name, values, most)
        else:
            coder, made = code_numbers(name, values, column, coding.spike, rng)
        coders.append(coder)
        plain |= made
    return TableCoder(table, tuple(coders)), pd.DataFrame(plain, index=range(len(frame)))


def grouping_notes(coder: TableCoder) -> tuple[str, ...]:
    """What a user should know of columns with more values than codes: counts, never values."""
    notes = []
    for column, own in zip(coder.table.columns, coder.coders, strict=True):
        if not isinstance(own, CategoryCoder):
            continue
        held = np.bincount(own.groups)
        if (held > 1).any():
            alone = int((held == 1).sum())
            notes.append(
                f"{column.name}: {len(own.groups):,} values, of which the {alone:,} most frequent "
                f"are learned one by one. The others share {len(held) - alone:,} groups of about "
                "equal frequency; within a group a value is drawn by its frequency, so its link "
                "with other columns is that of its group."
            )
    return tuple(notes)
