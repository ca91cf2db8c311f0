"""Partial rows completed, and the missing cells of a real table imputed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from core.data.coarser import coarsened
from core.data.convert import convert_column
from core.data.frames import canonical
from core.data.masking import mask
from core.data.prepare import Preparation, prepare
from core.data.render import render
from core.data.schema import Action, Column, ColumnType, Role, Table
from core.errors import InvalidInput, InvalidParameter
from core.progress import Progress
from core.synthesis.asks.fill import Filler, Mask, fill
from core.synthesis.asks.ruled import with_rules
from core.synthesis.asks.rules import Rule
from core.synthesis.asks.scalars import constant, read_scalar
from core.synthesis.params import build
from core.synthesis.registry import DEFAULT_ENGINE, engine_info


@dataclass(frozen=True, slots=True)
class Imputed:
    """A real table with its missing cells filled.

    Attributes
    ----------
    tables
        One frame a completion: the given one but for its missing cells.
    filled
        Cells filled, by column.
    left
        Columns with missing cells that were left as they are, and why.
    """

    tables: tuple[pd.DataFrame, ...]
    filled: Mapping[str, int]
    left: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Completed:
    """Partial rows made whole.

    Attributes
    ----------
    frame
        The columns of ``table``; cells that were given are as they were.
    table
        The training table without dropped columns.
    given
        Columns that the partial rows had.
    unseen
        Of given columns of labels: rows with a label that the training rows do not have. They
        count as the commonest when the other columns are drawn.
    """

    frame: pd.DataFrame
    table: Table
    given: tuple[str, ...]
    unseen: Mapping[str, int]


def filler_of(
    engine: str = DEFAULT_ENGINE,
    params: Mapping[str, Any] | None = None,
    rounds: int = 2,
    rules: Mapping[str, Sequence[Rule]] | None = None,
) -> Filler:
    """A filler from an engine's name and parameters; see :class:`Filler`.

    ``rules`` (by table) hold in rows that are completed, as far as the given cells allow.
    """
    info = engine_info(engine)
    return Filler(with_rules(info, rules or {}), build(info.params, params or {}), rounds)


def impute(
    frame: pd.DataFrame,
    table: Table,
    *,
    times: int = 1,
    filler: Filler | None = None,
    left: Mapping[str, str] | None = None,
    rng: np.random.Generator,
    progress: Progress | None = None,
) -> Imputed:
    """Fill the missing cells of a real table, ``times`` times over.

    Keys, identifiers and free text are left as they are, and so are columns without any value.
    Several completions differ as far as the data leave the cells open: analyse each and combine
    the results (Rubin, "Multiple Imputation for Nonresponse in Surveys", 1987).

    Parameters
    ----------
    left
        Further columns that are neither filled nor looked at, and why.

    Raises
    ------
    InvalidInput
        When there are no rows or no missing cell, or ``times`` is below 1.
    """
    if times < 1:
        raise InvalidParameter(f"`times` must be at least 1. Got {times}.")
    frame = canonical(frame, table)
    holes = {name: _missing(frame[name]) for name in table.names}
    holes = {name: rows for name, rows in holes.items() if rows.any()}
    if not holes:
        raise InvalidInput(f"Table {table.name!r} has no missing cell: there is nothing to impute.")
    fixed = {c.name: _why_left(c, table, frame[c.name]) for c in table.columns}
    fixed |= left or {}
    usable = table.select(tuple(name for name in table.names if not fixed[name]))
    cells = {name: rows for name, rows in holes.items() if name in usable.names}
    filler = filler or filler_of()
    tables = []
    for own in rng.spawn(times):
        filled = frame.copy()
        if cells:
            part = frame[list(usable.names)]
            filled[list(usable.names)] = fill(
                part, cells, usable, filler, rng=own, progress=progress
            )
        tables.append(canonical(filled, table))
    untouched = {name: fixed[name] for name in holes if fixed[name]}
    filled_cells = {name: int(rows.sum()) for name, rows in cells.items()}
    return Imputed(tuple(tables), filled_cells, untouched)


def complete(
    train: pd.DataFrame,
    table: Table,
    partial: pd.DataFrame,
    found: Table | None = None,
    *,
    filler: Filler | None = None,
    mask_key: bytes = b"",
    rng: np.random.Generator,
    progress: Progress | None = None,
) -> Completed:
    """Make partial rows whole: absent columns and missing cells are drawn given the others.

    Parameters
    ----------
    train, table
        The rows to learn from, canonical, and what was decided about their columns. Columns that
        an engine does not learn are made up where they are not given.
    partial, found
        Some columns of ``table``; ``found`` says of which types they were read, if they were
        read apart.

    Raises
    ------
    InvalidInput
        With every column that ``table`` does not have and every one that cannot be read as its
        type, or when there are no training rows.
    """
    if not len(train):
        raise InvalidInput("There is nothing to learn: the training table has no rows.")
    given = as_read(partial, table, found)
    preparation, learned = prepare(canonical(train, table), table, mask_key=mask_key)
    learned = learned.reset_index(drop=True)
    start = _start(given, preparation, mask_key, len(partial))
    cells = {name: _missing(start[name]) for name in preparation.learned.names}
    whole = start
    if len(partial) and preparation.learned.names:
        whole = fill(
            start, cells, preparation.learned, filler or filler_of(), train=learned, rng=rng,
            progress=progress,
        )  # fmt: skip
    made = preparation.restore(whole, rng=rng)
    for name in preparation.output.names:
        if name in given and preparation.output[name].action is not Action.MASK:
            made[name] = given[name].where(given[name].notna(), made[name])
    unseen = _unseen(given, canonical(train, table), preparation.learned)
    output = preparation.output
    return Completed(canonical(made, output), output, tuple(given.columns), unseen)


def as_read(partial: pd.DataFrame, table: Table, found: Table | None) -> pd.DataFrame:
    """The columns of a file that was read apart, as the types of ``table`` have them.

    Raises
    ------
    InvalidInput
        With every column that does not exist or cannot be read as its type.
    """
    problems, columns = [], {}
    for name in partial.columns:
        if name not in table.names:
            problems.append(f"Table {table.name!r} has no column {name!r}.")
            continue
        try:
            other = found[name] if found is not None else table[name]
            columns[name] = _as_type(partial[name].reset_index(drop=True), other, table[name])
        except (InvalidInput, ValueError):
            problems.append(f"Column {name!r} cannot be read as {table[name].type}.")
    if not len(partial.columns):
        problems.append("The partial rows have no columns.")
    if problems:
        raise InvalidInput("The partial rows cannot be used. " + " ".join(problems), problems)
    return pd.DataFrame(columns, index=range(len(partial)))


def _as_type(values: pd.Series, found: Column, wanted: Column) -> pd.Series:
    if values.isna().all():
        return constant(None, wanted, len(values)) if _is_label(wanted) else _blank(wanted, values)
    try:
        return convert_column(values, found, wanted).astype(wanted.type.dtype)
    except InvalidInput:
        if _is_label(wanted):
            raise
    texts = pd.Series(render(values, found).to_pylist(), dtype=object)
    codes, distinct = pd.factorize(texts)
    read = [constant(read_scalar(text, wanted), wanted, 1) for text in distinct]
    return pd.concat([*read, _blank(wanted, [None])], ignore_index=True).take(codes).set_axis(
        range(len(values))
    )  # fmt: skip


def _start(
    given: pd.DataFrame, preparation: Preparation, mask_key: bytes, rows: int
) -> pd.DataFrame:
    """What an engine sees of the partial rows: given cells, and open ones as missing."""
    columns = {}
    for column in preparation.learned.columns:
        values = given[column.name] if column.name in given else _blank(column, range(rows))
        masked = column.action is Action.MASK and column.name in given
        columns[column.name] = mask(values, column, mask_key) if masked else values
    return coarsened(pd.DataFrame(columns, index=range(rows)), preparation.learned)


def _unseen(given: pd.DataFrame, train: pd.DataFrame, learned: Table) -> dict[str, int]:
    counts = {
        name: int((given[name].notna() & ~given[name].isin(train[name].dropna())).sum())
        for name in given.columns
        if name in learned.names
        and _is_label(learned[name])
        and learned[name].action is not Action.MASK
    }
    return {name: count for name, count in counts.items() if count}


def _why_left(column: Column, table: Table, values: pd.Series) -> str:
    if column.name == table.primary_key or column.role is Role.IDENTIFIER:
        return "it is an identifier"
    if column.type is ColumnType.TEXT:
        return "it is free text"
    return "it has no value to learn from" if values.isna().all() else ""


def _missing(values: pd.Series) -> Mask:
    missing: Mask = values.isna().to_numpy(dtype=bool)
    return missing


def _is_label(column: Column) -> bool:
    return not column.type.is_numeric and column.type is not ColumnType.BOOLEAN


def _blank(column: Column, rows: Sequence[Any] | range | pd.Series) -> pd.Series:
    return pd.Series([None] * len(rows), dtype=column.type.dtype, name=column.name)
