"""The full evaluation: what a copy, half a copy and fresh rows come to, and its JSON."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from jsonschema import Draft202012Validator

from core.data.schema import ColumnType, Role, Schema
from core.errors import InvalidInput, InvalidParameter
from core.evaluation import NotMeasured, Report, evaluate
from core.evaluation.bounds import Bounds
from core.evaluation.gates import GATES
from core.evaluation.json_schema import report_schema
from core.evaluation.policy import EvaluationPolicy
from core.evaluation.sealing import is_intact
from core.progress import SilentProgress
from core.synthesis.asks import AtMost
from tests.evaluation.tables import TYPES, frame_of, people, schema_of

PLAIN = schema_of(TYPES)
PUBLISHED = Path(__file__).parents[2] / "docs" / "evaluation" / "report.schema.json"


def with_roles() -> Schema:
    table = PLAIN.tables[0]
    for name in ("age", "city"):
        table = table.with_column(replace(table[name], role=Role.QUASI_IDENTIFIER))
    return PLAIN.with_table(table)


@pytest.fixture(scope="module")
def real():
    rng = np.random.default_rng(5)
    return {"train": people(600, rng), "holdout": people(600, rng), "fresh": people(600, rng)}


def judged(real, synthetic, **asked):
    sides = (real["train"], real["holdout"], synthetic)
    return evaluate(*({"people": side} for side in sides), with_roles(), **asked)


class Recorder(SilentProgress):
    def __init__(self):
        self.steps = []

    def step(self, done, total, note="", values=None):
        self.steps.append((done, total, note))


@pytest.fixture(scope="module")
def watch():
    return Recorder()


@pytest.fixture(scope="module")
def half_copied(real, watch):
    """A generator that copies half of its rows, judged in full."""
    mixed = pd.concat([real["train"].iloc[:300], real["fresh"].iloc[:300]], ignore_index=True)
    rules = {"people": (AtMost("age", "income"),)}
    return judged(real, mixed, targets=["risk", "income"], rules=rules, progress=watch)


def test_every_part_is_there(half_copied):
    table = half_copied["people"]
    assert half_copied.depth == "full"
    assert half_copied.version == 2
    assert len(table.fidelity.columns) == len(TYPES)
    assert [t.target for t in table.utility.targets] == ["risk", "income"]
    assert (table.target, len(table.gates)) == ("risk", len(GATES))
    assert {m.name for m in table.fidelity.whole} >= {"rules"}
    assert {gate.name: gate.outcome for gate in table.gates}["validity"] == "pass"
    assert set(half_copied.figures) == {"uni", "biv", "tri", "c2st", "tstr", "dcr", "mia", "dup"}


def test_progress_reaches_its_end_in_order(half_copied, watch):
    done = [step[0] for step in watch.steps]
    assert done == sorted(done)
    assert watch.steps[-1] == (9, 9, "people: done")
    assert any("on verbatim copy" in note for *_, note in watch.steps)


def test_a_generator_that_copies_half_its_rows_is_caught(half_copied):
    dial = half_copied.dial("privacy")
    attacks = {a.name: a for a in half_copied["people"].privacy.attacks}
    assert attacks["copies"].outcome == "fail"
    assert attacks["copies"].value == pytest.approx(0.5, abs=0.02)
    assert attacks["copies"].copy == pytest.approx(1, abs=0.02)
    assert attacks["copies"].fresh == 0
    assert (dial.level, half_copied.level) == ("poor", "poor")
    assert dial.sentence.count("fails above") == 3
    assert any("Do not hand this table out" in one.text for one in half_copied.advice)
    assert half_copied.suggestions == tuple(one.text for one in half_copied.advice)
    assert half_copied.advice[0].page == "generate"


def test_a_real_report_is_what_the_published_schema_says(half_copied, real):
    checker = Draft202012Validator(json.loads(PUBLISHED.read_text(encoding="utf-8")))
    for report in (half_copied, judged(real, real["fresh"].iloc[:15], depth="quick")):
        data = json.loads(json.dumps(report.to_dict(), allow_nan=False))
        assert list(checker.iter_errors(data)) == []
        assert is_intact(data)
        assert Report.from_dict(data) == report
        assert Report.from_dict(data).content_hash == data["content_hash"]
    del data["level"]
    assert [error.validator for error in checker.iter_errors(data)] == ["required"]


def test_the_published_schema_is_up_to_date():
    known = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    assert known == report_schema(), "run: python scripts/report_schema.py"


def test_the_policy_decides_and_is_kept(real):
    plain = EvaluationPolicy()
    report = judged(real, real["train"], depth="quick")
    assert (report.policy, report.level) == (plain, "poor")
    open_bounds = {name: Bounds(1.0, 1.0) for name in plain.attacks}
    free = judged(real, real["train"], depth="quick", policy=replace(plain, attacks=open_bounds))
    assert free.dial("privacy").level == "unknown"  # no bound that a copy would break
    strict = replace(plain, levels=replace(plain.levels, utility_good=1.0, utility_fair=1.0))
    assert judged(real, real["fresh"], depth="quick", policy=strict).dial("utility").level in {
        "poor",
        "good",
    }


def test_a_decisive_gate_fails_the_whole(real):
    unordered = real["fresh"][list(TYPES)[::-1]]
    report = judged(real, unordered, depth="quick")
    assert report.level == "poor"
    assert "gates are passed; not: metadata (fail)" in report.summary
    assert {one.page for one in report.advice} == {"review"}


def test_quick_says_what_it_left_out(real):
    rng = np.random.default_rng(3)
    sides = [{"people": people(n, rng)} for n in (6000, 4500, 6000)]
    report = evaluate(*sides, PLAIN, depth="quick")
    table = report["people"]
    assert (table.fidelity, table.utility, table.privacy) == (None, None, None)
    assert table.measures["c2st"].note == "models see 4,000 of 4,500 rows"
    assert table.measures["tstr"].note == "models see 4,000 of 6,000 rows"
    assert isinstance(report.figures["tstr"], NotMeasured)
    assert isinstance(report.figures["biv"], float)
    assert evaluate(*sides, PLAIN, depth="quick") == report


def test_what_cannot_be_asked_is_refused(real):
    with pytest.raises(InvalidParameter, match="quick, full"):
        judged(real, real["fresh"], depth="deep")
    with pytest.raises(InvalidParameter) as caught:
        judged(real, real["fresh"], targets=["zip", "risk", "name"])
    assert len(caught.value.problems) == 2
    with pytest.raises(InvalidInput):
        judged(real, real["fresh"], rules={"people": (AtMost("age", "zip"),)})


def test_reports_of_version_1_still_open(real):
    data = judged(real, real["fresh"], depth="quick").to_dict()
    for name in ("advice", "depth", "policy", "disclosure", "content_hash"):
        del data[name]
    for table in data["tables"]:
        for name in ("fidelity", "utility", "privacy", "gates"):
            del table[name]
        for measure in (*table["measures"].values(), *table["figures"].values()):
            del measure["low"], measure["high"]
    data["version"] = 1
    report = Report.from_dict(json.loads(json.dumps(data)))
    assert (report.version, report.depth, report.policy, report.advice) == (1, "quick", None, ())
    assert report.suggestions
    assert report["people"].gates == ()
    assert report.disclosure.startswith("Internal")


def test_a_report_of_a_newer_studio_is_refused(real):
    data = judged(real, real["fresh"], depth="quick").to_dict()
    with pytest.raises(InvalidInput, match="newer studio"):
        Report.from_dict({**data, "version": 99})


def test_a_narrow_table_in_which_a_copy_is_not_seen_is_inconclusive():
    """All rows of two coarse columns occur everywhere: nothing tells a copy from fresh rows."""
    rng = np.random.default_rng(0)
    kinds = {"a": ColumnType.CATEGORY, "b": ColumnType.CATEGORY}
    sides = [
        {"t": frame_of({n: rng.choice(["x", "y", "z"], 500) for n in kinds}, kinds)}
        for _ in range(3)
    ]
    report = evaluate(*sides, schema_of(kinds, "t"), depth="quick")
    assert report["t"].measures["nearer"].chance < 0.6
    assert report.dial("privacy").level == "unknown"
    assert report.level in {"unknown", "fair", "poor"}
    assert "privacy tests are inconclusive" in report.summary


def test_the_copy_that_stands_beside_is_measured(real):
    measures = judged(real, real["fresh"], depth="quick")["people"].measures
    for name in ("nearer", "membership"):
        assert 0.95 < measures[name].chance <= 1.0
    assert measures["distance"].chance == 0
