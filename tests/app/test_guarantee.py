"""The guarantee of a result: said plainly whether there is one, and itemised where there is."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from app.components.guarantee import charge_frame, purpose_frame
from core.evaluation.dp_report import Composition, DpReport
from core.governance.policy import UserRole
from core.studio.values import RunSpec, RunState
from tests.app.fake_studio import FakeStudio, installed, run
from tests.app.harness import texts
from tests.app.test_results import NAME, JudgedRuns, report_of
from tests.evaluation.test_dp_report import ORIGIN, ledger

REPORT = DpReport(
    ORIGIN,
    ledger().to_dict(),
    {"rows": 0, "columns": {"age": {"low": 0.0, "high": 90.0}}},
    Composition("", 4, 2.1, 4.0, 4e-5, 10.0, 1e-4),
)
PROMISED = REPORT.to_dict()["guarantee"]
RESULT = {"rows": {NAME: 900}, "privacy": {"guarantee": PROMISED, "ledger": dict(REPORT.ledger)}}


@pytest.fixture(scope="module")
def judged():
    return report_of("fresh")


@pytest.fixture
def studio(judged):
    spec = RunSpec("aim", {"epsilon": 1.0, "delta": 1e-5})
    runs = JudgedRuns(
        known=[
            run("r1", RunState.DONE, spec=spec, result=RESULT),
            run("plain", RunState.DONE, result={"rows": {NAME: 900}}),
        ],
        reports={"r1": judged, "plain": judged},
    )
    with installed(FakeStudio(runs=runs)) as studio:
        studio.releases = SimpleNamespace(dataset_names=lambda actor, project_id: {}, get=None)
        studio.report = REPORT
        studio.dp_reports = SimpleNamespace(
            report=lambda actor, run_id: studio.report,
            pdf=lambda actor, run_id: b"%PDF-",
            json=lambda actor, run_id: b"{}",
        )
        yield studio


def test_a_result_says_its_guarantee_at_the_top(studio):
    said = texts(studio.app("results", run="r1"))
    assert "ε = 1, δ = 1e-05" in said
    assert "at most 73% sure" in said


def test_a_result_without_one_says_so_on_every_tab(studio):
    app = studio.app("results", run="plain")
    assert "no formal guarantee" in texts(app)
    app = studio.app("results", run="plain", tab="Guarantee")
    assert not app.exception
    assert "makes no promise that could be proven" in texts(app)


def test_the_tab_itemises_what_was_spent_assumed_and_left_open(studio):
    app = studio.app("results", run="r1", tab="Guarantee")
    assert not app.exception
    said = texts(app)
    assert "Added up again by other means" in said
    assert "declared ranges and code lists of age" in said
    assert "4 runs for single rows: together **ε 2.1**" in said
    assert "Added up simply it would be 4" in said
    assert "this engine was not audited" in said
    assert "no step was carried out on the rows" in said
    assert "m times ε" in said
    assert "is internal" in said
    assert len(app.get("download_button")) >= 4


def test_an_overspend_is_an_alert(studio):
    studio.report = replace(REPORT, ledger={**REPORT.ledger, "epsilon": 0.1})
    app = studio.app("results", run="r1", tab="Guarantee")
    assert "Nothing may be taken away" in app.error[0].value


def test_the_ledger_as_tables():
    assert list(purpose_frame(REPORT)["Charges"]) == [1, 1, 2]
    frame = charge_frame(REPORT)
    assert list(frame["Purpose"]) == ["Bounds", "Categories", "Measurement", "Measurement"]
    assert frame["Noise"].str.contains("Gaussian noise of 20").sum() == 3


def test_an_auditor_reads_it_and_may_take_it(judged):
    runs = JudgedRuns(known=[run("r1", RunState.DONE, result=RESULT)], reports={"r1": judged})
    with installed(FakeStudio(role=UserRole.AUDITOR, runs=runs)) as studio:
        studio.releases = SimpleNamespace(dataset_names=lambda actor, project_id: {}, get=None)
        studio.dp_reports = SimpleNamespace(report=lambda actor, run_id: REPORT)
        app = studio.app("results", run="r1", tab="Guarantee")
        assert not app.exception
        assert [b.label for b in app.get("download_button") if "Privacy report" in b.label]
