"""Made-up numbers, dates and times: spread as in the data, or going on from it by a step."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data.frames import as_numbers, from_numbers
from core.data.patterns import RARE, Settings
from core.data.schema import Column, ColumnType

SEQUENCE, SPREAD = "sequence", "spread"
_MOST_KEYS = 2**40


def number_kind(known: pd.Series, column: Column, *, unique: bool) -> str:
    """Whether numbers go on by a step or are spread."""
    return SEQUENCE if unique and _is_even(known, column) else SPREAD


def _is_even(known: pd.Series, column: Column) -> bool:
    """Whether distinct numbers can go on by a step: whole numbers, dates, times."""
    return column.type is not ColumnType.NUMBER or bool((known % 1 == 0).all())


def learn_numbers(kind: str, known: pd.Series, column: Column) -> Settings:
    """How the numbers of a column are made: quantiles, or the next one and the step."""
    numbers = np.sort(as_numbers(known, column))
    if not len(numbers):
        return {"quantiles": [0.0, 0.0], "next": 1, "step": 1, "mean": 0.0}
    if column.type is ColumnType.BOOLEAN:
        return {"quantiles": [0.0, 1.0], "mean": float(numbers.mean())}
    if kind == SPREAD:
        wanted = np.linspace(0.02, 0.98, 21) if len(numbers) >= RARE else np.array([0.25, 0.75])
        return {"quantiles": np.quantile(numbers, wanted).tolist()}
    gaps = np.diff(numbers)
    step = float(np.median(gaps)) if len(gaps) else 1.0
    if column.type is ColumnType.INTEGER:
        return {"next": max(int(known.max()) + 1, len(numbers) + 1), "step": 1}
    return {"next": float(numbers[0]), "step": step or 1.0}


def make_numbers(
    kind: str,
    settings: Mapping[str, Any],
    column: Column,
    places: npt.NDArray[np.int64],
    rng: np.random.Generator,
) -> pd.Series:
    """Numbers of the rows at these places of the table, which follow on each other."""
    if kind == SEQUENCE and column.type is ColumnType.INTEGER:
        first = settings["next"]
        return pd.Series(places + (first if first < 2**63 - _MOST_KEYS else 1), dtype="Int64")
    if kind == SEQUENCE:
        numbers = settings["next"] + settings["step"] * places
    else:
        quantiles = settings["quantiles"]
        drawn = rng.random(len(places))
        numbers = np.interp(drawn, np.linspace(0, 1, len(quantiles)), quantiles)
        if column.type is ColumnType.BOOLEAN:
            numbers = (drawn < settings["mean"]).astype(float)
    return from_numbers(np.asarray(numbers, dtype=np.float64), column)
