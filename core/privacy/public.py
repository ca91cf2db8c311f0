"""What is public about a table: ranges and code lists from documentation, which cost no privacy.

A public schema is written by hand from what is known without looking at the rows, for example from
the code book of a survey, as YAML:

.. code-block:: yaml

    rows: 24000            # if the number of rows is public
    columns:
      age: {low: 17, high: 90}
      price: {low: 0, high: 500, step: 0.5}
      born: {low: 1930-01-01, high: 2005-12-31, missing: true}
      sex: {values: [Female, Male]}

Columns that it does not name are paid for.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.data.frames import as_numbers
from core.data.schema import Column, ColumnType, Table
from core.data.yaml_text import finite_number, read_utf8, read_yaml
from core.errors import InvalidInput

Bound = float | str
_FIELDS = ("low", "high", "step", "values", "missing")
_MOST_BYTES = 5_000_000
_MOST_VALUES = 10_000


@dataclass(frozen=True, slots=True)
class PublicColumn:
    """What is public about one column: a range or a code list.

    Attributes
    ----------
    low, high
        Smallest and largest value that can occur: a number, or text such as ``1990-01-31``,
        ``1990-01-31 12:00:00`` or ``12:00:00``.
    step
        Distance of neighbouring values; None for what the column's type and format say.
    values
        The code list, as written.
    missing
        Whether a value may be missing.
    """

    name: str
    low: Bound | None = None
    high: Bound | None = None
    step: float | None = None
    values: tuple[str, ...] = ()
    missing: bool = False

    def range_of(self, column: Column) -> tuple[float, float]:
        """Low and high in the units of ``as_numbers``; raises ``ValueError`` where they are not."""
        low, high = (_number(bound, column) for bound in (self.low, self.high))
        return low, high


@dataclass(frozen=True, slots=True)
class PublicTable:
    """What is public about a table: columns by name, and the number of rows, 0 for not public."""

    columns: Mapping[str, PublicColumn] = field(default_factory=dict)
    rows: int = 0

    def problems(self, table: Table) -> list[str]:
        """What does not fit the columns of a table, all at once."""
        found = [
            f"The table has no column {name!r}." for name in self.columns if name not in table.names
        ]
        for column in table.columns:
            if column.name in self.columns:
                found += _misfits(self.columns[column.name], column)
        return found

    def check(self, table: Table) -> None:
        """Raise ``InvalidInput`` with everything that does not fit the columns of a table."""
        found = self.problems(table)
        if found:
            raise InvalidInput("The public schema does not fit. " + " ".join(found), found)


def read_public(path: Path) -> PublicTable:
    """The public schema in a YAML file.

    Raises
    ------
    InvalidInput
        When the file cannot be read or used, with every reason.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise InvalidInput(_too_large(path.name))
        return public_from_yaml(path.read_bytes(), path.name)
    except FileNotFoundError as error:
        raise InvalidInput(f"There is no file {path}. Check the path.") from error


def public_from_yaml(contents: bytes, name: str) -> PublicTable:
    """A public schema from the bytes of a YAML file; see :func:`read_public`."""
    if len(contents) > _MOST_BYTES:
        raise InvalidInput(_too_large(name))
    data = read_yaml(read_utf8(contents, name), name, most=_MOST_BYTES, as_texts=True)
    return public_from_dict(data, name)


def _too_large(name: str) -> str:
    return f"{name} is too large for a public schema (5 MB at most)."


def public_from_dict(data: Any, name: str = "The public schema") -> PublicTable:
    """A public schema from plain values, as in the YAML file; see :func:`read_public`."""
    if not isinstance(data, Mapping):
        raise InvalidInput(f"{name} has to hold `columns`, and `rows` where that is public.")
    problems = [
        f"`{key}` is not known; `rows` and `columns` are."
        for key in data
        if key not in ("rows", "columns")
    ]
    rows = finite_number(data.get("rows", 0))
    if rows is None or rows < 0 or rows % 1:
        problems.append("`rows` must be a whole number, 0 where it is not public.")
    columns = data.get("columns") or {}
    if not isinstance(columns, Mapping):
        problems.append("`columns` must name columns, each with a range or a code list.")
        columns = {}
    made = {}
    for key, value in columns.items():
        made[str(key)], found = _column(str(key), value)
        problems += found
    if problems:
        raise InvalidInput(f"{name} cannot be used. " + " ".join(problems), problems)
    return PublicTable(made, int(rows or 0))


def public_to_dict(public: PublicTable) -> dict[str, Any]:
    """Plain values, fit for JSON and YAML: the inverse of :func:`public_from_dict`."""
    columns = {}
    for name, column in public.columns.items():
        told = asdict(column) | {"values": list(column.values)}
        columns[name] = {key: told[key] for key in _FIELDS if told[key]}
        columns[name] |= {key: told[key] for key in ("low", "high") if told[key] is not None}
    return {"rows": public.rows, "columns": columns}


def _column(name: str, value: Any) -> tuple[PublicColumn, list[str]]:
    """One column, and all that is wrong with it."""
    here, empty = f"Column {name!r}:", PublicColumn(name)
    if not isinstance(value, Mapping):
        return empty, [f"{here} give low and high, or values."]
    problems = [
        f"{here} `{key}` is not known; {', '.join(_FIELDS)} are."
        for key in value
        if key not in _FIELDS
    ]
    low, high = (_bound(value.get(key)) for key in ("low", "high"))
    ranged = "low" in value or "high" in value
    if ranged == ("values" in value):
        problems.append(f"{here} give either low and high, or values.")
    if ranged and (low is None or high is None):
        problems.append(f"{here} `low` and `high` must both be finite numbers, dates or times.")
    step = finite_number(value.get("step"))
    if "step" in value and not (step is not None and step > 0 and ranged):
        problems.append(f"{here} `step` must be a positive number beside low and high.")
    missing = str(value.get("missing", False)).lower()
    if missing not in {"true", "false"}:
        problems.append(f"{here} `missing` must be true or false.")
    labels, found = _labels(here, value["values"]) if "values" in value else ((), [])
    if problems or found:
        return empty, problems + found
    return PublicColumn(name, low, high, step, labels, missing == "true"), []


def _labels(here: str, values: Any) -> tuple[tuple[str, ...], list[str]]:
    if not isinstance(values, list | tuple) or not values:
        return (), [f"{here} `values` must be a list with at least one code."]
    if len(values) > _MOST_VALUES:
        return (), [f"{here} at most {_MOST_VALUES:,} `values` are possible."]
    if any(isinstance(v, dict | list) or v is None for v in values):
        return (), [f"{here} `values` must be plain codes; say `missing: true` for missing ones."]
    labels = [str(value) for value in values]
    if len(set(labels)) < len(labels):
        return (), [f"{here} some of the `values` repeat."]
    return tuple(labels), []


def _bound(value: Any) -> Bound | None:
    """A bound as a number or as text; None where it is neither."""
    number = finite_number(value)
    if number is not None:
        return number
    if isinstance(value, datetime):
        return value.isoformat(" ")
    return str(value).strip() or None if isinstance(value, str | date | time) else None


def _number(bound: Bound | None, column: Column) -> float:
    """A bound in the units of ``as_numbers``."""
    if bound is None:
        raise ValueError("no bound")
    if isinstance(bound, float):
        if column.type in {ColumnType.DATE, ColumnType.DATETIME}:
            raise ValueError("a number is no date")
        return bound
    if column.type is ColumnType.TIME:
        parsed = pd.Series([pd.Timedelta(bound)]).astype(column.type.dtype)
    elif column.type in {ColumnType.DATE, ColumnType.DATETIME}:
        parsed = pd.Series([np.datetime64(bound.replace(" ", "T"), "us")], dtype=column.type.dtype)
    else:
        return float(bound)
    return float(as_numbers(parsed, column)[0])


def _misfits(public: PublicColumn, column: Column) -> list[str]:
    """What is public about a column and cannot be said of one of its type."""
    here = f"Column {column.name!r}"
    if public.values:
        return _bad_codes(public, column, here)
    if not column.type.is_numeric:
        return [f"{here} is a {column.type} column: give `values`."]
    try:
        low, high = public.range_of(column)
    except (ValueError, TypeError, OverflowError):
        return [f"{here}: `low` and `high` are no bounds of a {column.type} column."]
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        return [f"{here}: `low` must be below `high`."]
    whole = column.type in {ColumnType.INTEGER, ColumnType.DATE}
    if whole and any(figure % 1 for figure in (low, high, public.step or 0.0)):
        return [f"{here}: `low`, `high` and `step` of a {column.type} column must be whole."]
    if public.step is not None and public.step > high - low:
        return [f"{here}: `step` is larger than the range."]
    return []


def _bad_codes(public: PublicColumn, column: Column, here: str) -> list[str]:
    if column.type is ColumnType.BOOLEAN:
        wrong = {value.lower() for value in public.values} - {"true", "false"}
        return [f"{here} is a boolean column: its values are true and false."] if wrong else []
    if column.type in {ColumnType.DATE, ColumnType.DATETIME, ColumnType.TIME}:
        return [f"{here} is a {column.type} column: give `low` and `high`."]
    if column.type in {ColumnType.INTEGER, ColumnType.NUMBER}:
        try:
            numbers = [float(value) for value in public.values]
        except ValueError:
            return [f"{here} is a {column.type} column: its `values` must be numbers."]
        whole = column.type is ColumnType.INTEGER
        if not all(math.isfinite(n) and (n.is_integer() or not whole) for n in numbers):
            return [f"{here}: its `values` must be {'whole' if whole else 'finite'} numbers."]
    return []
