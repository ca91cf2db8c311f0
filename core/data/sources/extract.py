"""Tables out of a database: chosen columns, typed filters, a sample, or a query that only reads.

Values of filters are always parameters, names are checked against the catalogue and quoted by
SQLAlchemy: nothing that a person types becomes a part of a statement, but in a query of their own,
which runs in a transaction that only reads.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
import pyarrow as pa
from sqlalchemy import Select, TextClause, and_, column, func, select, table, text
from sqlalchemy.exc import SQLAlchemyError

from core.data.archive import ReadLimits
from core.data.found import FoundTable, found_table
from core.data.importing import Imported, Job, gathered
from core.data.infer import Inferred
from core.data.names import column_names, table_name
from core.data.sources.catalogue import TableDetails, describe
from core.data.sources.links import linked
from core.data.sources.opening import Opened
from core.data.sources.selection import Filter, Operator, Selection
from core.data.spool import Spool
from core.data.typed import mixed_text, plain_text, typed_column
from core.data.typed_evidence import TypedEvidence
from core.data.typed_stream import TypedStream
from core.errors import InvalidInput, UnreadableFile
from core.progress import Progress, SilentProgress
from core.settings import GIB

BATCH = 5_000
FIRST = 20
_READS = re.compile(r"^\s*(select|with|values|table)\b", re.IGNORECASE)
_CHANGES = re.compile(
    r"\b(insert|update|delete|merge|drop|alter|create|grant|revoke|truncate|copy|call|do|attach|"
    r"pragma|vacuum|set|lock|into)\b",
    re.IGNORECASE,
)


def first_rows(source: Opened, selection: Selection, limits: ReadLimits) -> pd.DataFrame:
    """The first rows of a selection, as they would be imported."""
    details = _details(source, selection)
    batches: list[pa.Table] = []
    taking = _Taking(limits, SilentProgress(), batches.append, FIRST)
    fetched = _fetch(source, selection, details, taking)
    return _held(fetched, batches).frame


def import_selections(source: Opened, selections: Sequence[Selection], job: Job) -> Imported:
    """Write each selection into the vault as a table, with the keys of the catalogue.

    Raises
    ------
    UnreadableFile
        A table is gone, empty, or too large, or the database went away.
    JobCancelled
        From the progress.
    """
    if not selections:
        raise InvalidInput("No table was chosen. Choose at least one.")
    details = [_details(source, selection) for selection in selections]
    imported = gathered(_tables(source, selections, details, job), job)
    return linked(imported, selections, details, job)


def _details(source: Opened, selection: Selection) -> TableDetails | None:
    """What the catalogue says of the table, with every wrong name of the selection at once."""
    if selection.query:
        _check_query(selection.query, source.kind)
        return None
    known = describe(source, selection.name)
    names = {name for name, _ in known.columns}
    asked = [*selection.columns, *(one.column for one in selection.filters)]
    problems = [f"It has no column {name!r}." for name in asked if name not in names]
    if problems:
        where = selection.name.name
        raise InvalidInput(f"Table {where!r}: " + " ".join(problems), problems)
    return known


def _check_query(query: str, kind: str) -> None:
    plain = re.sub(
        r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/", " ", query, flags=re.DOTALL
    )
    if kind not in {"postgresql", "sqlite"}:
        raise InvalidInput(
            f"Queries are taken for PostgreSQL and SQLite only, not for {kind!r}. Choose a table."
        )
    if not _READS.match(plain) or ";" in plain.strip().rstrip(";") or _CHANGES.search(plain):
        raise InvalidInput(
            "The query must be one SELECT that changes nothing. Leave out everything else."
        )


def _statement(selection: Selection, details: TableDetails | None) -> Select[Any] | TextClause:
    if details is None:
        inner = selection.query.strip().rstrip(";").replace("\\", "\\\\").replace(":", r"\:")
        return text(f"SELECT * FROM (\n{inner}\n) AS chosen")
    names = selection.columns or tuple(name for name, _ in details.columns)
    place = table(
        details.name.name,
        *(column(name) for name, _ in details.columns),
        schema=details.name.schema or None,
    )
    query = select(*(place.c[name] for name in names))
    if selection.filters:
        query = query.where(and_(*(_condition(place.c[f.column], f) for f in selection.filters)))
    if selection.sample is not None:
        query = query.order_by(func.random()).limit(max(1, selection.sample))
    return query


def _condition(place: Any, one: Filter) -> Any:
    if one.operator in {Operator.MISSING, Operator.PRESENT}:
        return place.is_(None) if one.operator is Operator.MISSING else place.is_not(None)
    if one.value is None:
        raise InvalidInput(f"The filter of {one.column!r} has no value. Type one.")
    compare = {
        Operator.EQUAL: place.__eq__,
        Operator.UNLIKE: place.__ne__,
        Operator.LESS: place.__lt__,
        Operator.AT_MOST: place.__le__,
        Operator.MORE: place.__gt__,
        Operator.AT_LEAST: place.__ge__,
    }
    return compare[one.operator](one.value)


@dataclass(frozen=True, slots=True)
class _Fetched:
    """What is known of a table whose rows have been fetched; ``kind`` is the database's."""

    label: str
    kind: str
    titles: tuple[str, ...]
    rows: int
    limits: ReadLimits
    key: str | None


def _tables(
    source: Opened,
    selections: Sequence[Selection],
    details: Sequence[TableDetails | None],
    job: Job,
) -> Iterator[FoundTable | TypedStream]:
    """Each table once it is fetched; one that is large lies in the vault until the next."""
    for selection, known in zip(selections, details, strict=True):
        spool = Spool(job.vault, f"{job.folder}/fetched")
        try:
            taking = _Taking(job.limits, job.progress, spool.add)
            fetched = _fetch(source, selection, known, taking)
            large = spool.pieces > 0
            yield _spooled(fetched, spool, job) if large else _held(fetched, spool.held)
        finally:
            spool.close()


@dataclass(frozen=True, slots=True)
class _Taking:
    """How rows are fetched: what they may be, who is told, and what keeps each batch."""

    limits: ReadLimits
    progress: Progress
    keep: Callable[[pa.Table], None]
    most: int | None = None


def _fetch(
    source: Opened, selection: Selection, details: TableDetails | None, taking: _Taking
) -> _Fetched:
    """Have all rows, or so many, kept batch by batch."""
    limits = taking.limits
    label = selection.name.name
    rows = size = 0
    titles: list[str] = []
    with _going_on(label):
        for names, batch in _batches(source, _statement(selection, details), taking.most):
            if not titles:
                titles = names
                column_names(titles, f"Table {label!r}", limits)
            rows, size = rows + batch.num_rows, size + batch.nbytes
            _check_size(size, label, limits)
            taking.keep(batch)
            taking.progress.step(0, 1, f"{label}: {rows:,} rows")
    if not rows:
        raise UnreadableFile(f"Table {label!r} has no rows that were asked for. Nothing was kept.")
    key = details.primary_key if details else None
    return _Fetched(label, source.kind, tuple(titles), rows, limits, key)


def _held(fetched: _Fetched, batches: Sequence[pa.Table]) -> FoundTable:
    """A table whose rows are in memory."""
    titles = fetched.titles
    usable, notes = column_names(titles, f"Table {fetched.label!r}", fetched.limits)
    columns = [
        _typed(name, [batch.column(i) for batch in batches], fetched.kind)
        for i, name in enumerate(usable)
    ]
    found = found_table(table_name(fetched.label), columns, [f"{note}." for note in notes], titles)
    key = fetched.key if fetched.key in usable and fetched.key in titles else None
    return replace(found, table=replace(found.table, primary_key=key))


def _spooled(fetched: _Fetched, spool: Spool, job: Job) -> TypedStream:
    """A table whose rows lie in the vault as the database gave them."""

    def blocks(turn: int) -> Iterator[pa.Table]:
        done = 0
        for block in spool.read():
            yield block
            done += block.num_rows
            job.progress.step(turn * fetched.rows + done, 2 * fetched.rows, fetched.label)

    return TypedStream(
        table_name(fetched.label),
        f"Table {fetched.label!r}",
        blocks,
        lambda name: TypedEvidence(dates_in_text=_has_dates_in_text(fetched.kind)),
        fetched.limits,
        {str(place): title for place, title in enumerate(fetched.titles)},
        key=fetched.key,
    )


def _has_dates_in_text(kind: str) -> bool:
    return kind == "sqlite"


def _batches(
    source: Opened, statement: Select[Any] | TextClause, most: int | None
) -> Iterator[tuple[list[str], pa.Table]]:
    options = {"stream_results": True, "yield_per": BATCH}
    result = source.connection.execute(statement, execution_options=options)
    names = list(map(str, result.keys()))
    taken = 0
    for part in result.partitions(BATCH):
        rows = part if most is None else part[: most - taken]
        taken += len(rows)
        cells = zip(*rows, strict=True)
        arrays = [_array(list(values)) for values in cells]
        yield names, pa.table(arrays, names=[str(i) for i in range(len(names))])
        if most is not None and taken >= most:
            break
    result.close()


def _array(values: list[Any]) -> pa.Array:
    plain = [bytes(v) if isinstance(v, memoryview) else v for v in values]
    try:
        return pa.array(plain)
    except (pa.ArrowException, OverflowError, TypeError):
        return pa.array([None if v is None else plain_text(v) for v in plain], pa.string())


def _typed(name: str, parts: list[pa.ChunkedArray], kind: str) -> Inferred:
    """A column from batches whose types may differ, as they do where a type is not enforced."""
    in_text = _has_dates_in_text(kind)
    try:
        whole = pa.concat_tables(
            [pa.table({"x": part}) for part in parts], promote_options="permissive"
        ).column("x")
        return typed_column(name, whole, dates_in_text=in_text)
    except (pa.ArrowTypeError, pa.ArrowInvalid):
        words = [chunk for part in parts for chunk in mixed_text(part).chunks]
        chunks = pa.chunked_array(words, pa.string())
        found = typed_column(name, chunks, dates_in_text=in_text)
        note = f"Column {name!r}: mixed types are read as text."
        return replace(found, notes=(*found.notes, note))


def _check_size(size: int, label: str, limits: ReadLimits) -> None:
    if size > limits.max_bytes:
        raise UnreadableFile(
            f"Table {label!r} has more than {limits.max_bytes / GIB:.3g} GiB. Choose fewer "
            "columns, filter its rows, take a sample, or have the limit raised "
            "(STUDIO_UPLOAD_GIB)."
        )


@contextmanager
def _going_on(label: str) -> Iterator[None]:
    """Say in our words that the database failed or went away; its own may quote values."""
    try:
        yield
    except (SQLAlchemyError, OSError, EOFError) as error:
        raise UnreadableFile(
            f"The database failed or went away while {label!r} was read ({type(error).__name__}). "
            "Nothing was kept. See that it answers and that the account may read the table, then "
            "try again."
        ) from error
