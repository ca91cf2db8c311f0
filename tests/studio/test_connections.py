"""Databases: SQLite and a real PostgreSQL, from the first look to the imported dataset."""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from core.data.sources import Filter, Operator, Selection, TableName, checked_url, opened
from core.data.sources.addresses import checked_address
from core.errors import InvalidInput, NotFound, PermissionDenied
from core.governance.policy import UserRole
from core.studio.connections import Connection
from tests.postgres import PASSWORD, Server, server
from tests.studio.office import Office

TABLES = """
CREATE TABLE customers (id INTEGER PRIMARY KEY, name VARCHAR(50), born DATE, "odd; name" INTEGER);
CREATE TABLE orders (no INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id),
                     amount NUMERIC(9, 2));
CREATE TABLE shelves (depot VARCHAR(9), nr INTEGER, width INTEGER, PRIMARY KEY (depot, nr));
CREATE TABLE remarks (of_depot VARCHAR(9), of_nr INTEGER, remark VARCHAR(9),
                      FOREIGN KEY (of_depot, of_nr) REFERENCES shelves (depot, nr));
"""


def fill(execute) -> None:
    for statement in TABLES.split(";\n"):
        if statement.strip():
            execute(statement)
    for i in range(60):
        born = f"'19{50 + i % 40}-0{1 + i % 9}-11'" if i % 7 else "NULL"
        execute(f"INSERT INTO customers VALUES ({i}, 'Name {i}', {born}, {i % 3})")
    for i in range(200):
        execute(f"INSERT INTO orders VALUES ({i}, {i % 60}, {i}.25)")
    for i in range(30):
        execute(f"INSERT INTO shelves VALUES ('{'ns'[i % 2]}', {i // 2}, {i % 4})")
        execute(f"INSERT INTO remarks VALUES ('{'ns'[i % 2]}', {i // 4}, 'r{i % 3}')")


@pytest.fixture(scope="module")
def postgres() -> Iterator[Server]:
    with server() as running:
        engine = running.engine()
        with engine.begin() as connection:
            fill(lambda statement: connection.execute(text(statement)))
            connection.execute(text("CREATE SEQUENCE counter"))
            connection.execute(text("CREATE SCHEMA lab"))
            connection.execute(text("CREATE TABLE lab.mixed (j JSONB, u UUID, b BYTEA, f FLOAT8, "
                                    "t TIMESTAMPTZ, a INT[], d NUMERIC)"))  # fmt: skip
            connection.execute(
                text(
                    "INSERT INTO lab.mixed VALUES ('{\"k\": 1}', gen_random_uuid(), '\\x0102', "
                    "0.5, '2024-05-01 10:00+02', '{1,2}', 1.234)"
                )
            )
        yield running


@pytest.fixture
def folders(office: Office, tmp_path: Path) -> Iterator[Path]:
    """The office with an import folder."""
    context = office.studio.connections._context
    before = context.settings
    object.__setattr__(context, "settings", replace(before, import_folders=str(tmp_path)))
    yield tmp_path
    object.__setattr__(context, "settings", before)


@pytest.fixture
def lite(office: Office, folders: Path) -> Connection:
    with sqlite3.connect(folders / "shop.db") as made:
        fill(made.execute)
        made.execute("CREATE TABLE loose (x, y)")
        made.executemany(
            "INSERT INTO loose VALUES (?, ?)", [(1, "a"), ("two", b"\xff"), (2.5, None)]
        )
    made.close()
    return office.studio.connections.add(
        office.worker, office.project.id, "Shop", f"sqlite:///{folders / 'shop.db'}"
    )


def check_import(office: Office, connection: Connection, schema: str) -> None:
    """Both tables with their keys, as of the catalogue."""
    connections, worker = office.studio.connections, office.worker
    names = [t.name for t in connections.tables(worker, connection.id, schema)]
    assert {"customers", "orders"} <= set(names)
    details = connections.describe(worker, connection.id, TableName(schema, "orders"))
    assert details.primary_key == "no"
    assert [(k.column, k.table, k.target) for k in details.foreign_keys] == [
        ("customer_id", "customers", "id")
    ]
    chosen = [Selection(TableName(schema, name)) for name in ("customers", "orders")]
    task = connections.start_import(worker, connection.id, "All", chosen)
    task = office.studio.imports.wait(task.id)
    assert task.state == "done", task.error
    dataset = office.studio.datasets.get(worker, task.dataset_id)
    assert dict(dataset.table_rows) == {"customers": 60, "orders": 200}
    kinds = {c.name: c.type.value for c in dataset.schema["customers"].columns}
    assert kinds["born"] == "date"
    assert dataset.schema["orders"]["amount"].type.value == "number"
    assert dataset.schema["orders"].primary_key == "no"
    (link,) = dataset.schema.relationships
    assert (link.parent, link.parent_key, link.child, link.child_key) == (
        "customers", "id", "orders", "customer_id",
    )  # fmt: skip


def check_wide_keys(office: Office, connection: Connection, schema: str) -> None:
    """Keys and foreign keys of several columns come along from the catalogue."""
    connections, worker = office.studio.connections, office.worker
    details = connections.describe(worker, connection.id, TableName(schema, "remarks"))
    (key,) = details.foreign_keys
    assert (key.columns, key.targets) == (("of_depot", "of_nr"), ("depot", "nr"))
    known = connections.describe(worker, connection.id, TableName(schema, "shelves"))
    assert (known.primary_key, known.composite_key) == (None, ("depot", "nr"))
    chosen = [Selection(TableName(schema, name)) for name in ("shelves", "remarks")]
    task = connections.start_import(worker, connection.id, "Wide", chosen)
    task = office.studio.imports.wait(task.id)
    assert task.state == "done", task.error
    dataset = office.studio.datasets.get(worker, task.dataset_id)
    (link,) = dataset.schema.relationships
    assert (link.parent, link.child) == ("shelves", "remarks")
    assert link.parent_columns == ("depot", "nr")
    assert link.child_columns == ("of_depot", "of_nr")
    draft = office.studio.schemas.get(worker, dataset.id)
    assert draft.composite["shelves"] == ("depot", "nr")


def check_selection(office: Office, connection: Connection, schema: str) -> None:
    """Columns, filters and queries; nothing that is typed becomes a part of a statement."""
    connections, worker = office.studio.connections, office.worker
    table = TableName(schema, "customers")
    filters = (
        Filter("id", Operator.AT_LEAST, 10),
        Filter("odd; name", Operator.EQUAL, 1),
        Filter("born", Operator.PRESENT),
    )
    rows = connections.first_rows(worker, connection.id, Selection(table, ("name", "id"), filters))
    assert list(rows.columns) == ["name", "id"]
    assert rows["id"].tolist()[:3] == [10, 13, 16]
    evil = (Filter("name", Operator.EQUAL, "x'; DROP TABLE orders; --"),)
    with pytest.raises(InvalidInput, match="no rows"):
        connections.first_rows(worker, connection.id, Selection(table, (), evil))
    with pytest.raises(InvalidInput, match="no column 'nome'"):
        connections.first_rows(worker, connection.id, Selection(table, ("nome",)))
    with pytest.raises(NotFound):
        connections.describe(worker, connection.id, TableName(schema, 'x"; DROP TABLE orders'))
    query = "SELECT name AS n, ':x' AS c FROM customers WHERE id < 5 ORDER BY id"
    rows = connections.first_rows(
        worker, connection.id, Selection(TableName("", "mine"), query=query)
    )
    assert rows["n"].tolist() == [f"Name {i}" for i in range(5)]
    assert rows["c"].tolist() == [":x"] * 5
    for bad in (
        "DELETE FROM orders",
        "SELECT 1; DROP TABLE orders",
        "WITH x AS (DELETE FROM orders RETURNING *) SELECT * FROM x",
        "SELECT * INTO copy FROM orders",
    ):
        with pytest.raises(InvalidInput, match="changes nothing"):
            connections.first_rows(
                worker, connection.id, Selection(TableName("", "mine"), query=bad)
            )
    sampled = Selection(TableName(schema, "orders"), sample=30)
    task = connections.start_import(worker, connection.id, "Some", [sampled])
    task = office.studio.imports.wait(task.id)
    dataset = office.studio.datasets.get(worker, task.dataset_id)
    assert dict(dataset.table_rows) == {"orders": 30}


def test_sqlite(office: Office, lite: Connection) -> None:
    check_import(office, lite, "")
    check_wide_keys(office, lite, "")
    check_selection(office, lite, "")
    rows = office.studio.connections.first_rows(
        office.worker, lite.id, Selection(TableName("", "loose"))
    )
    assert rows["x"].tolist() == ["1", "two", "2.5"]


def test_postgres(office: Office, postgres: Server) -> None:
    connections, worker = office.studio.connections, office.worker
    kept = connections.add(worker, office.project.id, "Bank", postgres.url)
    assert connections.test(worker, kept.id) == 2
    assert connections.schemas(worker, kept.id) == ["lab", "public"]
    check_import(office, kept, "public")
    check_wide_keys(office, kept, "public")
    check_selection(office, kept, "public")
    rows = connections.first_rows(worker, kept.id, Selection(TableName("lab", "mixed")))
    assert rows["j"].tolist() == ['{"k": 1}']
    assert rows["d"].tolist() == [1.234]
    changing = Selection(TableName("", "q"), query="SELECT nextval('counter') AS n")
    with pytest.raises(InvalidInput, match="failed or went away") as caught:
        connections.first_rows(worker, kept.id, changing)
    assert "counter" not in str(caught.value)


def test_a_database_that_goes_away_in_the_middle(office: Office, postgres: Server) -> None:
    connections, worker = office.studio.connections, office.worker
    kept = connections.add(worker, office.project.id, "Gone", postgres.url)
    before = {d.id for d in office.studio.datasets.list(worker, office.project.id)}
    folders = set((office.home / "vault" / "datasets").glob("*"))
    query = (
        "SELECT i, CASE WHEN i = 30000 THEN (SELECT count(*) FROM (SELECT pg_terminate_backend("
        "pg_backend_pid())) AS x) ELSE 0 END AS x FROM generate_series(1, 60000) AS i"
    )
    chosen = [
        Selection(TableName("public", "customers")),
        Selection(TableName("", "long"), query=query),
    ]
    task = connections.start_import(worker, kept.id, "Gone", chosen)
    task = office.studio.imports.wait(task.id)
    assert task.state == "failed"
    assert "went away while 'long' was read" in task.error
    assert "Nothing was kept" in task.error
    assert {d.id for d in office.studio.datasets.list(worker, office.project.id)} == before
    assert set((office.home / "vault" / "datasets").glob("*")) == folders


def test_what_is_kept_is_never_shown_again(office: Office, postgres: Server) -> None:
    connections, worker = office.studio.connections, office.worker
    kept = connections.add(worker, office.project.id, "Secret", postgres.url)
    assert PASSWORD not in repr(kept) + repr(connections.list(worker, office.project.id))
    with connections._context.database.reading() as session:
        for (sealed,) in session.execute(text("SELECT sealed FROM connections")):
            assert PASSWORD not in sealed
    wrong = postgres.url.replace(PASSWORD, "wrong-password-9")
    for bad in (wrong, wrong.replace(str(postgres.port), "1"), "klingon://u:wrong-password-9@h/d"):
        with pytest.raises(InvalidInput) as caught:
            connections.add(worker, office.project.id, "Wrong", bad)
        seen: BaseException | None = caught.value
        assert "wrong-password-9" not in str(seen)
    auditor = office.actors[UserRole.AUDITOR]
    for entry in office.studio.audit.search(auditor, text="connection"):
        assert "password" not in repr(entry)
        assert PASSWORD not in repr(entry)


def test_who_may(office: Office, lite: Connection) -> None:
    connections = office.studio.connections
    for actor in (office.outsider, office.actors[UserRole.AUDITOR]):
        for call in (
            lambda who: connections.list(who, office.project.id),
            lambda who: connections.schemas(who, lite.id),
            lambda who: connections.start_import(who, lite.id, "x", []),
            lambda who: connections.remove(who, lite.id),
        ):
            with pytest.raises((NotFound, PermissionDenied)):
                call(actor)
    connections.remove(office.worker, lite.id)
    with pytest.raises(NotFound):
        connections.test(office.worker, lite.id)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("no address", "cannot be understood"),
        ("sqlite:////etc/passwd", "import folder"),
        ("sqlite:///:memory:", "import folder"),
        ("sqlite://", "import folder"),
        ("duckdb:///x.db", "cannot be imported from"),
        ("postgresql:///name", "names no host"),
        ("postgresql://u:p@/name?host=/var/run/postgresql", "must not have `host`"),
        ("mysql://u:p@h/d?read_default_file=/etc/my.cnf", "read_default_file"),
    ],
)
def test_addresses_that_are_refused(address: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=words):
        checked_url(address, [tmp_path])


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "10.0.0.1", "192.168.1.1", "172.16.5.5", "169.254.169.254",
     "0.0.0.0", "::1", "::ffff:127.0.0.1", "fe80::1", "fc00::1", "2130706433", "0x7f.1",
     "100.64.0.1", "224.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "::10.0.0.1",
     "2002:7f00:1::"],
)  # fmt: skip
def test_private_addresses_can_be_forbidden(host: str) -> None:
    with pytest.raises(InvalidInput, match=r"forbidden|no address"):
        checked_address(host, 5432, forbid_private=True)
    assert checked_address(host, 5432, forbid_private=False) == host


def test_a_public_address_is_the_one_that_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    def answers(*found: str):
        return lambda host, port, type=0: [(2, 1, 6, "", (ip, port)) for ip in found]

    monkeypatch.setattr("socket.getaddrinfo", answers("93.184.216.34"))
    assert checked_address("db.example", 5432, forbid_private=True) == "93.184.216.34"
    monkeypatch.setattr("socket.getaddrinfo", answers("93.184.216.34", "10.0.0.1"))
    with pytest.raises(InvalidInput, match="forbidden"):
        checked_address("db.example", 5432, forbid_private=True)


def test_a_missing_driver_says_what_to_do(tmp_path: Path) -> None:
    url = checked_url("mysql://u:p@localhost/d", [])
    with pytest.raises(InvalidInput, match="dialect installed"), opened(url, forbid_private=False):
        pass
