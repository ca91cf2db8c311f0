"""DuckDB as a calculator: in memory, without extensions from the network, without spill files."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache

import duckdb
import pyarrow as pa


@contextmanager
def duck() -> Iterator[duckdb.DuckDBPyConnection]:
    """A private in-memory database that writes nothing to disk and is closed at the end."""
    connection = _connect()
    try:
        yield connection
    finally:
        connection.close()


def calculate(expression: str, x: pa.Array, parameters: Mapping[str, object]) -> pa.Array:
    """Evaluate a SQL expression over ``x``, row by row, with named parameters (``$name``)."""
    with _calculator().cursor() as cursor:
        cursor.register("cells", pa.table({"x": x}))
        query = f"SELECT {expression} AS y FROM cells"
        table = cursor.execute(query, dict(parameters)).to_arrow_table()
    return table.column("y").combine_chunks()


def calculation(query: str, x: pa.Array, parameters: Mapping[str, object]) -> list[object]:
    """The first column of a query over the table ``cells``, whose column is ``x``."""
    with _calculator().cursor() as cursor:
        cursor.register("cells", pa.table({"x": x}))
        return [row[0] for row in cursor.execute(query, dict(parameters)).fetchall()]


@lru_cache(maxsize=1)
def _calculator() -> duckdb.DuckDBPyConnection:
    """One empty database for all calculations: opening it takes longer than most of them."""
    connection = _connect()
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def _connect() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"autoinstall_known_extensions": False, "temp_directory": ""})
