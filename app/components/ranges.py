"""A range of a column, chosen inside the range that may be shown of it.

An end that stands where that range ends is open: what lies beyond is not shut out.
"""

import math
from datetime import date, datetime, time, timedelta
from typing import Any

import streamlit as st

from core.data.schema import ColumnType
from core.studio.values import Askable
from core.synthesis.asks import Between

FINE = 200
WHOLE_SPAN = 1000
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


def range_input(asked: Askable, start: Between | None, *, key: str) -> Between | None:
    """Show the widget of the column's type; None while both ends are open."""
    if asked.type in {ColumnType.DATE, ColumnType.DATETIME}:
        return _dates(asked, start, key)
    return (
        _clock(asked, start, key) if asked.type is ColumnType.TIME else _numbers(asked, start, key)
    )


def has_range(asked: Askable) -> bool:
    """Tell whether a range of the column can be chosen."""
    return asked.low is not None and asked.high is not None and asked.low < asked.high


def slider_grid(low: float, high: float, *, whole: bool) -> tuple[float, float, float]:
    """Return the ends of a slider, rounded outward to its step, and the step.

    A few hundred steps of 1, 2 or 5 times a power of ten; whole numbers go by one as long as
    that is not too fine.
    """
    step = 1.0 if whole and high - low <= WHOLE_SPAN else _nice((high - low) / FINE)
    step = max(step, 1.0) if whole else step
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    digits = max(0, -math.floor(math.log10(step)))
    return round(first * step, digits), round(last * step, digits), step


def _numbers(asked: Askable, start: Between | None, key: str) -> Between | None:
    whole = asked.type is ColumnType.INTEGER
    kind = int if whole else float
    first, last, step = slider_grid(float(asked.low), float(asked.high), whole=whole)
    low, high = st.slider(
        "Range",
        kind(first),
        kind(last),
        tuple(kind(end) for end in _within(start, first, last, float)),
        kind(step),
        format="localized",
        key=key,
    )
    return _between(asked.column, low, high, first, last)


def _dates(asked: Askable, start: Between | None, key: str) -> Between | None:
    first, last = _as_date(asked.low), _as_date(asked.high)
    low, high = _within(start, first, last, _as_date)
    left, right = st.columns(2)
    low = left.date_input("From", low, first, last, format="YYYY-MM-DD", key=f"{key}_low")
    high = right.date_input("To", high, first, last, format="YYYY-MM-DD", key=f"{key}_high")
    made = _between(asked.column, low, high, first, last)
    if made is None:
        return None
    ends = [None if end is None else end.isoformat() for end in (made.low, made.high)]
    if asked.type is ColumnType.DATETIME and ends[1]:
        ends[1] = f"{ends[1]} 23:59:59"
    return Between(asked.column, *ends)


def _clock(asked: Askable, start: Between | None, key: str) -> Between | None:
    first, last = _as_time(asked.low), _as_time(asked.high)
    value = _within(start, first, last, _as_time)
    low, high = st.slider("Range", first, last, value, MINUTE, format="HH:mm", key=key)
    made = _between(asked.column, low, high, first, last)
    if made is None:
        return None
    ends = (None if end is None else end.isoformat() for end in (made.low, made.high))
    return Between(asked.column, *ends)


def _within(start: Between | None, first: Any, last: Any, read: Any) -> tuple[Any, Any]:
    """The ends to start from, inside of what is shown."""
    low = first if start is None or start.low is None else read(start.low)
    high = last if start is None or start.high is None else read(start.high)
    low = min(max(low, first), last)
    return low, max(min(high, last), low)


def _between(column: str, low: Any, high: Any, first: Any, last: Any) -> Between | None:
    ends = (None if low <= first else low, None if high >= last else high)
    return None if ends == (None, None) else Between(column, *ends)


def _as_date(value: Any) -> date:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else datetime.fromisoformat(str(value)).date()


def _as_time(value: Any) -> time:
    return value if isinstance(value, time) else time.fromisoformat(str(value))


def _nice(step: float) -> float:
    power = 10.0 ** math.floor(math.log10(step))
    return next((m * power for m in (1, 2, 5) if m * power >= step * 0.999), 10 * power)
