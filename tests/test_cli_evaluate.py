"""``evaluate`` on the command line: all of the report, with figures, by thresholds of a file."""

import json
from pathlib import Path

import numpy as np
import pytest

from core import cli
from core.evaluation.sealing import is_intact
from tests.evaluation.tables import people


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder, rng = tmp_path_factory.mktemp("tables"), np.random.default_rng(1)
    paths = {name: folder / f"{name}.csv" for name in ("train", "holdout", "made")}
    for path in paths.values():
        people(300, rng).to_csv(path, index=False)
    return paths


def asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], files, *more
) -> dict:
    words = ["--train", files["train"], "--holdout", files["holdout"]]
    command = ["core", "evaluate", *words, "--synthetic", files["made"], *more]
    monkeypatch.setattr("sys.argv", [str(word) for word in command])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    output = capsys.readouterr()
    assert ended.value.code in {0, 2}
    return json.loads(output.out.splitlines()[-1]) if ended.value.code == 0 else {"": output.err}


def test_quick_with_targets_rules_and_thresholds(monkeypatch, capsys, files, tmp_path):
    bounds = tmp_path / "policy.json"
    bounds.write_text(json.dumps({"gates": {"validity": 0.2}, "small_group": 7}))
    rules = ("--rule", "age <= income", "--rules", "age between 18 30")
    more = ("--quick", "--target", "risk", "--target", "income", "--policy", bounds, *rules)
    report = asked(monkeypatch, capsys, files, *more, "--domain", "hospital")
    assert report["depth"] == "quick"
    assert set(report["figures"]) == {"uni", "biv", "tri", "c2st", "tstr", "dcr", "mia", "dup"}
    assert (report["policy"]["small_group"], report["policy"]["gates"]["validity"]) == (7, 0.2)
    assert report["policy"]["attacks"]["linkability"]["fail"] == 0.10
    (table,) = report["tables"]
    gates = {gate["name"]: gate for gate in table["gates"]}
    assert (table["target"], gates["validity"]["threshold"]) == ("risk", 0.2)
    assert 0.1 < gates["validity"]["value"] < 0.35
    assert is_intact(report)


def test_full_is_the_default(monkeypatch, capsys, files, tmp_path):
    out = tmp_path / "report.json"
    report = asked(monkeypatch, capsys, files, "--json", out)
    assert json.loads(out.read_text()) == report
    (table,) = report["tables"]
    assert all(table[name] for name in ("fidelity", "utility", "privacy", "gates"))
    assert report["disclosure"].startswith("Internal")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--target", "zip"), "--target"),
        (("--rule", "age"), "Rule 1"),
        (("--policy", "{file}"), "policy cannot be used"),
    ],
)
def test_bad_input_ends_with_a_reason(monkeypatch, capsys, files, tmp_path, more, said):
    bad = tmp_path / "bad.json"
    bad.write_text('{"colour": 1}')
    more = [str(bad) if word == "{file}" else word for word in more]
    assert said in asked(monkeypatch, capsys, files, "--quick", *more)[""]
