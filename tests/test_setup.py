"""How the studio is installed and started: the virtual environment, the port, the container."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAKE_VENV = ROOT / "scripts" / "make_venv.sh"


def make_venv(tmp_path: Path, python: str, body: str = "") -> subprocess.CompletedProcess[str]:
    """Run the script with a python that does what ``body`` says, and no apt-get to call."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("sh", "rm", "id"):
        (tools / name).symlink_to(str(shutil.which(name)))
    if body:
        (tools / python).write_text(f"#!/bin/sh\n{body}\n")
        (tools / python).chmod(0o755)
    return subprocess.run(
        ["/bin/sh", str(MAKE_VENV), python, str(tmp_path / "venv")],
        env={"PATH": str(tools)},
        capture_output=True,
        text=True,
        timeout=30,
    )


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("", "Install Python 3.11 or newer"),
        ("exit 1", "is older than 3.11"),
        (
            'case "$2" in *ensurepip*) exit 1;; *print*) echo 3.12;; esac',
            "apt-get install python3.12-venv",
        ),
    ],
)
def test_what_python_lacks_is_said_with_the_way_to_get_it(
    tmp_path: Path, body: str, says: str
) -> None:
    done = make_venv(tmp_path, "pythonx", body)
    assert done.returncode == 1
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_an_environment_that_was_interrupted_half_way_is_made_again(tmp_path: Path) -> None:
    half = tmp_path / "venv"
    (half / "bin").mkdir(parents=True)
    (half / "bin" / "python").touch()
    plan = subprocess.run(
        ["make", "--dry-run", f"VENV={half}", "install"],
        cwd=ROOT,
        env={**os.environ, "MAKEFLAGS": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "make_venv.sh" in plan.stdout


def test_the_container_runs_what_make_run_runs_but_not_through_make() -> None:
    words = re.search(r"^CMD (\[.*\])$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert words is not None
    command = json.loads(words[1])
    recipe = re.search(r"exec (.*)", (ROOT / "Makefile").read_text())
    assert recipe is not None
    made = recipe[1].replace("$(BIN)", ".venv/bin")
    made = made.replace("$(PORT)", "8501").replace("$(ADDRESS)", "0.0.0.0")
    assert command == made.split()
