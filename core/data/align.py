"""Tables that were read apart, brought to one schema so that they can be compared.

Types are guessed for each file by itself: a holdout may have whole numbers where the training
table has fractions. The training table's type is taken where the others can be read as it, else
the narrowest type that fits all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from core.data.convert import convert_column, retyped
from core.data.schema import Column, ColumnType, Schema, Table
from core.errors import InvalidInput

_WIDER = {
    ColumnType.INTEGER: (ColumnType.INTEGER, ColumnType.NUMBER, ColumnType.CATEGORY),
    ColumnType.NUMBER: (ColumnType.NUMBER, ColumnType.CATEGORY),
    ColumnType.DATE: (ColumnType.DATE, ColumnType.DATETIME),
}

Read = tuple[Mapping[str, pd.DataFrame], Schema]


def align(
    reference: Read, others: Mapping[str, Read]
) -> tuple[dict[str, dict[str, pd.DataFrame]], Schema]:
    """Bring every table of ``others`` to the schema of ``reference``.

    Returns
    -------
    frames
        By name (``reference`` for the first), then by table.
    schema
        The reference's schema, with types widened where a file needs it.

    Raises
    ------
    InvalidInput
        With every missing table and column, and every column that fits no common type.
    """
    tables, schema = reference
    named = {name: _with_names_of(schema, read, name) for name, read in others.items()}
    frames: dict[str, dict[str, pd.DataFrame]] = {"reference": {}, **{name: {} for name in named}}
    problems: list[str] = []
    for table in schema.tables:
        sides = {"reference": (tables[table.name], table)}
        sides |= {name: (read[0][table.name], read[1][table.name]) for name, read in named.items()}
        try:
            aligned, described = _align_table(table, sides)
        except InvalidInput as error:
            problems.extend(error.problems)
            continue
        schema = schema.with_table(described)
        for name, frame in aligned.items():
            frames[name][table.name] = frame
    if problems:
        raise InvalidInput("The tables cannot be compared. " + " ".join(problems), problems)
    return frames, schema


def _with_names_of(schema: Schema, read: Read, name: str) -> Read:
    """A single table takes the reference's table name; several must be named alike."""
    tables, found = read
    if len(schema.tables) == 1 and len(found.tables) == 1:
        only = schema.tables[0].name
        table = replace(found.tables[0], name=only)
        return {only: tables[found.tables[0].name]}, Schema((table,))
    missing = [table for table in schema.names if table not in found.names]
    if missing:
        problem = f"The {name} file has no table {', '.join(missing)}."
        raise InvalidInput(f"The tables cannot be compared. {problem}", [problem])
    return read


def _align_table(
    table: Table, sides: Mapping[str, tuple[pd.DataFrame, Table]]
) -> tuple[dict[str, pd.DataFrame], Table]:
    columns: dict[str, dict[str, pd.Series]] = {name: {} for name in sides}
    described: list[Column] = []
    problems: list[str] = []
    for column in table.columns:
        absent = [name for name, (_, side) in sides.items() if column.name not in side.names]
        if absent:
            problems.append(f"Column {column.name!r} is missing in: {', '.join(absent)}.")
            continue
        pairs = [(frame[column.name], side[column.name]) for frame, side in sides.values()]
        try:
            values, common = _align_column(column, pairs)
        except InvalidInput as error:
            problems.append(str(error))
            continue
        described.append(common)
        for name, series in zip(sides, values, strict=True):
            columns[name][column.name] = series
    if problems:
        raise InvalidInput(" ".join(problems), problems)
    frames = {
        name: pd.DataFrame(columns[name], index=frame.index) for name, (frame, _) in sides.items()
    }
    return frames, replace(table, columns=tuple(described))


def _align_column(
    column: Column, pairs: Sequence[tuple[pd.Series, Column]]
) -> tuple[list[pd.Series], Column]:
    for kind in _WIDER.get(column.type, (column.type, ColumnType.CATEGORY, ColumnType.TEXT)):
        wanted = retyped(column, kind)
        try:
            return [_read_as(values, found, wanted) for values, found in pairs], wanted
        except InvalidInput:
            continue
    kinds = sorted({str(found.type) for _, found in pairs})
    raise InvalidInput(f"Column {column.name!r} is of different types: {', '.join(kinds)}.")


def _read_as(values: pd.Series, found: Column, wanted: Column) -> pd.Series:
    if values.isna().all():
        return pd.Series([pd.NA] * len(values), dtype="object").astype(wanted.type.dtype)
    return convert_column(values, found, wanted)
