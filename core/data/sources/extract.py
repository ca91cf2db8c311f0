"""Tables out of a database: chosen columns, typed filters, a sample, or a query that only reads.

Values of filters are always parameters, names are checked against the catalogue and quoted by
SQLAlchemy: nothing that a person types becomes a part of a statement, but in a query of their own,
which runs in a transaction that only reads.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import pandas as pd
import pyarrow as pa
from sqlalchemy import Select, TextClause, and_, column, func, select, table, text
from sqlalchemy.exc import SQLAlchemyError

from core.data.archive import MOST_HELD, ReadLimits
from core.data.found import FoundTable, found_table
from core.data.importing import Imported, Job, gathered
from core.data.infer import Inferred
from core.data.keys import contained
from core.data.linked import link_keys
from core.data.names import column_names, table_name
from core.data.schema import Relationship
from core.data.sources.catalogue import TableDetails, TableName, describe
from core.data.sources.opening import Opened
from core.data.typed import mixed_text, plain_text, typed_column
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


class Operator(StrEnum):
    """How a filter compares."""

    EQUAL = "="
    UNLIKE = "≠"
    LESS = "<"
    AT_MOST = "≤"
    MORE = ">"
    AT_LEAST = "≥"
    MISSING = "is missing"
    PRESENT = "is not missing"


@dataclass(frozen=True, slots=True)
class Filter:
    """Rows whose value of a column compares so; a value is a number, text or nothing."""

    column: str
    operator: Operator
    value: str | int | float | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """What of a database becomes a table.

    Attributes
    ----------
    name
        The table in the database; with ``query``, what the table is to be called.
    columns
        Which, in this order; empty: all.
    filters
        All of them have to hold.
    sample
        So many rows drawn at random by the database; None: all.
    query
        A statement of one's own that only reads, instead of a table.
    """

    name: TableName
    columns: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()
    sample: int | None = None
    query: str = ""


def first_rows(source: Opened, selection: Selection, limits: ReadLimits) -> pd.DataFrame:
    """The first rows of a selection, as they would be imported."""
    details = _details(source, selection)
    found = _table(source, selection, details, limits, SilentProgress(), FIRST)
    return found.frame


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
    found: list[FoundTable] = []
    for selection, known in zip(selections, details, strict=True):
        found.append(_table(source, selection, known, job.limits, job.progress, None))
    imported = gathered(found, job)
    return _linked(imported, selections, details)


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


def _table(
    source: Opened,
    selection: Selection,
    details: TableDetails | None,
    limits: ReadLimits,
    progress: Progress,
    most: int | None,
) -> FoundTable:
    label = selection.name.name
    batches: list[pa.Table] = []
    rows = size = 0
    names: list[str] = []
    with _going_on(label):
        for titles, batch in _batches(source, _statement(selection, details), most):
            names = titles
            batches.append(batch)
            rows, size = rows + batch.num_rows, size + batch.nbytes
            _check_size(size, label)
            progress.step(0, 1, f"{label}: {rows:,} rows")
    if len(names) > limits.max_columns:
        column_names(names, f"Table {label!r}", limits)
    if not rows:
        raise UnreadableFile(f"Table {label!r} has no rows that were asked for. Nothing was kept.")
    usable, notes = column_names(names, f"Table {label!r}", limits)
    columns = [
        _typed(name, [batch.column(i) for batch in batches], source.kind)
        for i, name in enumerate(usable)
    ]
    found = found_table(table_name(label), columns, [f"{note}." for note in notes], names)
    key = details.primary_key if details else None
    held = replace(found.table, primary_key=key if key in usable and key in names else None)
    return replace(found, table=held)


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
    in_text = kind == "sqlite"
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


def _check_size(size: int, label: str) -> None:
    if size > MOST_HELD:
        raise UnreadableFile(
            f"Table {label!r} has more than {MOST_HELD / GIB:.3g} GiB. Choose fewer columns, "
            "filter its rows, or take a sample."
        )


def _linked(
    imported: Imported, selections: Sequence[Selection], details: Sequence[TableDetails | None]
) -> Imported:
    """Foreign keys of the catalogue, as far as all rows that they point to came along."""
    places = {
        (s.name.schema, s.name.name): name
        for s, name in zip(selections, imported.schema.names, strict=True)
        if not s.query
    }
    links, notes = list(imported.schema.relationships), list(imported.notes)
    for known, child in zip(details, imported.schema.names, strict=True):
        for key in known.foreign_keys if known else ():
            parent = places.get((key.schema, key.table))
            if parent is None or not set(key.columns) <= set(imported.schema[child].names):
                continue
            link = Relationship.of(parent, key.targets, child, key.columns)
            if not _holds(link, imported):
                said = " and ".join(map(repr, key.columns))
                notes.append(
                    f"Table {child!r}: {said} points to rows of {parent!r} that were not "
                    "imported, so the two are not related here."
                )
                continue
            same = [x for x in links if x.child == child and _share_columns(x, link)]
            if any(len(x.child_columns) > len(key.columns) for x in same):
                continue
            links = [*(x for x in links if x not in same), link]
    schema = replace(imported.schema, relationships=tuple(links))
    keys = {
        name: key
        for name, key in _composite_keys(schema.names, details).items()
        if set(key) <= set(schema[name].names)
    }
    return replace(imported, schema=schema, notes=tuple(notes), composite=keys)


def _holds(link: Relationship, imported: Imported) -> bool:
    parent = imported.schema[link.parent]
    if not set(link.parent_columns) <= set(parent.names):
        return False
    if not link.more and parent.primary_key != link.parent_key:
        return False
    parents, child = link_keys(imported.frames, link)
    if link.more and (parents.isna().any() or parents.duplicated().any()):
        return False
    return contained(child, parents) == 1 or bool(child.isna().all())


def _share_columns(one: Relationship, other: Relationship) -> bool:
    return bool(set(one.child_columns) & set(other.child_columns))


def _composite_keys(
    names: Sequence[str], details: Sequence[TableDetails | None]
) -> dict[str, tuple[str, ...]]:
    """By table the catalogue's keys of several columns."""
    pairs = zip(names, details, strict=True)
    return {name: known.composite_key for name, known in pairs if known and known.composite_key}


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
