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
from core.synthesis.protocol import Engine, EngineInfo

FEWEST = 20
_TRIES = 5


class PartModel:
    """Draws the columns of which something is asked, for one part.

    Parameters
    ----------
    pool
        The training rows of these columns. Where fewer than 20 of them keep to all restrictions
        together, each column is drawn from the rows that keep to its own.
    table
        These columns.
    info, params
        The engine that is fitted to them.
    """

    def __init__(
        self,
        pool: pd.DataFrame,
        table: Table,
        part: Part,
        info: EngineInfo,
        params: object,
        rng: np.random.Generator,
    ) -> None:
        self._names = table.names
        self._limits = {r.column.name: r for r in part.restrictions}
        free = tuple(n for n in table.names if not self._is_fixed(n))
        matching = pool[part.mask(pool)]
        together = len(matching) >= FEWEST or (len(matching) > 0 and len(free) == 1)
        blocks = [free] if together else [(name,) for name in free]
        self._blocks = [
            _Block(table.select(names), self._limits, matching if together else pool, rng)
            for names in blocks
            if names
        ]
        for block in self._blocks:
            block.fit(info.make(params))

    def _is_fixed(self, name: str) -> bool:
        return name in self._limits and self._limits[name].is_fixed

    def draw(self, rows: int, rng: np.random.Generator) -> pd.DataFrame:
        """``rows`` rows that keep to the part's restrictions."""
        drawn: dict[str, pd.Series] = {}
        for name, limit in self._limits.items():
            if limit.is_fixed and limit.values is not None:
                drawn[name] = constant(limit.values[0], limit.column, rows)
        for block in self._blocks:
            drawn |= block.draw(rows, rng)
        return pd.DataFrame({name: drawn[name] for name in self._names}, index=range(rows))


class _Block:
    """Columns drawn together by an engine of their own, then held to their limits."""

    def __init__(
        self,
        table: Table,
        limits: Mapping[str, Restriction],
        rows: pd.DataFrame,
        rng: np.random.Generator,
    ) -> None:
        self._table, self._rng = table, rng.spawn(1)[0]
        self._part = Part(1.0, tuple(limits[n] for n in table.names if n in limits))
        kept = rows[self._part.mask(rows)]
        self._kept = kept[list(table.names)].reset_index(drop=True)
        self._engine: Engine | None = None

    def fit(self, engine: Engine) -> None:
        """Learn the rows that keep to the limits, if there are any."""
        if len(self._kept):
            engine.fit(self._kept, self._table, rng=self._rng, progress=SilentProgress())
            self._engine = engine

    def draw(self, rows: int, rng: np.random.Generator) -> dict[str, pd.Series]:
        """The columns, with every row inside the limits."""
        if self._engine is None:
            (limit,) = self._part.restrictions
            return {limit.column.name: _inside(limit, rows, rng)}
        made = self._sample(self._engine, rows, rng)
        for _ in range(_TRIES):
            wrong = np.flatnonzero(~self._part.mask(made))
            if not len(wrong):
                break
            made = _with_rows(made, wrong, self._sample(self._engine, len(wrong), rng))
        for limit in self._part.restrictions:
            made = self._mended(made, limit, rng)
        return {name: made[name] for name in self._table.names}

    def _mended(
        self, made: pd.DataFrame, limit: Restriction, rng: np.random.Generator
    ) -> pd.DataFrame:
        """Cells outside a limit anew, each by itself, so that no training row is replayed."""
        name = limit.column.name
        wrong = np.flatnonzero(~limit.mask(made[name]))
        if not len(wrong):
            return made
        if limit.values is None and np.isfinite([limit.low, limit.high]).all():
            fresh = _inside(limit, len(wrong), rng)
        else:
            fresh = self._kept[name].iloc[rng.integers(len(self._kept), size=len(wrong))]
        values = made[name].copy()
        values.iloc[wrong] = fresh.array
        return made.assign(**{name: values})

    def _sample(self, engine: Engine, rows: int, rng: np.random.Generator) -> pd.DataFrame:
        drawn = engine.sample(rows, rng=rng, progress=SilentProgress())
        return drawn[list(self._table.names)].reset_index(drop=True)


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
