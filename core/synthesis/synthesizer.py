"""The synthesizer of a dataset: prepares its tables, fits an engine to each, samples them together.

A dataset of one table is the case of one: its preparation and one engine. With several, parents
come before children and foreign keys are made as ``core.synthesis.links`` says.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import copy
from dataclasses import replace
from typing import Any, Self
from zipfile import ZipFile

import numpy as np
import pandas as pd

from core.data.blocks import block_rows, joined
from core.data.frames import canonical
from core.data.pipeline import FittedPipeline, private_problems
from core.data.prepare import prepare
from core.data.schema import Action, Column, ColumnType, Schema, Table
from core.data.texts import TextWriter
from core.errors import InvalidInput, InvalidParameter
from core.privacy.ledger import Entry, Ledger
from core.privacy.public import PublicTable
from core.progress import Progress, SilentProgress
from core.synthesis.fitted import (
    PIPELINE,
    FittedTable,
    PartProgress,
    context_of,
    open_archive,
    read_links,
    read_tables,
    write_archive,
)
from core.synthesis.links import (
    Link,
    LinkKind,
    Positions,
    child_counts,
    drawn_rows,
    driven_rows,
    entries,
    entry_rows,
    keys_at,
    learn_links,
    plan,
    with_distinct_keys,
)
from core.synthesis.params import build, to_dict
from core.synthesis.private import fit_privately, without_reasons
from core.synthesis.protocol import Engine
from core.synthesis.registry import engine_info
from core.synthesis.stream import blocks_of, drawn, refuse_too_large
from core.synthesis.writing import columns_waiting, told_of_texts, with_texts

Frames = Mapping[str, pd.DataFrame]


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
        Secret key for the tokens of masked columns; needed to fit when there are any.

    Raises
    ------
    InvalidParameter
        When there is no such engine or a parameter is out of its bounds.
    """

    def __init__(
        self,
        schema: Schema,
        engine: str,
        params: Mapping[str, Any] | None = None,
        mask_key: bytes = b"",
    ) -> None:
        self._info = engine_info(engine)
        self._schema = without_reasons(schema) if self._info.formal_guarantee else schema
        self._params: Any = build(self._info.params, params or {})
        self._mask_key = mask_key
        self._ledger: Ledger | None = None
        self._pipeline: FittedPipeline | None = None
        self._links: tuple[Link, ...] = ()
        self._fitted: dict[str, FittedTable] = {}
        self._block = block_rows(len(self.output_schema.tables[0].columns))

    @property
    def schema(self) -> Schema:
        """What goes in: tables with the actions of their columns, and relationships."""
        return self._schema

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
            if {(r.parent, n) for n in r.parent_columns} <= left
            and {(r.child, n) for n in r.child_columns} <= left
        )
        return Schema(tables, links)

    @property
    def ledger(self) -> Ledger | None:
        """Of a fitted engine with a formal guarantee: what was spent, and on what."""
        return self._ledger

    @property
    def pipeline(self) -> FittedPipeline | None:
        """The preparation of the rows that it learns, kept with it; None where there is none."""
        return self._pipeline

    def keep_pipeline(self, pipeline: FittedPipeline) -> None:
        """Keep how its rows were prepared, so that what it samples can be turned back.

        Raises
        ------
        InvalidInput
            The preparation leads to other tables, or looks at rows beside the budget of an
            engine with a formal guarantee.
        """
        if self.is_private:
            if problems := private_problems(pipeline.steps):
                raise InvalidInput(" ".join(problems), problems)
            pipeline = replace(pipeline, source=without_reasons(pipeline.source))
        if _types(pipeline.prepared) != _types(self._schema):
            raise InvalidInput("The preparation leads to other columns than this model learns.")
        self._pipeline = pipeline

    @property
    def is_private(self) -> bool:
        """Whether the engine has a formal guarantee."""
        return self._info.formal_guarantee

    @property
    def notes(self) -> tuple[str, ...]:
        """Of a fitted synthesizer: what a user should know of how columns were learned.

        Names and counts, never values. Engines say so in a property ``notes``, which few have;
        none with a formal guarantee.
        """
        several = len(self._fitted) > 1
        return tuple(
            f"{name}: {note}" if several else note
            for name, fitted in self._fitted.items()
            for note in getattr(fitted.engine, "notes", ())
            if not self.is_private
        )

    @property
    def texts_waiting(self) -> list[str]:
        """Of a fitted synthesizer: columns, by table, whose texts are still to be written."""
        return columns_waiting(self._fitted)

    @property
    def texts_told(self) -> list[dict[str, Any]]:
        """Of a fitted synthesizer: by column who wrote its texts, how many, and at what cost."""
        return told_of_texts(self._fitted)

    def write_texts(self, writer: TextWriter, progress: Progress | None = None) -> None:
        """Have texts written that columns wait for; they are kept, and dumped along.

        Until then, and where too few came, such columns are made of plain words.
        """
        self._fitted = with_texts(self._fitted, writer, progress or SilentProgress())

    @property
    def root_tables(self) -> tuple[str, ...]:
        """Of a fitted synthesizer: the tables whose number of rows can be chosen."""
        return tuple(n for n in self._schema.names if not self._up(n, LinkKind.DRIVING))

    @property
    def trained_rows(self) -> dict[str, int]:
        """Rows of each table that were learned, in the order of the schema.

        With a formal guarantee, the noisy or public number.
        """
        return {name: self._fitted[name].rows for name in self._schema.names if self._fitted}

    @property
    def can_stream(self) -> bool:
        """Whether :meth:`stream` is possible: of a single table that does not point to itself."""
        return len(self._schema.tables) == 1 and not self._links

    def sizes(self, rows: Mapping[str, int] | None = None) -> dict[str, int]:
        """Rows asked for by table, as many as trained on where nothing is asked.

        Raises
        ------
        InvalidParameter
            For a table that does not exist, or a number of rows below 0.
        """
        if not self._fitted:
            raise InvalidInput("This synthesizer has not been fitted. Call `fit` first.")
        sizes = {name: fitted.rows for name, fitted in self._fitted.items()}
        bad = [n for n, size in (rows or {}).items() if n not in sizes or size < 0]
        if bad:
            known = ", ".join(self._schema.names)
            raise InvalidParameter(f"`rows` of {', '.join(bad)} cannot be used; tables: {known}.")
        return sizes | dict(rows or {})

    def engine(self, table: str) -> Engine | None:
        """The fitted engine of a table; None where there is none or nothing was learned."""
        return self._fitted[table].engine if table in self._fitted else None

    def learned(self, table: str) -> Table:
        """What the engine of a fitted table saw; see :class:`FittedTable`."""
        return self._fitted[table].learned

    def with_engine(self, table: str, engine: Engine) -> Self:
        """This fitted synthesizer with another fitted engine for one table; the rest is shared."""
        other = copy(self)
        other._fitted = {**self._fitted, table: replace(self._fitted[table], engine=engine)}
        return other

    def made_up(self, table: str, column: str, rows: int, rng: np.random.Generator) -> pd.Series:
        """Fresh values of a column that no engine learns, such as a key.

        Raises
        ------
        InvalidInput
            The column is not made up.
        """
        fakes = self._fitted[table].preparation.fakes
        fake = next((fake for fake in fakes if fake.column.name == column), None)
        if fake is None:
            raise InvalidInput(f"Column {column!r} of {table!r} is learned, not made up.")
        return fake.make(rows, rng)

    def fit(
        self,
        tables: Frames,
        *,
        rng: np.random.Generator,
        progress: Progress | None = None,
        public: PublicTable | None = None,
        watch: Callable[[Entry], None] | None = None,
    ) -> None:
        """Learn the training rows of all tables (canonical frames).

        Parameters
        ----------
        public
            For engines with a formal guarantee: what is known without looking at the rows.
        watch
            For the same: called with each entry of the ledger before its noise is drawn.

        Raises
        ------
        InvalidInput
            When a table is not there, none has rows, one keeps no column, or columns are to be
            masked without a key; or when a formal guarantee is not possible as asked.
        """
        progress = progress or SilentProgress()
        if self.is_private:
            fitting = fit_privately(self._schema, self._info, self._params, public, watch)
            self._links, self._ledger, self._fitted = (), fitting.ledger, {}
            for name, fitted in fitting.tables(tables, rng, progress).items():
                self._fitted[name] = fitted
            return
        if public is not None:
            raise InvalidInput("A public schema is for engines with a formal guarantee.")
        progress.stage("prepare")
        self._check(tables)
        frames = {t.name: canonical(tables[t.name], t) for t in self._schema.tables}
        order, kinds = plan(self._schema, {name: len(f) for name, f in frames.items()})
        pointers = learn_links(self._schema, kinds, frames)
        self._links, self._fitted = tuple(pointers), {}
        seen: dict[str, pd.DataFrame] = {}
        for place, name in enumerate(order):
            progress.step(place, len(order), f"{name}: {len(frames[name]):,} rows")
            self._fitted[name], seen[name] = self._prepare(name, frames[name], pointers, seen)
        progress.stage("fit")
        generators = dict(zip(self._schema.names, rng.spawn(len(frames)), strict=True))
        for place, name in enumerate(order):
            part = PartProgress(progress, name, place, len(order))
            self._fit_engine(self._fitted[name], seen[name], generators[name], part)

    def _check(self, tables: Frames) -> None:
        absent = [name for name in self._schema.names if name not in tables]
        if absent:
            raise InvalidInput(f"There are no rows for {', '.join(absent)}. Give every table.")
        if not any(len(tables[name]) for name in self._schema.names):
            raise InvalidInput("There is nothing to learn: no table has any rows.")
        kept = self.output_schema.tables
        bare = [repr(table.name) for table in kept if not table.columns]
        if bare:
            raise InvalidInput(f"All columns of {', '.join(bare)} are dropped. Keep at least one.")
        columns = [c for t in self._schema.tables for c in t.columns]
        masked = [c.name for c in columns if c.action is Action.MASK]
        if masked and not self._mask_key:
            raise InvalidInput(f"Masking {', '.join(masked)} needs a key. Give `mask_key`.")

    def _prepare(
        self, name: str, frame: pd.DataFrame, pointers: Mapping[Link, Positions], seen: Frames
    ) -> tuple[FittedTable, pd.DataFrame]:
        """A table's preparation, and the frame that its engine learns."""
        preparation, learned = prepare(
            frame,
            self._schema[name],
            mask_key=self._mask_key,
            given=self._given(name),
            keys=frozenset(
                link.relationship.parent_key
                for link in self._down(name)
                if not link.relationship.more
            ),
        )
        columns = list(preparation.learned.columns)
        learned = learned.reset_index(drop=True)
        for link in self._up(name, LinkKind.LOOKUP):
            columns.append(Column(link.relationship.child_key, ColumnType.CATEGORY))
            learned[columns[-1].name] = entries(pointers[link])
        for link in self._down(name, LinkKind.DRIVING):
            columns.append(link.count_column)
            counts = np.bincount(pointers[link][pointers[link] >= 0], minlength=len(frame))
            learned[columns[-1].name] = pd.array(counts, dtype="Int64")
        context: tuple[Column, ...] = ()
        for link in self._up(name, LinkKind.DRIVING) if self._info.takes_context else ():
            up = link.relationship.parent
            context, around = context_of(self._fitted[up], seen[up], pointers[link])
            learned = pd.concat([around, learned], axis=1)
        names = tuple(column.name for column in context)
        table = Table(name, (*context, *columns))
        return FittedTable(preparation, table, names, None, len(frame)), learned

    def _fit_engine(
        self, fitted: FittedTable, frame: pd.DataFrame, rng: np.random.Generator, part: Progress
    ) -> None:
        if not fitted.own or not fitted.rows:
            part.step(1, 1, "nothing to learn")
            return
        fitted.engine = self._info.make(self._params)
        fitted.engine.fit(
            frame[list(fitted.learned.names)],
            fitted.learned,
            rng=rng,
            progress=part,
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
            For a table that does not exist, a number of rows below 0, or more than there is
            memory for.
        """
        progress = progress or SilentProgress()
        sizes = self.sizes(rows)
        refuse_too_large(
            self._expected(sizes), {t.name: len(t.columns) for t in self._schema.tables}
        )
        if self.can_stream:
            (table,) = self.output_schema.tables
            return {table.name: joined(self.stream(rows, rng=rng, progress=progress), table)}
        progress.stage("sample")
        generators = dict(zip(self._schema.names, rng.spawn(len(sizes)), strict=True))
        learned: dict[str, pd.DataFrame] = {}
        made: dict[str, pd.DataFrame] = {}
        for place, name in enumerate(self._fitted):
            part = PartProgress(progress, name, place, len(sizes))
            own = generators[name]
            learned[name], given = self._learned_rows(name, sizes[name], learned, made, own, part)
            fitted = self._fitted[name]
            kept = learned[name][list(fitted.preparation.learned.names)]
            made[name] = fitted.preparation.restore(kept, rng=own.spawn(1)[0], given=given)
            for columns in self._wide_keys(name):
                fixed = self._given(name)
                made[name], distinct = with_distinct_keys(made[name], columns, fixed)
                learned[name] = learned[name][distinct].reset_index(drop=True)
        for link, own in zip(self._links, rng.spawn(len(self._links)), strict=True):
            if link.kind is LinkKind.LATE:
                _fill_late(link, made, own)
        return {name: made[name] for name in self._schema.names}

    def frames(
        self,
        rows: Mapping[str, int] | None = None,
        *,
        rng: np.random.Generator,
        progress: Progress | None = None,
        taken: Mapping[str, pd.Series] | None = None,
    ) -> dict[str, Iterable[pd.DataFrame]]:
        """The rows that :meth:`sample` makes by table, to be taken once; streamed if possible.

        ``taken`` as in :meth:`stream`; with several tables there must be none.
        """
        if self.can_stream:
            (name,) = self._schema.names
            return {name: self.stream(rows, rng=rng, progress=progress, taken=taken)}
        if taken:
            raise InvalidParameter("Only of a single table can values be taken already.")
        made = self.sample(rows, rng=rng, progress=progress)
        return {name: [frame] for name, frame in made.items()}

    def stream(
        self,
        rows: Mapping[str, int] | None = None,
        *,
        rng: np.random.Generator,
        progress: Progress | None = None,
        taken: Mapping[str, pd.Series] | None = None,
    ) -> Iterator[pd.DataFrame]:
        """The rows that :meth:`sample` makes of a single table, in blocks, for any number of rows.

        Parameters
        ----------
        taken
            Of columns that are made up, such as the key: values that must not be made again.

        Raises
        ------
        InvalidParameter
            As :meth:`sample`, or when there are several tables: those are made in memory.
        """
        (size, *others) = self.sizes(rows).values()
        if not self.can_stream:
            raise InvalidParameter(
                f"Only a single table can be streamed; this model has {len(others) + 1}, or one "
                "that points to itself. Use `sample`."
            )
        progress = progress or SilentProgress()
        progress.stage("sample")
        (fitted,) = self._fitted.values()
        return blocks_of(fitted, size, self._block, rng.spawn(1)[0], progress, taken or {})

    def _expected(self, sizes: Mapping[str, int]) -> dict[str, int]:
        """Rows of each table once children have followed their parents."""
        expected = dict(sizes)
        for name, fitted in self._fitted.items():
            for link in self._up(name, LinkKind.DRIVING):
                up = link.relationship.parent
                expected[name] = round(fitted.rows * expected[up] / max(self._fitted[up].rows, 1))
        return expected

    def _learned_rows(
        self,
        name: str,
        size: int,
        learned: Frames,
        made: Frames,
        rng: np.random.Generator,
        part: Progress,
    ) -> tuple[pd.DataFrame, dict[str, pd.Series]]:
        """Sampled rows of what the table's engine learned, and the table's foreign keys."""
        for_counts, for_engine, for_keys = rng.spawn(3)
        rows: dict[Link, Positions] = {}
        around: pd.DataFrame | None = None
        for link in self._up(name, LinkKind.DRIVING):
            up = link.relationship.parent
            counts = child_counts(link, learned[up][link.count_column.name], for_counts)
            rows[link] = driven_rows(link, counts)
            size = len(rows[link])
            if self._info.takes_context:
                _, around = context_of(self._fitted[up], learned[up], rows[link])
        made_up = drawn(self._fitted[name], size, around, for_engine, part)
        for link in self._up(name, LinkKind.LOOKUP):
            parents = len(made[link.relationship.parent])
            rows[link] = entry_rows(made_up[link.relationship.child_key], parents)
        for link in self._up(name, LinkKind.DRAWN):
            rows[link] = drawn_rows(link, size, len(made[link.relationship.parent]), for_keys)
        given = {
            own: keys_at(made[link.relationship.parent][other], rows[link])
            if link in rows
            else _blank(self._schema[name][own], size)
            for link in self._up(name)
            for other, own in zip(
                link.relationship.parent_columns, link.relationship.child_columns, strict=True
            )
        }
        return made_up, given

    def _given(self, name: str) -> frozenset[str]:
        """Columns of a table that are foreign keys."""
        return frozenset(own for link in self._up(name) for own in link.relationship.child_columns)

    def _wide_keys(self, name: str) -> list[tuple[str, ...]]:
        """Keys of several columns by which other tables point to a table."""
        links = [link.relationship for link in self._down(name) if link.relationship.more]
        return list(dict.fromkeys(link.parent_columns for link in links))

    def _up(self, name: str, kind: LinkKind | None = None) -> list[Link]:
        """Links to the table's parents."""
        own = [link for link in self._links if link.relationship.child == name]
        return [link for link in own if kind is None or link.kind is kind]

    def _down(self, name: str, kind: LinkKind | None = None) -> list[Link]:
        """Links to the table's children."""
        own = [link for link in self._links if link.relationship.parent == name]
        return [link for link in own if kind is None or link.kind is kind]

    def about(self) -> dict[str, Any]:
        """What a dump says of the synthesizer beside its fitted tables, fit for JSON."""
        return {
            "schema": self._schema.to_dict(),
            "engine": self._info.name,
            "params": to_dict(self._params),
            "block_rows": self._block,
            **({} if self._ledger is None else {"ledger": self._ledger.to_dict()}),
            **({} if self._pipeline is None else {PIPELINE: self._pipeline.to_dict()}),
        }

    def dump(self) -> bytes:
        """The fitted synthesizer as a zip archive of JSON and the engines' own bytes."""
        return write_archive(self.about(), self._links, self._fitted)

    @classmethod
    def load(cls, blob: bytes) -> Self:
        """A fitted synthesizer from :meth:`dump`'s bytes, of the class that dumped them.

        ``core.synthesis.asks.load_synthesizer`` finds the class. No engine here loads a pickle,
        but one of an outside package may: give only bytes that this installation made and sealed.

        Raises
        ------
        InvalidInput
            When the bytes are no synthesizer of a version that is known here.
        """
        return cls.restored(*open_archive(blob))

    @classmethod
    def restored(cls, archive: ZipFile, about: Mapping[str, Any]) -> Self:
        """The fitted synthesizer of an opened archive; see :meth:`load`."""
        made = cls(Schema.from_dict(about["schema"]), about["engine"], about["params"])
        made.take_fitted(archive, about)
        return made

    def take_fitted(self, archive: ZipFile, about: Mapping[str, Any]) -> None:
        """Become fitted as the synthesizer of an archive is, which has the same settings."""
        self._block = about.get("block_rows", self._block)
        self._links = read_links(about)
        self._ledger = Ledger.from_dict(about["ledger"]) if "ledger" in about else None
        if PIPELINE in about:
            self.keep_pipeline(FittedPipeline.from_dict(about[PIPELINE]))
        self._fitted = read_tables(archive, about, self._info)


def _fill_late(link: Link, made: dict[str, pd.DataFrame], rng: np.random.Generator) -> None:
    """Foreign keys that had to wait until all tables are there."""
    up = link.relationship
    child, parent = made[up.child], made[up.parent]
    rows = drawn_rows(link, len(child), len(parent), rng)
    for other, own in zip(up.parent_columns, up.child_columns, strict=True):
        child[own] = keys_at(parent[other], rows).astype(child[own].dtype)


def _types(schema: Schema) -> list[tuple[str, list[tuple[str, ColumnType]]]]:
    return [(t.name, [(c.name, c.type) for c in t.columns]) for t in schema.tables]


def _blank(column: Column, size: int) -> pd.Series:
    return pd.Series([None] * size, dtype=column.type.dtype)
