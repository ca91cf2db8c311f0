"""What the server says at its start, what it imports, and how it shows its own mistakes."""

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import serve
from core.api import SecurityHeaders, SessionGate

HEAVY = ("torch", "sdv", "ctgan", "sklearn", "matplotlib", "fpdf", "openpyxl")


def test_the_terminal_shows_address_and_code() -> None:
    text = serve.announcement("http://localhost:8501", "ABCD-EFGH")
    assert "http://localhost:8501" in text
    assert "ABCD-EFGH" in text


def test_with_an_account_there_is_no_code() -> None:
    assert "code" not in serve.announcement("http://localhost:8501", None)


def test_the_server_has_its_middleware() -> None:
    kinds = [middleware.cls for middleware in serve.app._user_middleware]
    assert kinds == [SecurityHeaders, SessionGate]


def test_a_studio_that_cannot_start_says_why_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "state.duckdb").write_bytes(b"something")
    command = [sys.executable, "-m", "streamlit", "run", "serve.py", "--server.port", "0"]
    run = subprocess.run(
        command,
        cwd=Path(serve.__file__).parent,
        env={**os.environ, "STUDIO_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.returncode == 2
    assert "Synth Studio cannot start." in run.stderr
    assert "key file" in run.stderr
    assert "Traceback" not in run.stderr + run.stdout


def test_nothing_heavy_is_imported_at_the_start() -> None:
    code = f"import sys, serve, core.studio; print([n for n in {HEAVY!r} if n in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def fail_on_purpose() -> None:
    import serve

    try:
        raise ValueError("iban DE89370400440532013000")
    except ValueError as error:
        serve.on_script_error(error)


@pytest.fixture
def server_log() -> Iterator[None]:
    """Log as the server does, for one test."""
    before = logging.getLogRecordFactory()
    serve.set_up_log()
    yield
    logging.setLogRecordFactory(before)


def test_an_unforeseen_error_is_a_designed_state(
    server_log: None, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, "studio.face"):
        app = AppTest.from_function(fail_on_purpose).run()
    assert not app.exception
    assert "Something went wrong" in app.error[0].value
    assert "DE89" not in app.error[0].value
    reference = app.caption[0].value.removeprefix("Reference ")
    assert reference in caplog.text
    assert "ValueError" in caplog.text
    assert "DE89" not in caplog.text
