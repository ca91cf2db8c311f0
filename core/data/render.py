"""Canonical columns as text, written the way the column's value format says."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from core.data.dates import write_dates
from core.data.numbers import write_decimals, write_integers
from core.data.schema import Column, ColumnType

_DEFAULT_PATTERNS = {ColumnType.DATE: "%Y-%m-%d", ColumnType.TIME: "%H:%M:%S"}
_DAY = 86_400_000_000


def render(values: pd.Series, column: Column) -> pa.Array:
    """Each value as text (``large_string``), missing ones as null.

    Parameters
    ----------
    values
        A column of a canonical frame.
    column
        Its type and value format.
    """
    missing = values.isna().to_numpy(dtype=bool)
    return pc.if_else(pa.array(~missing), _text(values, column, missing), None)


def stamps(values: pd.Series, column: Column) -> pa.Array:
    """Dates, datetimes or times of day as timestamps (times on 1 January 1970).

    They are cut to the resolution of the column's pattern: minutes where it has no seconds.
    """
    raw = values.to_numpy().astype(column.type.dtype).astype("int64")
    if column.type is ColumnType.TIME:
        raw = raw % _DAY
    raw = raw - raw % _resolution(column)
    return pa.array(raw.view("datetime64[us]"), mask=values.isna().to_numpy(dtype=bool))


def _text(values: pd.Series, column: Column, missing: np.ndarray) -> pa.Array:
    kind, style = column.type, column.format
    if kind in {ColumnType.CATEGORY, ColumnType.TEXT}:
        return text_array(values)
    if kind is ColumnType.INTEGER:
        return write_integers(pa.array(values.to_numpy("int64", na_value=0)), style)
    if kind is ColumnType.NUMBER:
        numbers = values.to_numpy("float64", na_value=np.nan)
        return write_decimals(pa.array(np.where(missing, 0.0, numbers)), style)
    if kind is ColumnType.BOOLEAN:
        truth = pa.array(values.to_numpy("bool", na_value=False))
        return pc.cast(pc.if_else(truth, style.true, style.false), pa.large_string())
    if style.pattern is None and kind in _DEFAULT_PATTERNS:
        style = type(style)(pattern=_DEFAULT_PATTERNS[kind])
    return write_dates(stamps(values, column), style)


def _resolution(column: Column) -> int:
    """The smallest step of a pattern, in microseconds."""
    pattern, digits = column.format.pattern, column.format.decimals
    if column.type is ColumnType.DATE:
        return _DAY
    if pattern is None:
        return 1
    if "%f" in pattern:
        return int(10 ** (6 - min(6 if digits is None else digits, 6)))
    steps = {"%S": 1_000_000, "%M": 60_000_000, "%H": 3_600_000_000, "%I": 3_600_000_000}
    plain = pattern.replace("%-", "%")
    return next((step for code, step in steps.items() if code in plain), _DAY)


def text_array(values: pd.Series) -> pa.Array:
    """A string column as one Arrow array, without copying where it is one already."""
    array = pa.array(values.array, type=pa.large_string(), from_pandas=True)
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
