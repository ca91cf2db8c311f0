"""The pool against real processes: order, isolation, cancellation, limits."""

import os
import signal
import sys
import time

import pytest

from core.errors import Conflict
from core.jobs import Cancelled, Failed, Finished, Reported, Started
from tests.jobs import jobs_for_tests as jobs
from tests.jobs.waiting import gone_within


def test_a_job_says_start_progress_and_end_in_order(pool, recorder):
    began = time.monotonic()
    pool.submit("a", jobs.double, 21)
    assert recorder.ending("a").result == {"doubled": 42}
    assert time.monotonic() - began < 5
    kinds = [type(event) for event in recorder.events["a"]]
    assert kinds[0] is Started
    assert kinds[-1] is Finished
    assert set(kinds[1:-1]) == {Reported}
    assert recorder.events["a"][-2].note == "all of it"
    assert recorder.events["a"][-2].memory_mb > 1


def test_no_figure_is_dropped_and_reports_are_few(pool, recorder):
    pool.submit("a", jobs.epochs, 500)
    recorder.ending("a")
    reports = [event for event in recorder.events["a"] if isinstance(event, Reported)]
    values = [figures for report in reports for figures in report.values]
    assert [figures["epoch"] for figures in values] == list(range(500))
    assert values[1]["loss"] == 0.5
    assert len(reports) < 20
    assert (reports[-1].done, reports[-1].total) == (500, 500)


def test_more_jobs_than_workers_queue_in_order(make_pool, recorder):
    pool = make_pool(workers=1)
    names = [f"job-{number}" for number in range(4)]
    for name in names:
        pool.submit(name, jobs.double, 1)
    assert set(pool.queued()) <= set(names)
    assert len(pool.running()) <= 1
    recorder.ending(names[-1])
    started = [name for name, kind in recorder.order if kind is Started]
    assert started == names
    assert all(len(recorder.endings(name)) == 1 for name in names)


@pytest.mark.parametrize("function", [jobs.sleep, jobs.sleep_deaf])
def test_a_cancelled_job_is_gone_within_two_seconds(pool, recorder, function):
    pool.submit("other", jobs.sleep, 2.5)
    pool.submit("a", function, 30)
    recorder.wait_for("a", Reported)
    pid = recorder.pid("a")
    assert pool.cancel("a")
    assert gone_within(pid, 2)
    assert isinstance(recorder.ending("a"), Cancelled)
    assert isinstance(recorder.ending("other"), Finished)
    assert not pool.cancel("a")
    assert len(recorder.endings("a")) == 1


def test_cancelling_takes_the_children_along(pool, recorder):
    pool.submit("a", jobs.with_child, 30)
    deadline = time.monotonic() + 10
    child = None
    while child is None and time.monotonic() < deadline:
        notes = [e.note for e in recorder.events["a"] if isinstance(e, Reported)]
        child = next((int(note.split()[1]) for note in notes if note), None)
        time.sleep(0.05)
    pool.cancel("a")
    assert gone_within(child, 2)
    assert gone_within(recorder.pid("a"), 2)


def test_a_queued_job_is_just_removed(make_pool, recorder):
    pool = make_pool(workers=1)
    pool.submit("first", jobs.sleep, 1.0)
    pool.submit("second", jobs.double, 1)
    pool.submit("third", jobs.double, 1)
    recorder.pid("first")
    assert pool.queued() == ("second", "third")
    assert pool.cancel("second")
    assert recorder.events["second"] == [recorder.ending("second")] == [Cancelled()]
    assert isinstance(recorder.ending("first"), Finished)
    assert isinstance(recorder.ending("third"), Finished)


def test_each_start_is_told_before_and_can_be_prevented(make_pool, recorder):
    told = []

    def before_start(job_id):
        told.append((job_id, len(recorder.order)))
        if job_id == "no":
            raise Conflict("Not this one.")

    pool = make_pool(workers=1, before_start=before_start)
    pool.submit("yes", jobs.sleep, 0.2)
    pool.submit("waiting", jobs.double, 1)
    assert pool.cancel("waiting")
    recorder.ending("yes")
    before = recorder.events["waiting"]
    assert [type(event) for event in before] == [Cancelled]
    pool.submit("no", jobs.double, 1)
    assert isinstance(recorder.ending("no"), Failed)
    assert [type(event) for event in recorder.events["no"]] == [Failed]
    assert [job_id for job_id, _ in told] == ["yes", "no"]


def test_a_job_cancelled_before_its_process_is_up_ends(pool, recorder):
    pool.submit("a", jobs.sleep, 30)
    while "a" not in pool.running():
        time.sleep(0.001)
    assert pool.cancel("a")
    assert isinstance(recorder.ending("a", timeout=3), Cancelled)


@pytest.mark.parametrize(
    ("function", "payload", "says"),
    [
        (jobs.exit_at_once, 3, "status 3"),
        (jobs.exit_at_once, 0, "status 0"),
        (jobs.crash, None, "SIGSEGV"),
        (jobs.leave, 2, "SystemExit"),
        (jobs.out_of_memory, None, "ran out of memory"),
        (jobs.give_what_cannot_be_pickled, None, "error"),
    ],
)
def test_a_job_that_breaks_fails_alone(pool, recorder, function, payload, says):
    pool.submit("good", jobs.sleep, 1.0)
    recorder.pid("good")
    pool.submit("bad", function, payload)
    ending = recorder.ending("bad")
    assert isinstance(ending, Failed)
    assert says in ending.message
    assert isinstance(recorder.ending("good"), Finished)
    pool.submit("after", jobs.double, 2)
    assert isinstance(recorder.ending("after"), Finished)


def test_a_process_killed_from_outside_fails_alone(pool, recorder):
    pool.submit("a", jobs.sleep, 30)
    os.kill(recorder.pid("a"), signal.SIGKILL)
    ending = recorder.ending("a", timeout=5)
    assert isinstance(ending, Failed)
    assert "memory" in ending.message


def test_a_job_above_its_memory_limit_dies_alone_and_says_so(make_pool, recorder):
    pool = make_pool(memory_limit_bytes=200 * 2**20)
    pool.submit("small", jobs.sleep, 2.0)
    pool.submit("big", jobs.eat, 400)
    ending = recorder.ending("big")
    assert isinstance(ending, Failed)
    assert "more than 0.195 GiB" in ending.message
    assert "STUDIO_JOB_MEMORY_GIB" in ending.message
    assert gone_within(recorder.pid("big"), 1)
    assert "peak memory" in ending.log
    assert isinstance(recorder.ending("small"), Finished)


def test_a_job_that_takes_too_long_is_ended(make_pool, recorder):
    pool = make_pool(timeout_s=1.0)
    pool.submit("a", jobs.sleep_deaf, 30)
    ending = recorder.ending("a", timeout=6)
    assert isinstance(ending, Failed)
    assert "longer than 1 seconds" in ending.message
    assert gone_within(recorder.pid("a"), 1)


def test_a_listener_that_raises_does_not_stop_the_pool(make_pool, recorder, caplog):
    def broken(job_id, message):
        recorder(job_id, message)
        raise ValueError("a secret value")

    pool = make_pool(workers=1, on_event=broken)
    pool.submit("a", jobs.double, 1)
    pool.submit("b", jobs.double, 2)
    assert recorder.ending("a").result == {"doubled": 2}
    assert recorder.ending("b").result == {"doubled": 4}
    assert "secret" not in caplog.text


def test_the_state_tells_of_slots_and_jobs(pool, recorder):
    assert pool.state() == {
        "ok": True,
        "workers": 2,
        "queued": 0,
        "running": {},
        "threads_per_job": max(1, len(os.sched_getaffinity(0)) // 2),
    }
    pool.submit("a", jobs.sleep, 2)
    pid = recorder.pid("a")
    time.sleep(0.6)
    job = pool.state()["running"]["a"]
    assert job["pid"] == pid
    assert job["memory_mb"] > 1
    assert 0 < job["seconds"] < 10


def test_a_closed_pool_ends_its_jobs_and_says_nothing_more(make_pool, recorder):
    pool = make_pool(workers=1)
    pool.submit("a", jobs.sleep, 30)
    pool.submit("b", jobs.double, 1)
    pid = recorder.pid("a")
    pool.close()
    pool.close()
    assert gone_within(pid, 2)
    assert recorder.endings("a") == []
    assert recorder.events["b"] == []
    assert pool.state()["ok"] is False
    with pytest.raises(Conflict, match="shutting down"):
        pool.submit("c", jobs.double, 1)


def test_an_id_is_used_once_at_a_time(make_pool, recorder):
    pool = make_pool(workers=1)
    pool.submit("a", jobs.sleep, 1)
    with pytest.raises(Conflict, match="already"):
        pool.submit("a", jobs.double, 1)
    recorder.ending("a")
    pool.submit("b", jobs.double, 1)
    recorder.ending("b")


def test_what_cannot_travel_is_refused_at_once(pool):
    with pytest.raises(ValueError, match="picklable"):
        pool.submit("a", lambda payload, progress: {}, None)
    with pytest.raises(ValueError, match="picklable"):
        pool.submit("a", jobs.double, lambda: None)
    assert pool.queued() == pool.running() == ()


def test_a_worker_is_light_polite_and_bounded(make_pool, recorder):
    pool = make_pool(workers=1)
    pool.submit("a", jobs.environment, ["OMP_NUM_THREADS", "OMP_WAIT_POLICY"])
    result = recorder.ending("a").result
    cores = str(len(os.sched_getaffinity(0)))
    assert result["values"] == {"OMP_NUM_THREADS": cores, "OMP_WAIT_POLICY": "PASSIVE"}
    assert result["nice"] >= min(19, os.nice(0) + 5)
    assert not {"streamlit", "pandas", "numpy", "torch", "pytest"} & set(result["modules"])
    assert result["main"] != getattr(sys.modules["__main__"], "__file__", None)
