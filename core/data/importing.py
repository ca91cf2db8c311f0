"""Files into the vault: small ones at once, large tables block by block.

What comes back describes the tables; of large ones it holds so many rows drawn at random as a
search for personal data looks at.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np
import pandas as pd

from core.data.archive import MOST_HELD, Budget, Openable, ReadLimits, Source, held
from core.data.aside_store import Aside, AsideWriter, write_asides
from core.data.drawing import drawn_note
from core.data.found import FoundTable
from core.data.hashing import TableHash, schema_hash
from core.data.json_lines import open_json_lines
from core.data.keys import HeldValues, Values, find_orphans, find_relationships
from core.data.keys_stored import stored_values
from core.data.names import unique
from core.data.parquet import open_parquet, unpacked_size
from core.data.read import READERS, format_of, tables_of
from core.data.schema import Schema, Table
from core.data.sealed_copy import sealed
from core.data.sniff import ReadOptions
from core.data.streamed import open_stream
from core.data.typed_stream import TypedStream
from core.data.vault import Vault
from core.errors import InvalidInput
from core.progress import Progress

_UNPACKED = "unpacked"
STREAM_FROM = 64 * 1024**2
DRAWN_ROWS = 200_000

Files = Sequence[tuple[str, Openable]]
PathOf = Callable[[int], str]


@dataclass(frozen=True, slots=True)
class Job:
    """What an import works with.

    ``folder`` is the dataset's in the vault, ``path_of`` the place of its table at a position;
    ``options`` is what a person has said of text files, by the name that messages call them.
    """

    vault: Vault
    folder: str
    path_of: PathOf
    limits: ReadLimits
    progress: Progress
    options: Mapping[str, ReadOptions] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Imported:
    """Tables that are in the vault now.

    Attributes
    ----------
    frames
        By table: all rows, or those drawn at random of a table that is larger.
    rows
        How many rows each table has.
    composite
        By table: keys of several columns that a catalogue has.
    """

    schema: Schema
    frames: dict[str, pd.DataFrame]
    rows: dict[str, int]
    notes: tuple[str, ...]
    content_hash: str
    asides: dict[int, Aside]
    composite: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(slots=True)
class _Gathered:
    tables: list[Table] = field(default_factory=list)
    frames: list[pd.DataFrame] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    hashes: list[TableHash] = field(default_factory=list)
    asides: dict[int, Aside] = field(default_factory=dict)
    notes: list[tuple[int, str]] = field(default_factory=list)


class Streamed(Protocol):
    """A large table that is read twice: for what it is, and for its values."""

    @property
    def notes(self) -> list[str]:
        """What is worth knowing of the table, in plain words."""

    def scan(self) -> Table:
        """Read all rows for what they are, and settle the columns."""

    def frames(self, misfits: set[str]) -> Iterator[pd.DataFrame]:
        """The rows in blocks; names of columns whose values do not fit go into ``misfits``."""

    def resettle(self, misfits: set[str], attempt: int) -> Table:
        """Settle the columns again."""

    def settled(self) -> Table:
        """The table as all that was read has it."""


def import_files(files: Files, job: Job) -> Imported:
    """Write every table of the files into the vault, and find out how they are related.

    Raises
    ------
    UnreadableFile
        When a file cannot be read, is unsafe to open, or holds no table. What was written until
        then is the caller's to remove.
    JobCancelled
        From the progress.
    """
    if not files:
        raise InvalidInput("No file was given. Choose at least one file with a table.")
    limits = replace(job.limits, held_bytes=job.limits.held_bytes or STREAM_FROM)
    budget = Budget(limits)
    kept = _Gathered()
    skipped: list[str] = []
    for name, place in files:
        for source in tables_of(name, place, budget, skipped):
            options = job.options.get(source.name, ReadOptions())
            _import(source, budget, options, job, kept)
    write_asides(job.vault, job.folder, kept.asides)
    return _imported(kept, skipped, job)


def gathered(found: Iterable[FoundTable | TypedStream], job: Job) -> Imported:
    """Write tables into the vault as they come, and find out how they are related."""
    kept = _Gathered()
    for one in found:
        if isinstance(one, TypedStream):
            _write(one, AsideWriter(job.vault, job.folder, len(kept.tables)), job, kept)
        else:
            _keep(one, job, kept)
    return _imported(kept, [], job)


def _import(
    source: Source, budget: Budget, options: ReadOptions, job: Job, kept: _Gathered
) -> None:
    kind = format_of(source)
    if kind == "parquet":
        _import_parquet(source, budget, options, job, kept)
    elif kind == "csv" and _is_large(source, budget.limits):
        _stream(source, budget, options, job, kept)
    elif kind != "json" or not _import_json_lines(source, budget, job, kept):
        _hold(source, budget, options, job, kept)


def _import_parquet(
    source: Source, budget: Budget, options: ReadOptions, job: Job, kept: _Gathered
) -> None:
    """A Parquet file is large by what it unpacks to; one that is packed too is sealed to go in."""
    with sealed(source, job.vault, f"{job.folder}/{_UNPACKED}") as whole:
        if unpacked_size(whole) <= (budget.limits.held_bytes or STREAM_FROM):
            _hold(whole, budget, options, job, kept)
            return
        aside = AsideWriter(job.vault, job.folder, len(kept.tables))
        _write(open_parquet(whole, Budget(budget.limits), job.progress), aside, job, kept)


def _import_json_lines(source: Source, budget: Budget, job: Job, kept: _Gathered) -> bool:
    """Whether it was a file of JSON lines, of any size, and is in the vault now."""
    aside = AsideWriter(job.vault, job.folder, len(kept.tables))
    stream = open_json_lines(source, budget, job.progress, aside.add)
    if stream is not None:
        _write(stream, aside, job, kept)
    return stream is not None


def _is_large(source: Source, limits: ReadLimits) -> bool:
    if source.packed is not None:
        return True
    return source.is_alone and source.total > (limits.held_bytes or STREAM_FROM)


def _hold(source: Source, budget: Budget, options: ReadOptions, job: Job, kept: _Gathered) -> None:
    with held(source) as whole:
        kind = format_of(whole)
        if kind == "csv":
            found = READERS[kind](whole, budget, options)
        else:
            most = min(budget.limits.max_bytes, MOST_HELD)
            found = READERS[kind](whole, Budget(replace(budget.limits, max_bytes=most)))
    for one in found:
        _keep(one, job, kept)
    job.progress.step(1, 1, source.name)


def _keep(one: FoundTable, job: Job, kept: _Gathered) -> None:
    position = len(kept.tables)
    job.vault.write_table(job.path_of(position), one.frame, one.table)
    digest = TableHash(one.table)
    digest.update(one.frame)
    aside = AsideWriter(job.vault, job.folder, position)
    aside.add(one.aside)
    kept.asides[position] = aside.close()
    kept.tables.append(one.table)
    kept.frames.append(one.frame)
    kept.rows.append(len(one.frame))
    kept.hashes.append(digest)
    kept.notes.extend((position, note) for note in one.notes)


def _stream(
    source: Source, budget: Budget, options: ReadOptions, job: Job, kept: _Gathered
) -> None:
    aside = AsideWriter(job.vault, job.folder, len(kept.tables))
    stream = open_stream(source, budget, options, job.progress, aside.add)
    _write(stream, aside, job, kept)


def _write(stream: Streamed, aside: AsideWriter, job: Job, kept: _Gathered) -> None:
    """Read a large table for what it is, and then into the vault."""
    path = job.path_of(len(kept.tables))
    table, attempt = stream.scan(), 0
    while True:
        misfits: set[str] = set()
        digest = TableHash(table)
        job.vault.write_blocks(path, digest.passing(stream.frames(misfits)), table)
        if not misfits:
            break
        attempt += 1
        table = stream.resettle(misfits, attempt)
    table = stream.settled()
    drawn, rows = job.vault.sample_table(path, table, DRAWN_ROWS, np.random.default_rng(1))
    notes = [*(f"{note}." if note[-1] != "." else note for note in stream.notes)]
    if len(drawn) < rows:
        notes.append(f"For the search for personal data {drawn_note(len(drawn), rows)}.")
    kept.asides[len(kept.tables)] = aside.close()
    kept.notes.extend((len(kept.tables), note) for note in notes)
    kept.tables.append(table)
    kept.frames.append(drawn)
    kept.rows.append(rows)
    kept.hashes.append(digest)


def _imported(kept: _Gathered, skipped: Sequence[str], job: Job) -> Imported:
    names = unique(table.name for table in kept.tables)
    tables = [replace(t, name=n) for t, n in zip(kept.tables, names, strict=True)]
    frames = dict(zip(names, kept.frames, strict=True))
    rows = dict(zip(names, kept.rows, strict=True))
    schema, more = _related(frames, Schema(tuple(tables)), rows, job)
    hashes = {n: h.renamed(schema[n]) for n, h in zip(names, kept.hashes, strict=True)}
    notes = [f"Table {names[position]!r}: {note}" for position, note in kept.notes]
    digest = schema_hash(hashes, schema)
    return Imported(schema, frames, rows, (*skipped, *notes, *more), digest, kept.asides)


def _related(
    frames: Mapping[str, pd.DataFrame], schema: Schema, rows: Mapping[str, int], job: Job
) -> tuple[Schema, list[str]]:
    """Keys and relationships; where a table is not held whole, they are looked for in the vault."""
    if all(len(frames[name]) == rows[name] for name in schema.names):
        return _found(HeldValues(frames), schema)
    paths = {name: job.path_of(position) for position, name in enumerate(schema.names)}
    with stored_values(job.vault, paths, rows) as values:
        return _found(values, schema)


def _found(values: Values, schema: Schema) -> tuple[Schema, list[str]]:
    found = find_relationships(values, schema)
    return found, find_orphans(values, found)
