"""Engines that only draw: a fitted engine's rows as parts ask for them, by construction or not.

By construction, the asked columns are drawn first, as ``core.synthesis.asks.pool`` does, and the
engine draws the others given them. Else rows are drawn and those kept that fit
(``core.synthesis.asks.rejection``).
"""

from collections.abc import Sequence
from typing import NoReturn, Self

import numpy as np
import pandas as pd

from core.data.schema import Table
from core.errors import InvalidInput
from core.progress import Progress
from core.synthesis.asks.pool import PartModel
from core.synthesis.asks.rejection import Tally, draw_fitting
from core.synthesis.asks.settle import Part, counts_of
from core.synthesis.protocol import Engine


class Quota:
    """How many rows of each part are still to be drawn, when rows are drawn block by block.

    Blocks take rows of the parts at random, as if all rows had been shuffled: the shares of the
    whole are met exactly, and each block looks like the whole.
    """

    def __init__(self, parts: Sequence[Part], rows: int | None) -> None:
        self.parts = tuple(parts)
        self._left = None if rows is None else np.array(counts_of(parts, rows))

    def take(self, rows: int, rng: np.random.Generator) -> list[int]:
        """Rows of each part in the next block of ``rows`` rows."""
        if self._left is None or rows > self._left.sum():
            return counts_of(self.parts, rows)
        taken = rng.multivariate_hypergeometric(self._left, rows, method="marginals")
        self._left = self._left - taken
        return [int(count) for count in taken]


class DrawingEngine:
    """A fitted engine (see :class:`core.synthesis.protocol.Engine`) that is drawn from as asked."""

    def fit(
        self,
        frame: pd.DataFrame,
        table: Table,
        *,
        rng: np.random.Generator,
        progress: Progress,
        context: tuple[str, ...] = (),
    ) -> None:
        """Refused: the engine inside is fitted."""
        _refuse()

    def sample(
        self,
        rows: int,
        *,
        rng: np.random.Generator,
        progress: Progress,
        given: pd.DataFrame | None = None,
    ) -> pd.DataFrame:
        """Draw the next ``rows`` rows as asked."""
        raise NotImplementedError

    def dump(self) -> bytes:
        """Refused: what is asked is no part of a model."""
        _refuse()

    @classmethod
    def load(cls, blob: bytes) -> Self:
        """Refused like :meth:`dump`."""
        _refuse()


class ConstructingRows(DrawingEngine):
    """Rows made as asked: the asked columns from ``models``, one a part, the others given them."""

    def __init__(
        self, inner: Engine, table: Table, models: Sequence[PartModel], quota: Quota
    ) -> None:
        self._inner, self._table = inner, table
        self._models, self._quota = tuple(models), quota

    def sample(
        self,
        rows: int,
        *,
        rng: np.random.Generator,
        progress: Progress,
        given: pd.DataFrame | None = None,
    ) -> pd.DataFrame:
        """Draw the next ``rows`` rows as asked."""
        counts = self._quota.take(rows, rng)
        drawn = [
            model.draw(count, rng)
            for model, count in zip(self._models, counts, strict=True)
            if count
        ]
        around = pd.concat(drawn, ignore_index=True).iloc[rng.permutation(rows)]
        around = around.reset_index(drop=True)
        if len(around.columns) == len(self._table.names):
            return around[list(self._table.names)]
        return self._inner.sample(rows, rng=rng, progress=progress, given=around)


class FittingRows(DrawingEngine):
    """Rows drawn until enough of them fit the parts; ``tally`` counts them over all blocks."""

    def __init__(self, inner: Engine, table: Table, quota: Quota) -> None:
        self._inner, self._table, self._quota = inner, table, quota
        self.tally = Tally()

    def sample(
        self,
        rows: int,
        *,
        rng: np.random.Generator,
        progress: Progress,
        given: pd.DataFrame | None = None,
    ) -> pd.DataFrame:
        """Draw the next ``rows`` rows that fit."""
        counts = self._quota.take(rows, rng)
        made, tally = draw_fitting(
            self._inner, self._table, self._quota.parts, counts, rng, progress
        )
        self.tally += tally
        return made


def _refuse() -> NoReturn:
    raise InvalidInput("An engine that draws as asked cannot be fitted, dumped or loaded.")
