"""A run goes on with its next engine when one fails, and says which made the rows."""

import pytest

from core.errors import InvalidInput, InvalidParameter, JobCancelled, StorageError
from core.governance.policy import UserRole
from core.jobs import Failed, Started
from core.studio.recovery import interrupt_unfinished
from core.studio.values import Dataset, Purpose, Run, RunSpec, RunState
from tests.studio.failing import failing
from tests.studio.office import Office

pytestmark = pytest.mark.usefixtures("pool")

LIBRARY = ValueError("income of person7@example.com is odd")
ROWS = {"people": 40}


@pytest.fixture(scope="module")
def people(office: Office, tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    path = tmp_path_factory.mktemp("upload") / "people.csv"
    rows = [f"{20 + i % 50},{1000 * (i % 7)},{i % 3 == 0}" for i in range(120)]
    path.write_text("points,income,member\n" + "\n".join(rows) + "\n")
    return office.reviewed(path)


def ran(office: Office, dataset: Dataset, spec: RunSpec) -> Run:
    run = office.studio.runs.submit(office.worker, dataset.id, spec)
    return office.studio.runs.get(office.worker, run.id)


@pytest.mark.parametrize("error", [LIBRARY, MemoryError()])
def test_a_failed_engine_hands_over_to_the_next_and_the_record_says_so(office, people, error):
    with failing("broken", error):
        spec = RunSpec(engine="broken", fallback=("copula", "forest"), rows=ROWS, depth="quick")
        run = ran(office, people, spec)
        assert run.state is RunState.DONE, run.error
        assert (run.spec.engine, run.made_by.engine) == ("broken", "copula")
        (failed,) = run.result["failed"]
        assert failed["engine"] == "broken"
        assert run.made_by.params == run.result["params"] != {}
        assert sum(run.result["rows"].values()) == 40
        report = office.studio.runs.report(office.worker, run.id)
        notes = " ".join(note for table in report.tables for note in table.notes)
        assert "`broken` did not come through" in notes
        assert "The rows are of `copula`" in notes
        told = f"{run.result} {notes} {office.studio.runs.log(office.worker, run.id)}"
        assert "person7" not in told
    auditor = office.actors[UserRole.AUDITOR]
    found = office.studio.audit.search(auditor, action="run.fallback")
    assert any(run.id in entry.resource for entry in found)


def test_more_rows_are_of_the_engine_that_made_the_first(office, people):
    with failing("broken", LIBRARY):
        spec = RunSpec(engine="broken", fallback=("copula",), rows=ROWS, depth="quick")
        first = ran(office, people, spec)
        again = office.studio.runs.sample_again(office.worker, first.id, ROWS)
        assert again.spec.engine == "copula"
        assert office.studio.runs.get(office.worker, again.id).state is RunState.DONE
        assert office.studio.runs.clone(office.worker, first.id).engine == "broken"


def test_when_all_fail_the_run_fails_and_names_each(office, people):
    with failing("broken", LIBRARY), failing("worse", LIBRARY):
        spec = RunSpec(engine="broken", fallback=("worse",), rows=ROWS)
        run = ran(office, people, spec)
    assert run.state is RunState.FAILED
    assert "`broken`" in run.error
    assert "ValueError" in run.error
    assert "person7" not in run.error


@pytest.mark.parametrize("error", [InvalidInput("No."), StorageError("Full.")])
def test_what_is_not_the_engines_failure_ends_the_run(office, people, error):
    with failing("broken", error):
        run = ran(office, people, RunSpec(engine="broken", fallback=("copula",), rows=ROWS))
    assert run.state is RunState.FAILED
    assert "failed" not in run.result


def test_a_cancel_never_goes_on_and_a_fallback_can_be_switched_off(office, people):
    with failing("broken", JobCancelled()):
        spec = RunSpec(engine="broken", fallback=("copula",), rows=ROWS)
        assert ran(office, people, spec).state is RunState.CANCELLED
    with failing("broken", LIBRARY):
        assert ran(office, people, RunSpec(engine="broken", fallback=())).state is RunState.FAILED


def test_the_default_comes_from_the_data(office, people):
    run = ran(office, people, RunSpec(rows=ROWS, depth="quick"))
    assert run.spec.fallback
    assert "failed" not in run.result
    assert "engine" not in run.result


def test_nothing_with_a_guarantee_goes_on_or_is_gone_on_with(office, people):
    problems = {
        "would be charged": RunSpec(engine="aim", fallback=("copula",)),
        "cannot name engines with a formal guarantee": RunSpec(fallback=("copula", "aim")),
        "There is no engine 'gone'": RunSpec(fallback=("gone",)),
        "each once": RunSpec(fallback=("copula", "forest")),
        "that fill cells": RunSpec(purpose=Purpose.IMPUTE, fallback=("copula",)),
        "at most": RunSpec(fallback=("copula", "ctgan", "tvae", "a", "b")),
    }
    for said, spec in problems.items():
        with pytest.raises(InvalidParameter, match=said):
            office.studio.runs.submit(office.worker, people.id, spec)


def test_a_killed_studio_says_what_had_failed_and_what_was_under_way(office, people, monkeypatch):
    pool, events = office.studio.runs._pool, office.studio.runs._events
    waiting: list[str] = []
    monkeypatch.setattr(pool, "submit", lambda job_id, *_: waiting.append(job_id))
    spec = RunSpec(engine="ctgan", fallback=("copula",), rows=ROWS)
    run = office.studio.runs.submit(office.worker, people.id, spec)
    events(run.id, Started(1))
    events(run.id, Failed("Too much memory.", "log", "memory"))
    queued = office.studio.runs.get(office.worker, run.id)
    assert (queued.state, waiting) == (RunState.QUEUED, [run.id, run.id])
    assert queued.result["failed"][0]["kind"] == "memory"
    events(run.id, Started(2))
    interrupt_unfinished(office.studio._context)
    ended = office.studio.runs.get(office.worker, run.id)
    assert ended.state is RunState.INTERRUPTED
    assert "`ctgan` did not come through: Too much memory." in ended.error
    assert "`copula` was under way" in ended.error
