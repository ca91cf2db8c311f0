"""The synthesizer of a dataset: prepares its tables, fits an engine to each, samples them together.

A dataset of one table is the case of one: its preparation and one engine. With several, parents
come before children and foreign keys are made as ``core.synthesis.links`` says.
"""

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

import numpy as np
import pandas as pd

from core.data.frames import canonical
from core.data.prepare import Preparation, prepare
from core.data.schema import Action, Column, ColumnType, Relationship, Schema, Table
from core.errors import InvalidInput, InvalidParameter
from core.progress import Progress, SilentProgress
from core.synthesis.links import (
    Link,
    LinkKind,
    Positions,
    child_counts,
    drawn_rows,
    driven_rows,
    keys_at,
    learn_link,
    parent_rows,
    plan,
)
from core.synthesis.params import build, to_dict
from core.synthesis.protocol import Engine
from core.synthesis.registry import engine_info

_VERSION = 1


@dataclass(slots=True)
class _Fitted:
    """One table as it was learned.

    ``learned`` is what its engine saw: context of the driving parent, the table's own columns,
    references to lookups, numbers of children. ``engine`` is None where nothing was to be learned.
    """

    preparation: Preparation
    learned: Table
    context: tuple[str, ...]
    engine: Engine | None
    rows: int


class Synthesizer:
    """Learns the tables of a dataset and makes synthetic ones; ``fit``, then ``sample``.

    Parameters
    ----------
    schema
        Tables with decided actions (an undecided column counts as kept) and relationships.
    engine
        Name of an engine in the registry.
    params
        Its parameters; strings are parsed.
    mask_key
        Secret key for the tokens of masked columns; needed only when there are any.

    Raises
    ------
    InvalidParameter
        When there is no such engine or a parameter is out of its bounds.
    InvalidInput
        When a column is to be masked and there is no key.
    """

    def __init__(
        self,
        schema: Schema,
        engine: str,
        params: Mapping[str, Any] | None = None,
        mask_key: bytes = b"",
    ) -> None:
        self._schema = schema
        self._info = engine_info(engine)
        self._params = build(self._info.params, params or {})
        self._mask_key = mask_key
        self._order: tuple[str, ...] = schema.names
        self._links: tuple[Link, ...] = ()
        self._fitted: dict[str, _Fitted] = {}
        masked = [c.name for t in schema.tables for c in t.columns if c.action is Action.MASK]
        if masked and not mask_key:
            raise InvalidInput(f"Masking {', '.join(masked)} needs a key. Give `mask_key`.")

    @property
    def output_schema(self) -> Schema:
        """What comes out: the schema without dropped columns and what pointed to them."""
        tables = tuple(
            t.select(tuple(c.name for c in t.columns if c.action is not Action.DROP))
            for t in self._schema.tables
        )
        left = {(t.name, name) for t in tables for name in t.names}
        links = tuple(
            r
            for r in self._schema.relationships
            if {(r.parent, r.parent_key), (r.child, r.child_key)} <= left
        )
        return Schema(tables, links)

    @property
    def root_tables(self) -> tuple[str, ...]:
        """Tables whose number of rows can be chosen; the others follow their parents."""
        driven = {l.relationship.child for l in self._links if l.kind is LinkKind.DRIVING}
        return tuple(name for name in self._schema.names if name not in driven)

    def fit(
        self,
        tables: Mapping[str, pd.DataFrame],
        *,
        rng: np.random.Generator,
        progress: Progress | None = None,
    ) -> None:
        """Learn the training rows of all tables (canonical frames).

        Raises
        ------
        InvalidInput
            When a table is not there, or the only table has no rows.
        """
        progress = progress or SilentProgress()
        progress.stage("prepare")
        self._check(tables)
        frames = {t.name: canonical(tables[t.name], t) for t in self._schema.tables}
        self._order, kinds = plan(self._schema, {name: len(f) for name, f in frames.items()})
        rows = {i: self._parent_rows(self._schema.relationships[i], frames) for i in kinds}
        self._links = tuple(
            self._learn_link(self._schema.relationships[i], kind, rows[i], frames)
            for i, kind in kinds.items()
        )
        pointers = dict(zip(self._links, rows.values(), strict=True))
        generators = dict(zip(self._schema.names, rng.spawn(len(frames)), strict=True))
        seen: dict[str, pd.DataFrame] = {}
        self._fitted = {}
        for place, name in enumerate(self._order):
            progress.step(place, len(frames), f"{name}: {len(frames[name]):,} rows")
            self._fitted[name], seen[name] = self._prepare(name, frames, pointers, seen)
        progress.stage("fit")
        for place, name in enumerate(self._order):
            part = _Part(progress, name, place, len(self._order))
            self._fit_engine(self._fitted[name], seen[name], generators[name], part)

    def _check(self, tables: Mapping[str, pd.DataFrame]) -> None:
        absent = [name for name in self._schema.names if name not in tables]
        if absent:
            raise InvalidInput(f"There are no rows for {', '.join(absent)}. Give every table.")
        if not any(len(tables[name]) for name in self._schema.names):
            raise InvalidInput("There is nothing to learn: no table has any rows.")

    @staticmethod
    def _parent_rows(link: Relationship, frames: Mapping[str, pd.DataFrame]) -> Positions:
        return parent_rows(frames[link.parent][link.parent_key], frames[link.child][link.child_key])

    @staticmethod
    def _learn_link(
        link: Relationship, kind: LinkKind, rows: Positions, frames: Mapping[str, pd.DataFrame]
    ) -> Link:
        keys = frames[link.child][link.child_key]
        return learn_link(link, kind, rows, keys, len(frames[link.parent]))

    def _prepare(
        self,
        name: str,
        frames: Mapping[str, pd.DataFrame],
        pointers: Mapping[Link, Positions],
        seen: Mapping[str, pd.DataFrame],
    ) -> tuple[_Fitted, pd.DataFrame]:
        """A table's preparation, and the frame that its engine learns."""
        given = frozenset(l.relationship.child_key for l in self._up(name))
        keys = frozenset(l.relationship.parent_key for l in self._down(name))
        preparation, own = prepare(
            frames[name], self._schema[name], mask_key=self._mask_key, given=given, keys=keys
        )
        columns, learned = list(preparation.learned.columns), own.reset_index(drop=True)
        for link in self._up(name, LinkKind.LOOKUP):
            columns.append(Column(link.relationship.child_key, ColumnType.CATEGORY))
            learned[link.relationship.child_key] = _entries(pointers[link])
        for link in self._down(name, LinkKind.DRIVING):
            columns.append(link.count_column)
            counts = np.bincount(pointers[link][pointers[link] >= 0], minlength=len(own))
            learned[link.count_column.name] = pd.array(counts, dtype="Int64")
        context: tuple[Column, ...] = ()
        for link in self._up(name, LinkKind.DRIVING) if self._info.takes_context else ():
            context, around = self._context(link, seen[link.relationship.parent], pointers[link])
            learned = pd.concat([around, learned], axis=1)
        table = Table(name, (*context, *columns))
        names = tuple(column.name for column in context)
        return _Fitted(preparation, table, names, None, len(own)), learned

    def _context(
        self, link: Link, parent: pd.DataFrame, rows: Positions
    ) -> tuple[tuple[Column, ...], pd.DataFrame]:
        """The parent's own columns for each child row, under names of their own."""
        fitted = self._fitted[link.relationship.parent]
        prefix = f"{link.relationship.parent}__"
        own = [c for c in fitted.learned.columns if c.name not in fitted.context]
        columns = tuple(replace(c, name=prefix + c.name) for c in own)
        around = {prefix + c.name: keys_at(parent[c.name], rows) for c in own}
        return columns, pd.DataFrame(around, index=range(len(rows)))

    def _fit_engine(
        self, fitted: _Fitted, frame: pd.DataFrame, rng: np.random.Generator, progress: Progress
    ) -> None:
        own = len(fitted.learned.columns) - len(fitted.context)
        if not own or not fitted.rows:
            progress.step(1, 1, "nothing to learn")
            return
        fitted.engine = self._info.make(self._params)
        fitted.engine.fit(
            frame[list(fitted.learned.names)],
            fitted.learned,
            rng=rng,
            progress=progress,
            context=fitted.context,
        )

    def sample(
        self,
        rows: Mapping[str, int] | None = None,
        *,
        rng: np.random.Generator,
        progress: Progress | None = None,
    ) -> dict[str, pd.DataFrame]:
        """Synthetic tables with the columns of ``output_schema``, keys unique, references valid.

        Parameters
        ----------
        rows
            Number of rows of root tables; those not named get as many as they were trained on.
            Other tables follow their parents.

        Raises
        ------
        InvalidParameter
            For a table that does not exist or a number of rows below 0.
        """
        progress = progress or SilentProgress()
        rows = rows or {}
        bad = [n for n, size in rows.items() if n not in self._fitted or size < 0]
        if bad:
            known = ", ".join(self._schema.names)
            raise InvalidParameter(f"`rows` of {', '.join(bad)} cannot be used; tables: {known}.")
        progress.stage("sample")
        generators = dict(zip(self._schema.names, rng.spawn(len(self._fitted)), strict=True))
        learned: dict[str, pd.DataFrame] = {}
        made: dict[str, pd.DataFrame] = {}
        for place, name in enumerate(self._order):
            part = _Part(progress, name, place, len(self._order))
            size = rows.get(name, self._fitted[name].rows)
            learned[name], made[name] = self._sample_table(
                name, size, learned, made, generators[name], part
            )
        for link, own in zip(self._links, rng.spawn(len(self._links)), strict=True):
            if link.kind is LinkKind.LATE:
                self._fill_late(link, made, own)
        return {name: made[name] for name in self._schema.names}

    def _sample_table(
        self,
        name: str,
        size: int,
        learned: Mapping[str, pd.DataFrame],
        made: Mapping[str, pd.DataFrame],
        rng: np.random.Generator,
        progress: Progress,
    ) -> tuple[pd.DataFrame, pd.DataFrame]:
        fitted = self._fitted[name]
        for_rows, for_engine, for_keys, for_fakes = rng.spawn(4)
        pointers: dict[Link, Positions] = {}
        around: pd.DataFrame | None = None
        for link in self._up(name, LinkKind.DRIVING):
            parent = learned[link.relationship.parent]
            counts = child_counts(link, parent[link.count_column.name], for_rows)
            pointers[link] = driven_rows(link, counts)
            size = len(pointers[link])
            if self._info.takes_context:
                _, around = self._context(link, parent, pointers[link])
        drawn = self._draw(fitted, size, around, for_engine, progress)
        given: dict[str, pd.Series] = {}
        for link in self._up(name):
            up = link.relationship
            parents = made[up.parent] if link.kind is not LinkKind.LATE else None
            if parents is None:
                given[up.child_key] = _blank(self._schema[name][up.child_key], size)
                continue
            if link.kind is LinkKind.LOOKUP:
                pointers[link] = _entry_rows(drawn[up.child_key], len(parents))
            elif link.kind is LinkKind.DRAWN:
                pointers[link] = drawn_rows(link, size, len(parents), for_keys)
            given[up.child_key] = keys_at(parents[up.parent_key], pointers[link])
        own = drawn[list(fitted.preparation.learned.names)]
        return drawn, fitted.preparation.restore(own, rng=for_fakes, given=given)

    @staticmethod
    def _draw(
        fitted: _Fitted,
        size: int,
        around: pd.DataFrame | None,
        rng: np.random.Generator,
        progress: Progress,
    ) -> pd.DataFrame:
        """Sampled learned columns; only an index where the table has none or no rows are asked."""
        if fitted.engine is None or not size:
            blank = {c.name: _blank(c, size) for c in fitted.learned.columns}
            return pd.DataFrame(blank, index=range(size))
        drawn = fitted.engine.sample(size, rng=rng, progress=progress, given=around)
        return drawn.reset_index(drop=True)

    def _fill_late(
        self, link: Link, made: dict[str, pd.DataFrame], rng: np.random.Generator
    ) -> None:
        up = link.relationship
        child, parent = made[up.child], made[up.parent]
        rows = drawn_rows(link, len(child), len(parent), rng)
        keys = keys_at(parent[up.parent_key], rows)
        child[up.child_key] = keys.astype(child[up.child_key].dtype)

    def _up(self, name: str, kind: LinkKind | None = None) -> list[Link]:
        """Links to the table's parents, the driving one first."""
        own = [l for l in self._links if l.relationship.child == name]
        return [l for l in own if kind is None or l.kind is kind]

    def _down(self, name: str, kind: LinkKind | None = None) -> list[Link]:
        """Links to the table's children."""
        own = [l for l in self._links if l.relationship.parent == name]
        return [l for l in own if kind is None or l.kind is kind]

    def dump(self) -> bytes:
        """The fitted synthesizer as a zip archive of JSON and the engines' own bytes."""
        about = {
            "version": _VERSION,
            "schema": self._schema.to_dict(),
            "engine": self._info.name,
            "params": to_dict(self._params),
            "order": list(self._order),
            "links": [asdict(link) for link in self._links],
            "tables": {name: _describe(fitted) for name, fitted in self._fitted.items()},
        }
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("synthesizer.json", json.dumps(about))
            for place, name in enumerate(self._order):
                engine = self._fitted[name].engine
                if engine is not None:
                    archive.writestr(f"{place}.engine", engine.dump())
        return buffer.getvalue()

    @classmethod
    def load(cls, blob: bytes) -> Self:
        """A fitted synthesizer from :meth:`dump`'s bytes.

        Some engines load a pickle: give only bytes that this installation made and sealed.

        Raises
        ------
        InvalidInput
            When the bytes are no synthesizer of a version that is known here.
        """
        try:
            archive = zipfile.ZipFile(io.BytesIO(blob))
            about = json.loads(archive.read("synthesizer.json"))
        except (zipfile.BadZipFile, KeyError, ValueError) as error:
            raise InvalidInput("These bytes are not a synthesizer.") from error
        if about.get("version") != _VERSION:
            raise InvalidInput(f"This synthesizer is of version {about.get('version')}.")
        made = cls(Schema.from_dict(about["schema"]), about["engine"], about["params"], b"-")
        made._order = tuple(about["order"])
        made._links = tuple(_link(data) for data in about["links"])
        for place, name in enumerate(made._order):
            made._fitted[name] = _read(about["tables"][name])
            if f"{place}.engine" in archive.namelist():
                made._fitted[name].engine = made._info.load(archive.read(f"{place}.engine"))
        return made


class _Part:
    """Progress of one table's share in the work of all."""

    def __init__(self, whole: Progress, name: str, place: int, count: int) -> None:
        self._whole, self._name, self._place, self._count = whole, name, place, count

    def stage(self, name: str) -> None:
        """Stages belong to the whole."""

    def step(
        self,
        done: float,
        total: float,
        note: str = "",
        values: Mapping[str, float] | None = None,
    ) -> None:
        """Report the table's share; of a single table, its steps as they are."""
        if self._count == 1:
            self._whole.step(done, total, note, values)
            return
        share = self._place + (done / total if total else 0)
        self._whole.step(share, self._count, f"{self._name}: {note}", values)


def _describe(fitted: _Fitted) -> dict[str, Any]:
    return {
        "preparation": fitted.preparation.to_dict(),
        "learned": Schema((fitted.learned,)).to_dict(),
        "context": list(fitted.context),
        "rows": fitted.rows,
    }


def _read(data: Mapping[str, Any]) -> _Fitted:
    preparation = Preparation.from_dict(data["preparation"])
    learned = Schema.from_dict(data["learned"]).tables[0]
    return _Fitted(preparation, learned, tuple(data["context"]), None, data["rows"])


def _link(data: Mapping[str, Any]) -> Link:
    up, kind = Relationship(**data["relationship"]), LinkKind(data["kind"])
    spectrum = tuple(data["spectrum"])
    return Link(up, kind, data["missing"], data["children"], data["most"], spectrum)


def _entries(rows: Positions) -> pd.Series:
    """Which entry of a lookup each row points to, as a category."""
    names = pd.Series(rows).astype("string[pyarrow]")
    return names.mask(rows < 0)


def _entry_rows(entries: pd.Series, parents: int) -> Positions:
    """The inverse of :func:`_entries` for a lookup of ``parents`` rows."""
    rows = entries.astype("Int64").fillna(-1).to_numpy(dtype=np.intp)
    if not parents:
        return np.full(len(rows), -1)
    return np.where(rows < 0, -1, rows % parents)


def _blank(column: Column, size: int) -> pd.Series:
    return pd.Series([None] * size, dtype=column.type.dtype)  # type: ignore[call-overload,no-any-return]
