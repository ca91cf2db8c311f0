"""The forest engine against the neutral scorer: fits, samples and prints the scorer's tables.

``python -m bench.forest [--data DIR] [--scorer score.py] [--table census] [--seed 0 --seed 1]
[--param trees=1]``. Each table of the folder is a pair ``NAME_train.csv.gz`` and
``NAME_holdout.csv.gz``; the scorer is run once a table over all seeds. CPU seconds are those of
this process, one thread.
"""

import argparse
import logging
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from core.data.read import read_table
from core.data.write import write_table
from core.progress import SilentProgress
from core.synthesis.forest import Forest, ForestParams
from core.synthesis.params import build

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"
TARGETS = {"census": "income", "airbnb": "price", "titanic": "survived"}
logger = logging.getLogger("bench.forest")


def synthesize(train: Path, out: Path, seed: int, params: Mapping[str, str]) -> None:
    """Fit the table in ``train``, draw as many rows and write them to ``out`` as CSV."""
    frame, table = read_table(train)
    forest, silent = Forest(build(ForestParams, params)), SilentProgress()
    start = time.process_time()
    forest.fit(frame, table, rng=np.random.default_rng(seed), progress=silent)
    middle = time.process_time()
    rows = forest.sample(len(frame), rng=np.random.default_rng(seed + 1), progress=silent)
    end = time.process_time()
    size = len(forest.dump()) / 1e6
    logger.info(
        "%s, seed %d: fit %.2f s, sample %.2f s CPU, model file %.2f MB",
        train.name, seed, middle - start, end - middle, size,
    )  # fmt: skip
    write_table(rows, table, out, "csv")


def score(data: Path, name: str, synthetic: Mapping[str, Path], scorer: Path) -> None:
    """Print the scorer's table of one table's synthetic versions."""
    pair = [str(data / f"{name}_{part}.csv.gz") for part in ("train", "holdout")]
    versions = [f"{label}={path}" for label, path in synthetic.items()]
    command = [sys.executable, "-W", "ignore", str(scorer), *pair, TARGETS[name], *versions]
    subprocess.run(command, check=True)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=SHARED / "data" / "single")
    parser.add_argument("--scorer", type=Path, default=SHARED / "bench" / "score.py")
    parser.add_argument("--table", action="append", choices=sorted(TARGETS))
    parser.add_argument("--seed", action="append", type=int)
    parser.add_argument("--param", action="append", default=[], metavar="NAME=VALUE")
    chosen = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    params = dict(pair.split("=", 1) for pair in chosen.param)
    with tempfile.TemporaryDirectory() as folder:
        for name in chosen.table or TARGETS:
            outs = {}
            for seed in chosen.seed or [0, 1, 2]:
                out = Path(folder) / f"{name}_{seed}.csv"
                synthesize(chosen.data / f"{name}_train.csv.gz", out, seed, params)
                outs[f"forest seed {seed}"] = out
            score(chosen.data, name, outs, chosen.scorer)


if __name__ == "__main__":
    main()
