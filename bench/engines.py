"""Our engine and its peers on the same tables, in one go: a scoreboard with ratios.

``python -m bench.engines [--table census] [--peers copula,tvae,ctgan,argn] [--seeds 1]
[--epochs 20]`` compares ``forest`` with its peers. ``--epochs`` shortens the training of tvae and
ctgan and stands with their figures. Each table of the folder is a pair ``NAME_train.csv.gz`` and
``NAME_holdout.csv.gz``. Peers run in an environment of their own (``make bench-peers``); the scorer
runs once a table over every synthetic version. What is missing (the tables, the scorer, the peers)
is said and left out. CPU seconds are those of fit and sample together, without reading and writing;
threads of a peer that wait do not spin, so that waiting does not count.

``python -m bench.engines --ours all [--table census] [--param epochs=20] [--seeds 1] [--limit S]``
measures our own engines instead, by name, each in a process of its own: the scorer's figures, CPU
seconds and peak memory. What was measured is kept in ``--results`` and not measured again;
``--show`` only prints it. See ``bench.own``. With ``--ours`` *and* ``--peers`` both run side by
side in one go, as ``forest`` and its peers do, and ratios are to the first of ours:
``python -m bench.engines --ours tabular_ar --table census --peers argn``.
"""

import argparse
import json
import logging
import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from bench.forest import ROOT, SHARED, TARGETS
from bench.own import add_arguments, chosen_engines, make, measure_missing, params_of
from bench.peers import IN_EPOCHS
from bench.scoring import Entry, score

PEERS = ("copula", "tvae", "ctgan", "argn")
PEER_PYTHON = ROOT / ".venv-peers" / "bin" / "python"
HIGHER, HALF = ("uni", "biv", "tri", "tstr"), ("c2st", "dcr", "mia")
BARS = {
    "census": (
        ("biv", ">=", 0.974),
        ("tri", ">=", 0.950),
        ("c2st", "<=", 0.55),
        ("tstr", ">=", 0.920),
        ("dcr", "<=", 0.520),
        ("mia", "<=", 0.507),
        ("dup", "<=", 0.0005),
    )
}
DEFAULT = "forest"
SPEED_BARS = {"forest": 50}
logger = logging.getLogger("bench.engines")


def run_own(
    name: str, train: Path, folder: Path, seed: int, asked: Mapping[str, str] | None = None
) -> Entry:
    """Fit and sample one of our engines in this process."""
    out = folder / f"{name}{seed}.csv"
    cost = make(name, train, out, seed, params_of(name, asked or {}))
    return Entry(f"{name} seed {seed}", out, cost["cpu"])


def is_of(entry: Entry, engine: str) -> bool:
    """Whether a version was made by this engine of ours."""
    return entry.name.startswith(f"{engine} seed ")


def run_peer(name: str, train: Path, folder: Path, epochs: int = 0) -> Entry | None:
    """Fit and sample a peer in its environment; says why when it does not come through."""
    if not PEER_PYTHON.exists():
        logger.info("%s left out: no %s. Run `make bench-peers`.", name, PEER_PYTHON)
        return None
    out = folder / f"{name}.parquet"
    quiet = {**os.environ, "OMP_WAIT_POLICY": "PASSIVE"}
    command = [str(PEER_PYTHON), "-P", str(ROOT / "bench" / "peers.py"), name, str(train), str(out)]
    command += [str(epochs)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=quiet)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        logger.info("%s left out: it ended with code %d: %s", name, done.returncode, last)
        return None
    cost = json.loads(done.stdout.strip().splitlines()[-1])
    shortened = bool(epochs) and name in IN_EPOCHS
    return Entry(f"{name}, {epochs} epochs" if shortened else name, out, cost["cpu"])


def show(
    name: str,
    engines: Sequence[str],
    entries: Sequence[Entry],
    figures: Sequence[Mapping[str, float]],
) -> None:
    """Print the scoreboard of one table: figures, and each other's beside our first engine's."""
    measures = [m for m in figures[0] if m != "rows"]
    ours = [i for i, entry in enumerate(entries) if is_of(entry, engines[0])]
    mean = {m: float(np.mean([figures[i][m] for i in ours])) for m in measures}
    cpu = float(np.mean([entries[i].cpu for i in ours]))
    print(f"\n{name}\n| | {' | '.join(measures)} | CPU s | CPU, times ours |")
    print("|" + "---|" * (len(measures) + 3))
    for number, (entry, row) in enumerate(zip(entries, figures, strict=True)):
        cells = [_cell(row[m], m, mean[m], number in ours) for m in measures]
        print(f"| {entry.name} | {' | '.join(cells)} | {entry.cpu:.1f} | {entry.cpu / cpu:.1f} |")
    for engine in engines:
        for line in verdicts(name, engine, engines, entries, figures):
            print(line if len(engines) == 1 else f"{engine}: {line}")


def _cell(value: float, measure: str, ours: float, own: bool) -> str:
    """A figure; for a peer also its distance from perfect as a multiple of ours."""
    perfect = 1.0 if measure in HIGHER else 0.5 if measure in HALF else 0.0
    if own or measure == "dup" or abs(ours - perfect) < 0.0005:
        return f"{value:.3f}"
    return f"{value:.3f} ({abs(value - perfect) / abs(ours - perfect):.1f}x)"


def verdicts(
    name: str,
    engine: str,
    engines: Sequence[str],
    entries: Sequence[Entry],
    figures: Sequence[Mapping[str, float]],
) -> list[str]:
    """Which bars hold, for the worst of an engine's seeds; those of tables are the default's."""
    pairs = list(zip(entries, figures, strict=True))
    own = [(e, f) for e, f in pairs if is_of(e, engine)]
    peers = [(e, f) for e, f in pairs if not any(is_of(e, one) for one in engines)]
    lines = []
    for measure, sign, bar in BARS.get(name, ()) if engine == DEFAULT else ():
        worst = (min if sign == ">=" else max)(f[measure] for _, f in own)
        good = worst >= bar if sign == ">=" else worst <= bar
        lines.append(f"{_word(good)} {measure} {sign} {bar}: worst seed {worst:.3f}")
    for measure in ("biv", "tri", "tstr", "c2st") if peers else ():
        best = (min if measure == "c2st" else max)(f[measure] for _, f in peers)
        worst = (max if measure == "c2st" else min)(f[measure] for _, f in own)
        good = worst < best if measure == "c2st" else worst > best
        lines.append(f"{_word(good)} {measure} ahead of every peer: {worst:.3f} against {best:.3f}")
    for measure, room in (("dcr", 0.02), ("mia", 0.01)):
        worst = max(abs(f[measure] - 0.5) for _, f in own)
        lines.append(f"{_word(worst <= room)} {measure} within {room} of 0.5: {worst:.3f} away")
    slow = max(e.cpu for e, _ in own)
    for peer, _ in peers:
        if peer.name == "argn":
            times, bar = peer.cpu / slow, SPEED_BARS.get(engine, 1)
            word = _word(times >= bar)
            lines.append(f"{word} CPU at most 1/{bar} of argn's: 1/{times:.1f}")
    return lines


def _word(good: bool) -> str:
    return "holds:" if good else "MISSED:"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=SHARED / "data" / "single")
    parser.add_argument("--scorer", type=Path, default=SHARED / "bench" / "score.py")
    parser.add_argument("--table", action="append", choices=sorted(TARGETS))
    parser.add_argument("--peers", help="separated by commas, or empty; all beside the default")
    parser.add_argument("--epochs", type=int, default=0, help="of tvae and ctgan; 0: their own")
    parser.add_argument("--seeds", type=int, default=1)
    add_arguments(parser)
    chosen = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    if not chosen.scorer.exists():
        logger.info("Nothing to do: no scorer at %s. Name one with --scorer.", chosen.scorer)
        return
    asked = dict(text.split("=", 1) for text in chosen.param)
    if chosen.ours and chosen.peers is None:
        measure_missing(chosen, asked)
        return
    for name in chosen.table or TARGETS:
        compare(name, chosen, asked)


def compare(name: str, chosen: argparse.Namespace, asked: Mapping[str, str]) -> None:
    """Ours and the peers side by side on one table."""
    engines = chosen_engines(chosen.ours or DEFAULT)
    peers = PEERS if chosen.peers is None else [one for one in chosen.peers.split(",") if one]
    pair = [chosen.data / f"{name}_{part}.csv.gz" for part in ("train", "holdout")]
    if not all(path.exists() for path in pair):
        logger.info("%s left out: no %s. Name its folder with --data.", name, pair[0])
        return
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        seeds = range(chosen.seeds)
        entries = [run_own(one, pair[0], out, seed, asked) for one in engines for seed in seeds]
        found = [run_peer(peer, pair[0], out, chosen.epochs) for peer in peers]
        entries += [entry for entry in found if entry]
        show(name, engines, entries, score(pair, TARGETS[name], entries, chosen.scorer))


if __name__ == "__main__":
    main()
