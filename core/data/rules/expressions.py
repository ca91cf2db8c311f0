"""A condition on a row, written in SQL by a person, and run where it can do nothing else.

The text is parsed by DuckDB and only what is known to be harmless is let through: columns,
constants, comparisons, ``CASE``, ``CAST`` and the functions named here. No subquery, no other
table, no aggregate, no window, no setting. What passes runs in a DuckDB of its own, in memory,
without access to files, extensions or Python's variables, with limits of memory and time. Whatever
cannot be checked is refused, and no message repeats a value.
"""

import json
import threading
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from core.data.schema import ColumnType, Table
from core.errors import InvalidInput

LONGEST = 4_000
SECONDS = 20.0
_AGAIN_S = 0.1
_DEEPEST = 200
_TOO_DEEP = "The expression is nested too deeply. Write a flatter one."
_MEMORY = "512MB"
_NODES = frozenset(
    {"BETWEEN", "CASE", "CAST", "COLLATE", "COLUMN_REF", "COMPARISON", "CONJUNCTION"}
    | {"CONSTANT", "FUNCTION", "OPERATOR"}
)
_OPERATORS = frozenset(
    {"COMPARE_IN", "COMPARE_NOT_IN", "OPERATOR_NOT", "OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL"}
    | {"OPERATOR_COALESCE", "OPERATOR_NULLIF", "OPERATOR_TRY"}
)
_KNOWN = """
    + - * / // % ^ ** || ~~ !~~ ~~* !~~* ~~~ like_escape ilike_escape not_like_escape
    abs ceil ceiling floor round trunc sqrt cbrt ln log log2 log10 exp power pow mod sign greatest
    least isnan isinf isfinite coalesce ifnull nullif
    length len lower upper lcase ucase trim ltrim rtrim substring substr left right reverse replace
    strip_accents starts_with prefix ends_with suffix contains strpos instr position concat
    concat_ws regexp_matches regexp_full_match regexp_extract ascii
    year month day quarter week weekday isodow dayofweek dayofmonth dayofyear hour minute second
    date_part datepart date_diff datediff date_sub datesub date_trunc datetrunc date_add last_day
    make_date to_days to_weeks to_months to_years to_hours to_minutes to_seconds age
"""
_FUNCTIONS = frozenset(_KNOWN.split())
_TYPES = frozenset(
    {"BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "FLOAT", "DOUBLE"}
    | {"DECIMAL", "VARCHAR", "DATE", "TIME", "TIMESTAMP", "INTERVAL"}
)
_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "python_enable_replacements": "false",
    "temp_directory": "",
    "memory_limit": _MEMORY,
    "threads": "1",
}


def expression_columns(expression: str) -> tuple[str, ...]:
    """The columns that an expression names, in order.

    Raises
    ------
    InvalidInput
        When it is no expression, or does what is not let through.
    """
    return _parsed(expression)[1]


def resolved(names: Sequence[str], table: Table) -> tuple[str, ...]:
    """Columns of the table as it spells them; SQL does not tell ``Age`` from ``age``.

    Names that it does not have stay as they are.
    """
    known = {name.casefold(): name for name in table.names}
    return tuple(
        name if name in table.names else known.get(name.casefold(), name) for name in names
    )


def expression_problems(expression: str, table: Table) -> list[str]:
    """Why an expression cannot be asked of the table's rows: all reasons that are found at once."""
    try:
        _, names = _parsed(expression)
    except InvalidInput as error:
        return [str(error)]
    absent = [name for name in resolved(names, table) if name not in table.names]
    if absent:
        return [f"Table {table.name!r} has no column {name!r}." for name in absent]
    if not names:
        return ["The expression names no column, so that it says nothing of a row."]
    empty = {n: pd.Series(dtype=table[n].type.dtype) for n in resolved(names, table)}
    try:
        holds(expression, pd.DataFrame(empty), table)
    except InvalidInput as error:
        return [str(error)]
    return []


def holds(expression: str, frame: pd.DataFrame, table: Table) -> npt.NDArray[np.bool_]:
    """Which rows meet the expression; as for SQL's ``CHECK``, one that is unknown is met.

    Raises
    ------
    InvalidInput
        When it is not let through, fails on a row, or takes too long. Nothing is known then.
    """
    safe, names = _parsed(expression)
    if not names or any(name not in table.names for name in resolved(names, table)):
        raise InvalidInput("The expression does not speak of this table's columns.")
    columns = [table[name] for name in resolved(names, table)]
    arrays = [_plain(frame[c.name], c.type) for c in columns]
    rows = pa.table(arrays, names=[c.name for c in columns])
    with duckdb.connect(config=dict(_CONFIG)) as connection:
        connection.register("data", rows)
        connection.execute("SET lock_configuration = true")
        query = f"SELECT coalesce(CAST(({safe}) AS BOOLEAN), true) FROM data"
        found = _within_time(connection, query)
    if len(found) != len(frame):
        raise InvalidInput("The expression does not give one answer for each row.")
    return found


def _within_time(connection: duckdb.DuckDBPyConnection, query: str) -> npt.NDArray[np.bool_]:
    done = threading.Event()
    watch = threading.Thread(target=_interrupt, args=(connection, done), daemon=True)
    watch.start()
    try:
        answer = connection.execute(query).fetchnumpy()
    except duckdb.InterruptException:
        raise InvalidInput(
            f"The expression takes more than {SECONDS:g} s. Write a simpler one."
        ) from None
    except duckdb.Error as error:
        raise InvalidInput(
            f"The expression cannot be computed on these columns ({type(error).__name__}). Check "
            "the types that it compares, and guard divisions and casts."
        ) from None
    finally:
        done.set()
        watch.join()
    (values,) = answer.values()
    return np.asarray(values, np.bool_)


def _interrupt(connection: duckdb.DuckDBPyConnection, done: threading.Event) -> None:
    """Stop a query once its time is over; again and again, since one that is early is lost."""
    wait = SECONDS
    while not done.wait(wait):
        connection.interrupt()
        wait = _AGAIN_S


@lru_cache(maxsize=256)
def _parsed(expression: str) -> tuple[str, tuple[str, ...]]:
    """The expression as DuckDB writes it again, and the columns that it names."""
    if not 1 <= len(expression.strip()) <= LONGEST:
        raise InvalidInput(f"An expression has 1 to {LONGEST:,} characters.")
    with duckdb.connect(config=dict(_CONFIG)) as connection:
        parsed = _serialized(connection, f"SELECT ({expression})")
        shell = _serialized(connection, "SELECT (1)")
        (own,), (one,) = parsed["statements"], shell["statements"]
        tree = own["node"].pop("select_list")
        one["node"].pop("select_list")
        if own != one or len(tree) != 1:
            raise InvalidInput("The expression must be one condition, and no more of a query.")
        names = tuple(dict.fromkeys(_checked(tree[0], _DEEPEST)))
        own["node"]["select_list"] = tree
        (text,) = connection.execute(
            "SELECT json_deserialize_sql(?)", [json.dumps(parsed)]
        ).fetchone()  # type: ignore[misc]
    return str(text).removeprefix("SELECT "), names


def _serialized(connection: duckdb.DuckDBPyConnection, query: str) -> dict[str, Any]:
    try:
        row = connection.execute("SELECT json_serialize_sql(?)", [query]).fetchone()
    except duckdb.Error:
        row = None
    try:
        parsed: dict[str, Any] = json.loads(row[0]) if row else {"error": True}
    except RecursionError:
        raise InvalidInput(_TOO_DEEP) from None
    if parsed.get("error") or len(parsed.get("statements", ())) != 1:
        raise InvalidInput("The expression is no SQL condition. Write one such as a + b <= c.")
    return parsed


def _checked(node: Any, levels: int) -> Iterator[str]:
    """Columns that are named; raises ``InvalidInput`` at the first thing that may not be."""
    if not levels:
        raise InvalidInput(_TOO_DEEP)
    if isinstance(node, list):
        for part in node:
            yield from _checked(part, levels - 1)
    if not isinstance(node, dict):
        return
    kind = node.get("class")
    if kind is not None:
        _check_node(node, str(kind))
    if kind == "COLUMN_REF":
        yield str(node["column_names"][0])
        return
    for part in node.values():
        yield from _checked(part, levels - 1)


def _check_node(node: dict[str, Any], kind: str) -> None:
    if kind not in _NODES:
        raise InvalidInput(f"An expression may hold no {kind.lower().replace('_', ' ')}.")
    if kind == "COLUMN_REF" and len(node["column_names"]) != 1:
        raise InvalidInput("Name columns without their table: a column of another cannot be used.")
    if kind == "OPERATOR" and node["type"] not in _OPERATORS:
        raise InvalidInput("An expression may use no lists, structs or fields.")
    if kind == "FUNCTION" and not _is_known(node):
        raise InvalidInput("The expression uses a function that is not let through.")
    if kind == "CAST" and node["cast_type"]["id"] not in _TYPES:
        raise InvalidInput("The expression casts to a type that is not let through.")


def _is_known(node: dict[str, Any]) -> bool:
    is_plain = not (node.get("schema") or node.get("catalog") or node.get("filter"))
    return is_plain and not node.get("distinct") and node["function_name"].lower() in _FUNCTIONS


def _plain(values: pd.Series, kind: ColumnType) -> pa.Array:
    if kind is ColumnType.DATE:
        return pa.array(values, pa.timestamp("us"), from_pandas=True).cast(pa.date32())
    if kind is ColumnType.TIME:
        return (
            pa.array(values, pa.duration("us"), from_pandas=True)
            .cast(pa.int64())
            .cast(pa.time64("us"))
        )
    array = pa.array(values, from_pandas=True)
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
