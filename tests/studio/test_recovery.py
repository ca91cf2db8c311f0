"""Killing the process at any moment loses no finished work, and a restart says what happened."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from core.data.vault import Vault
from core.errors import Conflict, StorageError
from core.settings import Settings
from core.store.tables import RunRow
from core.studio import Studio
from core.studio.values import RunSpec, RunState
from tests.studio.office import Office

CHILD = """
import sys, time
from pathlib import Path
from core.studio.values import RunSpec
from tests.studio.office import Office

if __name__ == "__main__":
    office = Office.open(Path(sys.argv[1]))
    dataset = office.reviewed(Path(sys.argv[2]))
    done = office.finished(dataset)
    many = RunSpec(rows={"people": 50_000_000})
    long = office.studio.runs.submit(office.worker, dataset.id, many)
    waiting = office.studio.runs.submit(office.worker, dataset.id, RunSpec(seed=3))
    while office.studio.runs.get(office.worker, long.id).state != "running":
        time.sleep(0.05)
    print(done.id, long.id, waiting.id, done.result["content_hash"], flush=True)
    time.sleep(600)
"""


def test_kill_9_in_the_middle_of_a_run(tmp_path: Path, people_csv: Path) -> None:
    script, home = tmp_path / "child.py", tmp_path / "home"
    script.write_text(CHILD)
    root = str(Path(__file__).parents[2])
    with subprocess.Popen(
        [sys.executable, str(script), str(home), str(people_csv)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": root},
        text=True,
    ) as child:
        assert child.stdout is not None
        done, long, waiting, content_hash = child.stdout.readline().split()
        workers = psutil.Process(child.pid).children(recursive=True)
        child.send_signal(signal.SIGKILL)
        child.wait()
    _, alive = psutil.wait_procs(workers, timeout=15)
    assert not alive, "workers must not outlive the server"

    studio = Studio.open(Settings(home=home, workers=1))
    try:
        worker = _sign_in(studio)
        finished = studio.runs.get(worker, done)
        assert finished.state is RunState.DONE
        assert finished.result["content_hash"] == content_hash
        assert studio.runs.report(worker, done)
        interrupted = studio.runs.get(worker, long)
        assert interrupted.state is RunState.INTERRUPTED
        assert "Run it again" in interrupted.error
        taken_up = _wait(studio, worker, waiting)
        assert taken_up.state is RunState.DONE, taken_up.error
        again = studio.runs.retry(worker, long)
        assert again.retry_of == long
        assert again.spec == interrupted.spec
        studio.runs.cancel(worker, again.id)
    finally:
        studio.close()


def test_a_cancelled_job_is_gone_within_two_seconds(office: Office, people_csv: Path) -> None:
    dataset = office.reviewed(people_csv)
    run = office.studio.runs.submit(office.worker, dataset.id, RunSpec(rows={"people": 50_000_000}))
    while office.studio.runs.get(office.worker, run.id).state is not RunState.RUNNING:
        time.sleep(0.05)
    pids = [job["pid"] for job in office.studio.health()["pool"]["running"].values()]
    office.studio.runs.cancel(office.worker, run.id)
    deadline = time.monotonic() + 2
    while any(psutil.pid_exists(pid) for pid in pids):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert office.wait(run).state is RunState.CANCELLED
    with pytest.raises(Conflict):
        office.studio.runs.cancel(office.worker, run.id)


def test_closing_says_what_was_interrupted(tmp_path: Path, people_csv: Path) -> None:
    office = Office.open(tmp_path / "home")
    dataset = office.reviewed(people_csv)
    run = office.studio.runs.submit(office.worker, dataset.id, RunSpec(rows={"people": 50_000_000}))
    while office.studio.runs.get(office.worker, run.id).state is not RunState.RUNNING:
        time.sleep(0.05)
    office.studio.close()
    studio = Studio.open(Settings(home=tmp_path / "home", workers=1))
    assert studio.runs.get(office.worker, run.id).state is RunState.INTERRUPTED
    studio.close()


def test_health_names_every_part(office: Office) -> None:
    health = office.studio.health()
    assert health["ok"]
    assert {"database", "vault", "pool", "disk"} <= set(health)


def test_a_start_clears_what_no_row_belongs_to(tmp_path: Path, people_csv: Path) -> None:
    office = Office.open(tmp_path / "home")
    dataset = office.reviewed(people_csv)
    office.studio.close()
    vault = tmp_path / "home" / "vault"
    for folder in (f"datasets/{dataset.id}", "datasets/half"):
        (vault / folder).mkdir(parents=True, exist_ok=True)
        (vault / folder / "unfinished").touch()
    (vault / "datasets/half/0.parquet.ab12cd34.partial").write_bytes(b"half")
    (vault / "datasets/of-another-backup").mkdir()
    (vault / "datasets/of-another-backup/0.parquet").write_bytes(b"unknown here, but complete")
    studio = Studio.open(Settings(home=tmp_path / "home", workers=1))
    try:
        assert len(studio.datasets.rows(office.worker, dataset.id, "people", 3)) == 3
    finally:
        studio.close()
    left = {path.name for path in (vault / "datasets").iterdir()}
    assert left == {dataset.id, "of-another-backup"}
    assert not list(vault.rglob("unfinished"))


def test_an_import_that_fails_leaves_nothing(
    office: Office, people_csv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {path for path in (office.home / "vault").rglob("*") if path.is_file()}

    def full(*_: object) -> None:
        raise StorageError("The disk is full.")

    monkeypatch.setattr(Vault, "write_blob", full)
    with pytest.raises(StorageError):
        office.imported(people_csv)
    assert {path for path in (office.home / "vault").rglob("*") if path.is_file()} == before


def test_a_run_ends_although_its_log_cannot_be_kept(
    office: Office, people_csv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = office.reviewed(people_csv)
    run = office.studio.runs.submit(office.worker, dataset.id, RunSpec(rows={"people": 50_000_000}))
    while office.studio.runs.get(office.worker, run.id).state is not RunState.RUNNING:
        time.sleep(0.05)

    def full(*_: object) -> None:
        raise StorageError("The disk is full.")

    monkeypatch.setattr(Vault, "write_blob", full)
    office.studio.runs.cancel(office.worker, run.id)
    assert office.wait(run, 10).state is RunState.CANCELLED
    assert office.studio.runs.log(office.worker, run.id) == ""


def test_a_run_whose_ending_was_lost_can_be_ended_and_run_again(
    office: Office, people_csv: Path
) -> None:
    dataset = office.reviewed(people_csv)
    run = office.finished(dataset)
    with office.studio._context.database.session() as session:
        row = session.get(RunRow, run.id)
        assert row is not None
        row.state = RunState.RUNNING
    office.studio.runs.cancel(office.worker, run.id)
    ended = office.studio.runs.get(office.worker, run.id)
    assert ended.state is RunState.INTERRUPTED
    assert office.wait(office.studio.runs.retry(office.worker, run.id)).state is RunState.DONE


def test_what_a_cancelled_run_made_does_not_stay(office: Office, people_csv: Path) -> None:
    dataset = office.reviewed(people_csv)
    run = office.studio.runs.submit(office.worker, dataset.id, RunSpec(rows={"people": 50_000_000}))
    folder = office.home / "vault" / "runs" / run.id
    while not (folder / "model").exists():
        assert not office.studio.runs.get(office.worker, run.id).state.is_over
        time.sleep(0.05)
    office.studio.runs.cancel(office.worker, run.id)
    office.wait(run)
    assert [path.name for path in folder.iterdir()] == ["log.txt"]


def _sign_in(studio: Studio):
    from tests.studio.office import PASSWORD

    token = studio.people.sign_in("general", PASSWORD, "test").token
    return studio.people.actor(token, "test")


def _wait(studio: Studio, worker, run_id: str):
    deadline = time.monotonic() + 120
    while not (run := studio.runs.get(worker, run_id)).state.is_over:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return run
