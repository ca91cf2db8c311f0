"""Time and memory at scale: fits, samples and streams of synthetic tables made from a fixed seed.

``python -m bench.scale [--full] [--only NAME]``. Each case runs in a process of its own and prints
seconds, CPU seconds and peak MiB of that process. ``--full`` adds the case of 100,000,000 rows.
The load of the machine is printed first: on a busy one, look at CPU seconds.
"""

import argparse
import json
import logging
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.data.schema import Column, ColumnType, Role, Schema, Table
from core.data.write import write_blocks
from core.memory import peak_memory_mb
from core.synthesis.synthesizer import Synthesizer

ROOT = Path(__file__).parents[1]
ROWS, COLUMNS = 1_000_000, 15
SPREAD_ROWS = 20_000
logger = logging.getLogger("bench.scale")


def make_table(rows: int, columns: int, seed: int = 1) -> tuple[pd.DataFrame, Table]:
    """A key and correlated columns in turn: category, integer, decimal, skewed, date, gaps."""
    rng = np.random.default_rng(seed)
    hidden = rng.normal(size=(rows, 3))
    frame = {"id": pd.Series(np.arange(rows), dtype="Int64")}
    described = [Column("id", ColumnType.INTEGER, Role.IDENTIFIER)]
    for place in range(columns - 1):
        mixed = hidden @ rng.normal(size=3) + rng.normal(size=rows)
        kind, values = _column(place % 6, mixed, rng)
        described.append(Column(f"c{place}", kind))
        frame[described[-1].name] = values.astype(kind.dtype)
    return pd.DataFrame(frame), Table("t", tuple(described), "id")


def _column(turn: int, mixed: np.ndarray, rng: np.random.Generator) -> tuple[ColumnType, pd.Series]:
    if turn == 0:
        labels = np.array([f"label {i}" for i in range(20)])
        places = np.clip((mixed * 3 + 10).astype(int), 0, 19)
        return ColumnType.CATEGORY, pd.Series(labels[places], dtype="string[pyarrow]")
    if turn == 1:
        return ColumnType.INTEGER, pd.Series(np.round(mixed * 10 + 50)).astype("Int64")
    if turn == 4:
        days = np.datetime64("2020-01-01") + np.round(mixed * 100).astype("timedelta64[D]")
        return ColumnType.DATE, pd.Series(days.astype("datetime64[us]"))
    values = np.round(np.exp(mixed) if turn == 3 else mixed, 2)
    if turn == 5:
        values = np.where(rng.random(len(mixed)) < 0.2, np.nan, values)
    return ColumnType.NUMBER, pd.Series(values)


def fitted(rows: int, columns: int) -> tuple[Synthesizer, dict[str, float]]:
    """A model of a table of this size, and what the fit took."""
    frame, table = make_table(rows, columns)
    synthesizer = Synthesizer(Schema((table,)), "forest")
    took = measured(lambda: synthesizer.fit({"t": frame}, rng=np.random.default_rng(1)))
    return synthesizer, took


def measured(work: Callable[[], object]) -> dict[str, float]:
    """Seconds and CPU seconds of some work."""
    clock, cpu = time.perf_counter(), time.process_time()
    work()
    return {
        "seconds": round(time.perf_counter() - clock, 2),
        "cpu_s": round(time.process_time() - cpu, 2),
    }


def whole(rows: int, columns: int) -> dict[str, Any]:
    """Fit, and sample as many rows in memory."""
    synthesizer, fit = fitted(rows, columns)
    sample = measured(lambda: synthesizer.sample(rng=np.random.default_rng(2)))
    total = {name: round(fit[name] + sample[name], 2) for name in fit}
    return {"fit": fit, "sample": sample, **total, "model_mb": len(synthesizer.dump()) / 1e6}


def sampling(rows: int, columns: int) -> dict[str, Any]:
    """Blocks from a fitted model, thrown away: rows a second, made and made again as a table."""
    synthesizer, _ = fitted(ROWS // 5, columns)

    def work() -> None:
        for block in synthesizer.stream({"t": rows}, rng=np.random.default_rng(2)):
            del block

    took = measured(work)
    return {**took, "rows_a_second": round(rows / took["seconds"])}


def streaming(rows: int, columns: int) -> dict[str, Any]:
    """Rows from a fitted model into a Parquet file."""
    synthesizer, _ = fitted(ROWS // 5, columns)
    (table,) = synthesizer.output_schema.tables
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "t.parquet"
        blocks = synthesizer.stream({"t": rows}, rng=np.random.default_rng(2))
        took = measured(lambda: write_blocks(blocks, table, out, "parquet"))
        size = out.stat().st_size / 2**20
    return {**took, "rows_a_second": round(rows / took["seconds"]), "file_mib": round(size)}


CASES: dict[str, tuple[Callable[[int, int], dict[str, Any]], int, int]] = {
    "fit + sample, 1,000,000 x 15": (whole, ROWS, COLUMNS),
    "sampling, 2,000,000 x 15": (sampling, 2 * ROWS, COLUMNS),
    "to Parquet, 10,000,000 x 15": (streaming, 10 * ROWS, COLUMNS),
    **{
        f"fit + sample, {SPREAD_ROWS:,} x {columns}": (whole, SPREAD_ROWS, columns)
        for columns in (15, 50, 150, 500)
    },
    "to Parquet, 100,000,000 x 15": (streaming, 100 * ROWS, COLUMNS),
}
FULL = ("to Parquet, 100,000,000 x 15",)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the cases, or in a process of its own the one that is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--only", default="", help="part of a case's name")
    parser.add_argument("--case", choices=sorted(CASES), help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    if chosen.case:
        work, rows, columns = CASES[chosen.case]
        result = {**work(rows, columns), "peak_mib": peak_memory_mb()}
        sys.stdout.write(json.dumps(result) + "\n")
        return
    load = ", ".join(f"{figure:.1f}" for figure in os.getloadavg())
    logger.info("%d cores, load before: %s", os.cpu_count() or 1, load)
    for name in CASES:
        if chosen.only in name and (chosen.full or name not in FULL):
            command = [sys.executable, "-m", "bench.scale", "--case", name]
            done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
            logger.info("%s: %s", name, done.stdout.strip())


if __name__ == "__main__":
    main()
