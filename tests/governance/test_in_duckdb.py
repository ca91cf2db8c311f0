"""The same rules over the encrypted state that an installation really has."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from core.errors import AuthenticationFailed, Conflict, InvalidInput, NotFound
from core.governance import people
from core.governance.audit import HEAD_FILE, AuditTrail, read_head
from core.governance.lineage import add_edge, connected
from core.governance.policy import Actor
from core.governance.projects import add_member, create_project, members_of, remove_member
from core.governance.search import AuditFilter, export, search
from core.governance.signin import SignIn
from core.governance.usecase import Guard
from core.governance.verification import Verification, verify, verify_workspace
from core.keys import Keys
from core.settings import Settings
from core.store.database import Database, open_database
from core.store.tables import AuditRow

SETTINGS_KEY = "ab" * 32
PASSWORD = "correct horse battery"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, key=SETTINGS_KEY)


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    database = open_database(settings, Keys.from_settings(settings))
    yield database
    database.close()


@pytest.fixture
def guard(database: Database, settings: Settings) -> Guard:
    return Guard(database, AuditTrail(database, Keys.from_settings(settings)))


def first_admin(signin: SignIn) -> Actor:
    code = signin.first_admin_code()
    assert code is not None
    actor = signin.actor(signin.create_first_admin(code, "ada", "Ada", PASSWORD, "").token, "")
    assert actor is not None
    return actor


def test_a_day_of_people_and_projects(database: Database, guard: Guard, settings: Settings) -> None:
    signin = SignIn(database, hours=1, rounds=4)
    ada = first_admin(signin)
    bob = signin.create("bob", "Bob", PASSWORD, "general")
    token = signin.sign_in("bob", PASSWORD, "10.0.0.2").token
    actor = signin.actor(token, "10.0.0.2")
    assert actor is not None
    with database.session() as session:
        project = create_project(session, ada.user_id, ada.username, "Kredi", "Risk")
    with pytest.raises(NotFound), guard.use_case(actor, "dataset.list", project_id=project.id):
        pass
    with database.session() as session:
        add_member(session, project.id, "bob", ada.username)
    with guard.use_case(actor, "dataset.list", project_id=project.id):
        pass
    with database.session() as session:
        remove_member(session, project.id, bob.user_id)
        add_member(session, project.id, "bob", ada.username)
        assert len(members_of(session, project.id)) == 2
        add_edge(session, project.id, "file:a.csv", "dataset:d", "import")
        add_edge(session, project.id, "dataset:d", "run:r", "forest")
        assert len(connected(session, "run:r")) == 2
    with database.session() as session:
        people.set_role(session, bob.user_id, "platform_admin")
        people.set_disabled(session, ada.user_id, True)
    with pytest.raises(Conflict), database.session() as session:
        people.set_disabled(session, bob.user_id, True)
    with pytest.raises(AuthenticationFailed):
        signin.sign_in("ada", PASSWORD, "")
    signin.set_password(bob.user_id, "another long password")
    assert signin.actor(token, "") is None
    with database.reading() as session:
        found = search(session, AuditFilter(username="bob", project_ids=[project.id]))
    assert [entry.outcome for entry in found] == ["ok", "denied"]
    assert b"denied" in export(found, "csv")
    assert verify(database, Keys.from_settings(settings)) == Verification(True, 2)


def test_four_threads_make_one_unbroken_chain(
    database: Database, guard: Guard, settings: Settings
) -> None:
    ada = first_admin(SignIn(database, hours=1, rounds=4))
    checks: list[Verification] = []

    def work() -> None:
        for _ in range(15):
            with guard.use_case(ada, "project.create") as entry:
                entry.details["n"] = 1
        checks.append(verify(database, Keys.from_settings(settings)))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [check.ok for check in checks] == [True] * 4
    assert verify(database, Keys.from_settings(settings)) == Verification(True, 60)


APPEND_FOREVER = """
import sys
from pathlib import Path
from core.governance.audit import AuditTrail, Record
from core.keys import Keys
from core.settings import Settings
from core.store.database import open_database
settings = Settings(home=Path(sys.argv[1]), key=sys.argv[2])
keys = Keys.from_settings(settings)
database = open_database(settings, keys)
trail = AuditTrail(database, keys)
while True:
    with database.session() as session:
        number = trail.append(session, Record("ada", "dataset.import")).number
    print(number, flush=True)
"""


def test_kill_9_leaves_a_chain_that_verifies_and_goes_on(settings: Settings) -> None:
    reported = 0
    for _ in range(3):
        process = subprocess.Popen(
            [sys.executable, "-c", APPEND_FOREVER, str(settings.home), SETTINGS_KEY],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        goal = reported + 25
        for line in process.stdout:
            reported = int(line)
            if reported == goal:
                process.send_signal(signal.SIGKILL)
        process.stdout.close()
        process.wait()
        found = verify_workspace(settings)
        assert found.ok, found.first_problem
        assert reported <= found.entries <= reported + 1
        head = read_head(settings.home / HEAD_FILE, Keys.from_settings(settings))
        assert reported <= head.count <= found.entries


def test_verifying_where_there_is_no_state_makes_nothing(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no state"):
        verify_workspace(Settings(home=tmp_path / "wrong"))
    assert list(tmp_path.iterdir()) == []


def test_nothing_of_the_audit_is_plain_on_disk(
    database: Database, guard: Guard, settings: Settings
) -> None:
    ada = first_admin(SignIn(database, hours=1, rounds=4))
    with guard.use_case(ada, "project.create", resource="project:Zebra-Quagga") as entry:
        entry.details["name"] = "Okapi-Bongo-Kudu"
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(AuditRow)) == 1
    database.close()
    stored = b"".join(path.read_bytes() for path in settings.home.iterdir())
    assert b"Zebra" not in stored
    assert b"Okapi" not in stored
    open_database(settings, Keys.from_settings(settings)).close()
