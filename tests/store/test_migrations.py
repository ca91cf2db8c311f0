"""Old states come up to date, newer ones are left alone."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, create_engine, inspect, select, text

from core.errors import Conflict
from core.store.migrations import migrate, schema_version
from core.store.tables import Base


def add_a(connection: Connection) -> None:
    connection.execute(text("CREATE TABLE a (x INTEGER)"))


def add_b(connection: Connection) -> None:
    connection.execute(text("ALTER TABLE a ADD COLUMN y INTEGER"))


@pytest.fixture
def connection() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def versions(connection: Connection) -> list[int]:
    return list(connection.scalars(select(schema_version.c.version).order_by("version")))


def test_a_fresh_state_gets_all_tables_and_the_newest_version(connection: Connection) -> None:
    assert migrate(connection, (add_a, add_b)) == 3
    assert set(Base.metadata.tables) < set(inspect(connection).get_table_names())
    assert "a" not in inspect(connection).get_table_names()
    assert versions(connection) == [3]


def test_an_older_state_runs_each_missing_step_once(connection: Connection) -> None:
    assert migrate(connection, ()) == 1
    assert migrate(connection, (add_a,)) == 2
    assert migrate(connection, (add_a, add_b)) == 3
    assert migrate(connection, (add_a, add_b)) == 3
    assert [c["name"] for c in inspect(connection).get_columns("a")] == ["x", "y"]
    assert versions(connection) == [1, 2, 3]


def test_a_newer_state_is_refused(connection: Connection) -> None:
    migrate(connection, (add_a, add_b))
    with pytest.raises(Conflict, match="version 3, this studio knows up to 2"):
        migrate(connection, (add_a,))
