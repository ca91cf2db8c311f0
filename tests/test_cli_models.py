"""Many rows, kept models and broken-off writing, on the command line."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from core.synthesis import stream
from tests.test_cli import ROOT, answer, refusal

KEY = "ab" * 32


@pytest.fixture
def train(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "id": [f"K-{i:04d}" for i in range(600)],
            "colour": rng.choice(["red", "blue"], 600),
            "weight": rng.normal(50, 9, 600).round(2),
        }
    )
    path = tmp_path / "train.csv"
    frame.to_csv(path, index=False)
    return path


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "key"
    path.write_text(KEY + "\n")
    path.chmod(0o600)
    return path


def test_a_saved_model_makes_the_same_rows_elsewhere(
    train: Path, key: Path, tmp_path: Path, capsys, monkeypatch
) -> None:
    monkeypatch.delenv("STUDIO_KEY", raising=False)
    model, outs = tmp_path / "m.model", [tmp_path / f"{n}.parquet" for n in "abcd"]
    options = ("--save-model", model, "--key", key, "--seed", 5)
    first = answer(capsys, "generate", train, "-o", outs[0], "--rows", 200, *options)
    assert first["model_bytes"] == model.stat().st_size > 100
    again = answer(capsys, "sample", model, "-o", outs[1], "--rows", 200, "--seed", 5, "--key", key)
    assert outs[0].read_bytes() == outs[1].read_bytes()
    assert (again["rows"], again["model_bytes"]) == (200, first["model_bytes"])
    monkeypatch.setenv("STUDIO_KEY", KEY)
    answer(capsys, "sample", model, "-o", outs[2], "--seed", 6)
    assert len(pd.read_parquet(outs[2])) == 600
    monkeypatch.setenv("STUDIO_KEY", "cd" * 32)
    assert "another key" in refusal(capsys, "sample", model, "-o", outs[3])
    assert b"K-00" not in model.read_bytes()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda blob: b"PK" + blob, "not a model file"),
        (lambda blob: b"", "not a model file"),
        (lambda blob: b"SYNMODEL\x09" + blob[9:], "version 9"),
        (lambda blob: blob[:-1] + bytes([blob[-1] ^ 1]), "changed"),
    ],
)
def test_what_is_no_model_does_not_open(
    train: Path, key: Path, tmp_path: Path, capsys, change, reason: str
) -> None:
    model, out = tmp_path / "m.model", tmp_path / "o.csv"
    answer(capsys, "generate", train, "-o", out, "--save-model", model, "--key", key)
    model.write_bytes(change(model.read_bytes()))
    assert reason in refusal(capsys, "sample", model, "-o", out, "--key", key)


def test_saving_needs_a_key_before_any_work(
    train: Path, tmp_path: Path, capsys, monkeypatch
) -> None:
    monkeypatch.delenv("STUDIO_KEY", raising=False)
    out, model = tmp_path / "o.csv", tmp_path / "m"
    assert "--key" in refusal(capsys, "generate", train, "-o", out, "--save-model", model)
    assert not out.exists()


def test_a_large_table_is_learned_from_a_stated_sample(train: Path, tmp_path: Path, capsys) -> None:
    out = tmp_path / "o.csv"
    result = answer(capsys, "generate", train, "-o", out, "--max-train-rows", 200)
    assert result["train_rows"] == {"train": 200}
    assert result["real_rows"] == {"train": 600}
    assert result["rows"] == 600
    assert len(pd.read_csv(out)) == 600
    whole = answer(capsys, "generate", train, "-o", out)
    assert whole["train_rows"] == whole["real_rows"] == {"train": 600}


def test_related_tables_have_a_stated_limit(tmp_path: Path, capsys, monkeypatch) -> None:
    class Memory:
        available = 10 * 2**20

    monkeypatch.setattr(stream.psutil, "virtual_memory", lambda: Memory)
    bank = ROOT / "assets/samples/bank.zip"
    options = ("-o", tmp_path / "b.csv", "--rows", 100_000_000)
    assert "Ask for at most" in refusal(capsys, "generate", bank, *options)


def _watched(arguments: list[object]) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "core", *map(str, arguments)]
    return subprocess.Popen(
        command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_no_file(train: Path, tmp_path: Path, how: int) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    rows = ("--rows", 100_000_000)
    process = _watched(["generate", train, "-o", folder / "x.parquet", *rows])
    deadline = time.monotonic() + 120
    while not list(folder.glob("*.partial")) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert [p.name for p in folder.iterdir()] == ["x.parquet.partial"]
    os.kill(process.pid, how)
    out, error = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert "Traceback" not in error
    assert not list(folder.iterdir())


@pytest.mark.slow
def test_three_million_rows_in_little_memory(train: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    process = _watched(["generate", train, "-o", path, "--rows", 3_000_000])
    out, error = process.communicate(timeout=600)
    result = json.loads(out.splitlines()[-1])
    assert result["rows"] == pq.ParquetFile(path).metadata.num_rows == 3_000_000
    assert result["peak_mb"] < 1500
    assert "of 3,000,000 rows" in error
    keys = pd.read_parquet(path, columns=["id"])["id"]
    assert keys.is_unique


def test_a_saved_model_is_asked_without_a_second_fit(
    train: Path, key: Path, tmp_path: Path, capsys
) -> None:
    model, out = tmp_path / "m.model", tmp_path / "o.csv"
    red = ("--where", "colour=red")
    fitted = answer(capsys, "generate", train, "-o", out, *red, "--save-model", model, "--key", key)
    assert fitted["matching_training_rows"] > 200
    blue = ("--where", "colour=blue", "--rows", 50, "--key", key)
    result = answer(capsys, "sample", model, "-o", out, *blue)
    assert (pd.read_csv(out)["colour"] == "blue").all()
    assert (result["method"], result["rows"]) == ("construction", 50)
    heavy = ("--where", "weight >= 55", "--rows", 50, "--key", key)
    result = answer(capsys, "sample", model, "-o", out, *heavy)
    assert (pd.read_csv(out)["weight"] >= 55).all()
    assert result["method"] == "rejection"
    assert 0.1 < result["acceptance"] < 0.5
    half = ("--shares", "colour:red=0.5,blue=0.5", "--rows", 40, "--key", key)
    answer(capsys, "sample", model, "-o", out, *half)
    assert pd.read_csv(out)["colour"].value_counts().to_dict() == {"red": 20, "blue": 20}
    hopeless = refusal(capsys, "sample", model, "-o", out, "--where", "weight >= 500", "--key", key)
    assert "draws and rejects" in hopeless
