"""The command line as a user meets it: a process, its exit status, stdout and stderr."""

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from core import cli
from core.synthesis.registry import ENGINES

ROOT = Path(__file__).parent.parent


@pytest.fixture
def train(tmp_path: Path) -> Path:
    lines = ["code,visits,price,joined,email"]
    for i in range(240):
        code = ["a", "b", "ü"][i % 3]
        row = f"{code},{i % 7},{(i % 40) * 1.5:.2f},2024-01-{1 + i % 28:02d},user{i}@example.org"
        lines.append(row)
    path = tmp_path / "train.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "core", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)


def answer(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, object]:
    """Call the command in this process: importing everything anew for each takes seconds."""
    with pytest.raises(SystemExit) as ended:
        _main(*arguments)
    assert ended.value.code == 0
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def refusal(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    with pytest.raises(SystemExit) as ended:
        _main(*arguments)
    assert ended.value.code == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err.splitlines()[-1]


def _main(*arguments: object) -> None:
    before, sys.argv = sys.argv, ["core", *map(str, arguments)]
    try:
        cli.main()
    finally:
        sys.argv = before


def test_generate_in_a_process_of_its_own(train: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    done = run("generate", train, "-o", out, "--rows", 100, "--seed", 7)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout.splitlines()[-1])
    assert {"engine", "rows", "fit_s", "sample_s", "cpu_s", "peak_mb", "seed"} <= set(result)
    assert (result["engine"], result["rows"], result["seed"]) == ("forest", 100, 7)
    assert 0 < result["fit_s"] < 60
    assert result["peak_mb"] > 10
    assert "replace: column 'email'" in done.stderr


def test_generated_values_look_as_they_were_written(
    train: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.csv"
    answer(capsys, "generate", train, "-o", out)
    real, made = (pd.read_csv(path, dtype=str) for path in (train, out))
    assert list(made.columns) == list(real.columns)
    assert len(made) == len(real)
    assert made["price"].str.fullmatch(r"\d+\.\d\d").all()
    assert made["joined"].str.fullmatch(r"2024-01-\d\d").all()
    assert made["visits"].isin(list("0123456")).all()
    assert set(made["code"]) <= {"a", "b", "ü"}
    assert not set(made["email"]) & set(real["email"])


@pytest.mark.parametrize("ending", ["csv", "parquet", "json", "csv.gz"])
def test_the_ending_picks_the_format_and_seeds_repeat(
    train: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], ending: str
) -> None:
    outs = [tmp_path / f"{name}.{ending}" for name in ("first", "second", "other")]
    for out, seed in zip(outs, (3, 3, 4), strict=True):
        answer(capsys, "generate", train, "-o", out, "--seed", seed)
    first, second, other = (out.read_bytes() for out in outs)
    assert first == second
    assert first != other


def test_evaluate_tells_a_copy_from_a_fresh_table(
    train: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frame = pd.read_csv(train, dtype=str)
    half, rest = tmp_path / "half.csv", tmp_path / "rest.csv"
    frame.iloc[::2].to_csv(half, index=False)
    frame.iloc[1::2].to_csv(rest, index=False)
    shared = ("evaluate", "--train", half, "--holdout", rest, "--target", "code", "--quick")
    out = tmp_path / "report.json"
    copy = answer(capsys, *shared, "--synthetic", half, "--json", out)
    fresh = answer(capsys, *shared, "--synthetic", rest)
    assert json.loads(out.read_text()) == copy
    assert copy["figures"]["dup"] == 1.0
    assert fresh["figures"]["dup"] == 0.0
    assert copy["figures"]["dcr"] > fresh["figures"]["dcr"]


def test_pii_names_columns_and_masks_examples(
    train: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    columns = answer(capsys, "pii", train)["columns"]
    assert columns["email"]["type"] == "email"
    assert set(columns["email"]) == {"type", "confidence", "why", "examples"}
    assert "user1@" not in json.dumps(columns)
    assert columns["price"] is None
    reasons = answer(capsys, "pii", train, "--why-not")["not_flagged"]
    assert set(reasons) == {name for name, found in columns.items() if found is None}


def test_profile_describes_every_column(
    train: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "profile.json"
    result = answer(capsys, "profile", train, "--json", out)
    assert json.loads(out.read_text()) == result
    assert "user1@" not in json.dumps(result)


def test_engines_are_listed_with_their_parameters(capsys: pytest.CaptureFixture[str]) -> None:
    engines = {e["name"]: e for e in answer(capsys, "engines")["engines"]}
    assert set(engines) == set(ENGINES)
    assert all(engine["parameters"] for engine in engines.values())


def test_related_tables_are_written_one_file_each(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "bank.csv"
    result = answer(capsys, "generate", ROOT / "assets/samples/bank.zip", "-o", out)
    assert sorted(Path(file).name for file in result["files"]) == [
        "bank.account.csv",
        "bank.party.csv",
        "bank.payment.csv",
        "bank.product.csv",
    ]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["generate", "nowhere.csv", "-o", "x.csv"], "There is no file nowhere.csv"),
        (["generate", "{train}", "-o", "x.docx"], "must end in"),
        (["generate", "{train}", "-o", "x.csv", "--engine", "magic"], "no engine 'magic'"),
        (["generate", "{train}", "-o", "x.csv", "--param", "depth"], "name=value"),
        (["generate", "{train}", "-o", "x.csv", "--param", "nonsense=1"], "nonsense"),
        (["generate", "{train}", "-o", "x.csv", "--action", "nope=keep"], "no column 'nope'"),
        (["generate", "{train}", "-o", "x.csv", "--action", "email=mask"], "STUDIO_KEY"),
        (["generate", "{train}", "-o", "x.csv", "--rows", "0"], "rows"),
        (["generate", "{train}"], "--out"),
        (["generate", "{train}", "-o", "nowhere/x.csv"], "There is no folder nowhere"),
        (["generate", "{train}", "-o", "folder.csv"], "folder.csv cannot be read or written"),
        (["profile", "{train}", "--json", "nowhere/x.json"], "There is no folder nowhere"),
        (["profile", "{empty}"], "empty.csv"),
        (["frobnicate"], "frobnicate"),
    ],
)
def test_bad_input_ends_with_status_2_and_one_line(
    train: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    reason: str,
) -> None:
    empty = tmp_path / "empty.csv"
    empty.touch()
    (tmp_path / "folder.csv").mkdir()
    monkeypatch.delenv("STUDIO_KEY", raising=False)
    monkeypatch.chdir(tmp_path)
    given = [a.format(train=train, empty=empty) for a in arguments]
    assert reason in refusal(capsys, *given)


def test_audit_verify_of_a_workspace(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.studio.office import Office

    Office.open(tmp_path / "home").studio.close()
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    result = answer(capsys, "audit", "verify")
    assert result["ok"]
    assert result["entries"] >= 8
