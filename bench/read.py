"""Reading a large file into the vault: rows a second, CPU seconds and peak memory.

``python -m bench.read [--format csv|parquet|jsonl] [--gib 1] [--columns 20] [--file FILE]``. The
file is generated from a fixed seed unless one is named: keys, categories, decimals, dates, times,
text with quotes, gaps. The import runs in a process of its own; its peak is that of the whole
process.

Measured once each, 20 columns, one thread for BLAS, on two busy cores:

========  ========  ==========  =====  ========
format    file      rows        CPU s  peak
========  ========  ==========  =====  ========
CSV       5.00 GiB  19,050,000  609    729 MiB
JSON      1.01 GiB   2,400,000  109    601 MiB
Parquet   1.06 GiB  12,750,000   88    710 MiB
========  ========  ==========  =====  ========

JSON is JSON lines; of the Parquet file 750,000 rows were generated and, but for the key, repeated.
"""

import argparse
import json
import logging
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from core.data.archive import ReadLimits
from core.data.importing import Job, import_files
from core.data.vault import Vault
from core.keys import Keys
from core.memory import peak_memory_mb
from core.progress import SilentProgress
from core.settings import GIB

BLOCK_ROWS = 50_000
Add = Callable[[list[list[str]]], None]
logger = logging.getLogger("bench.read")


def make_file(path: Path, size: float, columns: int, form: str) -> int:
    """Write a file of about ``size`` bytes and return how many rows it has."""
    rng = np.random.default_rng(1)
    rows = 0
    with path.open("wb") as file:
        add = ADD[form](file, [f"c{i}" for i in range(columns)])
        while file.tell() < size:
            add([_cells(i, rows, rng) for i in range(columns)])
            rows += BLOCK_ROWS
        add([])
    return rows


def _csv(file: BinaryIO, names: list[str]) -> Add:
    file.write((",".join(names) + "\n").encode())

    def add(cells: list[list[str]]) -> None:
        file.write("".join(f"{','.join(row)}\n" for row in zip(*cells, strict=True)).encode())

    return add


def _jsonl(file: BinaryIO, names: list[str]) -> Add:
    def add(cells: list[list[str]]) -> None:
        typed = [_values(place, column) for place, column in enumerate(cells)]
        rows = (dict(zip(names, row, strict=True)) for row in zip(*typed, strict=True))
        file.write("".join(f"{json.dumps(row)}\n" for row in rows).encode())

    return add


def _parquet(file: BinaryIO, names: list[str]) -> Add:
    writers: list[pq.ParquetWriter] = []

    def add(cells: list[list[str]]) -> None:
        if not cells:
            writers[0].close()
            return
        columns = [_array(place, column) for place, column in enumerate(cells)]
        table = pa.table(columns, names=names)
        if not writers:
            writers.append(pq.ParquetWriter(file, table.schema))
        writers[0].write_table(table)

    return add


def _values(place: int, cells: list[str]) -> list[object]:
    """Cells as JSON has them: numbers as such, the rest as text, nothing for a gap."""
    kind = place % 6
    if place == 0 or kind == 5:
        return [int(cell) if cell else None for cell in cells]
    if kind == 1:
        return [float(cell) for cell in cells]
    return [cell.strip('"') for cell in cells]


def _array(place: int, cells: list[str]) -> pa.Array:
    kind = place % 6
    values = pa.array(_values(place, cells))
    if kind == 3:
        return pc.cast(pc.strptime(values, "%d/%m/%Y", "s"), pa.date32())
    return pc.strptime(values, "%Y-%m-%d %H:%M:%S", "us") if place and kind == 0 else values


ADD: dict[str, Callable[[BinaryIO, list[str]], Add]] = {
    "csv": _csv,
    "jsonl": _jsonl,
    "parquet": _parquet,
}


def _cells(place: int, start: int, rng: np.random.Generator) -> list[str]:
    if place == 0:
        return [str(start + i) for i in range(BLOCK_ROWS)]
    draws = rng.random(BLOCK_ROWS)
    kind = place % 6
    if kind == 1:
        return [f"{d * 1000:.2f}" for d in draws]
    if kind == 2:
        return [f"city {int(d * 300)}" for d in draws]
    if kind == 3:
        return [f"{1 + int(d * 28):02d}/{1 + int(d * 12):02d}/20{int(d * 25):02d}" for d in draws]
    if kind == 4:
        return [f'"note {d:.9f}, with ""quotes"""' for d in draws]
    if kind == 5:
        return ["" if d < 0.1 else str(int(d * 1e6)) for d in draws]
    return [f"2024-05-{1 + int(d * 28):02d} {int(d * 24):02d}:30:00" for d in draws]


def measure(path: Path) -> dict[str, float]:
    """Import the file into a fresh vault, in this process."""
    with tempfile.TemporaryDirectory() as folder:
        vault = Vault(Path(folder), Keys(bytes(32)))
        limits = ReadLimits(max_bytes=1000 * GIB)
        job = Job(vault, "d", lambda i: f"d/{i}.parquet", limits, SilentProgress())
        began, cpu = time.perf_counter(), time.process_time()
        (rows,) = import_files([(path.name, path)], job).rows.values()
        seconds = time.perf_counter() - began
        return {
            "rows": rows,
            "seconds": round(seconds, 1),
            "cpu_s": round(time.process_time() - cpu, 1),
            "rows_per_s": round(rows / seconds),
            "mib_per_s": round(path.stat().st_size / 2**20 / seconds, 1),
            "peak_mib": round(peak_memory_mb()),
        }


def main() -> None:
    """Make the file, import it in a process of its own and log what that took."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--format", choices=sorted(ADD), default="csv")
    parser.add_argument("--gib", type=float, default=1.0)
    parser.add_argument("--columns", type=int, default=20)
    parser.add_argument("--file", type=Path)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
    if asked.inside:
        logger.info(json.dumps(measure(asked.file)))
        return
    with tempfile.TemporaryDirectory() as folder:
        path = asked.file or Path(folder) / f"t.{asked.format}"
        if asked.file is None:
            make_file(path, asked.gib * GIB, asked.columns, asked.format)
        command = [sys.executable, "-m", "bench.read", "--inside", "--file", str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        logger.info("%.2f GiB: %s", path.stat().st_size / GIB, done.stdout.strip())


if __name__ == "__main__":
    main()
