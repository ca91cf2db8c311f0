"""The state file: encrypted, owned by one process, and safe against a kill."""

import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Table, func, insert, select, text, update
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.schema import CreateTable

from core.errors import (
    Conflict,
    IntegrityError,
    InvalidInput,
    StorageError,
    StudioError,
    WorkspaceLocked,
)
from core.keys import Keys
from core.settings import Settings
from core.store.database import Database, open_database
from core.store.duck import connect, literal
from core.store.migrations import MIGRATIONS
from core.store.tables import Base, ProjectRow, RunRow, UserRow, now

KEYS = Keys(bytes(range(32)))
Opener = Callable[[], Database]


@pytest.fixture(params=["duckdb", "sqlite"])
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Opener:
    """Opens the same state again at each call; every behaviour holds for any database."""
    url = "" if request.param == "duckdb" else f"sqlite:///{tmp_path}/state.sqlite"
    return lambda: open_database(Settings(home=tmp_path, database_url=url), KEYS)


@pytest.fixture
def database(opener: Opener) -> Iterator[Database]:
    database = opener()
    yield database
    database.close()


def user(name: str) -> UserRow:
    return UserRow(username=name, name=name.title(), role="general", password_hash="x")


def names(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(UserRow.username).order_by(UserRow.username)))


def test_rows_come_back_as_they_went_in_after_reopening(opener: Opener) -> None:
    database, moment = opener(), now()
    row = RunRow(
        project_id="p1",
        dataset_id="d1",
        spec={"tables": [{"name": "a", "columns": []}], "x": 0.1, "y": None},
        state="queued",
        error="Müşteri 客户\n'\"",
        created_by="ada",
        created_at=moment,
    )
    with database.session() as session:
        session.add(row)
    database.close()
    database = opener()
    with database.reading() as session:
        found = session.scalars(select(RunRow)).one()
    database.close()
    assert found.error == "Müşteri 客户\n'\""
    assert found.spec == {"tables": [{"name": "a", "columns": []}], "x": 0.1, "y": None}
    assert found.progress == {}
    assert found.created_at == moment
    assert found.started_at is None


def test_an_error_rolls_back_everything_and_runs_no_callback(database: Database) -> None:
    called: list[str] = []

    def fail() -> None:
        with database.session() as session:
            session.add(user("ada"))
            session.flush()
            session.info["after_commit"].append(lambda: called.append("ada"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with database.session() as session:
        session.add(user("bob"))
        session.info["after_commit"].append(lambda: called.append("bob"))
        assert called == []
    assert names(database) == ["bob"]
    assert called == ["bob"]


def test_reading_writes_nothing(database: Database) -> None:
    with database.reading() as session:
        session.add(user("ada"))
        session.flush()
    assert names(database) == []


def test_reading_goes_on_while_another_thread_writes(database: Database) -> None:
    with database.session() as session:
        session.add(user("ada"))
        session.flush()
        found: list[list[str]] = []
        thread = threading.Thread(target=lambda: found.append(names(database)))
        thread.start()
        thread.join(timeout=20)
    assert found == [[]]


def test_a_refused_row_is_a_conflict_that_shows_no_value(database: Database) -> None:

    def add_the_same_id() -> None:
        row = user("secret.person")
        row.id = "1" * 16
        with database.session() as session:
            session.add(row)

    add_the_same_id()
    with pytest.raises(Conflict, match="Nothing was written") as caught:
        add_the_same_id()
    assert "secret" not in str(caught.value)
    assert names(database) == ["secret.person"]


def test_a_refusal_within_the_body_shows_no_value_either(database: Database) -> None:
    def add_twice() -> None:
        with database.session() as session:
            for key in ("1" * 16, "1" * 16):
                session.execute(
                    insert(UserRow).values(
                        id=key, username="secret.person", name="", role="", password_hash=""
                    )
                )

    with pytest.raises(Conflict) as caught:
        add_twice()
    assert "secret" not in f"{caught.value}{caught.value.__cause__}"
    assert names(database) == []


def test_four_threads_add_rows_and_count_up_one_row_without_loss(database: Database) -> None:
    with database.session() as session:
        session.add(ProjectRow(id="p", name="0", created_by="ada"))

    def work(number: int) -> None:
        for i in range(25):
            with database.session() as session:
                session.add(user(f"{number}-{i}"))
                project = session.get(ProjectRow, "p")
                assert project is not None
                project.name = str(int(project.name) + 1)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(UserRow)) == 100
        assert session.scalars(select(ProjectRow.name)).one() == "100"


def test_rows_can_be_changed_and_deleted_by_key(database: Database) -> None:
    with database.session() as session:
        session.add_all([user("ada"), user("bob")])
    with database.session() as session:
        session.execute(update(UserRow).where(UserRow.username == "ada").values(disabled=True))
        session.delete(session.scalars(select(UserRow).where(UserRow.username == "bob")).one())
    with database.reading() as session:
        found = session.scalars(select(UserRow)).all()
    assert [(row.username, row.disabled) for row in found] == [("ada", True)]


def test_check_answers(database: Database) -> None:
    database.check()
    assert database.dialect in {"duckdb", "sqlite"}


def test_a_second_studio_in_this_process_is_refused(opener: Opener, database: Database) -> None:
    with pytest.raises(WorkspaceLocked, match=r"in use by process \d+"):
        opener()


def test_closing_frees_the_workspace(opener: Opener) -> None:
    opener().close()
    opener().close()


def test_nothing_plain_is_on_disk(tmp_path: Path) -> None:
    database = open_database(Settings(home=tmp_path), KEYS)
    marker = "Zebra-Quagga-1234567890"
    with database.session() as session:
        session.add(user(marker))
    held = _contents(tmp_path)
    database.close()
    assert len(held) >= 3  # lock, state and its write-ahead log
    assert marker.encode() not in b"".join(held)
    assert marker.encode() not in b"".join(_contents(tmp_path))
    assert (tmp_path / "state.duckdb").stat().st_mode & 0o077 == 0
    assert not (tmp_path / "state.duckdb.wal").exists()


def _contents(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in folder.iterdir()]


def test_another_key_is_named_as_the_reason(tmp_path: Path) -> None:
    open_database(Settings(home=tmp_path), KEYS).close()
    with pytest.raises(IntegrityError, match="another master key"):
        open_database(Settings(home=tmp_path), Keys(bytes(32)))
    open_database(Settings(home=tmp_path), KEYS).close()


def test_a_damaged_file_is_an_integrity_error(tmp_path: Path) -> None:
    (tmp_path / "state.duckdb").write_bytes(b"not a database" * 1000)
    with pytest.raises(IntegrityError, match="cannot be opened"):
        open_database(Settings(home=tmp_path), KEYS)


def test_a_home_with_a_quote_in_its_name(tmp_path: Path) -> None:
    open_database(Settings(home=tmp_path / "o'brien's; data"), KEYS).close()
    assert (tmp_path / "o'brien's; data" / "state.duckdb").exists()


def test_read_only_needs_a_state_and_cannot_write(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    with pytest.raises(StudioError, match="no state"):
        open_database(settings, KEYS, read_only=True)
    open_database(settings, KEYS).close()
    database = open_database(settings, KEYS, read_only=True)
    with pytest.raises(Conflict), database.session() as session:
        session.add(user("ada"))
    assert names(database) == []
    database.close()


HOLD = """
import sys, time
from pathlib import Path
from core.keys import Keys
from core.settings import Settings
from core.store.database import open_database
database = open_database(Settings(home=Path(sys.argv[1])), Keys(bytes(range(32))))
print("held", flush=True)
time.sleep(600)
"""


def test_another_process_is_named_with_its_number(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
        text=True,
    ) as holder:
        try:
            assert holder.stdout is not None
            assert holder.stdout.readline() == "held\n"
            with pytest.raises(WorkspaceLocked, match=f"in use by process {holder.pid}"):
                open_database(Settings(home=tmp_path), KEYS)
            (tmp_path / "lock").unlink()  # even so, the state file has its own lock
            words = rf"held by another process \(PID {holder.pid}\)"
            with pytest.raises(WorkspaceLocked, match=words):
                open_database(Settings(home=tmp_path), KEYS)
        finally:
            holder.kill()


COMMIT_FOREVER = """
import itertools, sys
from pathlib import Path
from core.keys import Keys
from core.settings import Settings
from core.store.database import open_database
from core.store.tables import UserRow
database = open_database(Settings(home=Path(sys.argv[1])), Keys(bytes(range(32))))
for n in itertools.count(int(sys.argv[2])):
    with database.session() as session:
        row = UserRow(id=f"{n:016d}", username="u", name="", role="general", password_hash="")
        session.add(row)
    print(n, flush=True)
"""


def test_kill_9_loses_no_committed_row(tmp_path: Path) -> None:
    start = 0
    for _ in range(3):
        process = subprocess.Popen(
            [sys.executable, "-c", COMMIT_FOREVER, str(tmp_path), str(start)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        for line in process.stdout:
            if int(line) >= start + 60:
                process.send_signal(signal.SIGKILL)
                break
        reported = [int(line), *(int(rest) for rest in process.stdout)][-1]
        process.stdout.close()
        process.wait()
        for read_only in (True, False):
            database = open_database(Settings(home=tmp_path), KEYS, read_only=read_only)
            with database.reading() as session:
                ids = [int(i) for i in session.scalars(select(UserRow.id).order_by(UserRow.id))]
            database.close()
            assert ids[: reported + 1] == list(range(reported + 1))
            assert len(ids) <= reported + 2
        start = len(ids)


def test_encrypted_parquet_works_on_the_same_connections(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    with connect() as duck:
        duck.execute("PRAGMA add_parquet_key('k', '0123456789abcdef0123456789abcdef')")
        duck.execute(
            f"COPY (SELECT 'Zebra' AS a) TO {literal(str(path))} "
            "(FORMAT parquet, ENCRYPTION_CONFIG {footer_key: 'k'})"
        )
        query = f"FROM read_parquet({literal(str(path))}, encryption_config={{footer_key: 'k'}})"
        assert duck.execute(query).fetchall() == [("Zebra",)]
    assert b"Zebra" not in path.read_bytes()


def test_loading_encryption_installs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    with connect() as duck:
        assert duck.execute(
            "SELECT loaded FROM duckdb_extensions() WHERE extension_name = 'httpfs'"
        ).fetchone() == (True,)
    assert list(tmp_path.iterdir()) == []


def test_the_version_is_written_down(database: Database) -> None:
    with database.reading() as session:
        found = session.execute(text("SELECT version FROM schema_version")).scalars().all()
    assert found == [len(MIGRATIONS) + 1]


@pytest.mark.parametrize("table", Base.metadata.sorted_tables, ids=lambda table: table.name)
def test_tables_are_such_that_other_databases_take_them(table: Table) -> None:
    for dialect in (postgresql.dialect(), mysql.dialect()):
        assert "CREATE TABLE" in str(CreateTable(table).compile(dialect=dialect))
    assert not table.foreign_keys


def test_nothing_is_spilled_to_disk_unencrypted() -> None:
    with connect() as duck:
        assert duck.execute("SELECT current_setting('temp_directory')").fetchone() == ("",)


@pytest.mark.parametrize("damage", [slice(100, 2_000), slice(9_000, 12_000), slice(0, 8)])
def test_a_damaged_state_is_not_taken_for_a_held_one(tmp_path: Path, damage: slice) -> None:
    home = tmp_path / "block key lock"
    open_database(Settings(home=home), KEYS).close()
    path = home / "state.duckdb"
    content = bytearray(path.read_bytes())
    content[damage] = bytes(255 - byte for byte in content[damage])
    path.write_bytes(bytes(content))
    with pytest.raises(IntegrityError):
        open_database(Settings(home=home), KEYS)


def test_nothing_is_begun_on_a_disk_that_is_nearly_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = open_database(Settings(home=tmp_path), KEYS)
    free = shutil.disk_usage(tmp_path).free
    monkeypatch.setattr("core.store.database.LEAST_FREE_BYTES", 2 * free)
    with pytest.raises(StorageError, match="Make room"), database.session():
        pass
    monkeypatch.undo()
    with database.session() as session:
        session.add(user("ada"))
    assert names(database) == ["ada"]
    database.close()


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("nonsense", "does not lead to a database"),
        ("sqlite:////no/such/folder/x.db", "does not lead to a database"),
        ("firebird://anna:secret@nowhere/x", "STUDIO_DATABASE_URL"),
    ],
)
def test_a_url_that_leads_nowhere_is_bad_input_and_stays_secret(
    tmp_path: Path, url: str, says: str
) -> None:
    with pytest.raises(InvalidInput, match=says) as caught:
        open_database(Settings(home=tmp_path, database_url=url), KEYS)
    assert "secret" not in str(caught.value)
