"""One value as a user gives it, read by the type of its column.

Numbers, booleans, dates and times become the floats of ``core.data.frames.as_numbers``, labels
stay text, and None is the missing value.
"""

import math
import re
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from core.data.frames import as_numbers, from_numbers
from core.data.schema import Column, ColumnType

Scalar: TypeAlias = float | str | None
LABELS = frozenset({ColumnType.CATEGORY, ColumnType.TEXT})

_TRUE, _FALSE = {"true", "yes", "1"}, {"false", "no", "0"}
_EPOCH = datetime(1970, 1, 1)
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?")


def read_scalar(value: Any, column: Column) -> Scalar:
    """The value as the column's type has it.

    Raises
    ------
    ValueError
        When it is no value of that type; the message says which form is expected.
    """
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if column.type in LABELS:
        return str(value)
    number = _READERS[column.type](value, column)
    if not math.isfinite(number):
        raise ValueError("a finite number")
    return float(as_numbers(from_numbers(np.array([number]), column), column)[0])


def plain_value(value: Any) -> str | float | int | bool | None:
    """A value of a column as JSON has it; None for any missing value."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return _clock_text(value)
    return value if isinstance(value, str | float | int | bool) else str(value)


def constant(value: Scalar, column: Column, rows: int) -> pd.Series:
    """A canonical series with this value in every row."""
    if value is None or isinstance(value, str):
        return pd.Series([value] * rows, dtype=column.type.dtype, name=column.name)
    return from_numbers(np.full(rows, value), column)


def _clock_text(since_midnight: timedelta) -> str:
    seconds = since_midnight / timedelta(seconds=1)
    return f"{int(seconds // 3600):02d}:{int(seconds % 3600 // 60):02d}:{seconds % 60:09.6f}"


def _whole(value: Any, column: Column) -> float:
    number = _number(value, column)
    if not number.is_integer():
        raise ValueError("a whole number")
    return number


def _number(value: Any, column: Column) -> float:
    style = column.format
    try:
        return float(value)
    except (TypeError, ValueError):
        pass
    text = str(value).replace(style.thousands or "\0", "").replace(style.point, ".")
    try:
        return float(text)
    except ValueError:
        raise ValueError("a number") from None


def _boolean(value: Any, column: Column) -> float:
    text = str(value).strip().lower()
    if text in _TRUE | {column.format.true.lower()}:
        return 1.0
    if text in _FALSE | {column.format.false.lower()}:
        return 0.0
    raise ValueError(f"{column.format.true} or {column.format.false}")


def _moment(value: Any, column: Column) -> float:
    moment = _as_datetime(value, column).replace(tzinfo=None)
    passed = (moment - _EPOCH) / timedelta(microseconds=1)
    if column.type is ColumnType.DATE:
        return float(math.floor(passed / 86_400e6))
    return passed / 1e6


def _as_datetime(value: Any, column: Column) -> datetime:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    text = str(value).strip()
    if column.format.pattern:
        with suppress(ValueError):
            return datetime.strptime(text, column.format.pattern)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        form = "YYYY-MM-DD" if column.type is ColumnType.DATE else "YYYY-MM-DD HH:MM:SS"
        raise ValueError(f"a {column.type} such as {form}") from None


def _clock(value: Any, column: Column) -> float:
    if isinstance(value, timedelta):
        return value / timedelta(seconds=1)
    if isinstance(value, time):
        value = value.isoformat()
    found = _CLOCK.fullmatch(str(value).strip())
    if found is None:
        raise ValueError("a time such as HH:MM:SS")
    hours, minutes, seconds = found.groups(default="0")
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)


_READERS = {
    ColumnType.INTEGER: _whole,
    ColumnType.NUMBER: _number,
    ColumnType.BOOLEAN: _boolean,
    ColumnType.DATE: _moment,
    ColumnType.DATETIME: _moment,
    ColumnType.TIME: _clock,
}
