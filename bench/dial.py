"""The privacy dial of the forest engine, measured again: every step by the shared scorer.

``python -m bench.dial [--data DIR] [--scorer score.py] [--table census:2 --table titanic:8]``
fits and samples each step of ``PRIVACY_DIAL`` with as many seeds as stand after the table's name
and prints the means, as a table and as the lines that stand in ``core/synthesis/forest/params.py``.
"""

import argparse
import logging
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from bench.forest import SHARED, TARGETS, synthesize
from bench.scoring import Entry, score
from core.data.read import read_table
from core.synthesis.forest.params import PRIVACY_DIAL, DialEffect, DialStep

MEASURES = {
    "biv": "biv", "c2st": "c2st", "tstr": "tstr", "dcr": "dcr", "mia": "mia", "copies": "dup",
}  # fmt: skip
logger = logging.getLogger("bench.dial")


def measure(data: Path, name: str, seeds: int, scorer: Path) -> list[tuple[DialStep, DialEffect]]:
    """What each step gives on one table: means over the seeds."""
    pair = [data / f"{name}_{part}.csv.gz" for part in ("train", "holdout")]
    rows = len(read_table(pair[0])[0])
    with tempfile.TemporaryDirectory() as folder:
        entries = []
        for step in PRIVACY_DIAL:
            params = {key: str(value) for key, value in step.params.items()}
            for seed in range(seeds):
                out = Path(folder) / f"{step.name.replace(' ', '_')}_{seed}.csv"
                synthesize(pair[0], out, seed, params)
                entries.append(Entry(step.name, out, 0.0))
        found = score(pair, TARGETS[name], entries, scorer)
    steps = []
    for place, step in enumerate(PRIVACY_DIAL):
        own = found[place * seeds : (place + 1) * seeds]
        mean = {
            key: round(float(np.mean([figures[measure] for figures in own])), 3)
            for key, measure in MEASURES.items()
        }
        steps.append((step, DialEffect(name, rows, **mean)))
    return steps


def show(steps: Sequence[tuple[DialStep, DialEffect]]) -> None:
    """Print the steps as a table, and as lines of code."""
    effect = steps[0][1]
    print(f"\n{effect.table}, {effect.rows} rows\n| | {' | '.join(MEASURES)} |")
    print("|" + "---|" * (len(MEASURES) + 1))
    for step, effect in steps:
        print(f"| {step.name} | {' | '.join(f'{asdict(effect)[m]:.3f}' for m in MEASURES)} |")
    for step, effect in steps:
        values = ", ".join(repr(value) for value in asdict(effect).values())
        print(f"{step.name}: DialEffect({values})".replace("'", '"'))


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=SHARED / "data" / "single")
    parser.add_argument("--scorer", type=Path, default=SHARED / "bench" / "score.py")
    parser.add_argument("--table", action="append", metavar="NAME:SEEDS")
    chosen = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    for asked in chosen.table or ["census:2", "titanic:8"]:
        name, _, seeds = asked.partition(":")
        show(measure(chosen.data, name, int(seeds or 1), chosen.scorer))


if __name__ == "__main__":
    main()
