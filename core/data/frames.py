"""Canonical frames: the pandas dtypes of ``core.data.schema``, and their numeric view."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data.schema import Column, ColumnType, Table

EXACT_WHOLE = 2**53
"""Up to here each whole number has a float of its own; beyond, only some of them have."""
_MICROSECONDS = {ColumnType.DATE, ColumnType.DATETIME, ColumnType.TIME}
_FIRST, _LAST = (
    int(np.datetime64(moment, "us").astype("int64"))
    for moment in ("0001-01-01", "9999-12-31T23:59:59.999999")
)


def canonical(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Select the table's columns and cast each to its canonical dtype.

    Raises
    ------
    ValueError, TypeError
        When values do not fit the type; readers turn this into a message for the user.
    """
    columns = {c.name: frame[c.name].astype(c.type.dtype) for c in table.columns}
    return pd.DataFrame(columns, index=frame.index).reset_index(drop=True)


def as_numbers(values: pd.Series, column: Column) -> npt.NDArray[np.float64]:
    """Numbers, booleans, dates and times as float64 with NaN for missing.

    Dates become days, datetimes and times become seconds, since 1970 or midnight. Whole numbers
    beyond :data:`EXACT_WHOLE` become the nearest float.
    """
    if column.type in _MICROSECONDS:
        integers = values.to_numpy().astype(values.dtype).view("int64")
        unit = 86_400e6 if column.type is ColumnType.DATE else 1e6
        return np.where(values.isna().to_numpy(), np.nan, integers / unit)
    numbers: npt.NDArray[np.float64] = values.to_numpy(dtype="float64", na_value=np.nan)
    return numbers


def from_numbers(numbers: npt.NDArray[np.float64], column: Column) -> pd.Series:
    """The inverse of :func:`as_numbers`, rounded to what the column's type and format allow."""
    missing = np.isnan(numbers)
    if column.type in _MICROSECONDS:
        unit = 86_400e6 if column.type is ColumnType.DATE else 1e6
        whole = np.round(np.where(missing, 0, numbers) * (unit if unit == 1e6 else 1))
        integers = (whole if unit == 1e6 else whole * unit).astype("int64")
        kind = "timedelta64[us]" if column.type is ColumnType.TIME else "datetime64[us]"
        integers = integers if column.type is ColumnType.TIME else integers.clip(_FIRST, _LAST)
        dated = integers.view(kind)
        dated[missing] = np.datetime64("NaT") if kind[0] == "d" else np.timedelta64("NaT")
        return pd.Series(dated, name=column.name)
    if column.type is ColumnType.NUMBER:
        decimals = column.format.decimals
        values = pd.Series(numbers, name=column.name)
        return values if decimals is None else values.round(min(decimals, 15))
    present = np.round(np.where(missing, 0, numbers))
    if column.type is ColumnType.BOOLEAN:
        data = pd.arrays.BooleanArray(present > 0, missing)
        return pd.Series(data, name=column.name)
    bounded = np.clip(present, -(2.0**63), 2.0**63 - 1024).astype("int64")
    return pd.Series(pd.arrays.IntegerArray(bounded, missing), name=column.name)
