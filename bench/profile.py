"""How fast a table is profiled where it lies, beside fg-data-profiling in its minimal mode.

``python -m bench.profile [--rows 1000000 --rows 100000] [--peer PYTHON]`` makes tables of twenty
mixed columns, keeps them encrypted in a vault, profiles each in a process of its own and prints
wall and CPU seconds and peak memory. ``--peer`` names an interpreter that has
``bench/requirements-profile.txt``; it gets the same rows as plain Parquet.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from core.data.frames import canonical
from core.data.profile import profile_relation
from core.data.schema import Column, ColumnType, Table
from core.data.vault import Vault
from core.keys import Keys
from core.settings import Settings

T = ColumnType
KINDS = {
    "id": T.INTEGER, "age": T.INTEGER, "visits": T.INTEGER, "income": T.NUMBER, "score": T.NUMBER,
    "height": T.NUMBER, "lat": T.NUMBER, "active": T.BOOLEAN, "born": T.DATE, "joined": T.DATE,
    "seen": T.DATETIME, "opens": T.TIME, "city": T.CATEGORY, "postcode": T.CATEGORY,
    "segment": T.CATEGORY, "status": T.CATEGORY, "email": T.TEXT, "name": T.TEXT, "note": T.TEXT,
    "plan": T.CATEGORY,
}  # fmt: skip
TABLE = Table("people", tuple(Column(name, kind) for name, kind in KINDS.items()))
PATH = "people.parquet"


def made(rows: int, seed: int = 1) -> pd.DataFrame:
    """Twenty mixed columns: keys, numbers, dates, categories and text."""
    rng = np.random.default_rng(seed)
    place = rng.integers(0, 400, rows)
    first = pd.Series([f"name{i}" for i in range(900)]).take(rng.integers(0, 900, rows))
    born = np.datetime64("1940-01-01") + rng.integers(0, 25_000, rows).astype("timedelta64[D]")
    joined = np.datetime64("2015-01-01") + rng.integers(0, 3_000, rows).astype("timedelta64[D]")
    frame = pd.DataFrame(
        {
            "id": np.arange(rows),
            "age": rng.integers(18, 95, rows),
            "visits": rng.poisson(3, rows),
            "income": np.where(rng.random(rows) < 0.1, np.nan, rng.lognormal(10, 1, rows)),
            "score": rng.normal(size=rows),
            "height": rng.normal(170, 9, rows).round(1),
            "lat": rng.uniform(47, 55, rows),
            "active": rng.random(rows) < 0.7,
            "born": born,
            "joined": joined,
            "seen": joined + rng.integers(0, 10**7, rows).astype("timedelta64[s]"),
            "opens": rng.integers(0, 86_400, rows).astype("timedelta64[s]"),
            "city": np.char.add("city", place.astype(str)),
            "postcode": np.char.add("9", place.astype(str)),
            "segment": np.array(["a", "b", "c", "d"])[rng.integers(0, 4, rows)],
            "status": np.array(["open", "closed", "late"])[rng.integers(0, 3, rows)],
            "email": np.char.add(np.arange(rows).astype(str), "@example.org"),
            "name": first.to_numpy(),
            "note": np.char.add("wrote about ", rng.integers(0, 10**6, rows).astype(str)),
            "plan": np.array(["free", "paid"])[rng.integers(0, 2, rows)],
        }
    )
    return canonical(frame, TABLE)


def _keys() -> Keys:
    return Keys.from_settings(Settings(key="00" * 32))


def profile_here(root: str) -> None:
    """Profile the table in the vault under ``root`` and print the cost; runs in its own process."""
    wall, cpu = time.perf_counter(), time.process_time()
    with Vault(Path(root), _keys()).querying(PATH) as (cursor, relation):
        found = profile_relation(cursor, relation, TABLE, frozenset({"email", "name"}))
    print(json.dumps(_cost(found.rows, wall, cpu)))


def peak_mb() -> float:
    """Most memory of this process since it began (``ru_maxrss`` counts its parent's too)."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def _cost(rows: int, wall: float, cpu: float) -> dict[str, float]:
    return {
        "rows": rows,
        "wall": time.perf_counter() - wall,
        "cpu": time.process_time() - cpu,
        "peak_mb": peak_mb(),
    }


def _run(*command: str) -> dict[str, float]:
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    cost: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return cost


def measure(rows: int, peer: str | None) -> list[tuple[str, dict[str, float]]]:
    """The cost of each profiler on a table of so many rows."""
    with tempfile.TemporaryDirectory() as folder:
        frame = made(rows)
        Vault(Path(folder), _keys()).write_table(PATH, frame, TABLE)
        costs = [("studio", _run(sys.executable, "-m", "bench.profile", "--in", folder))]
        if peer:
            plain = str(Path(folder) / "plain.parquet")
            frame.to_parquet(plain)
            script = str(Path(__file__).with_name("profile_peer.py"))
            costs.append(("fg-data-profiling, minimal", _run(peer, script, plain)))
    return costs


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, action="append")
    parser.add_argument("--peer", metavar="PYTHON")
    parser.add_argument("--in", dest="root", help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.root:
        profile_here(chosen.root)
        return
    print("| | rows | wall s | CPU s | peak MB |\n|---|---|---|---|---|")
    for rows in chosen.rows or [100_000, 1_000_000]:
        for name, cost in measure(rows, chosen.peer):
            figures = f"{cost['wall']:.1f} | {cost['cpu']:.1f} | {cost['peak_mb']:.0f}"
            print(f"| {name} | {rows:,} | {figures} |", flush=True)


if __name__ == "__main__":
    main()
