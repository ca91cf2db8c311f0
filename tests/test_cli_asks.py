"""Conditions, shares, completing, imputing and more rows from the command line."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.test_cli import ROOT, answer, refusal


@pytest.fixture
def train(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    red = rng.random(600) < 0.2
    frame = pd.DataFrame(
        {
            "number": np.arange(600),
            "colour": np.where(red, "red", "blue"),
            "weight": [f"{w:.2f}" for w in np.where(red, 70, 20) + rng.normal(0, 2, 600)],
            "day": [f"{1 + d:02d}/03/2024" for d in rng.integers(0, 28, 600)],
        }
    )
    frame.loc[::9, "weight"] = ""
    path = tmp_path / "train.csv"
    frame.to_csv(path, index=False)
    return path


def test_generate_where(train, tmp_path, capsys) -> None:
    out = tmp_path / "out.csv"
    conditions = ("--where", "colour=red", "--where", "day between 05/03/2024 and 09/03/2024")
    result = answer(capsys, "generate", train, "-o", out, "--rows", 50, *conditions)
    made = pd.read_csv(out, dtype=str)
    assert (made["colour"] == "red").all()
    assert made["day"].str.fullmatch(r"0[5-9]/03/2024").all()
    assert made["weight"].dropna().astype(float).median() > 60
    assert (result["method"], result["acceptance"], result["rows"]) == ("construction", 1.0, 50)
    real = pd.read_csv(train, dtype=str)
    fits = (real["colour"] == "red") & real["day"].str.fullmatch(r"0[5-9]/03/2024")
    assert result["matching_training_rows"] == int(fits.sum())


def test_generate_by_rejection_reports_its_rate(train, tmp_path, capsys) -> None:
    out = tmp_path / "out.csv"
    options = ("--engine", "copula", "--rows", 50, "--where", "colour in red")
    result = answer(capsys, "generate", train, "-o", out, *options)
    assert result["method"] == "rejection"
    assert 0.1 < result["acceptance"] < 0.3
    assert (pd.read_csv(out)["colour"] == "red").all()


def test_generate_with_shares_and_strata(train, tmp_path, capsys) -> None:
    out = tmp_path / "out.csv"
    answer(capsys, "generate", train, "-o", out, "--rows", 100, "--shares", "colour:red=0.5")
    assert (pd.read_csv(out)["colour"] == "red").sum() == 50
    answer(capsys, "generate", train, "-o", out, "--stratify", "colour")
    real = pd.read_csv(train)["colour"].value_counts()
    assert pd.read_csv(out)["colour"].value_counts().to_dict() == real.to_dict()


def test_complete(train, tmp_path, capsys) -> None:
    partial, out = tmp_path / "partial.csv", tmp_path / "out.csv"
    partial.write_text("day,colour\n" + "07/03/2024,red\n" * 20 + ",blue\n" * 20)
    result = answer(capsys, "complete", train, partial, "-o", out)
    made = pd.read_csv(out, dtype=str)
    assert list(made.columns) == ["number", "colour", "weight", "day"]
    assert made["colour"].tolist() == ["red"] * 20 + ["blue"] * 20
    assert (made["day"].iloc[:20] == "07/03/2024").all()
    assert made["day"].notna().all()
    weights = made["weight"].astype(float)
    assert weights.iloc[:20].median() > 60
    assert weights.iloc[20:].median() < 30
    assert set(result["given"]) == {"day", "colour"}
    assert set(result["made"]) == {"number", "weight"}


def test_impute_changes_missing_cells_only(train, tmp_path, capsys) -> None:
    out = tmp_path / "out.csv"
    result = answer(capsys, "impute", train, "-o", out, "--times", 2)
    files = [tmp_path / "out.1.csv", tmp_path / "out.2.csv"]
    assert result["files"] == [str(path) for path in files]
    assert result["filled"] == {"weight": 67}
    real = pd.read_csv(train, dtype=str)
    first, second = (pd.read_csv(path, dtype=str) for path in files)
    for made in (first, second):
        known = real["weight"].notna()
        pd.testing.assert_frame_equal(made[known], real[known])
        assert made["weight"].str.fullmatch(r"\d+\.\d\d").all()
        heavy = made["weight"].astype(float) > 45
        assert (heavy == (made["colour"] == "red")).mean() > 0.98
    assert not first.equals(second)


def test_augment_apart_and_behind_the_real_rows(train, tmp_path, capsys) -> None:
    out = tmp_path / "out.csv"
    result = answer(capsys, "augment", train, "-o", out, "--rows", 30, "--where", "colour=red")
    assert (result["rows"], result["method"]) == (30, "construction")
    assert (pd.read_csv(out)["colour"] == "red").all()
    joined = ("--rows", 30, "--with-real", "--mark", "synthetic")
    assert answer(capsys, "augment", train, "-o", out, *joined)["rows"] == 630
    made, real = pd.read_csv(out, dtype=str), pd.read_csv(train, dtype=str)
    pd.testing.assert_frame_equal(made.iloc[:600][list(real.columns)], real)
    assert made["synthetic"].tolist() == ["false"] * 600 + ["true"] * 30
    assert made["number"].is_unique


def test_the_same_seed_gives_the_same_files(train, tmp_path, capsys) -> None:
    outs = [tmp_path / "a.csv", tmp_path / "b.csv"]
    for out in outs:
        answer(capsys, "generate", train, "-o", out, "--where", "weight >= 30", "--seed", 4)
    assert outs[0].read_bytes() == outs[1].read_bytes()


def test_conditions_on_one_of_several_tables(tmp_path, capsys) -> None:
    bank, out = ROOT / "assets/samples/bank.zip", tmp_path / "bank.csv"
    reason = refusal(capsys, "generate", bank, "-o", out, "--where", "balance >= 0")
    assert "table.column" in reason
    asked = ("--where", "party.rating in A,B", "--rule", "account.opened <= account.closed")
    result = answer(capsys, "generate", bank, "-o", out, "--rows", 500, *asked)
    assert result["tables"]["party"] == 500
    assert set(pd.read_csv(tmp_path / "bank.party.csv")["rating"]) <= {"A", "B"}
    dates = pd.read_csv(tmp_path / "bank.account.csv", dtype=str)[["opened", "closed"]].dropna()
    dates = dates.apply(pd.to_datetime)
    assert (dates["opened"] <= dates["closed"]).all()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["generate", "{train}", "-o", "x.csv", "--where", "colour"], "Condition 1 cannot"),
        (["generate", "{train}", "-o", "x.csv", "--where", "colour=violet"], "'colour'"),
        (["generate", "{train}", "-o", "x.csv", "--where", "hue=red"], "no column 'hue'"),
        (["generate", "{train}", "-o", "x.csv", "--where", "weight=a"], "'weight'"),
        (["generate", "{train}", "-o", "x.csv", "--shares", "colour:red=2"], "0..1"),
        (["generate", "{train}", "-o", "x.csv", "--shares", "red"], "Shares cannot be read"),
        (["generate", "{train}", "-o", "x.csv", "--stratify", "hue"], "no column 'hue'"),
        (["complete", "{train}", "nowhere.csv", "-o", "x.csv"], "no file nowhere.csv"),
        (["complete", "{train}", "{train}", "-o", "x.csv", "--engine", "copula"], "forest"),
        (["impute", "{train}", "-o", "x.csv", "--times", "0"], "times"),
        (["augment", "{train}", "-o", "x.csv"], "--rows"),
        (["augment", "{train}", "-o", "x.csv", "--rows", "3", "--mark", "m"], "--with-real"),
    ],
)
def test_bad_input_ends_with_status_2_and_one_line(
    train, tmp_path, capsys, monkeypatch, arguments, reason
) -> None:
    monkeypatch.chdir(tmp_path)
    assert reason in refusal(capsys, *[a.format(train=train) for a in arguments])


def test_rules_are_kept_and_reported(tmp_path, capsys) -> None:
    rng = np.random.default_rng(0)
    low = rng.integers(0, 50, 400)
    place = rng.integers(0, 3, 400)
    frame = pd.DataFrame(
        {
            "low": low,
            "high": low + rng.integers(0, 9, 400),
            "country": np.array(["CH", "CH", "IT"])[place],
            "city": np.array(["Bern", "Zug", "Rome"])[place],
        }
    )
    train, out = tmp_path / "train.csv", tmp_path / "out.csv"
    frame.to_csv(train, index=False)
    rules = ("--rule", "low <= high", "--rule", "only country, city", "--rule", "low between 0 40")
    keep = ("--action", "country=keep", "--action", "city=keep")
    result = answer(capsys, "augment", train, "-o", out, "--rows", 300, *rules, *keep)
    made = pd.read_csv(out)
    assert (made["low"] <= made["high"]).all()
    assert made["low"].max() <= 40
    pairs = set(zip(made["country"], made["city"], strict=True))
    assert pairs <= {("CH", "Bern"), ("CH", "Zug"), ("IT", "Rome")}
    reports = {report["rule"]: report for report in result["rules"]}
    assert reports["low in its range"]["kept_in_training"] == round((low <= 40).mean(), 6)
    assert all(r["kept"] == 1.0 and r["how"] == "construction" for r in reports.values())
    answer(capsys, "generate", train, "-o", out, *rules, *keep, "--where", "city=Rome")
    made = pd.read_csv(out)
    assert (made["country"] == "IT").all()
    assert (made["low"] <= made["high"]).all()
    for rule in ("low ~ high", "low <= nope", "only low", "low = 3"):
        refusal(capsys, "augment", train, "-o", out, "--rows", 3, "--rule", rule)


def test_fair_rows_and_what_they_cost(tmp_path, capsys) -> None:
    rng = np.random.default_rng(0)
    old = rng.random(1000) < 0.4
    frame = pd.DataFrame(
        {
            "age_band": np.where(old, "old", "young"),
            "granted": np.where(rng.random(1000) < np.where(old, 0.3, 0.7), "yes", "no"),
        }
    )
    train, out = tmp_path / "train.csv", tmp_path / "out.csv"
    frame.to_csv(train, index=False)
    options = ("--sensitive", "age_band", "--target", "granted", "--action", "age_band=keep")
    result = answer(capsys, "fair", train, "-o", out, *options, "--action", "granted=keep")
    (column,) = result["fairness"]["columns"]
    parity = column["demographic_parity_difference"]
    assert parity["fair"] < 0.01
    assert parity["plain"] == pytest.approx(parity["real"], abs=0.01)
    made = pd.read_csv(out)
    shares = (made["granted"] == "yes").groupby(made["age_band"]).mean()
    assert abs(shares["old"] - shares["young"]) < 0.01
    assert result["fairness"]["pairwise_similarity"]["lost"] > 0.05
    reason = refusal(capsys, "fair", train, "-o", out, "--sensitive", "age_band", "--degree", 2)
    assert "degree" in reason
