"""An engine of which something can be asked, made of any engine: the asked columns come first.

Where the engine takes context, the asked columns are given when it draws the others, so that rows
are made as asked. Where it does not, rows are drawn and those kept that fit. An engine that draws
given any columns need not know at its fit what will be asked: any fitted one can be asked so.

A dumped model holds no training row. In place of the training rows' asked columns (the *pool*),
which a fresh model keeps in memory, it holds an engine fitted to these columns, protected as any
other; a loaded model draws its pool from that.
"""

from collections.abc import Mapping, Sequence
from typing import NoReturn, Self

import numpy as np
import pandas as pd

from core.data.schema import Schema, Table
from core.errors import InvalidInput
from core.progress import Progress, SilentProgress
from core.synthesis.asks.container import pack, unpack
from core.synthesis.asks.drawing import ConstructingRows, FittingRows, Quota
from core.synthesis.asks.pool import PartModel
from core.synthesis.asks.settle import Part
from core.synthesis.protocol import Engine, EngineInfo

POOL_ROWS = 50_000
_KIND = "asking"


class AskingEngine:
    """An engine (see :class:`core.synthesis.protocol.Engine`) of which something can be asked.

    Parameters
    ----------
    info, params
        The engine inside.
    columns
        By table, the columns of which something will be asked.
    asked_by
        What draws the asked columns, with its parameters; else the engine inside.
    """

    def __init__(
        self,
        info: EngineInfo,
        params: object,
        columns: Mapping[str, tuple[str, ...]],
        asked_by: tuple[EngineInfo, object] | None = None,
    ) -> None:
        self._info, self._params, self._columns = info, params, columns
        self._asked_by = asked_by or (info, params)
        self._inner: Engine | None = None
        self._pool: pd.DataFrame | None = None
        self._pool_engine: Engine | None = None
        self._free: PartModel | None = None
        self._table: Table | None = None

    @property
    def inner(self) -> Engine:
        """The fitted engine inside."""
        return self._inner if self._inner is not None else _unfitted()

    @property
    def notes(self) -> tuple[str, ...]:
        """What the engine inside says of how columns were learned."""
        return tuple(getattr(self._inner, "notes", ()))

    @property
    def constructs(self) -> bool:
        """Whether rows are made as asked, without rejection."""
        return self._info.takes_context

    @property
    def has_training_pool(self) -> bool:
        """Whether the pool is of training rows: of a model that was fitted, not loaded."""
        return self._table is not None and self._pool_engine is None

    @property
    def asked(self) -> tuple[str, ...]:
        """The fitted table's columns of which something can be asked."""
        return () if self._table is None else self._columns.get(self._table.name, ())

    @property
    def pool(self) -> pd.DataFrame:
        """The asked columns of the training rows; of a loaded model, of as many drawn rows."""
        if self._pool is None:
            engine = self._pool_engine or _unfitted()
            drawn = engine.sample(
                POOL_ROWS, rng=np.random.default_rng(0), progress=SilentProgress()
            )
            self._pool = drawn[list(self.asked)].reset_index(drop=True)
        return self._pool

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
        self._pool_engine = self._free = None
        self._inner = self._info.make(self._params)
        first = () if self._info.any_order else self._given(table)
        self._inner.fit(frame, table, rng=rng, progress=progress, context=context or first)

    def _given(self, table: Table) -> tuple[str, ...]:
        """The columns that are drawn before the engine inside draws the others."""
        names = self._columns.get(table.name, ())
        return names if self.constructs and len(names) < len(table.names) else ()

    def sample(
        self,
        rows: int,
        *,
        rng: np.random.Generator,
        progress: Progress,
        given: pd.DataFrame | None = None,
    ) -> pd.DataFrame:
        """Draw ``rows`` rows of which nothing is asked."""
        if not self.asked:
            return self.inner.sample(rows, rng=rng, progress=progress, given=given)
        everything = Part(1.0, ())
        return self.drawing((everything,), None, rng).sample(rows, rng=rng, progress=progress)

    def drawing(self, parts: Sequence[Part], rows: int | None, rng: np.random.Generator) -> Engine:
        """An engine whose rows, ``rows`` in all if that is known, are as the parts say."""
        table = self._table or _unfitted()
        is_free = not any(part.restrictions for part in parts)
        is_open = self._info.any_order or not self.constructs
        if not self.asked or (is_free and is_open):
            return self.inner
        quota = Quota(parts, rows)
        if not self.constructs:
            return FittingRows(self.inner, table, quota)
        models = [self._part_model(part, rng) for part in parts]
        return ConstructingRows(self.inner, table, models, quota)

    def _part_model(self, part: Part, rng: np.random.Generator) -> PartModel:
        """What draws the asked columns of a part; the one without restrictions is kept."""
        asked = (self._table or _unfitted()).select(self.asked)
        if part.restrictions:
            return PartModel(self.pool, asked, part, *self._asked_by, rng)
        if self._free is None:
            own = np.random.default_rng(0)
            self._free = PartModel(self.pool, asked, part, *self._asked_by, own)
        return self._free

    def dump(self) -> bytes:
        """The fitted engine; see the module's text on what it holds."""
        table = self._table or _unfitted()
        blobs = {"inner": self.inner.dump()}
        if self._given(table):
            blobs["pool"] = self._engine_of_pool(table).dump()
        header = {
            "kind": _KIND,
            "columns": list(self.asked),
            "schema": Schema((table,)).to_dict(),
        }
        return pack(header, blobs)

    def _engine_of_pool(self, table: Table) -> Engine:
        if self._pool_engine is not None:
            return self._pool_engine
        info, params = self._asked_by
        engine: Engine = info.make(params)
        engine.fit(
            self.pool,
            table.select(self.asked),
            rng=np.random.default_rng(0),
            progress=SilentProgress(),
        )
        return engine

    @classmethod
    def around(
        cls,
        inner: Engine,
        info: EngineInfo,
        table: Table,
        names: tuple[str, ...],
        asked_by: tuple[EngineInfo, object],
    ) -> Self:
        """A fitted engine of any order, to be asked of these columns of its table."""
        made = cls(info, None, {table.name: names}, asked_by)
        made._table, made._inner, made._pool_engine = table, inner, inner
        return made

    @classmethod
    def restored(
        cls,
        blob: bytes,
        info: EngineInfo,
        params: object,
        asked_by: tuple[EngineInfo, object] | None = None,
    ) -> Self:
        """The inverse of :meth:`dump`, for the same engines inside.

        Raises
        ------
        InvalidInput
            When the bytes are not of an engine that was dumped so.
        """
        header, blobs = unpack(blob, _KIND)
        table = Schema.from_dict(header["schema"]).tables[0]
        made = cls(info, params, {table.name: tuple(header["columns"])}, asked_by)
        made._table, made._inner = table, info.load(blobs["inner"])
        load = made._asked_by[0].load
        made._pool_engine = load(blobs["pool"]) if "pool" in blobs else made._inner
        return made

    @classmethod
    def load(cls, blob: bytes) -> Self:
        """Refused: the engine inside has to be named, see :meth:`restored`."""
        raise InvalidInput("An engine with conditions is loaded with the engine inside named.")


def _unfitted() -> NoReturn:
    raise InvalidInput("An engine with conditions has to be fitted first. Call `fit`.")
