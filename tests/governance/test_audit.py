"""The chain: what is appended verifies, and every way of tampering is found."""

import csv
import io
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from core.errors import InvalidParameter, WorkspaceLocked
from core.governance.audit import (
    HEAD_FILE,
    AuditTrail,
    Record,
    chain_hash,
    read_head,
)
from core.governance.search import AuditFilter, export, search, used_actions
from core.governance.verification import Verification, verify, verify_workspace
from core.keys import Keys, Purpose
from core.settings import Settings
from core.store.database import open_database
from core.store.tables import AuditRow, now
from tests.governance.world import World


def fill(world: World, count: int) -> None:
    for i in range(count):
        record = Record(f"u{i % 3}", "dataset.import", f"dataset:{i}", "p1", details={"rows": i})
        with world.database.session() as session:
            world.trail.append(session, record)


def tamper(world: World, change: Callable[[Session], object]) -> Verification:
    with world.database.session() as session:
        change(session)
    return verify(world.database, world.keys)


def renumber(session: Session, old: int, new: int) -> None:
    session.execute(update(AuditRow).where(AuditRow.number == old).values(number=new))


def test_an_empty_trail_verifies(world: World) -> None:
    assert verify(world.database, world.keys) == Verification(True, 0, None)


def test_a_filled_trail_verifies_and_is_chained(world: World) -> None:
    fill(world, 5)
    assert verify(world.database, world.keys) == Verification(True, 5, None)
    with world.database.reading() as session:
        rows = session.scalars(select(AuditRow).order_by(AuditRow.number)).all()
    assert [r.number for r in rows] == [1, 2, 3, 4, 5]
    assert [r.previous_hash for r in rows] == ["0" * 64, *(r.hash for r in rows[:-1])]


def test_it_verifies_in_the_encrypted_state_and_after_reopening(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, key="ab" * 32)
    keys = Keys.from_settings(settings)
    for expected in (3, 6):
        database = open_database(settings, keys)
        trail = AuditTrail(database, keys)
        for i in range(3):
            details = {"share": 0.1 + i, "names": ["Zoë", None], "n": 2**60}
            with database.session() as session:
                trail.append(session, Record("ada", "dataset.import", details=details))
        assert verify(database, keys) == Verification(True, expected)
        with pytest.raises(WorkspaceLocked):
            verify_workspace(settings)
        database.close()
        assert verify_workspace(settings) == Verification(True, expected)


def test_a_rolled_back_record_leaves_chain_and_head_alone(world: World) -> None:
    fill(world, 2)

    def fail() -> None:
        with world.database.session() as session:
            world.trail.append(session, Record("ada", "dataset.import"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert read_head(world.home / HEAD_FILE, world.keys).count == 2
    fill(world, 1)
    assert verify(world.database, world.keys) == Verification(True, 3)


def test_two_records_in_one_transaction(world: World) -> None:
    with world.database.session() as session:
        for _ in range(2):
            world.trail.append(session, Record("ada", "dataset.import"))
    assert verify(world.database, world.keys) == Verification(True, 2)
    assert read_head(world.home / HEAD_FILE, world.keys).count == 2


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("actor", "mallory"),
        ("action", "dataset.list"),
        ("resource", "dataset:99"),
        ("project_id", "p2"),
        ("outcome", "denied"),
        ("details", {"rows": 7}),
        ("origin", "127.0.0.1"),
        ("recorded_at", now()),
        ("hash", "f" * 64),
        ("previous_hash", "f" * 64),
    ],
)
@pytest.mark.parametrize("number", [1, 3, 5])
def test_any_changed_field_of_any_record_is_found(
    world: World, number: int, column: str, value: object
) -> None:
    fill(world, 5)
    found = tamper(
        world,
        lambda s: s.execute(
            update(AuditRow).where(AuditRow.number == number).values({column: value})
        ),
    )
    assert (found.ok, found.entries) == (False, number - 1)
    assert f"Record {number}" in str(found.first_problem)


@pytest.mark.parametrize(
    ("removed", "problem"),
    [
        ([1], "Record 1 is missing."),
        ([3], "Record 3 is missing."),
        ([2, 3], "Records 2 to 3 are missing."),
        ([5], "Record 5 is missing."),
        ([4, 5], "Records 4 to 5 are missing."),
        ([1, 2, 3, 4, 5], "Records 1 to 5 are missing."),
    ],
)
def test_removed_records_are_found_at_the_end_too(
    world: World, removed: list[int], problem: str
) -> None:
    fill(world, 5)
    found = tamper(world, lambda s: s.execute(delete(AuditRow).where(AuditRow.number.in_(removed))))
    assert found == Verification(False, removed[0] - 1, problem)


def test_removing_and_closing_the_gap_is_found(world: World) -> None:
    def change(session: Session) -> None:
        session.execute(delete(AuditRow).where(AuditRow.number == 2))
        for number in (3, 4, 5):
            renumber(session, number, number - 1)

    fill(world, 5)
    assert tamper(world, change).first_problem == "Record 2 was changed after it was written."


def test_swapped_records_are_found(world: World) -> None:
    def change(session: Session) -> None:
        for old, new in ((2, 99), (3, 2), (99, 3)):
            renumber(session, old, new)

    fill(world, 5)
    assert tamper(world, change).first_problem == "Record 2 was changed after it was written."


@pytest.mark.parametrize("number", [0, 6])
def test_an_inserted_record_without_the_key_is_found(world: World, number: int) -> None:
    def change(session: Session) -> None:
        last = session.get(AuditRow, 5)
        assert last is not None
        row = AuditRow(
            number=number,
            recorded_at=now(),
            actor="mallory",
            action="dataset.import",
            resource="",
            outcome="ok",
            details={},
            project_id="",
            origin="",
            previous_hash=last.hash,
        )
        row.hash = chain_hash(row, b"a guess")
        session.add(row)

    fill(world, 5)
    found = tamper(world, change)
    assert not found.ok
    assert f"Record {number} was" in str(found.first_problem)


def test_rewriting_the_whole_chain_needs_the_key(world: World) -> None:
    def rewrite(secret: bytes) -> Callable[[Session], None]:
        def change(session: Session) -> None:
            previous = "0" * 64
            for row in session.scalars(select(AuditRow).order_by(AuditRow.number)):
                row.actor, row.previous_hash = "mallory", previous
                row.hash = previous = chain_hash(row, secret)

        return change

    fill(world, 5)
    assert not tamper(world, rewrite(b"")).ok
    # With the audit key but without the head the end does not fit.
    found = tamper(world, rewrite(world.keys.derive(Purpose.AUDIT)))
    assert found.first_problem == "Record 5 is not the one that the sealed head names."


def test_a_crash_between_record_and_head_is_no_problem(world: World) -> None:
    fill(world, 3)
    old = (world.home / HEAD_FILE).read_bytes()
    fill(world, 2)
    (world.home / HEAD_FILE).write_bytes(old)
    assert verify(world.database, world.keys) == Verification(True, 5)
    world.reopen_trail()
    fill(world, 1)
    assert verify(world.database, world.keys) == Verification(True, 6)
    assert read_head(world.home / HEAD_FILE, world.keys).count == 6


def test_a_crash_right_after_the_first_record(world: World) -> None:
    old = (world.home / HEAD_FILE).read_bytes()
    fill(world, 1)
    (world.home / HEAD_FILE).write_bytes(old)
    world.reopen_trail()
    fill(world, 1)
    assert verify(world.database, world.keys) == Verification(True, 2)


def test_a_cut_trail_stays_cut_when_work_goes_on(world: World) -> None:
    """New records must not bring the head back in line after records were removed."""
    fill(world, 5)
    tamper(world, lambda s: s.execute(delete(AuditRow).where(AuditRow.number > 3)))
    for _ in range(2):
        world.reopen_trail()
        fill(world, 2)
        found = verify(world.database, world.keys)
        assert not found.ok
        assert found.first_problem == "Record 5 is not the one that the sealed head names."


@pytest.mark.parametrize("content", [None, b"", b"junk"])
def test_a_lost_or_broken_head_is_reported_and_never_made_anew(
    world: World, content: bytes | None
) -> None:
    fill(world, 3)
    head = world.home / HEAD_FILE
    head.unlink()
    if content is not None:
        head.write_bytes(content)
    world.reopen_trail()
    fill(world, 1)
    found = verify(world.database, world.keys)
    assert not found.ok
    assert ("head" in str(found.first_problem)) == (content is None)
    assert head.exists() == (content is not None)


def test_removing_all_records_and_the_head_is_found_while_a_trail_is_open(world: World) -> None:
    fill(world, 3)
    (world.home / HEAD_FILE).unlink()
    assert not tamper(world, lambda s: s.execute(delete(AuditRow))).ok


def test_appending_goes_on_while_the_chain_is_verified(world: World) -> None:
    """The head is read before the records, so a record in between is only ahead of it."""
    fill(world, 3)
    copy = world.home / "older.head"
    shutil.copy(world.home / HEAD_FILE, copy)
    fill(world, 1)
    copy.replace(world.home / HEAD_FILE)
    assert verify(world.database, world.keys).ok


def test_search_filters(world: World) -> None:
    fill(world, 6)
    with world.database.session() as session:
        world.trail.append(session, Record("ada", "run.submit", "run:r_1", "p2", "denied"))

    def numbers(**wanted: object) -> list[int]:
        with world.database.reading() as session:
            found = search(session, replace(AuditFilter(), **wanted))  # type: ignore[arg-type]
        return [entry.number for entry in found]

    assert numbers() == [7, 6, 5, 4, 3, 2, 1]
    assert numbers(limit=2) == [7, 6]
    assert numbers(username="u1") == [5, 2]
    assert numbers(action="run.submit") == [7]
    assert numbers(outcome="denied") == [7]
    assert numbers(project_ids=["p2"]) == [7]
    assert numbers(project_ids=[]) == []
    assert numbers(text="R_1") == [7]
    assert numbers(text="%") == []
    assert numbers(text='"rows":4') or numbers(text='"rows": 4') == [5]
    assert numbers(since=now() + timedelta(hours=1)) == []
    assert numbers(until=now() + timedelta(hours=1), limit=None) == [7, 6, 5, 4, 3, 2, 1]
    with world.database.reading() as session:
        assert used_actions(session) == ["dataset.import", "run.submit"]
        assert used_actions(session, ["p2"]) == ["run.submit"]


def test_search_works_in_duckdb(tmp_path: Path) -> None:
    keys = Keys(bytes(32))
    database = open_database(Settings(home=tmp_path), keys)
    trail = AuditTrail(database, keys)
    with database.session() as session:
        trail.append(session, Record("ada", "dataset.import", details={"file": "Über_1.csv"}))
        trail.append(session, Record("bob", "dataset.import", details={"file": "b.csv"}))
    with database.reading() as session:
        for wanted in (AuditFilter(text="ÜBER_1.CSV"), AuditFilter(username="ada")):
            assert [e.actor for e in search(session, wanted)] == ["ada"]
        assert len(search(session, AuditFilter(since=now() - timedelta(hours=1)))) == 2
    database.close()


def test_export_as_json_and_csv(world: World) -> None:
    with world.database.session() as session:
        details = {"file": "ü,.csv"}
        world.trail.append(
            session, Record("ada", "dataset.import", '=HYPERLINK("x")', details=details)
        )
    with world.database.reading() as session:
        entries = search(session, AuditFilter())
    [parsed] = json.loads(export(entries, "json"))
    assert parsed["details"] == {"file": "ü,.csv"}
    assert parsed["recorded_at"].endswith("Z")
    assert parsed["hash"] == entries[0].hash
    [row] = csv.DictReader(io.StringIO(export(entries, "csv").decode("utf-8-sig"), newline=""))
    assert row["resource"] == '\'=HYPERLINK("x")'
    assert json.loads(row["details"]) == {"file": "ü,.csv"}
    assert row["number"] == "1"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula(world: World, start: str) -> None:
    with world.database.session() as session:
        entry = world.trail.append(session, Record("ada", "dataset.import", "x"))
    text = export([replace(entry, actor=start + "1+1")], "csv").decode("utf-8-sig")
    [row] = csv.DictReader(io.StringIO(text, newline=""))
    assert row["actor"] == "'" + start + "1+1"


def test_an_unknown_export_format(world: World) -> None:
    with pytest.raises(InvalidParameter, match="csv or json"):
        export([], "xls")
