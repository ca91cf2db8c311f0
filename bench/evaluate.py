"""Time and memory of the evaluation: in full, at once, and beside sdmetrics' quality report.

``python -m bench.evaluate [--rows 50000] [--only quick] [--peer] [--notes] [--seed 1]``. The real
rows are census rows drawn from a forest that has learned the census table, so that there are as
many as asked for and none twice; the synthetic ones come from a forest that has learned these.
Without the census table they are those of ``bench.scale``. Each case runs in a process of its own
and prints seconds, CPU seconds and peak MiB of that process, and CPU seconds by part. The load of
the machine is printed first: on a busy one, look at CPU seconds. ``--notes`` prints what the
report says of samples.
"""

import argparse
import json
import logging
import os
import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bench.scale import make_table
from core.data.read import read_table
from core.data.schema import Role, Schema, Table
from core.evaluation import evaluate
from core.evaluation.case import open_case
from core.evaluation.fidelity_detail import sdmetrics_reports
from core.memory import peak_memory_mb
from core.progress import SilentProgress
from core.synthesis.forest import Forest, ForestParams
from core.synthesis.params import build
from core.synthesis.sdv_support import TABLE, quiet

ROOT = Path(__file__).parents[1]
CENSUS = ROOT.parent / "shared" / "data" / "single" / "census_train.csv.gz"
ROLES = {"sex": Role.SENSITIVE, "race": Role.SENSITIVE, "age": Role.QUASI_IDENTIFIER}
BUDGETS = {"full": (60.0, 1500.0), "quick": (3.0, 1500.0)}
BUDGET_ROWS = 50_000
logger = logging.getLogger("bench.evaluate")


class Clock(SilentProgress):
    """CPU seconds between the steps that an evaluation reports."""

    def __init__(self) -> None:
        self.parts: dict[str, float] = {}
        self._part, self._since = "opening", time.process_time()

    def step(
        self, done: float, total: float, note: str = "", values: Mapping[str, float] | None = None
    ) -> None:
        """Book what was used since the last step on the part that is finished."""
        now = time.process_time()
        taken = self.parts.get(self._part, 0.0) + now - self._since
        self.parts[self._part] = round(taken, 2)
        self._part, self._since = note.partition(": ")[2].partition(" on ")[0], now


def real_table(rows: int) -> tuple[pd.DataFrame, Table]:
    """Rows of the census as a forest draws them, or made-up ones where it is absent."""
    if not CENSUS.exists():
        return make_table(rows, 15)
    frame, table = read_table(CENSUS)
    columns = tuple(replace(c, role=ROLES.get(c.name, c.role)) for c in table.columns)
    table = replace(table, columns=columns)
    return drawn(frame, table, rows), table


def drawn(frame: pd.DataFrame, table: Table, rows: int) -> pd.DataFrame:
    """As many rows as asked for from a forest that has learned ``frame``."""
    forest, silent = Forest(build(ForestParams, {})), SilentProgress()
    forest.fit(frame, table, rng=np.random.default_rng(1), progress=silent)
    return forest.sample(rows, rng=np.random.default_rng(2), progress=silent)


def prepare(rows: int, path: Path) -> None:
    """Write training, holdout and synthetic rows with their schema."""
    real, table = real_table(2 * rows)
    train, holdout = real.iloc[:rows], real.iloc[rows:].reset_index(drop=True)
    synthetic = drawn(train, table, rows)
    path.write_bytes(pickle.dumps((train, holdout, synthetic, Schema((table,)))))


def judged(path: Path, depth: str, seed: int) -> dict[str, Any]:
    """One evaluation with its cost."""
    train, holdout, synthetic, schema = pickle.loads(path.read_bytes())
    (table,), clock = schema.tables, Clock()
    start, cpu = time.perf_counter(), time.process_time()
    report = evaluate(
        {table.name: train},
        {table.name: holdout},
        {table.name: synthetic},
        schema,
        target=table.names[-1],
        seed=seed,
        depth=depth,
        progress=clock,
    )
    took = time.perf_counter() - start, time.process_time() - cpu
    clock.step(1, 1)
    notes = sorted({note for note in sampled(report) if " of " in note})
    return {
        **cost(*took),
        "parts": {name: s for name, s in clock.parts.items() if s},
        "notes": notes,
    }


def peer(path: Path, seed: int) -> dict[str, Any]:
    """The quality report of sdmetrics on the same rows, with its cost."""
    train, holdout, synthetic, schema = pickle.loads(path.read_bytes())
    case = open_case(*schema.tables, schema, train, holdout, synthetic, np.random.default_rng(seed))
    real, made = (sdmetrics_reports.plain_frame(f, case.judged) for f in (holdout, synthetic))
    metadata = sdmetrics_reports.metadata_of(case.judged, None)
    start, cpu = time.perf_counter(), time.process_time()
    with quiet():
        from sdmetrics.reports import QualityReport

        report = QualityReport()
        report.generate({TABLE: real}, {TABLE: made}, metadata, verbose=False)
    return cost(time.perf_counter() - start, time.process_time() - cpu)


def cost(seconds: float, cpu: float) -> dict[str, Any]:
    """Seconds, CPU seconds and peak memory of this process."""
    return {"seconds": round(seconds, 2), "cpu_s": round(cpu, 2), "peak_mib": peak_memory_mb()}


def sampled(value: Any) -> Iterator[str]:
    """Every note within a report."""
    if is_dataclass(value):
        for field in fields(value):
            inner = getattr(value, field.name)
            if field.name in {"note", "notes"}:
                yield from [inner] if isinstance(inner, str) else inner
            else:
                yield from sampled(inner)
    elif isinstance(value, Mapping):
        yield from sampled(tuple(value.values()))
    elif isinstance(value, tuple):
        for inner in value:
            yield from sampled(inner)


def run(case: str, path: Path, seed: int) -> dict[str, Any]:
    """One case in a process of its own."""
    command = [sys.executable, "-m", "bench.evaluate", "--case", case]
    command += ["--path", str(path), "--seed", str(seed)]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the cases, or in a process of its own the one that is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=BUDGET_ROWS)
    parser.add_argument("--only", choices=("full", "quick"))
    parser.add_argument("--peer", action="store_true")
    parser.add_argument("--notes", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--case", choices=("prepare", "full", "quick", "peer"), help=argparse.SUPPRESS
    )
    parser.add_argument("--path", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    if chosen.case == "prepare":
        prepare(chosen.rows, chosen.path)
        return
    if chosen.case:
        is_peer = chosen.case == "peer"
        result = (
            peer(chosen.path, chosen.seed)
            if is_peer
            else judged(chosen.path, chosen.case, chosen.seed)
        )
        sys.stdout.write(json.dumps(result) + "\n")
        return
    load = ", ".join(f"{figure:.1f}" for figure in os.getloadavg())
    logger.info("%d cores, load before: %s", os.cpu_count() or 1, load)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tables.pickle"
        preparing = [sys.executable, "-m", "bench.evaluate", "--case", "prepare"]
        preparing += ["--rows", str(chosen.rows), "--path", str(path)]
        subprocess.run(preparing, cwd=ROOT, check=True)
        found = {
            c: run(c, path, chosen.seed) for c in ("quick", "full") if chosen.only in (None, c)
        }
        if chosen.peer:
            found["sdmetrics"] = run("peer", path, chosen.seed)
    show(found, chosen.rows, notes=chosen.notes)


def show(found: Mapping[str, dict[str, Any]], rows: int, *, notes: bool) -> None:
    """Print what each case took, beside its budget and the peer."""
    for name, took in found.items():
        said = took.pop("notes", [])
        logger.info("%s, %s rows: %s", name, f"{rows:,}", json.dumps(took))
        if name in BUDGETS and rows == BUDGET_ROWS:
            logger.info("  budget: %.0f s and %.0f MiB", *BUDGETS[name])
        if name in BUDGETS and "sdmetrics" in found:
            ratio = took["cpu_s"] / found["sdmetrics"]["cpu_s"]
            logger.info("  %.2f times the CPU seconds of sdmetrics' quality report", ratio)
        for note in said if notes else ():
            logger.info("  note: %s", note)


if __name__ == "__main__":
    main()
