"""Our engines by name on the shared tables, each in a process of its own, measured once and kept.

``python -m bench.engines --ours all [--table census] [--param epochs=20] [--seeds 1]`` measures
what is not in the file of results yet, one process at a time with one thread, and prints a table
for each data set. A process fits and samples one engine as often as a user would who takes its
defaults, but for ``--param`` where the engine knows the parameter; its CPU seconds are those of fit
and sample, its peak memory that of the whole process, libraries and training rows included. Engines
with a formal guarantee spend ε = 1 and δ = 1e-5 unless ``--param`` says otherwise, with the public
schema in ``bench/schemas`` where there is one for the table. What did not come through, or was not
run, says so in the table; real training rows stand in the first line.
"""

import argparse
import json
import logging
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bench.forest import ROOT, TARGETS
from bench.scoring import Entry, score
from core.data.read import read_table
from core.data.write import write_table
from core.memory import peak_memory_mb
from core.privacy.ledger import Ledger
from core.privacy.public import read_public
from core.progress import SilentProgress
from core.synthesis.params import build, specs
from core.synthesis.protocol import PrivateFit
from core.synthesis.registry import ENGINES, engine_info

RESULTS = ROOT / "bench" / "engines_results.json"
REAL = "real training rows"
BEGIN, END = "<!-- measured:begin -->", "<!-- measured:end -->"
PRIVATE = {"epsilon": 1.0, "delta": 1e-5}
MEASURES = ("uni", "biv", "tri", "c2st", "tstr", "dcr", "mia", "dup")
_KEY = ("engine", "table", "seed", "params")
logger = logging.getLogger("bench.engines")


def chosen_engines(names: str) -> list[str]:
    """Engines by name, separated by commas; ``all`` for every one. Raises for unknown ones."""
    picked = list(ENGINES) if names == "all" else [name for name in names.split(",") if name]
    return [engine_info(name).name for name in picked]


def params_of(engine: str, asked: Mapping[str, str]) -> dict[str, Any]:
    """What is asked of an engine, as far as it knows it; of private ones also the usual ε and δ."""
    info = engine_info(engine)
    known = {spec.name for spec in specs(info.params)}
    usual = PRIVATE if info.formal_guarantee else {}
    return {**usual, **{name: value for name, value in asked.items() if name in known}}


def make(engine: str, train: Path, out: Path, seed: int, params: Mapping[str, Any]) -> dict:
    """Fit and sample an engine in this process; the table in ``out``, the cost as figures."""
    frame, table = read_table(train)
    info, silent = engine_info(engine), SilentProgress()
    given = build(info.params, dict(params))
    made, more = info.make(given), {}
    if info.formal_guarantee:
        schema = ROOT / "bench" / "schemas" / f"{train.name.removesuffix('_train.csv.gz')}.yaml"
        public = read_public(schema) if schema.exists() else None
        more["private"] = PrivateFit(Ledger(given.guarantee), public)
    wall, cpu = time.perf_counter(), time.process_time()
    made.fit(frame, table, rng=np.random.default_rng(seed), progress=silent, **more)
    rows = made.sample(len(frame), rng=np.random.default_rng(seed + 1), progress=silent)
    spent = {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}
    peak = peak_memory_mb()
    write_table(rows, table, out, "csv")
    return {**spent, "mb": peak}


def kept(path: Path) -> list[dict[str, Any]]:
    """What was measured before."""
    return json.loads(path.read_text()) if path.exists() else []


def keep(path: Path, result: Mapping[str, Any]) -> None:
    """Add one result, in place of one of the same key; the file is replaced as a whole."""
    others = [one for one in kept(path) if any(one[k] != result[k] for k in _KEY)]
    fresh = path.with_suffix(f".{os.getpid()}")
    fresh.write_text(json.dumps([*others, result], indent=1) + "\n")
    fresh.replace(path)


def measure(
    key: Mapping[str, Any], pair: Sequence[Path], scorer: Path, limit: float | None
) -> dict[str, Any] | None:
    """One engine in a process of its own, scored; None, with a line that says why, if it fails."""
    cost: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "made.csv"
        if key["engine"] == REAL:
            out = pair[0]
        else:
            job = {**{k: key[k] for k in ("engine", "seed", "params")}, "train": str(pair[0])}
            command = [sys.executable, "-W", "ignore", "-m", "bench.own", json.dumps(job), str(out)]
            quiet = {**os.environ, "OMP_NUM_THREADS": "1"}
            try:
                done = subprocess.run(
                    command, capture_output=True, text=True, cwd=ROOT, env=quiet, timeout=limit
                )
            except subprocess.TimeoutExpired:
                logger.info("%s on %s: not done in %g s", key["engine"], key["table"], limit)
                return None
            if done.returncode:
                last = (done.stderr.strip().splitlines() or ["no message"])[-1]
                told = key["engine"], key["table"], done.returncode, last
                logger.info("%s on %s ended with code %d: %s", *told)
                return None
            cost = json.loads(done.stdout.strip().splitlines()[-1])
        entry = Entry(key["engine"], out, cost.get("cpu", 0.0))
        (figures,) = score(pair, TARGETS[key["table"]], [entry], scorer)
    return {**key, **cost, **figures}


def measure_missing(chosen: argparse.Namespace, asked: Mapping[str, str]) -> None:
    """Measure what is not in the file of results yet, each result kept at once; print tables."""
    engines, path = chosen_engines(chosen.ours), chosen.results
    for table in chosen.table or TARGETS:
        pair = [chosen.data / f"{table}_{part}.csv.gz" for part in ("train", "holdout")]
        wanted = [{"engine": REAL, "table": table, "seed": 0, "params": {}}]
        wanted += [
            {"engine": name, "table": table, "seed": seed, "params": params_of(name, asked)}
            for seed in range(chosen.seeds)
            for name in engines
        ]
        for key in wanted if not chosen.show else ():
            if any(all(one[k] == key[k] for k in _KEY) for one in kept(path)):
                continue
            logger.info("measuring %s on %s ...", key["engine"], table)
            found = measure(key, pair, chosen.scorer, chosen.limit)
            if found:
                keep(path, found)
        print("\n".join(rows_of(table, engines, kept(path))))
    if chosen.readme:
        write_readme(chosen.readme, list(ENGINES), kept(path))


def write_readme(path: Path, engines: Sequence[str], results: Sequence[Mapping[str, Any]]) -> None:
    """Put the tables of all data sets between the marks of a page."""
    lines = [line for table in TARGETS for line in rows_of(table, engines, results)]
    tables = "\n".join(lines).strip()
    before, rest = path.read_text().split(BEGIN, 1)
    _, after = rest.split(END, 1)
    path.write_text(f"{before}{BEGIN}\n\n{tables}\n\n{END}{after}")


def rows_of(table: str, engines: Sequence[str], results: Sequence[Mapping[str, Any]]) -> list[str]:
    """The Markdown table of one data set: means over seeds; "not measured" where nothing is."""
    head = f"\n**{table}**\n\n| engine | {' | '.join(MEASURES)} | CPU s | peak MB |"
    lines = [head, "|" + "---|" * (len(MEASURES) + 3)]
    for name in (REAL, *engines):
        own = [one for one in results if one["engine"] == name and one["table"] == table]
        settings = sorted({json.dumps(one["params"], sort_keys=True) for one in own})
        lines += [_row(name, text, own) for text in settings]
        if not own:
            lines.append(f"| `{name}` | not measured |" + " |" * (len(MEASURES) + 1))
    return lines


def _row(name: str, settings: str, results: Sequence[Mapping[str, Any]]) -> str:
    own = [one for one in results if json.dumps(one["params"], sort_keys=True) == settings]
    words = {"delta": "δ", "epsilon": "ε"}
    asked = sorted(json.loads(settings).items(), key=lambda item: item[0] != "epsilon")
    told = ", ".join(f"{words.get(k, k)} {v}" for k, v in asked)
    title = name if name == REAL else f"`{name}`"
    cells = [f"{np.mean([one[m] for one in own]):.3f}" for m in MEASURES]
    for cost in ("cpu", "mb"):
        values = [one[cost] for one in own if cost in one]
        cells.append(f"{np.mean(values):,.{1 if cost == 'cpu' else 0}f}" if values else "")
    return f"| {title}{f' ({told})' if told else ''} | {' | '.join(cells)} |"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What ``bench.engines`` asks for this part."""
    parser.add_argument("--ours", default="", help="our engines, separated by commas, or all")
    parser.add_argument("--param", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where figures are kept")
    parser.add_argument("--limit", type=float, help="seconds after which an engine is given up")
    parser.add_argument("--readme", type=Path, help="a page whose tables are replaced")
    parser.add_argument("--show", action="store_true", help="only print what was measured")


if __name__ == "__main__":
    task = json.loads(sys.argv[1])
    task["train"] = Path(task["train"])
    print(json.dumps(make(**task, out=Path(sys.argv[2]))))
