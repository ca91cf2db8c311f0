"""Preparing rows on the command line: steps from a file, turned back in what is made."""

from pathlib import Path

import pandas as pd
import pytest

from core.cli_models import model_keys
from core.synthesis import registry
from core.synthesis.model_file import open_model
from tests.privacy import tiny
from tests.test_cli import answer, refusal

STEPS = """
tables:
  train:
    - {step: trim, column: town}
    - {step: merge_rare, column: town, people: 5, label: elsewhere}
    - {step: markers, column: pay, words: [unknown]}
    - {step: parse_numbers, column: pay, point: ",", units: [CHF], decimals: 2, original: true}
    - {step: protect_extremes, column: age, people: 5}
"""


@pytest.fixture
def train(tmp_path: Path) -> Path:
    rows = 400
    towns = [["Bern", " Bern", "Chur "][i % 3] for i in range(rows)]
    towns[7] = "Zuoz"
    frame = pd.DataFrame(
        {
            "town": towns,
            "pay": ["unknown" if i % 9 == 0 else f"{i % 7},50 CHF" for i in range(rows)],
            "age": [20 + i % 50 for i in range(rows)],
        }
    )
    frame.loc[0, "age"] = 119
    path = tmp_path / "train.csv"
    frame.to_csv(path, index=False)
    return path


@pytest.fixture
def steps(tmp_path: Path) -> Path:
    path = tmp_path / "steps.yaml"
    path.write_text(STEPS, encoding="utf-8")
    return path


def test_rows_are_prepared_learned_and_turned_back(capsys, train, steps, tmp_path, monkeypatch):
    monkeypatch.setenv("STUDIO_KEY", "ab" * 32)
    out, again, model = (tmp_path / name for name in ("out.csv", "again.csv", "m.model"))
    keep = ("--action", "town=keep", "--action", "pay=keep", "--save-model", model)
    told = answer(capsys, "generate", train, "-o", out, "--prepare", steps, "--seed", 3, *keep)
    assert [one["step"] for one in told["changes"]] == [
        "trim", "merge_rare", "markers", "parse_numbers", "protect_extremes",
    ]  # fmt: skip
    assert told["changes"][1]["cells"] == told["changes"][1]["lost"] == 1  # Zuoz
    made = pd.read_csv(out, dtype={"pay": str})
    assert set(made["town"].dropna()) <= {"Bern", "Chur"}
    assert made["pay"].dropna().str.fullmatch(r"-?\d,\d\d").all()
    assert made["age"].max() < 119
    answer(capsys, "sample", model, "-o", again, "--seed", 3)
    assert again.read_bytes() == out.read_bytes()


def test_a_model_knows_no_finer_labels_than_a_generalised_column_has(
    capsys, train, tmp_path, monkeypatch
):
    """The steps learn of what was generalised, as in the studio, and not of the file."""
    monkeypatch.setenv("STUDIO_KEY", "ab" * 32)
    out, model, steps = (tmp_path / name for name in ("out.csv", "m.model", "steps.yaml"))
    steps.write_text("tables: {train: [{step: merge_rare, column: town, people: 5}]}")
    told = answer(capsys, "generate", train, "-o", out, "--prepare", steps, "--save-model", model,
                  "--action", "town=generalise", "--action", "pay=keep")  # fmt: skip
    pipeline = open_model(model.read_bytes(), model_keys(None)).pipeline
    assert pipeline.learned["train"][0]["kept"] == ["Ber", "Chu"]
    assert not {"Bern", "Chur", "Zuoz", "Zuo"} & words_of(pipeline.to_dict())
    assert told["changes"][0]["cells"] == 1


def words_of(told: object) -> set[str]:
    """All texts in plain values."""
    if isinstance(told, dict):
        return set(told).union(*map(words_of, told.values()))
    if isinstance(told, list):
        return set().union(*map(words_of, told))
    return {told} if isinstance(told, str) else set()


def test_a_file_with_mistakes_is_refused(capsys, train, tmp_path):
    out, path = tmp_path / "out.csv", tmp_path / "steps.yaml"
    path.write_text("tables: {train: [{step: trim, column: age}]}", encoding="utf-8")
    assert "of type integer" in refusal(capsys, "generate", train, "-o", out, "--prepare", path)
    none = tmp_path / "none.yaml"
    assert "There is no file" in refusal(capsys, "generate", train, "-o", out, "--prepare", none)
    assert not out.exists()


def test_a_guarantee_takes_only_steps_that_look_at_no_rows(
    capsys, train, steps, tmp_path, monkeypatch
):
    monkeypatch.setitem(registry.ENGINES, "tiny", tiny.INFO)
    out = tmp_path / "out.csv"
    private = ("--engine", "tiny", "--epsilon", "2", "--delta", "1e-5")
    said = refusal(capsys, "generate", train, "-o", out, "--prepare", steps, *private)
    assert "merge_rare of train.town" in said
    assert "protect_extremes of train.age" in said
    assert "trim" not in said
    assert not out.exists()
