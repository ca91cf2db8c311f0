"""An engine that does what is asked of it, made of any engine: by construction or by rejection.

By construction, where the engine takes context: the conditioned columns are given, as
``core.synthesis.asks.pool`` draws them, and the engine draws the others given them. Else rows are
drawn and those kept that fit, with a bound on how many are drawn and the rate reported.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn, Self

import numpy as np
import pandas as pd

from core.data.schema import Table
from core.errors import InvalidInput
from core.progress import Progress
from core.synthesis.asks.pool import PartModel
from core.synthesis.asks.settle import Part, counts_of
from core.synthesis.protocol import Engine, EngineInfo

MOST_DRAWN_A_ROW = 100
LEAST_BOUND = 100_000
_PILOT = 10_000


@dataclass(slots=True)
class Tally:
    """How many rows were drawn, and how many of them kept."""

    drawn: int = 0
    kept: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.drawn + other.drawn, self.kept + other.kept)

    @property
    def rate(self) -> float:
        """Share of drawn rows that fitted; 1 when none had to be drawn."""
        return self.kept / self.drawn if self.drawn else 1.0


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


class AskingEngine:
    """An engine (see :class:`core.synthesis.protocol.Engine`) of which something can be asked.

    Parameters
    ----------
    info, params
        The engine inside.
    columns
        By table, the columns of which something will be asked.
    """

    def __init__(
        self, info: EngineInfo, params: object, columns: Mapping[str, tuple[str, ...]]
    ) -> None:
        self._info, self._params, self._columns = info, params, columns
        self._inner: Engine = info.make(params)
        self._pool = pd.DataFrame()
        self._table: Table | None = None
        self._quota: Quota | None = None
        self._models: list[PartModel] = []
        self.tally = Tally()

    @property
    def pool(self) -> pd.DataFrame:
        """The training rows of the columns of which something can be asked."""
        return self._pool

    @property
    def inner(self) -> Engine:
        """The engine inside."""
        return self._inner

    @property
    def constructs(self) -> bool:
        """Whether rows are made as asked, without rejection."""
        return self._info.takes_context

    def fit(
        self,
        frame: pd.DataFrame,
        table: Table,
        *,
        rng: np.random.Generator,
        progress: Progress,
        context: tuple[str, ...] = (),
    ) -> None:
        """Learn ``frame``; the columns to be asked of first, where the engine takes context."""
        names = self._columns.get(table.name, ())
        lost = [name for name in names if name not in table.names or name in context]
        if lost or (names and context):
            raise InvalidInput(
                f"Nothing can be asked of {', '.join(lost or names)} in table {table.name!r}: "
                "only of learned columns of a table that follows no other."
            )
        self._pool, self._table = frame[list(names)].reset_index(drop=True), table
        given = names if self.constructs and len(names) < len(table.names) else ()
        self._inner.fit(frame, table, rng=rng, progress=progress, context=context or given)

    def sample(
        self,
        rows: int,
        *,
        rng: np.random.Generator,
        progress: Progress,
        given: pd.DataFrame | None = None,
    ) -> pd.DataFrame:
        """Draw ``rows`` rows as :meth:`begin` has said."""
        if self._table is None or not self._columns.get(self._table.name):
            return self._inner.sample(rows, rng=rng, progress=progress, given=given)
        if self._quota is None:
            self.begin((Part(1.0, ()),), None, rng.spawn(1)[0])
        assert self._quota is not None
        parts, counts = self._quota.parts, self._quota.take(rows, rng)
        if not self.constructs:
            made, tally = draw_fitting(self._inner, self._table, parts, counts, rng, progress)
            self.tally += tally
            return made
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

    def begin(self, parts: Sequence[Part], rows: int | None, rng: np.random.Generator) -> None:
        """Say what the rows are to be that are drawn from now on, and how many in all."""
        if self._table is None:
            _refuse()
        self._quota, self.tally, self._models = Quota(parts, rows), Tally(), []
        if self.constructs and self._columns.get(self._table.name):
            asked = self._table.select(self._columns[self._table.name])
            self._models = [
                PartModel(self._pool, asked, part, self._info, self._params, rng) for part in parts
            ]

    def dump(self) -> bytes:
        """Refused: what can be asked rests on training rows, which no model file may hold."""
        _refuse()

    @classmethod
    def load(cls, blob: bytes) -> Self:
        """Refused like :meth:`dump`."""
        _refuse()


class FittingRows:
    """A fitted engine whose rows are drawn until enough of them fit ``parts``."""

    def __init__(self, inner: Engine, table: Table, parts: Sequence[Part], rows: int) -> None:
        self._inner, self._table, self._quota = inner, table, Quota(parts, rows)
        self.tally = Tally()

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
        """Draw ``rows`` rows that fit."""
        counts = self._quota.take(rows, rng)
        made, tally = draw_fitting(
            self._inner, self._table, self._quota.parts, counts, rng, progress
        )
        self.tally += tally
        return made

    def dump(self) -> bytes:
        """The engine inside."""
        return self._inner.dump()

    @classmethod
    def load(cls, blob: bytes) -> Self:
        """Refused: what is asked is no part of a model."""
        _refuse()


def draw_fitting(
    engine: Engine,
    table: Table,
    parts: Sequence[Part],
    counts: Sequence[int],
    rng: np.random.Generator,
    progress: Progress,
) -> tuple[pd.DataFrame, Tally]:
    """So many rows of each part from a fitted engine, and how many were drawn for them.

    At most 100 rows are drawn for each row asked for, or 100,000 in all if that is more.

    Raises
    ------
    InvalidInput
        As soon as it is plain that the bound will not do, with the rate that was measured.
    """
    wanted, rows = np.array(counts), sum(counts)
    kept: list[list[pd.DataFrame]] = [[] for _ in parts]
    got = np.zeros(len(parts), int)
    hits, tally = np.zeros(len(parts), int), Tally()
    bound = max(LEAST_BOUND, MOST_DRAWN_A_ROW * rows)
    while (got < wanted).any():
        size = min(_next_size(wanted - got, hits, tally.drawn, rows), bound - tally.drawn)
        batch = engine.sample(size, rng=rng, progress=progress).reset_index(drop=True)
        tally.drawn += size
        free = np.ones(size, bool)
        for number, part in enumerate(parts):
            fits = np.flatnonzero(part.mask(batch) & free)
            free[fits] = False
            hits[number] += len(fits)
            taken = fits[: wanted[number] - got[number]]
            kept[number].append(batch.iloc[taken])
            got[number] += len(taken)
        tally.kept = int(hits.sum())
        _check_hope(wanted, got, hits, tally, bound)
    if not rows:
        return engine.sample(0, rng=rng, progress=progress), tally
    frame = pd.concat([piece for pieces in kept for piece in pieces], ignore_index=True)
    shuffled = frame.iloc[rng.permutation(rows)].reset_index(drop=True)
    return shuffled[list(table.names)], tally


def _next_size(missing: np.ndarray, hits: np.ndarray, drawn: int, rows: int) -> int:
    """A first look, then what should be enough at the rates seen so far."""
    if not drawn:
        return max(rows, min(_PILOT, MOST_DRAWN_A_ROW * rows))
    rates = (hits + 0.5) / drawn
    return int(np.ceil((missing / rates).max() * 1.1)) + 10


def _check_hope(
    wanted: np.ndarray, got: np.ndarray, hits: np.ndarray, tally: Tally, bound: int
) -> None:
    short = got < wanted
    if not short.any():
        return
    best = (hits + 3 * np.sqrt(hits + 1) + 3) / tally.drawn
    if tally.drawn < bound and (got + best * (bound - tally.drawn) >= wanted)[short].all():
        return
    rate = float((hits[short] / tally.drawn).min())
    raise InvalidInput(
        f"This engine draws and rejects, and of {tally.drawn:,} rows {rate:.3%} fitted. At most "
        f"{bound:,} rows are drawn for {int(wanted.sum()):,}. Ask for less, or use an engine that "
        "takes conditions without rejection, such as forest."
    )


def _refuse() -> NoReturn:
    raise InvalidInput("An engine with conditions cannot be fitted again, dumped or loaded.")
