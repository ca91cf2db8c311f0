"""A private run that never started gives its reservation back; anything uncertain stays spent."""

from collections.abc import Iterator
from typing import Any

import pytest

from core.errors import Conflict
from core.governance.budgets import Account
from core.governance.policy import UserRole
from core.jobs import Cancelled, Started
from core.store.tables import BudgetRow, DatasetRow
from core.studio.recovery import interrupt_unfinished
from core.studio.values import Dataset, Run, RunSpec, RunState
from tests.studio.guaranteed import PUBLIC, imported_things, with_tiny
from tests.studio.inline import InlinePool
from tests.studio.office import Office


class Queue(InlinePool):
    """Jobs wait, and are started by the test: up to a point, as where a process is killed."""

    def __init__(self, office: Office) -> None:
        self.events = office.studio.runs._events
        super().__init__(self.events)
        self.waiting: list[str] = []

    def submit(self, job_id: str, function: Any, payload: Any) -> None:
        self.waiting.append(job_id)

    def cancel(self, job_id: str) -> bool:
        if job_id in self.waiting:
            self.waiting.remove(job_id)
        self.events(job_id, Cancelled())
        return True

    def is_about_to_start(self, job_id: str) -> None:
        self.waiting.remove(job_id)
        self.events.starting(job_id)


@pytest.fixture
def queue(office: Office) -> Iterator[Queue]:
    with with_tiny(office):
        office.studio.runs._pool = queue = Queue(office)
        yield queue


@pytest.fixture(scope="module")
def rows(office: Office, tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return imported_things(office, tmp_path_factory.mktemp("things"), 300)


@pytest.fixture
def things(office: Office, rows: Dataset, request: pytest.FixtureRequest) -> Dataset:
    with office.studio._context.database.session() as session:
        session.get(DatasetRow, rows.id).content_hash = request.node.name[-64:]
    return rows


def submitted(office: Office, dataset: Dataset) -> Run:
    params = {"epsilon": 1.0, "delta": 1e-5}
    asked = RunSpec("tiny", params, depth="quick", public=PUBLIC, accepted=True)
    return office.studio.runs.submit(office.worker, dataset.id, asked)


def budget(office: Office, dataset: Dataset) -> Any:
    return office.studio.budgets.of(office.worker, dataset.id)[0]


def after_cancelling(office: Office, dataset: Dataset, run: Run) -> tuple[str, float, str]:
    """State in the budget, what is spent, and what the run says."""
    office.studio.runs.cancel(office.worker, run.id)
    ended = office.studio.runs.get(office.worker, run.id)
    assert ended.state is RunState.CANCELLED
    one = budget(office, dataset)
    (entry,) = (entry for entry in one.entries if entry.run_id == run.id)
    return entry.state, one.spent_epsilon, ended.error


def verified(office: Office) -> bool:
    return office.studio.audit.verify(office.actors[UserRole.PLATFORM_ADMIN]).ok


def test_a_run_cancelled_while_it_waits_gives_back(
    office: Office, things: Dataset, queue: Queue
) -> None:
    run = submitted(office, things)
    assert budget(office, things).spent_epsilon == 1.0
    state, spent, said = after_cancelling(office, things, run)
    assert (state, spent) == ("released", 0.0)
    assert "free again" in said
    assert budget(office, things).by_purpose == {}
    assert verified(office)
    with pytest.raises(Conflict, match="no reservation"):
        queue.events.starting(run.id)


def test_a_run_cancelled_once_it_started_stays_spent(
    office: Office, things: Dataset, queue: Queue
) -> None:
    run = submitted(office, things)
    queue.is_about_to_start(run.id)
    queue.events(run.id, Started(1))
    assert after_cancelling(office, things, run)[:2] == ("stays spent", 1.0)
    assert verified(office)


def test_killed_between_the_record_and_the_process_stays_spent(
    office: Office, things: Dataset, queue: Queue
) -> None:
    """Nobody knows how far it had come, so that it is not queued again on its reservation."""
    run = submitted(office, things)
    queue.is_about_to_start(run.id)
    assert run.id not in interrupt_unfinished(office.studio._context)
    ended = office.studio.runs.get(office.worker, run.id)
    assert ended.state is RunState.INTERRUPTED
    assert "stays spent" in ended.error
    assert "takes as much of the budget once more" in ended.error
    one = budget(office, things)
    assert (one.entries[0].state, one.spent_epsilon) == ("stays spent", 1.0)
    assert verified(office)
    again = office.studio.runs.retry(office.worker, run.id)
    assert [entry.state for entry in budget(office, things).entries] == ["stays spent", "reserved"]
    assert budget(office, things).spent_epsilon > 1.0
    assert after_cancelling(office, things, again)[0] == "released"


def test_a_queued_run_whose_start_cannot_be_known_of_is_not_queued_again(
    office: Office, things: Dataset, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reservations from before starts were written down."""
    monkeypatch.setattr("core.governance.spending.STARTS_TOLD", "other")
    run = submitted(office, things)
    monkeypatch.undo()
    assert run.id not in interrupt_unfinished(office.studio._context)
    assert budget(office, things).entries[0].state == "stays spent"


def test_only_one_start_is_taken_of_a_reservation(
    office: Office, things: Dataset, queue: Queue
) -> None:
    run = submitted(office, things)
    queue.is_about_to_start(run.id)
    with pytest.raises(Conflict, match="no reservation"):
        queue.events.starting(run.id)


def test_killed_before_the_cancellation_was_written_is_given_back_later(
    office: Office, things: Dataset, queue: Queue
) -> None:
    run = submitted(office, things)
    queue.waiting.remove(run.id)
    assert run.id in interrupt_unfinished(office.studio._context)
    assert budget(office, things).entries[0].state == "reserved"
    assert after_cancelling(office, things, run)[:2] == ("released", 0.0)


def test_a_run_that_says_it_started_stays_spent_whatever_the_chain_lacks(
    office: Office, things: Dataset, queue: Queue
) -> None:
    run = submitted(office, things)
    queue.events(run.id, Started(1))
    assert after_cancelling(office, things, run)[:2] == ("stays spent", 1.0)


def test_a_start_is_written_only_of_what_was_reserved(
    office: Office, things: Dataset, queue: Queue
) -> None:
    run, spending = submitted(office, things), office.studio._context.spending
    queue.is_about_to_start(run.id)
    queue.events.starting("a run without a budget")
    with office.studio._context.database.session() as session:
        kinds = [row.kind for row in session.query(BudgetRow).filter_by(run_id=run.id)]
        assert not spending.release(session, run.id, "late", "x")
        assert not spending.release(session, "a run without a budget", "late", "x")
    assert kinds == ["reserve", "start"]


def test_a_reservation_from_before_starts_were_told_stays_spent(
    office: Office, things: Dataset, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.governance.spending.STARTS_TOLD", "other")
    run = submitted(office, things)
    monkeypatch.undo()
    with with_tiny(office):
        office.studio.runs._pool = queue
        assert after_cancelling(office, things, run)[:2] == ("stays spent", 1.0)


def test_the_pool_of_the_studio_writes_starts_down(office: Office) -> None:
    assert office.studio._pool._before_start == office.studio.runs._events.starting


def test_a_release_that_cannot_be_is_found(office: Office, things: Dataset, queue: Queue) -> None:
    """Even one that is signed: the order of records about a run is verified too."""
    run, context = submitted(office, things), office.studio._context
    queue.is_about_to_start(run.id)
    with context.database.session() as session:
        row = session.query(BudgetRow).filter_by(run_id=run.id, kind="start").one()
        account = Account(row.project_id, row.data, row.unit)
        context.spending._append(session, account, "release", "x", {"why": "no"}, run.id)
    said = office.studio.audit.verify(office.actors[UserRole.PLATFORM_ADMIN]).first_problem
    assert "cannot follow" in str(said)
