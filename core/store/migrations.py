"""The state's version, and the steps that bring an older state up to it.

A fresh state is made from the tables as they are now. ``MIGRATIONS[n]`` turns version ``n + 1``
into ``n + 2``; each runs once, in the transaction that also writes the new version.
"""

from collections.abc import Callable

from sqlalchemy import (
    Column,
    Connection,
    Integer,
    MetaData,
    Table,
    func,
    insert,
    inspect,
    select,
    text,
)

from core.errors import Conflict
from core.store.tables import Base

Migration = Callable[[Connection], None]


def add_policies(connection: Connection) -> None:
    """Version 2: projects keep the thresholds that their runs are judged by."""
    connection.execute(
        text(
            "CREATE TABLE policies (project_id VARCHAR(16) NOT NULL PRIMARY KEY, "
            "policy JSON NOT NULL, set_by VARCHAR(64) NOT NULL, set_at TIMESTAMP NOT NULL)"
        )
    )


def add_budgets(connection: Connection) -> None:
    """Version 3: datasets have a privacy budget."""
    connection.execute(
        text(
            "CREATE TABLE budget (number BIGINT NOT NULL PRIMARY KEY, "
            "recorded_at TIMESTAMP NOT NULL, kind VARCHAR(16) NOT NULL, "
            "project_id VARCHAR(16) NOT NULL, data VARCHAR(64) NOT NULL, unit TEXT NOT NULL, "
            "run_id VARCHAR(16) NOT NULL, actor VARCHAR(64) NOT NULL, details JSON NOT NULL, "
            "previous_hash VARCHAR(64) NOT NULL, hash VARCHAR(64) NOT NULL)"
        )
    )


def add_plans(connection: Connection) -> None:
    """Version 4: datasets have rules of their own."""
    connection.execute(
        text(
            "CREATE TABLE plans (dataset_id VARCHAR(16) NOT NULL PRIMARY KEY, "
            "rules JSON NOT NULL, revision INTEGER NOT NULL, "
            "set_by VARCHAR(64) NOT NULL, set_at TIMESTAMP NOT NULL)"
        )
    )


def add_arrivals(connection: Connection) -> None:
    """Version 5: files on their way in, and databases to import from."""
    connection.execute(
        text(
            "CREATE TABLE uploads (id VARCHAR(16) NOT NULL PRIMARY KEY, "
            "project_id VARCHAR(16) NOT NULL, name VARCHAR(200) NOT NULL, size BIGINT NOT NULL, "
            "token_hash VARCHAR(64) NOT NULL, is_checked BOOLEAN NOT NULL, "
            "created_by VARCHAR(64) NOT NULL, created_at TIMESTAMP NOT NULL, "
            "changed_at TIMESTAMP NOT NULL)"
        )
    )
    connection.execute(
        text(
            "CREATE TABLE connections (id VARCHAR(16) NOT NULL PRIMARY KEY, "
            "project_id VARCHAR(16) NOT NULL, name VARCHAR(200) NOT NULL, "
            "kind VARCHAR(40) NOT NULL, sealed TEXT NOT NULL, "
            "created_by VARCHAR(64) NOT NULL, created_at TIMESTAMP NOT NULL)"
        )
    )


def add_versions(connection: Connection) -> None:
    """Version 6: a dataset may be a new version of another."""
    connection.execute(text("ALTER TABLE datasets ADD COLUMN version_of VARCHAR(16)"))
    connection.execute(text("ALTER TABLE datasets ADD COLUMN carried JSON"))


def add_preparations(connection: Connection) -> None:
    """Version 7: datasets have steps that prepare their rows."""
    connection.execute(
        text(
            "CREATE TABLE preparations (dataset_id VARCHAR(16) NOT NULL PRIMARY KEY, "
            "history JSON NOT NULL, revision INTEGER NOT NULL)"
        )
    )


MIGRATIONS: tuple[Migration, ...] = (
    add_policies,
    add_budgets,
    add_plans,
    add_arrivals,
    add_versions,
    add_preparations,
)

_metadata = MetaData()
schema_version = Table(
    "schema_version", _metadata, Column("version", Integer, primary_key=True, autoincrement=False)
)


def migrate(connection: Connection, migrations: tuple[Migration, ...] = MIGRATIONS) -> int:
    """Make the tables, or bring them up to date; returns the version reached.

    Raises
    ------
    Conflict
        A newer studio wrote this state.
    """
    newest = len(migrations) + 1
    if not inspect(connection).has_table(schema_version.name):
        Base.metadata.create_all(connection)
        _metadata.create_all(connection)
        connection.execute(insert(schema_version).values(version=newest))
        return newest
    found = connection.scalar(select(func.max(schema_version.c.version))) or 0
    if found > newest:
        raise Conflict(
            f"The state has version {found}, this studio knows up to {newest}. Start the newer "
            "studio that wrote it, or restore an older backup."
        )
    for number in range(max(found, 1), newest):
        migrations[number - 1](connection)
        connection.execute(insert(schema_version).values(version=number + 1))
    return newest
