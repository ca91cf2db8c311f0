"""Single values that a person types into a step, as values of a column."""

import math
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data.frames import as_numbers, from_numbers
from core.data.schema import Column, ColumnType

_WRITTEN = {
    ColumnType.INTEGER: "a whole number",
    ColumnType.NUMBER: "a number with a decimal point",
    ColumnType.BOOLEAN: "true or false",
    ColumnType.DATE: "a date such as 2024-12-31",
    ColumnType.DATETIME: "a moment such as 2024-12-31 23:59:00",
    ColumnType.TIME: "a time such as 23:59:00",
}


def written_as(kind: ColumnType) -> str:
    """How a value of this type is to be typed in."""
    return _WRITTEN.get(kind, "a text")


def on_axis(text: str, column: Column) -> float:
    """A typed value as a point on the column's axis, see ``core.data.frames.as_numbers``.

    Raises
    ------
    ValueError
        When it is no value of the column's type.
    """
    return float(as_numbers(as_cells(text, column), column)[0])


def as_cells(text: str, column: Column, rows: int = 1) -> pd.Series:
    """A typed value in so many cells of the column; raises ``ValueError`` as :func:`on_axis`."""
    return pd.Series([_value(text.strip(), column.type)] * rows, dtype=column.type.dtype)


def _value(text: str, kind: ColumnType) -> object:
    if kind is ColumnType.INTEGER:
        return _bounded(int(text))
    if kind is ColumnType.NUMBER:
        return _finite(float(text))
    if kind is ColumnType.BOOLEAN:
        return _truth(text)
    if kind is ColumnType.TIME:
        return _clock(text)
    if kind in {ColumnType.DATE, ColumnType.DATETIME}:
        return _moment(text, kind)
    if not text:
        raise ValueError("it is empty")
    return text


def _bounded(number: int) -> int:
    if not -(2**63) <= number < 2**63:
        raise ValueError("it is too large")
    return number


def _finite(number: float) -> float:
    if not math.isfinite(number):
        raise ValueError("it is not finite")
    return number


def _truth(text: str) -> bool:
    if text.lower() not in {"true", "false"}:
        raise ValueError("it is neither true nor false")
    return text.lower() == "true"


def _clock(text: str) -> np.timedelta64:
    moment = datetime.fromisoformat(f"1970-01-01 {text}")
    micro = (moment - datetime(1970, 1, 1)).total_seconds() * 1e6
    return np.timedelta64(round(micro), "us")


def _moment(text: str, kind: ColumnType) -> np.datetime64:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is not None or (
        kind is ColumnType.DATE and moment.time() != datetime.min.time()
    ):
        raise ValueError("it has more than the column can hold")
    return np.datetime64(moment, "us")


def put(
    values: pd.Series,
    rows: npt.NDArray[np.bool_],
    points: float | npt.NDArray[np.float64],
    column: Column,
) -> pd.Series:
    """The column with points of its axis in these rows; all other cells stay as they are."""
    if not rows.any():
        return values
    filled = values.copy()
    numbers = np.broadcast_to(np.asarray(points, dtype="float64"), (int(rows.sum()),))
    filled[rows] = from_numbers(numbers.copy(), column).array
    return filled
