"""The neutral scorer's figures of synthetic versions of a table."""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Entry:
    """One synthetic version of a table: who made it, where it lies and what it cost."""

    name: str
    path: Path
    cpu: float


def score(pair: Sequence[Path], target: str, entries: Sequence[Entry], scorer: Path) -> list[dict]:
    """The scorer's figures of each entry, by name of the measure."""
    versions = [f"e{number}={entry.path}" for number, entry in enumerate(entries)]
    command = [sys.executable, "-W", "ignore", str(scorer), *map(str, pair), target, *versions]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    lines = [line.split() for line in done.stdout.splitlines()]
    names = next(line for line in lines if line[0] == "name")[1:]
    rows = {line[0]: line[1:] for line in lines}
    return [
        dict(zip(names, map(float, rows[f"e{number}"]), strict=True))
        for number in range(len(entries))
    ]
