"""What a server does to its workers: never run its main module in them, never leave them behind."""

import subprocess
import sys
import textwrap
import time
from pathlib import Path

from tests.jobs.waiting import gone_within

ROOT = Path(__file__).parents[2]


def server(code, tmp_path, **options):
    script = tmp_path / "server.py"
    script.write_text(textwrap.dedent(code))
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [sys.executable, str(script)],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        stdout=pipe,
        stderr=pipe,
        text=True,
        **options,
    )


def test_a_worker_never_runs_the_script_that_streamlit_puts_in_place_of_main(tmp_path):
    page, marker = tmp_path / "page.py", tmp_path / "marker"
    page.write_text(f"open({str(marker)!r}, 'a').write('ran')\nimport streamlit\n")
    process = server(
        f"""
        import sys, threading, types
        from core.jobs import Finished, JobPool
        from tests.jobs import jobs_for_tests as jobs

        ended, said = threading.Event(), []

        def on_event(job_id, message):
            said.append(message)
            if isinstance(message, Finished):
                ended.set()

        fake = types.ModuleType("__main__")
        fake.__file__ = {str(page)!r}
        sys.modules["__main__"] = fake
        pool = JobPool(1, 2**30, 60, on_event)
        pool.submit("a", jobs.environment, [])
        assert ended.wait(20), said
        print(said[-1].result["main"], "streamlit" in said[-1].result["modules"])
        pool.close()
        """,
        tmp_path,
    )
    out, err = process.communicate(timeout=60)
    assert out.strip() == "None False", err
    assert not marker.exists()


SERVER = """
    import sys, threading, time
    from core.jobs import JobPool, Reported
    from tests.jobs import jobs_for_tests as jobs

    pids = []

    def on_event(job_id, message):
        if isinstance(message, Reported) and message.note:
            child = message.note.split()[1]
            print(pool.state()["running"][job_id]["pid"], child, flush=True)

    pool = JobPool(1, 2**30, 60, on_event)
    pool.submit("a", jobs.with_child, 60)
    {then}
"""


def test_when_the_server_is_killed_its_workers_end_by_themselves(tmp_path):
    process = server(SERVER.format(then="time.sleep(60)"), tmp_path)
    pids = [int(pid) for pid in process.stdout.readline().split()]
    assert len(pids) == 2
    process.kill()
    process.communicate(timeout=10)
    assert [gone_within(pid, 3) for pid in pids] == [True, True]


def test_a_server_that_leaves_without_closing_the_pool_is_not_held_up(tmp_path):
    process = server(SERVER.format(then="time.sleep(4)"), tmp_path)
    pids = [int(pid) for pid in process.stdout.readline().split()]
    began = time.monotonic()
    _, err = process.communicate(timeout=20)
    assert time.monotonic() - began < 10
    assert process.returncode == 0, err
    assert [gone_within(pid, 1) for pid in pids] == [True, True]
