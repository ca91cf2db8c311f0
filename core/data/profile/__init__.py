"""What a table looks like in numbers: types, missing values, distributions, keys, associations.

The profile of a table is stored encrypted and shown to members of its project. Columns named in
``masked``, and text columns, are described without any of their values.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from core.data.frames import as_numbers
from core.data.profile.association import Axes, Codes, associations
from core.data.profile.numbers import describe
from core.data.profile.values import (
    Associations,
    ColumnProfile,
    Histogram,
    LengthSummary,
    NumberSummary,
    TableProfile,
    as_text,
)
from core.data.schema import Column, ColumnType, Table

__all__ = [
    "Associations",
    "ColumnProfile",
    "Histogram",
    "LengthSummary",
    "NumberSummary",
    "TableProfile",
    "as_text",
    "profile_table",
]

TOP_VALUES = 20
_KEY_TYPES = {ColumnType.INTEGER, ColumnType.CATEGORY, ColumnType.TEXT, ColumnType.DATETIME}
_WORDS = {ColumnType.CATEGORY, ColumnType.TEXT}


def profile_table(
    frame: pd.DataFrame, table: Table, masked: frozenset[str] = frozenset()
) -> TableProfile:
    """Describe a canonical frame.

    Parameters
    ----------
    frame
        Canonical frame with the columns of ``table``.
    table
        Its schema.
    masked
        Columns of which no value may be shown: no frequent values, quantiles or histogram.
        ``core.data.pii.masked_columns`` gives those that point to a person.
    """
    coded = {name: pd.factorize(frame[name]) for name in table.names}
    codes = {name: pair[0].astype(np.int64, copy=False) for name, pair in coded.items()}
    columns = tuple(
        _column(frame[c.name], c, *coded[c.name], hidden=c.name in masked) for c in table.columns
    )
    axes = _axes(frame, table, columns, codes)
    return TableProfile(
        table=table.name,
        rows=len(frame),
        columns=columns,
        duplicate_rows=_duplicates(codes.values(), len(frame)),
        key_candidates=tuple(c.name for c in columns if c.unique and c.type in _KEY_TYPES),
        associations=associations(axes, table.names, len(frame)),
    )


def _column(
    values: pd.Series, column: Column, codes: Codes, levels: pd.Index, *, hidden: bool
) -> ColumnProfile:
    closed = hidden or column.type is ColumnType.TEXT
    numbers, histogram = None, None
    if column.type.is_numeric and not closed:
        axis = as_numbers(values, column)
        finite = axis[np.isfinite(axis)]
        numbers, histogram = describe(finite, column.type) if len(finite) else (None, None)
    return ColumnProfile(
        name=column.name,
        type=column.type,
        rows=len(values),
        missing=int((codes < 0).sum()),
        distinct=len(levels),
        hidden=hidden,
        numbers=numbers,
        histogram=histogram,
        top=() if closed else _top(codes, levels, column),
        lengths=_lengths(levels, codes) if column.type in _WORDS else None,
    )


def _top(codes: Codes, levels: pd.Index, column: Column) -> tuple[tuple[str, int], ...]:
    counts = np.bincount(codes[codes >= 0], minlength=len(levels))
    order = np.argsort(-counts, kind="stable")[:TOP_VALUES]
    order = order[counts[order] > 1]
    words = _words(pd.Series(levels[order]), column)
    return tuple(zip(words, counts[order].tolist(), strict=True))


def _words(levels: pd.Series, column: Column) -> list[str]:
    if column.type is ColumnType.BOOLEAN:
        return [column.format.true if level else column.format.false for level in levels]
    if column.type is ColumnType.INTEGER or column.type in _WORDS:
        return [str(level) for level in levels]
    return [as_text(number, column.type) for number in as_numbers(levels, column)]


def _lengths(levels: pd.Index, codes: Codes) -> LengthSummary | None:
    if not len(levels):
        return None
    lengths = pd.Series(levels).str.len().to_numpy(dtype=np.int64)
    counts = np.bincount(codes[codes >= 0], minlength=len(levels))
    mean = float((lengths * counts).sum() / counts.sum())
    return LengthSummary(int(lengths.min()), int(lengths.max()), mean)


def _axes(
    frame: pd.DataFrame,
    table: Table,
    columns: Iterable[ColumnProfile],
    codes: dict[str, Codes],
) -> Axes:
    """Columns whose associations say something: not text, hidden, constant or a list of keys."""
    open_columns = [c for c in columns if not (c.hidden or c.constant)]
    numeric = {c.name for c in open_columns if c.type.is_numeric}
    coded = {c.name for c in open_columns if c.type in {ColumnType.BOOLEAN, ColumnType.CATEGORY}}
    repeated = {c.name for c in open_columns if c.distinct < c.rows - c.missing}
    return Axes(
        {name: as_numbers(frame[name], table[name]) for name in table.names if name in numeric},
        {name: codes[name] for name in table.names if name in coded & repeated},
    )


def _duplicates(codes: Iterable[Codes], rows: int) -> int:
    """Rows that repeat an earlier one: number the distinct prefixes, one column after another."""
    group = np.zeros(rows, dtype=np.int64)
    groups = min(rows, 1)
    for code in codes:
        width = int(code.max(initial=-1)) + 2
        group, levels = pd.factorize(group * width + code + 1)
        groups = len(levels)
        if groups == rows:
            return 0
    return rows - groups
