"""The eight figures against the neutral benchmark scorer, where its folder is there."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.data.schema import Column, ColumnType, Schema, Table
from core.evaluation import evaluate

SHARED = Path(__file__).resolve().parents[3] / "shared"
SCORER = SHARED / "bench" / "score.py"
ROWS = 3000
EXACT = {"uni": 1e-3, "biv": 1e-3, "tri": 1e-3, "dup": 1e-3, "dcr": 0.01, "mia": 0.01}
FITTED = {"c2st": 0.03, "tstr": 0.015}
SAMPLED = {"dcr": 0.04, "mia": 0.04}  # the quick evaluation looks for nearest rows of 800

pytestmark = pytest.mark.skipif(not SCORER.is_file(), reason=f"there is no {SCORER}")


def canonical_tables(frames):
    columns, cast = [], [{} for _ in frames]
    for name in frames[0]:
        is_whole = pd.api.types.is_integer_dtype(frames[0][name])
        kind = ColumnType.INTEGER if is_whole else ColumnType.CATEGORY
        columns.append(Column(name, kind))
        for frame, made in zip(frames, cast, strict=True):
            made[name] = frame[name].astype(kind.dtype)
    table = Table("t", tuple(columns))
    return [{"t": pd.DataFrame(made).reset_index(drop=True)} for made in cast], Schema((table,))


def published(output, name):
    lines = output.splitlines()
    head = lines[0].split()[1:-1]
    row = next(line for line in lines if line.startswith(name))
    return dict(zip(head, map(float, row.split()[-9:-1]), strict=True))


@pytest.mark.slow
def test_figures_agree_with_the_scorer(tmp_path):
    read = [
        pd.read_csv(SHARED / "data" / "single" / f"census_{part}.csv.gz").sample(
            ROWS, random_state=4
        )
        for part in ("train", "holdout")
    ]
    rng = np.random.default_rng(0)
    synthetic = read[0].copy()
    for name in list(synthetic)[:6]:
        synthetic[name] = rng.permutation(synthetic[name].to_numpy())
    synthetic.iloc[:500] = read[0].iloc[:500]
    paths = [tmp_path / f"{n}.csv" for n in "ths"]
    for frame, path in zip([*read, synthetic], paths, strict=True):
        frame.to_csv(path, index=False)
    command = [sys.executable, SCORER, paths[0], paths[1], "income", f"synth={paths[2]}"]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    expected = published(output, "synth")
    tables, schema = canonical_tables([*read, synthetic])
    for depth, tolerances in (("full", EXACT | FITTED), ("quick", EXACT | FITTED | SAMPLED)):
        figures = evaluate(*tables, schema, target="income", depth=depth).figures
        for name, tolerance in tolerances.items():
            assert figures[name] == pytest.approx(expected[name], abs=tolerance), (depth, name)
