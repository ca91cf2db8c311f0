"""Fitting without a formal guarantee: every table prepared, then learned, parents first."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from core.data.frames import canonical
from core.data.prepare import prepare
from core.data.schema import Action, Column, ColumnType, Schema, Table
from core.errors import InvalidInput
from core.progress import Progress
from core.synthesis.fitted import FittedTable, PartProgress, context_of
from core.synthesis.links import Link, LinkKind, Positions, entries, learn_links, plan
from core.synthesis.protocol import EngineInfo
from core.synthesis.related import Related

Frames = Mapping[str, pd.DataFrame]


@dataclass(frozen=True, slots=True)
class OpenFitting:
    """A fit to come, with what it goes by."""

    schema: Schema
    info: EngineInfo
    params: Any
    mask_key: bytes

    def tables(
        self, tables: Frames, rng: np.random.Generator, progress: Progress
    ) -> tuple[Related, dict[str, FittedTable]]:
        """Learn the tables: how they hang together, and each by name, in the order of fitting."""
        progress.stage("prepare")
        self._check(tables)
        frames = {t.name: canonical(tables[t.name], t) for t in self.schema.tables}
        order, kinds = plan(self.schema, {name: len(f) for name, f in frames.items()})
        pointers = learn_links(self.schema, kinds, frames)
        preparing = _Preparing(self, Related(tuple(pointers)), pointers)
        for place, name in enumerate(order):
            progress.step(place, len(order), f"{name}: {len(frames[name]):,} rows")
            preparing.add(name, frames[name])
        progress.stage("fit")
        generators = dict(zip(self.schema.names, rng.spawn(len(frames)), strict=True))
        for place, name in enumerate(order):
            part = PartProgress(progress, name, place, len(order))
            self._fit(preparing.fitted[name], preparing.seen[name], generators[name], part)
        return preparing.related, preparing.fitted

    def _check(self, tables: Frames) -> None:
        absent = [name for name in self.schema.names if name not in tables]
        if absent:
            raise InvalidInput(f"There are no rows for {', '.join(absent)}. Give every table.")
        if not any(len(tables[name]) for name in self.schema.names):
            raise InvalidInput("There is nothing to learn: no table has any rows.")
        kept = kept_of(self.schema).tables
        bare = [repr(table.name) for table in kept if not table.columns]
        if bare:
            raise InvalidInput(f"All columns of {', '.join(bare)} are dropped. Keep at least one.")
        columns = [c for t in self.schema.tables for c in t.columns]
        masked = [c.name for c in columns if c.action is Action.MASK]
        if masked and not self.mask_key:
            raise InvalidInput(f"Masking {', '.join(masked)} needs a key. Give `mask_key`.")

    def _fit(
        self, fitted: FittedTable, frame: pd.DataFrame, rng: np.random.Generator, part: Progress
    ) -> None:
        if not fitted.own or not fitted.rows:
            part.step(1, 1, "nothing to learn")
            return
        fitted.engine = self.info.make(self.params)
        fitted.engine.fit(
            frame[list(fitted.learned.names)],
            fitted.learned,
            rng=rng,
            progress=part,
            context=fitted.context,
        )


class _Preparing:
    """Tables that are prepared one after the other, parents first."""

    def __init__(
        self, fitting: OpenFitting, related: Related, pointers: Mapping[Link, Positions]
    ) -> None:
        self._fitting, self._pointers = fitting, pointers
        self.related = related
        self.fitted: dict[str, FittedTable] = {}
        self.seen: dict[str, pd.DataFrame] = {}

    def add(self, name: str, frame: pd.DataFrame) -> None:
        """Prepare a table, and make the frame that its engine learns."""
        keys = (link.relationship for link in self.related.down(name))
        preparation, learned = prepare(
            frame,
            self._fitting.schema[name],
            mask_key=self._fitting.mask_key,
            given=self.related.foreign_keys(name),
            keys=frozenset(key.parent_key for key in keys if not key.more),
        )
        columns = list(preparation.learned.columns)
        learned = learned.reset_index(drop=True)
        for link in self.related.up(name, LinkKind.LOOKUP):
            columns.append(Column(link.relationship.child_key, ColumnType.CATEGORY))
            learned[columns[-1].name] = entries(self._pointers[link])
        for link in self.related.down(name, LinkKind.DRIVING):
            columns.append(link.count_column)
            rows = self._pointers[link]
            counts = np.bincount(rows[rows >= 0], minlength=len(frame))
            learned[columns[-1].name] = pd.array(counts, dtype="Int64")
        context, learned = self._in_context(name, learned)
        names = tuple(column.name for column in context)
        table = Table(name, (*context, *columns))
        self.fitted[name] = FittedTable(preparation, table, names, None, len(frame))
        self.seen[name] = learned

    def _in_context(
        self, name: str, learned: pd.DataFrame
    ) -> tuple[tuple[Column, ...], pd.DataFrame]:
        """The columns of the driving parent, and the frame with them before its own."""
        links = self.related.up(name, LinkKind.DRIVING) if self._fitting.info.takes_context else []
        context: tuple[Column, ...] = ()
        for link in links:
            up = link.relationship.parent
            context, around = context_of(self.fitted[up], self.seen[up], self._pointers[link])
            learned = pd.concat([around, learned], axis=1)
        return context, learned


def kept_of(schema: Schema) -> Schema:
    """The schema without dropped columns and what pointed to them."""
    tables = tuple(
        t.select(tuple(c.name for c in t.columns if c.action is not Action.DROP))
        for t in schema.tables
    )
    left = {(t.name, name) for t in tables for name in t.names}
    links = tuple(
        r
        for r in schema.relationships
        if {(r.parent, n) for n in r.parent_columns} <= left
        and {(r.child, n) for n in r.child_columns} <= left
    )
    return Schema(tables, links)
