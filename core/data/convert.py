"""Changing a column's type in the review: what can be read as what, and how."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
from pandas.api.types import is_signed_integer_dtype

from core.data.frames import EXACT_WHOLE
from core.data.schema import Column, ColumnType, Schema, Table
from core.errors import InvalidInput

_T = ColumnType
_TARGETS: dict[ColumnType, tuple[ColumnType, ...]] = {
    _T.INTEGER: (_T.NUMBER, _T.CATEGORY, _T.TEXT),
    _T.NUMBER: (_T.INTEGER, _T.CATEGORY, _T.TEXT),
    _T.BOOLEAN: (_T.CATEGORY,),
    _T.DATE: (_T.DATETIME,),
    _T.DATETIME: (_T.DATE,),
    _T.TIME: (),
    _T.CATEGORY: (_T.TEXT, _T.INTEGER, _T.NUMBER),
    _T.TEXT: (_T.CATEGORY, _T.INTEGER, _T.NUMBER),
}


def possible_types(column: Column) -> tuple[ColumnType, ...]:
    """The types that a column of this type may be changed to, itself first."""
    return (column.type, *_TARGETS[column.type])


def convert_column(values: pd.Series, stored: Column, wanted: Column) -> pd.Series:
    """The column's values in the dtype of ``wanted``.

    Raises
    ------
    InvalidInput
        When the values cannot be read as that type without loss.
    """
    if stored.type is wanted.type:
        return values
    if wanted.type not in possible_types(stored):
        raise InvalidInput(_refusal(stored, wanted))
    if (
        wanted.type is ColumnType.DATE
        and not (values.dropna() == values.dropna().dt.floor("D")).all()
    ):
        raise InvalidInput(_refusal(stored, wanted))
    try:
        if wanted.type.is_numeric and stored.type in {ColumnType.CATEGORY, ColumnType.TEXT}:
            values = _numbers(values, wanted.type)
        return _cast(values, stored, wanted)
    except (ValueError, TypeError):
        raise InvalidInput(_refusal(stored, wanted)) from None


def convert_tables(
    tables: Mapping[str, pd.DataFrame], stored: Schema, wanted: Schema
) -> dict[str, pd.DataFrame]:
    """All tables of a dataset as the reviewed schema wants them."""
    return {t.name: convert_table(tables[t.name], stored[t.name], t) for t in wanted.tables}


def convert_table(frame: pd.DataFrame, stored: Table, wanted: Table) -> pd.DataFrame:
    """One table as the reviewed schema wants it."""
    columns = {c.name: convert_column(frame[c.name], stored[c.name], c) for c in wanted.columns}
    return pd.DataFrame(columns, index=frame.index)


def retyped(column: Column, kind: ColumnType) -> Column:
    """The column with another type, its value format kept only where it still means something."""
    if kind is column.type:
        return column
    decimals = 0 if kind is ColumnType.INTEGER else column.format.decimals
    return replace(column, type=kind, format=replace(column.format, decimals=decimals))


def _numbers(texts: pd.Series, kind: ColumnType) -> pd.Series:
    """Texts as numbers; whole ones to their last digit, beyond what a float can hold too."""
    numbers = pd.to_numeric(texts)
    if kind is ColumnType.INTEGER and is_signed_integer_dtype(numbers.dtype):
        return numbers
    floats = numbers.astype("float64")
    if kind is ColumnType.INTEGER and (floats.abs() >= EXACT_WHOLE).any():
        raise ValueError
    return floats


def _has_lost(values: pd.Series) -> bool:
    """Whether whole numbers would become other ones as floats."""
    large = values.dropna()
    large = large[(large > EXACT_WHOLE) | (large < -EXACT_WHOLE)]
    return any(int(float(value)) != value for value in large.unique().tolist())


def _cast(values: pd.Series, stored: Column, wanted: Column) -> pd.Series:
    if wanted.type is ColumnType.INTEGER:
        present = values.dropna()
        if not np.equal(np.mod(present, 1), 0).all():
            raise ValueError
    if stored.type is ColumnType.INTEGER and wanted.type is ColumnType.NUMBER and _has_lost(values):
        raise ValueError
    if stored.type is ColumnType.BOOLEAN:
        words = values.map({True: stored.format.true, False: stored.format.false})
        return words.astype(wanted.type.dtype)
    if stored.type is ColumnType.NUMBER and not wanted.type.is_numeric:
        decimals = stored.format.decimals
        spec = f".{decimals}f" if stored.format.fixed and decimals is not None else ".15g"
        words = values.map(lambda number: format(number, spec), na_action="ignore")
        return words.astype("object").where(values.notna(), None).astype(wanted.type.dtype)
    return values.astype(wanted.type.dtype)


def _refusal(stored: Column, wanted: Column) -> str:
    return (
        f"Column {stored.name!r} holds {stored.type} values that cannot be read as {wanted.type} "
        f"without loss. Choose one of {', '.join(possible_types(stored))}, or correct the file "
        "and import it again."
    )
