"""Blueprints on the command line: files, figures, and one line for bad input."""

import json

import pandas as pd
import pytest

from core import cli


def run(monkeypatch, capsys, *arguments: str) -> tuple[int, dict, str]:
    monkeypatch.setattr("sys.argv", ["core", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    out, err = capsys.readouterr()
    return ended.value.code, json.loads(out.splitlines()[-1]) if out else {}, err


def test_a_template_is_written_changed_and_made(monkeypatch, capsys, tmp_path):
    plan, out = tmp_path / "mine.yaml", tmp_path / "shop.csv"
    assert run(monkeypatch, capsys, "templates")[1]["templates"]["shop"]["title"]
    run(monkeypatch, capsys, "templates", "shop", "-o", str(plan))
    plan.write_text(plan.read_text().replace("US: 70", "FR: 70"))
    asked = ["from-schema", str(plan), "-o", str(out), "--rows", "customers=50"]
    status, answer, _ = run(monkeypatch, capsys, *asked)
    assert status == 0
    assert answer["rows"]["customers"] == 50
    customers = pd.read_csv(tmp_path / "shop.customers.csv")
    assert "FR" in set(customers["country"])
    assert "US" not in set(customers["country"])
    assert len(answer["files"]) == 4


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["--template", "none"], "There is no template"),
        ([], "--template"),
        (["--template", "shop", "--rows", "customers=x"], "table=number"),
        (["--template", "shop", "--rows", "nobody=5"], "There is no table"),
    ],
)
def test_bad_input_ends_with_one_line(monkeypatch, capsys, tmp_path, arguments, part):
    asked = ["from-schema", "-o", str(tmp_path / "out.csv"), *arguments]
    status, answer, err = run(monkeypatch, capsys, *asked)
    assert status == 2
    assert not answer
    assert part in err
    assert not list(tmp_path.iterdir())
