"""The conditioned columns of a part: drawn from what the training rows have there.

The rows that keep to the restrictions are a table of their own; the engine is fitted to those few
columns of it and drawn from. Nothing has to be rejected, however rare the rows are, and numbers
are protected as everywhere else in the engine: they are not replayed row by row.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from core.data.frames import from_numbers
from core.data.schema import Table
from core.errors import InvalidInput
from core.progress import SilentProgress
from core.synthesis.asks.scalars import LABELS, constant
from core.synthesis.asks.settle import Part, Restriction
from core.synthesis.protocol import EngineInfo

FEWEST = 20
_TRIES = 5


def draw_part(
    pool: pd.DataFrame,
    table: Table,
    part: Part,
    rows: int,
    info: EngineInfo,
    params: object,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """``rows`` rows of the columns of ``table`` that keep to the part's restrictions.

    Parameters
    ----------
    pool
        The training rows of these columns. Where fewer than 20 of them keep to all restrictions
        together, each column is drawn from the rows that keep to its own.
    """
    asked = {r.column.name: r for r in part.restrictions}
    fixed = {
        name: constant(r.values[0], r.column, rows)
        for name, r in asked.items()
        if r.is_fixed and r.values is not None
    }
    free = tuple(name for name in table.names if name not in fixed)
    matching = pool[part.mask(pool)]
    drawn: dict[str, pd.Series] = dict(fixed)
    if len(matching) >= FEWEST or len(free) < 2:
        blocks = [(free, matching)] if len(matching) and free else [((n,), matching) for n in free]
    else:
        blocks = [((name,), pool) for name in free]
    for names, own in blocks:
        limits = {name: asked[name] for name in names if name in asked}
        drawn |= _draw_block(own, table.select(names), limits, pool, rows, info, params, rng)
    return pd.DataFrame({name: drawn[name] for name in table.names}, index=range(rows))


def _draw_block(
    own: pd.DataFrame,
    table: Table,
    limits: Mapping[str, Restriction],
    pool: pd.DataFrame,
    rows: int,
    info: EngineInfo,
    params: object,
    rng: np.random.Generator,
) -> dict[str, pd.Series]:
    """Columns drawn together by an engine of their own, then held to their limits."""
    part = Part(1.0, tuple(limits.values()))
    kept = own[part.mask(own)]
    if not len(kept):
        kept = pool[part.mask(pool)]
    if not len(kept):
        return {name: _inside(limits[name], rows, rng) for name in table.names}
    engine = info.make(params)
    names = list(table.names)
    engine.fit(kept[names].reset_index(drop=True), table, rng=rng, progress=SilentProgress())
    made = engine.sample(rows, rng=rng, progress=SilentProgress())[names].reset_index(drop=True)
    for _ in range(_TRIES):
        wrong = np.flatnonzero(~part.mask(made))
        if not len(wrong):
            break
        fresh = engine.sample(len(wrong), rng=rng, progress=SilentProgress())
        made = _with_rows(made, wrong, fresh[names])
    wrong = np.flatnonzero(~part.mask(made))
    if len(wrong):
        made = _with_rows(made, wrong, kept[names].iloc[rng.integers(len(kept), size=len(wrong))])
    return {name: made[name] for name in names}


def _with_rows(frame: pd.DataFrame, places: np.ndarray, fresh: pd.DataFrame) -> pd.DataFrame:
    """The frame with the rows at ``places`` replaced."""
    order = np.arange(len(frame))
    order[places] = len(frame) + np.arange(len(places))
    return pd.concat([frame, fresh], ignore_index=True).iloc[order].reset_index(drop=True)


def _inside(limit: Restriction, rows: int, rng: np.random.Generator) -> pd.Series:
    """A gap of the training rows: evenly inside the range, or any of the listed values."""
    column = limit.column
    if limit.values:
        picked = rng.integers(len(limit.values), size=rows)
        if column.type in LABELS:
            return pd.Series([limit.values[i] for i in picked], dtype=column.type.dtype)
        listed = [np.nan if v is None else float(v) for v in limit.values]
        return from_numbers(np.array(listed)[picked], column)
    if not np.isfinite([limit.low, limit.high]).all():
        raise InvalidInput(
            f"No training row has what is asked of {column.name!r}. Widen the condition on it."
        )
    numbers = limit.low + rng.random(rows) * (limit.high - limit.low)
    drawn = from_numbers(numbers, column)
    if not limit.mask(drawn).all():
        raise InvalidInput(f"The range of {column.name!r} holds no value the column can have.")
    return drawn
