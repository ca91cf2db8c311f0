"""A formal guarantee on the command line: options, guards, and the ledger in the answer."""

from pathlib import Path

import pandas as pd
import pytest

from core.privacy.ledger import Entry
from core.synthesis import registry
from tests.privacy import tiny
from tests.test_cli import answer, refusal

OPTIONS = ("--engine", "tiny", "--epsilon", "2", "--delta", "1e-5")


@pytest.fixture
def train(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setitem(registry.ENGINES, "tiny", tiny.INFO)
    path = tmp_path / "train.csv"
    frame = pd.DataFrame(
        {
            "who": [f"u{i // 2}" for i in range(4_000)],
            "age": [20 + i % 50 for i in range(4_000)],
            "town": ["Bern", "Genf", "Chur", "Thun"] * 1_000,
        }
    )
    frame.to_csv(path, index=False)
    return path


def test_the_answer_holds_the_itemised_ledger(capsys, train, tmp_path):
    out, schema = tmp_path / "out.csv", tmp_path / "schema.yaml"
    schema.write_text("columns: {age: {low: 18, high: 99}}", encoding="utf-8")
    person = ("--person", "who", "--rows-per-person", "2")
    told = answer(capsys, "generate", train, "-o", out, *OPTIONS, "--schema", schema, *person)
    entries = [Entry.from_dict(entry) for entry in told["ledger"]["entries"]]
    assert {entry.purpose for entry in entries} == {"categories", "measurement"}
    assert told["ledger"]["spent_epsilon"] <= 2
    assert told["guarantee"]["person"] == "who"
    assert told["assumed_public"]
    assert "real_rows" not in told
    made = pd.read_csv(out)
    assert len(made) == told["rows"] == told["train_rows"]["train"]
    assert set(made["town"]) == {"Bern", "Genf", "Chur", "Thun"}
    assert not set(made["who"]) & {f"u{i}" for i in range(10)}


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (("--engine", "copula", "--epsilon", "1"), "tiny"),
        (("--engine", "copula", "--schema", "x.yaml"), "tiny"),
        ((*OPTIONS, "--schema", "none.yaml"), "no file"),
        ((*OPTIONS, "--person", "nobody"), "no column"),
        ((*OPTIONS[:4], "--delta", "0.01"), "delta"),
        ((*OPTIONS[:2], "--epsilon", "20", "--delta", "1e-5"), "--accept-warnings"),
        ((*OPTIONS, "--rule", "age between 1 5"), "rules"),
        ((*OPTIONS, "--stratify", "town"), "--shares"),
    ],
)
def test_what_makes_no_sense_ends_with_status_2(capsys, train, tmp_path, options, word):
    out = tmp_path / "out.csv"
    assert word in refusal(capsys, "generate", train, "-o", out, *options)
    assert not out.exists()


def test_warnings_can_be_accepted(capsys, train, tmp_path):
    out = tmp_path / "out.csv"
    options = ("--engine", "tiny", "--epsilon", "20", "--delta", "1e-5", "--accept-warnings")
    told = answer(capsys, "generate", train, "-o", out, *options, "--rows", "50")
    assert told["rows"] == 50
    assert told["ledger"]["spent_epsilon"] <= 20
