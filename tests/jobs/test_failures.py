"""What is told of a failure: our own words in full, of others only class and place."""

import pytest

from core.errors import JobFailed
from core.jobs import Failed
from core.jobs.job_log import JobLog
from core.tracing import sanitised_traceback, where
from tests.jobs import jobs_for_tests as jobs

SECRET = "Ada Lovelace 1815"


def test_our_own_errors_are_shown_as_they_are(pool, recorder):
    pool.submit("a", jobs.fail_for_the_user, None)
    ending = recorder.ending("a")
    assert ending.message == "Column `age` has no values. Leave it out."
    assert "core.errors.InvalidInput" in ending.log
    assert "jobs_for_tests.py" in ending.log


def test_the_text_of_other_errors_reaches_neither_message_nor_log(pool, recorder):
    pool.submit("a", jobs.fail_with_a_value, SECRET)
    ending = recorder.ending("a")
    assert isinstance(ending, Failed)
    assert "ValueError" in ending.message
    assert "jobs_for_tests.py" in ending.message
    assert "KeyError" in ending.log
    assert "in fail_with_a_value" in ending.log
    assert SECRET not in ending.message + ending.log


def test_the_place_told_is_the_innermost_one_in_core(pool, recorder):
    pool.submit("a", jobs.fail_inside_core, None)
    assert "AttributeError at core/settings.py:" in recorder.ending("a").message


def test_the_log_has_stages_notes_memory_and_only_our_loggers(pool, recorder):
    pool.submit("a", jobs.double, 1)
    log = recorder.ending("a").log
    assert "stage fit" in log
    assert "fit 1/1 · all of it" in log
    assert "finished · peak memory" in log
    pool.submit("b", jobs.log, SECRET)
    log = recorder.ending("b").log
    assert "info: fitted column age" in log
    assert SECRET not in log


def test_a_job_writes_nothing_to_the_servers_output(pool, recorder, capfd):
    pool.submit("a", jobs.log, SECRET)
    recorder.ending("a")
    assert SECRET not in "".join(capfd.readouterr())


def test_a_job_whose_module_is_missing_in_the_worker_fails(pool, recorder):
    def vanished(payload, progress): ...

    vanished.__qualname__ = vanished.__name__ = "double"
    vanished.__module__ = "no_such_module"
    with pytest.raises(ValueError, match="picklable"):
        pool.submit("a", vanished, None)


def test_a_traceback_keeps_the_causes_but_not_their_words():
    def fail():
        try:
            int(SECRET)
        except ValueError as error:
            raise JobFailed(SECRET) from error

    with pytest.raises(JobFailed) as caught:
        fail()
    text = sanitised_traceback(caught.value)
    assert where(caught.value).startswith("tests/jobs/test_failures.py:")
    assert text.index("core.errors.JobFailed") < text.index("ValueError")
    assert SECRET not in text


def test_a_log_that_grows_without_end_keeps_its_last_lines():
    log = JobLog()
    for number in range(6_000):
        log.add(f"line {number}")
    lines = log.text().splitlines()
    assert len(lines) == 5_000
    assert lines[-1].endswith("line 5999")


def test_a_crash_leaves_no_core_file(pool, recorder):
    pool.submit("a", jobs.core_limit, None)
    assert recorder.ending("a").result == {"bytes": (0, 0)}
