"""What can be asked of a dataset's rows: the columns, and what a page offers to choose from.

Taken from the stored profile, so that no row is read. Nothing that few people have is offered:
values have at least five rows, and a range ends where at least five rows lie beyond.
"""

import math
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from core.data.profile import ColumnProfile, NumberSummary, TableProfile
from core.data.schema import Column, ColumnType, Schema, Table
from core.studio.values import Askable, Offer
from core.synthesis.asks.checks import column_problems, root_tables

LEAST_ROWS = 5
MOST_WHOLE_NUMBERS = 200
"""Whole numbers with more distinct values are asked by range only."""
_STEPS = 100
_EPOCH = datetime(1970, 1, 1)
_LINES = {ColumnType.INTEGER, ColumnType.NUMBER}
_OFFERED = {ColumnType.INTEGER, ColumnType.BOOLEAN, ColumnType.CATEGORY}
_SMALLEST = {
    ColumnType.INTEGER: 1.0,
    ColumnType.DATE: 1.0,
    ColumnType.DATETIME: 60.0,
    ColumnType.TIME: 60.0,
}


def askable(
    schema: Schema, rows: Mapping[str, int], profiles: Mapping[str, TableProfile]
) -> dict[str, tuple[Askable, ...]]:
    """By table, the columns of which something can be asked; tables without any are left out."""
    found = {
        name: tuple(_column(column, profiles[name][column.name]) for column in _open(name, schema))
        for name in root_tables(schema, rows)
    }
    return {name: columns for name, columns in found.items() if columns}


def _open(name: str, schema: Schema) -> list[Column]:
    table: Table = schema[name]
    return [c for c in table.columns if not column_problems([c.name], table, schema)]


def _column(column: Column, known: ColumnProfile) -> Askable:
    values = _offers(column, known)
    shown = sum(offer.share for offer in values)
    low, high = _ends(column, known)
    return Askable(
        column.name,
        column.type,
        values,
        max(0.0, 1 - known.missing_share - shown) if known.rows else 0.0,
        low,
        high,
        known.missing_share,
    )


def _offers(column: Column, known: ColumnProfile) -> tuple[Offer, ...]:
    """Frequent values, where the profile's text is what the reviewed type has."""
    same = known.type is column.type
    becomes_label = column.type is ColumnType.CATEGORY and known.type in _OFFERED
    if column.type not in _OFFERED or not (same or becomes_label):
        return ()
    if column.type is ColumnType.INTEGER and known.distinct > MOST_WHOLE_NUMBERS:
        return ()
    return tuple(
        Offer(int(text) if column.type is ColumnType.INTEGER else text, count, count / known.rows)
        for text, count in known.top
        if count >= LEAST_ROWS
    )


def _ends(
    column: Column, known: ColumnProfile
) -> tuple[float | date | datetime | time | None, float | date | datetime | time | None]:
    same = known.type is column.type or {known.type, column.type} <= _LINES
    if not column.type.is_numeric or known.numbers is None or not same:
        return None, None
    ends = _protected(known.numbers, known.rows - known.missing)
    if ends is None:
        return None, None
    step = _nice((ends[1] - ends[0]) / _STEPS, _SMALLEST.get(column.type, 0.0))
    low, high = (round(end / step) * step if step else end for end in ends)
    return _typed(low, column.type), _typed(high, column.type)


def _protected(numbers: NumberSummary, rows: int) -> tuple[float, float] | None:
    """The outermost quantiles with enough rows beyond them; None for a handful of rows."""
    kept = [value for p, value in numbers.quantiles if min(p, 1 - p) * rows >= LEAST_ROWS]
    return (min(kept), max(kept)) if len(kept) > 1 else None


def _nice(step: float, smallest: float) -> float:
    """The next of 1, 2, 5 times a power of ten at or below ``step``; 0 for no step at all."""
    if step <= 0 or not math.isfinite(step):
        return smallest
    power = 10.0 ** math.floor(math.log10(step))
    return max(smallest, next(m * power for m in (5, 2, 1) if m * power <= step * (1 + 1e-9)))


def _typed(value: float, kind: ColumnType) -> float | date | datetime | time | None:
    """A point on a column's axis as a value of its type."""
    if kind is ColumnType.INTEGER:
        return int(value)
    if kind is ColumnType.NUMBER:
        return float(f"{value:.12g}")
    if kind is ColumnType.TIME:
        return (_EPOCH + timedelta(seconds=min(max(value, 0.0), 86_399.0))).time()
    unit = "days" if kind is ColumnType.DATE else "seconds"
    try:
        moment = _EPOCH + timedelta(**{unit: value})
    except OverflowError:
        return None
    return moment.date() if kind is ColumnType.DATE else moment
