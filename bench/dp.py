"""Our engines with a formal guarantee on census: how good they are for an ε, and what they cost.

``python -m bench.dp [--engine aim …] [--epsilon 1 …] [--seeds 3] [--no-schema] [--results FILE]``.
Each run is a process of its own, so that its CPU seconds (fit and sample) and its peak memory are
its own; what was measured is kept in a file of results and not measured again. Measures are those
of the neutral scorer's parts: nearness of single columns, pairs and triples to the holdout, and how
well a model trained on the table predicts the holdout. The first row is real rows, without noise.
"""

import argparse
import importlib.util
import itertools
import json
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd

from bench.forest import ROOT, SHARED
from core.data.read import read_table
from core.data.write import write_table
from core.privacy.ledger import Ledger
from core.privacy.public import read_public
from core.progress import SilentProgress
from core.synthesis.params import build
from core.synthesis.protocol import PrivateFit
from core.synthesis.registry import ENGINES, engine_info

DELTA, TARGET = 1e-5, "income"
MEASURES = ("uni", "biv", "tri", "tstr")
EPSILONS = (0.1, 0.5, 1.0, 3.0, 10.0)
BARS = {
    "aim": {"biv": 0.962, "tri": 0.926, "tstr": 0.905, "cpu": 120, "mb": 1024},
    "mst": {"biv": 0.952, "tri": 0.905, "tstr": 0.836, "cpu": 10},
    "dp_vae": {"biv": 0.92, "tri": 0.86, "tstr": 0.875, "cpu": 300},
}
BARS_WITHOUT_SCHEMA = {"aim": {"biv": 0.95, "tstr": 0.89}}


def pair() -> tuple[Path, Path]:
    """Training rows and holdout."""
    folder = SHARED / "data" / "single"
    return folder / "census_train.csv.gz", folder / "census_holdout.csv.gz"


def make(engine: str, epsilon: float, seed: int, schema: bool, out: Path) -> dict[str, float]:
    """One run: the synthetic table in ``out``; its cost in CPU seconds, MB and ε."""
    info = engine_info(engine)
    frame, table = read_table(pair()[0])
    params = build(info.params, {"epsilon": epsilon, "delta": DELTA})
    public = read_public(ROOT / "bench" / "schemas" / "census.yaml") if schema else None
    made, ledger = info.make(params), Ledger(params.guarantee)
    start, silent = time.process_time(), SilentProgress()
    made.fit(
        frame,
        table,
        rng=np.random.default_rng(seed),
        progress=silent,
        private=PrivateFit(ledger, public),
    )
    rows = made.sample(len(frame), rng=np.random.default_rng(seed + 1), progress=silent)
    cpu = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    write_table(rows, table, out, "csv")
    return {"cpu": cpu, "mb": peak, "spent": ledger.spent().epsilon}


class Scorer:
    """Parts of the neutral scorer, over one pair of tables."""

    def __init__(self, path: Path) -> None:
        self.parts = _module(path)
        train, holdout = (self.parts.read(one) for one in pair())
        self.train = self.parts.harmonise(train, train)
        self.holdout = self.parts.harmonise(self.train, holdout)
        both = [self.parts.codes(self.train, one) for one in (self.holdout, self.train)]
        self.codes = both[0]
        self.sizes = np.maximum(both[0].max(0), both[1].max(0)) + 2
        rng, columns = np.random.default_rng(0), self.train.shape[1]
        self.triples = [tuple(rng.choice(columns, 3, False)) for _ in range(100)]

    def __call__(self, table: pd.DataFrame) -> dict[str, float]:
        """The measures of a synthetic table."""
        table = self.parts.harmonise(self.train, table)
        codes, columns = self.parts.codes(self.train, table), range(self.train.shape[1])
        sets = {
            "uni": [(one,) for one in columns],
            "biv": list(itertools.combinations(columns, 2)),
            "tri": self.triples,
        }
        found = {name: self._nearness(codes, these) for name, these in sets.items()}
        return {**found, "tstr": self._trained_on(table)}

    def _nearness(self, codes: np.ndarray, sets: Sequence[tuple[int, ...]]) -> float:
        gaps = [self.parts.tvd(self.codes, codes, one, self.sizes) for one in sets]
        return 1 - float(np.mean(gaps))

    def _trained_on(self, table: pd.DataFrame) -> float:
        from sklearn.ensemble import HistGradientBoostingClassifier
        from sklearn.metrics import roc_auc_score

        names = [name for name in self.train if name != TARGET]
        labels = table[TARGET].astype(str)
        if labels.nunique() < 2:
            return 0.5
        model = HistGradientBoostingClassifier(random_state=0, categorical_features="from_dtype")
        model.fit(self.parts.feats(self.train, table)[names], labels)
        chances = model.predict_proba(self.parts.feats(self.train, self.holdout)[names])
        return float(roc_auc_score(self.holdout[TARGET] == model.classes_[1], chances[:, 1]))


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("neutral_scorer", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def measure(key: dict[str, Any], scorer: Scorer, folder: Path) -> dict[str, Any]:
    """One run in a process of its own, scored."""
    out = folder / "made.csv"
    command = [sys.executable, "-W", "ignore", "-m", "bench.dp", "--one", json.dumps(key)]
    done = subprocess.run(
        [*command, "--out", str(out)], capture_output=True, text=True, check=True, cwd=ROOT
    )
    cost = json.loads(done.stdout.strip().splitlines()[-1])
    return {**key, **cost, **scorer(scorer.parts.read(out))}


def wanted(arguments: argparse.Namespace) -> list[dict[str, Any]]:
    """Every run that was asked for, the first of each setting before the second."""
    return [
        {"engine": engine, "epsilon": epsilon, "seed": seed, "schema": not arguments.no_schema}
        for seed in range(arguments.seeds)
        for epsilon in arguments.epsilon
        for engine in arguments.engine
    ]


def show(results: Sequence[dict[str, Any]], schema: bool) -> None:
    """The table: means and ranges over the runs of a setting, and the bars at ε = 1."""
    print("| engine | ε | runs | uni | biv | tri | tstr | CPU s | MB |\n" + "|---" * 9 + "|")
    own = [one for one in results if one["schema"] == schema]
    for engine, epsilon in sorted({(one["engine"], one["epsilon"]) for one in own}):
        runs = [one for one in own if (one["engine"], one["epsilon"]) == (engine, epsilon)]
        cells = [_range([run[m] for run in runs]) for m in MEASURES]
        cpu = float(np.mean([run["cpu"] for run in runs]))
        peak = max(run["mb"] for run in runs)
        figures = " | ".join(cells)
        print(f"| {engine} | {epsilon:g} | {len(runs)} | {figures} | {cpu:.0f} | {peak:.0f} |")
    bars = BARS if schema else BARS_WITHOUT_SCHEMA
    for engine, own_bars in bars.items():
        runs = [one for one in own if (one["engine"], one["epsilon"]) == (engine, 1.0)]
        for name, bar in own_bars.items() if runs else ():
            print(_verdict(engine, name, bar, float(np.mean([run[name] for run in runs]))))


def _range(values: Sequence[float]) -> str:
    mean = f"{np.mean(values):.3f}"
    return mean if len(values) == 1 else f"{mean} ({min(values):.3f}–{max(values):.3f})"


def _verdict(engine: str, measure: str, bar: float, mean: float) -> str:
    is_cost = measure in {"cpu", "mb"}
    good = mean <= bar if is_cost else mean >= bar
    sign = "<=" if is_cost else ">="
    return f"{'ok  ' if good else 'FAIL'} {engine} {measure} {sign} {bar:g}: mean {mean:.4g}"


def _arguments() -> argparse.Namespace:
    engines = [name for name, info in ENGINES.items() if info.formal_guarantee]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", nargs="+", default=engines, choices=engines)
    parser.add_argument("--epsilon", nargs="+", type=float, default=[1.0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--no-schema", action="store_true")
    parser.add_argument("--results", type=Path, default=ROOT / "bench" / "dp_results.json")
    parser.add_argument("--scorer", type=Path, default=SHARED / "bench" / "score.py")
    parser.add_argument("--one", type=json.loads, help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> None:
    """Measure what is still to be measured, keep it, and print the table."""
    import tempfile

    arguments = _arguments()
    if arguments.one:
        print(json.dumps(make(**arguments.one, out=arguments.out)))
        return
    kept = arguments.results
    results = json.loads(kept.read_text()) if kept.exists() else []
    scorer = Scorer(arguments.scorer)
    real = scorer(scorer.parts.read(pair()[0]))
    with tempfile.TemporaryDirectory() as folder:
        for key in wanted(arguments):
            if any(all(one[k] == v for k, v in key.items()) for one in results):
                continue
            results.append(measure(key, scorer, Path(folder)))
            kept.write_text(json.dumps(results, indent=1))
    print("real rows: " + ", ".join(f"{name} {real[name]:.3f}" for name in MEASURES))
    show(results, schema=not arguments.no_schema)


if __name__ == "__main__":
    main()
