"""Preparation that looks at no value: for engines whose guarantee holds for the whole table.

Keys, identifiers, free text and columns that are to be replaced or masked come back made up from
public examples alone: sequential or random keys, names and places of one fixed locale, plain words.
All other columns are learned. How columns are called, typed and written is taken as public.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from core.data.coarser import coarsened
from core.data.fakes import Fake, learn_fake
from core.data.frames import from_numbers
from core.data.locales import DEFAULT
from core.data.patterns import RARE
from core.data.prepare import Preparation, in_order
from core.data.schema import Action, Column, ColumnType, Role, Table

_POOL = 200
_PROSE = (
    "The parcel was left at the front door.",
    "Please call back in the afternoon.",
    "Nothing more to report for this week, all is well.",
    "The second part of the order will follow later.",
)
_EXAMPLES: Mapping[str, tuple[str, ...]] = {
    "first_name": ("Anna",),
    "last_name": ("Miller",),
    "full_name": ("Anna Miller",),
    "username": ("amiller",),
    "email": ("anna.miller@example.com",),
    "phone": ("+1 202-555-0143",),
    "iban": ("DE89370400440532013000",),
    "credit_card": ("4111111111111111",),
    "ip": ("10.0.0.1",),
    "mac": ("02:00:5e:10:00:01",),
    "url": ("https://www.example.com/a",),
    "coordinates": ("40.7128, -74.0060",),
    "street_address": ("12 Main Street",),
    "city": ("Springfield",),
    "country": ("France",),
    "company": ("Example",),
    "occupation": ("Teacher",),
    "gender": ("female",) * RARE + ("male",) * RARE,
}
_DIGITS = {
    "phone": 12_025_550_143,
    "credit_card": 4_111_111_111_111_111,
    "national_id": 123_456_789,
}
_CODE = "K00000000"
_RANGES: Mapping[ColumnType, tuple[float, float]] = {
    ColumnType.INTEGER: (0, 999),
    ColumnType.NUMBER: (0, 1),
    ColumnType.BOOLEAN: (0, 1),
    ColumnType.DATE: (-7_305, 18_627),
    ColumnType.DATETIME: (-7_305 * 86_400, 18_627 * 86_400),
    ColumnType.TIME: (0, 86_399),
}
Range = tuple[float, float]


def is_made_up(column: Column, table: Table, person: str | None) -> bool:
    """Whether a kept column is made up, by what was declared and decided about it alone."""
    return (
        column.name in {table.primary_key, person}
        or column.action in {Action.REPLACE, Action.MASK}
        or column.type is ColumnType.TEXT
        or column.role is Role.IDENTIFIER
    )


def prepare_blind(
    frame: pd.DataFrame,
    table: Table,
    person: str | None,
    ranges: Mapping[str, Range] | None = None,
) -> tuple[Preparation, pd.DataFrame]:
    """What is to be done with each column, and the frame that an engine learns.

    Parameters
    ----------
    frame
        The training rows, canonical; their values are passed on, never looked at.
    person
        The column that tells persons apart, which is made up too.
    ranges
        Public ranges of columns of numbers, in the units of ``as_numbers``.
    """
    kept = [c for c in table.columns if c.action is not Action.DROP]
    output = table.select(tuple(c.name for c in kept))
    apart = [c for c in kept if is_made_up(c, table, person)]
    names = {c.name for c in apart}
    learned = output.select(tuple(c.name for c in kept if c.name not in names))
    own = ranges or {}
    fakes = [blind_fake(c, key=c.name == table.primary_key, around=own.get(c.name)) for c in apart]
    preparation = Preparation(
        output, replace(learned, primary_key=None), (), in_order(fakes), {}, ()
    )
    return preparation, coarsened(frame[list(learned.names)], learned)


def blind_fake(column: Column, *, key: bool = False, around: Range | None = None) -> Fake:
    """What makes up a column of this name and kind, from public examples.

    Parameters
    ----------
    key
        No value may repeat; also of a column whose role is to identify.
    around
        Range of its numbers, where that is public.
    """
    alone = key or column.role is Role.IDENTIFIER
    if column.type is ColumnType.INTEGER and column.semantic in _DIGITS:
        return learn_fake(_series([_DIGITS[column.semantic]], column), column, DEFAULT, key=alone)
    if column.type.is_numeric or column.type is ColumnType.BOOLEAN:
        return _blind_numbers(column, alone, around or _RANGES[column.type])
    fake = learn_fake(_series(_texts(column), column), column, DEFAULT, key=alone)
    few = column.type is ColumnType.CATEGORY and not alone
    rows, distinct = (20 * _POOL, _POOL) if few else (_POOL, _POOL)
    return replace(fake, unique=alone, rows=rows, distinct=distinct, spectrum=(1.0,))


def _blind_numbers(column: Column, alone: bool, around: Range) -> Fake:
    """Numbers, dates and times: a sequence where they identify, else even over a range."""
    plain = replace(column, semantic=None)
    numbers = from_numbers(np.array(around, dtype=np.float64), column)
    if alone and column.type is ColumnType.INTEGER:
        return Fake(column, "sequence", {"next": 1, "step": 1}, 0.0, True, 1, 1, (1.0,))
    if alone and column.type.is_numeric:
        return replace(learn_fake(numbers.iloc[:1], plain, DEFAULT, key=True), column=column)
    settings = {"quantiles": [float(bound) for bound in around], "mean": 0.5}
    return Fake(column, "spread", settings, 0.0, False, _POOL, _POOL, (1.0,))


def _texts(column: Column) -> Sequence[str]:
    prose = column.type is ColumnType.TEXT and column.semantic is None
    return _EXAMPLES.get(column.semantic or "", _PROSE if prose else (_CODE,))


def _series(values: Sequence[object], column: Column) -> pd.Series:
    return pd.Series(list(values), dtype=column.type.dtype, name=column.name)
