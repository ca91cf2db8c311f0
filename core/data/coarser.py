"""Generalising: values become coarser before anything is learned from them.

Dates go to the first day of their month, quarter or year, times to the full hour, numbers to the
lower end of a band or to fewer decimals, codes to their first characters, coordinates to fewer
decimals. Each value is treated by itself and keeps its type, and doing it twice changes nothing,
so that synthetic values are made as coarse as the real ones were.
"""

import re
from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from core.data.frames import as_numbers, from_numbers
from core.data.moments import floor
from core.data.schema import Action, Coarser, Column, ColumnType, Schema, Table
from core.errors import InvalidInput

MONTH, QUARTER, YEAR, HOUR = "month", "quarter", "year", "hour"
BAND, PREFIX, ROUND = "band", "prefix", "round"
MOST_DECIMALS, MOST_PREFIX, MOST_BAND = 6, 20, 1e9

_DATES = (MONTH, QUARTER, YEAR)
_TEXTS = (PREFIX, ROUND)
WAYS: dict[ColumnType, tuple[str, ...]] = {
    ColumnType.DATE: _DATES,
    ColumnType.DATETIME: _DATES,
    ColumnType.TIME: (HOUR,),
    ColumnType.INTEGER: (BAND,),
    ColumnType.NUMBER: (BAND, ROUND),
    ColumnType.CATEGORY: _TEXTS,
    ColumnType.TEXT: _TEXTS,
    ColumnType.BOOLEAN: (),
}
"""By type the ways in which its values can be made coarser."""

_SAID = {BAND: "bands of {}", PREFIX: "first {} characters", ROUND: "{} decimals"}
_HOUR_US = 3_600_000_000
_DECIMAL = re.compile(r"-?\d+\.\d+")


def usual(column: Column) -> Coarser:
    """How a column is generalised where nobody has said how.

    Raises
    ------
    InvalidInput
        Its values have no coarser ones.
    """
    ways = WAYS[column.type]
    if not ways:
        raise InvalidInput(
            f"Column {column.name!r} holds {column.type} values, which have no coarser ones. "
            "Choose another action."
        )
    if column.semantic == "coordinates" and ROUND in ways:
        return Coarser(ROUND, 1)
    if column.semantic in {"latitude", "longitude"} and column.type is ColumnType.NUMBER:
        return Coarser(ROUND, 1)
    amounts = {BAND: 10.0, PREFIX: 3.0}
    return Coarser(ways[0], amounts.get(ways[0], 0.0))


def in_words(coarser: Coarser) -> str:
    """How it is generalised, as :func:`read_coarser` reads it: ``bands of 10``, ``month``."""
    said = _SAID.get(coarser.way)
    return said.format(f"{coarser.amount:g}") if said else coarser.way


def read_coarser(text: str) -> Coarser:
    """The way that a text names; raises ``InvalidInput`` for one that names none."""
    plain = " ".join(text.lower().split())
    if plain in (*_DATES, HOUR):
        return Coarser(plain)
    for way, said in _SAID.items():
        ahead, behind = said.split("{}")
        found = re.fullmatch(rf"{ahead}(\d+(?:\.\d+)?){behind.rstrip('s')}s?", plain)
        if found:
            return Coarser(way, float(found[1]))
    known = ", ".join((*_DATES, HOUR, *(said.format("N") for said in _SAID.values())))
    raise InvalidInput(f"{text!r} is no way to generalise. Write one of: {known}.")


def problems_of(column: Column) -> list[str]:
    """Why a column cannot be generalised in the way that it says; empty if it can."""
    coarser = column.coarser
    if coarser is None:
        try:
            usual(column)
        except InvalidInput as error:
            return [str(error)]
        return []
    ways = WAYS[column.type]
    if coarser.way not in ways:
        can = f"it can be one of {', '.join(ways)}" if ways else "it has no coarser values"
        return [f"Column {column.name!r} holds {column.type} values: {can}, not {coarser.way!r}."]
    low, high, whole = {
        BAND: (0.0, MOST_BAND, column.type is ColumnType.INTEGER),
        PREFIX: (1.0, float(MOST_PREFIX), True),
        ROUND: (0.0, float(MOST_DECIMALS), True),
    }.get(coarser.way, (0.0, 0.0, False))
    amount = coarser.amount
    fits = low <= amount <= high and not (whole and amount % 1) and (amount or coarser.way != BAND)
    if fits:
        return []
    kind = "a whole number" if whole else "a number"
    above = "above 0 and " if coarser.way == BAND else f"from {low:g} "
    return [
        f"Column {column.name!r}: {coarser.way!r} takes {kind} {above}up to {high:g}. "
        f"Got {amount:g}."
    ]


def generalised_problems(schema: Schema) -> list[str]:
    """What is wrong with generalised columns of a schema: keys, and ways that do not fit."""
    found = []
    for table in schema.tables:
        keys = schema.keys_of(table.name)
        for column in filter(is_coarsened, table.columns):
            found += problems_of(column)
            if column.name in keys:
                found.append(
                    f"Column {column.name!r} of {table.name!r} is generalised, so it can be no "
                    "key. Change its action in the review first."
                )
    return found


def is_coarsened(column: Column) -> bool:
    """Whether a column is generalised."""
    return column.action is Action.GENERALISE


def coarsened(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """The table with every column generalised that is to be; itself where there is none."""
    keys = {table.primary_key}
    wanted = [
        c for c in table.columns if is_coarsened(c) and c.name in frame and c.name not in keys
    ]
    if not wanted:
        return frame
    return frame.assign(**{c.name: coarse_values(frame[c.name], c) for c in wanted})


def coarsened_tables(tables: Mapping[str, pd.DataFrame], schema: Schema) -> dict[str, pd.DataFrame]:
    """All tables with every column generalised that is to be.

    Whatever learns from rows, or counts them, begins with these: a finer value is never looked at.
    """
    return {table.name: coarsened(tables[table.name], table) for table in schema.tables}


def coarse_values(values: pd.Series, column: Column) -> pd.Series:
    """A column's values as coarse as it says; what is missing stays missing."""
    coarser = column.coarser or usual(column)
    if coarser.way in _DATES:
        return _whole_dates(values, coarser.way)
    if coarser.way == HOUR:
        return floor(values, _HOUR_US)
    if coarser.way == BAND:
        return _bands(values, coarser.amount, column)
    if coarser.way == ROUND and column.type is ColumnType.NUMBER:
        return values.round(int(coarser.amount))
    if coarser.way == ROUND:
        return _mapped(values, lambda text: _rounded(text, int(coarser.amount)))
    return _mapped(values, lambda text: text.strip()[: int(coarser.amount)])


def coarse_point(point: float, column: Column) -> float:
    """A point of a column's axis, see ``core.data.frames.as_numbers``, as coarse as it says."""
    values = from_numbers(np.array([point]), column)
    return float(as_numbers(coarse_values(values, column), column)[0])


def _whole_dates(values: pd.Series, way: str) -> pd.Series:
    months = values.to_numpy().astype("datetime64[M]")
    step = {MONTH: 1, QUARTER: 3, YEAR: 12}[way]
    numbers = months.view("int64") // step * step
    whole = pd.Series(numbers.view("datetime64[M]").astype("datetime64[us]"), index=values.index)
    return whole.mask(values.isna()).astype(values.dtype).rename(values.name)


def _bands(values: pd.Series, width: float, column: Column) -> pd.Series:
    """The lower end of the band that each value lies in."""
    if column.type is ColumnType.INTEGER:
        return values // int(width) * int(width)
    steps = np.floor(values / width + 1e-9)
    return (steps * width).round(9)


def _rounded(text: str, decimals: int) -> str:
    return _DECIMAL.sub(lambda found: f"{float(found[0]):.{decimals}f}", text)


def _mapped(values: pd.Series, change: Callable[[str], str]) -> pd.Series:
    """Each distinct text changed once."""
    codes, levels = pd.factorize(values)
    changed = pd.Series([change(str(one)) for one in levels], dtype=values.dtype)
    taken = changed.reindex(np.where(codes < 0, -1, codes))
    return pd.Series(taken.array, index=values.index, name=values.name).astype(values.dtype)
