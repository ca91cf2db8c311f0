"""Old states come up to date, newer ones are left alone."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, create_engine, inspect, select, text
from sqlalchemy.orm import Session

from core.errors import Conflict
from core.store.migrations import MIGRATIONS, migrate, schema_version
from core.store.tables import Base, PolicyRow


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


def as_of_version_1(connection: Connection) -> None:
    """The state as the first version left it."""
    added = {"policies", "budget", "plans", "uploads", "connections", "preparations"}
    old = [table for name, table in Base.metadata.tables.items() if name not in added]
    Base.metadata.create_all(connection, tables=old)
    for column in ("version_of", "carried"):
        connection.execute(text(f"ALTER TABLE datasets DROP COLUMN {column}"))
    schema_version.create(connection)
    connection.execute(schema_version.insert().values(version=1))


def test_the_steps_make_of_an_old_state_what_a_fresh_one_is(connection: Connection) -> None:
    as_of_version_1(connection)
    assert migrate(connection) == len(MIGRATIONS) + 1
    for name, table in Base.metadata.tables.items():
        columns = {c["name"]: c["nullable"] for c in inspect(connection).get_columns(name)}
        assert columns == {c.name: bool(c.nullable) for c in table.columns}


def test_the_steps_are_understood_by_duckdb() -> None:
    engine = create_engine("duckdb:///:memory:")
    with Session(engine) as session:
        as_of_version_1(session.connection())
        migrate(session.connection())
        session.add(PolicyRow(project_id="p1", policy={"small_group": 11}, set_by="ada"))
        session.commit()
        row = session.get(PolicyRow, "p1")
        assert row is not None
        assert row.policy == {"small_group": 11}
    engine.dispose()
