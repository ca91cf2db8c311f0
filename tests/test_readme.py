"""The README says what the code does."""

import re
from pathlib import Path
from typing import Any

import pytest

from core import cli
from scripts.readme_settings import with_table

README = Path(__file__).parent.parent / "README.md"


def test_the_configuration_table_is_the_settings() -> None:
    text = README.read_text(encoding="utf-8")
    assert with_table(text) == text, "Run: python scripts/readme_settings.py"


def test_the_notebook_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = README.read_text(encoding="utf-8")
    example = text.split("```python\n")[1].split("```")[0]
    rows = "\n".join(f"{i % 9},{'ab'[i % 2]}" for i in range(100))
    (tmp_path / "train.csv").write_text(f"number,letter\n{rows}\n")
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    exec(compile(example, "README.md", "exec"), names)
    (made,) = names["synthetic"].values()
    assert len(made) == 1_000
    assert list(made.columns) == ["number", "letter"]


def test_every_command_of_the_readme_exists() -> None:
    text = README.read_text(encoding="utf-8")
    used = set(re.findall(r"python -m core ([a-z-]+)", text))
    known = {command.name or command.callback.__name__ for command in cli.app.registered_commands}
    assert used == known | {"audit"}
