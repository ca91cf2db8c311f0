"""The report of a differentially private run: what it says follows from the ledger."""

import json
from dataclasses import replace
from datetime import datetime

import pytest

from core.data.pipeline import make_step, named_steps
from core.evaluation.dp_report import (
    Composition,
    DpReport,
    Origin,
)
from core.evaluation.dp_report_pdf import render_dp_pdf
from core.evaluation.dp_words import mechanism
from core.evaluation.sealing import is_intact
from core.privacy.audit import AuditEvidence
from core.privacy.events import Gaussian, GaussianThreshold, Laplace, SampledGaussian, Selection
from core.privacy.guarantee import Guarantee
from core.privacy.ledger import Ledger

ORIGIN = Origin(
    dataset="Customers",
    run_id="r1",
    engine="aim",
    params={"epsilon": 1.0, "delta": 1e-5, "rows": 0},
    rows={"customers": 1200},
    content_hash="ab" * 32,
    made_by="ada",
    made_at=datetime(2026, 1, 2, 3, 4),
    versions={"opendp": "0.14"},
)


def ledger(epsilon: float = 1.0, *, person: str | None = None) -> Ledger:
    made = Ledger(Guarantee(epsilon, 1e-5, 2 if person else 1, person))
    made.charge("bounds", "age: powers of two", Laplace(50))
    made.charge("categories", "job: 12 labels", GaussianThreshold(20, 1e-7))
    made.charge("measurement", "age, job", Gaussian(20), Gaussian(20))
    return made


@pytest.fixture(scope="module")
def report() -> DpReport:
    return DpReport(ORIGIN, ledger().to_dict(), {"rows": 0, "columns": {"age": {"low": 0}}})


def test_the_guarantee_is_said_in_a_sentence_with_its_odds(report):
    assert "(ε = 1, δ = 1e-05)-differentially private" in report.sentence
    assert "at most 73% sure" in report.sentence
    assert report.unit.startswith("One row")


def test_the_unit_names_the_column_of_persons_and_their_rows():
    of_persons = DpReport(ORIGIN, ledger(person="customer").to_dict())
    assert "column customer, with up to 2 rows" in of_persons.unit


def test_purposes_are_in_the_order_of_a_run_and_cost_less_together(report):
    assert [c.purpose for c in report.purposes] == ["bounds", "categories", "measurement"]
    assert [c.charges for c in report.purposes] == [1, 1, 2]
    parts = [c.epsilon for c in report.purposes]
    assert max(parts) < report.spent.epsilon < sum(parts)


def test_the_ledger_is_added_up_again(report):
    assert report.check.is_kept
    assert report.spent.epsilon == pytest.approx(report.ledger["spent_epsilon"])
    assert 0.9 < report.check.epsilon / report.spent.epsilon < 1.2
    assert "by other means" in report.check_sentence


def test_an_overspend_is_called_one():
    report = DpReport(ORIGIN, ledger().to_dict() | {"epsilon": 0.1})
    assert not report.check.is_kept
    assert "More was spent than promised" in report.check_sentence
    assert report.to_dict()["after_check"]["is_kept"] is False


def test_what_was_declared_is_assumed_public_and_so_is_a_given_number_of_rows(report):
    assert any("age" in line for line in report.public)
    assert "the number of rows" not in report.public
    given = replace(report, origin=replace(ORIGIN, params={"rows": 1000}))
    assert "the number of rows" in given.public


def test_the_steps_of_preparation_are_named_with_their_columns_and_no_values(report):
    assert report.prepared == (
        "None: no step was carried out on the rows before they were learned.",
    )
    steps = {
        "people": (
            make_step("markers", {"column": "city", "words": ["secret word"]}),
            make_step("trim", {"column": "job"}),
            make_step("trim", {"column": "city"}),
        )
    }
    told = replace(report, preparation=named_steps(steps))
    assert told.prepared == (
        "people: unify missing markers, 1 step on city",
        "people: trim spaces, 2 steps on job, city",
    )
    data = told.to_dict()
    assert data["preparation"]["steps"][1] == {
        "table": "people",
        "kind": "trim",
        "title": "Trim spaces",
        "columns": ["job", "city"],
        "steps": 2,
    }
    assert "secret word" not in json.dumps(data)
    assert is_intact(data)
    assert len(render_dp_pdf(told)) != len(render_dp_pdf(report))


def test_without_an_audit_the_evidence_is_not_measured(report):
    assert report.findings[0].startswith("Not measured: this engine was not audited")
    assert report.to_dict()["evidence"]["audits"] == []


def test_evidence_stands_beside_its_ceiling(report):
    found = AuditEvidence("aim", 1.0, 1e-5, 0.4, 5.6, 200, "two worlds", 0.95)
    (said,) = replace(report, evidence=(found,)).findings
    assert "at least 0.40" in said
    assert "could have seen up to 5.6" in said


def test_the_json_is_whole_and_sealed(report):
    composed = replace(report, composition=Composition("", 4, 2.1, 4.0, 4e-5, 10, 1e-4))
    data = json.loads(json.dumps(composed.to_dict(), allow_nan=False))
    assert is_intact(data)
    assert data["composition"]["epsilon"] == 2.1
    assert data["guarantee"]["adjacency"] == "adding or removing all rows of one person"
    assert len(data["ledger"]["entries"]) == 4
    assert "internal" in data["internal"]
    assert data["reproducibility"]["noise"].startswith("not reproducible")
    assert data["reproducibility"]["versions"] == {"opendp": "0.14"}
    assert len(data["not_covered"]) > 3


def test_nothing_made_from_real_rows_without_noise_is_in_it(report):
    """A hash of the real rows would confirm a guess about them."""
    assert "dataset_hash" not in json.dumps(report.to_dict())


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (Gaussian(20), "Gaussian noise of 20 × sensitivity"),
        (Laplace(2.5), "Laplace noise of 2.5 × sensitivity"),
        (Selection(0.05), "exponential mechanism, ε 0.05"),
        (GaussianThreshold(20, 1e-7), "δ 1e-07"),
        (SampledGaussian(0.01, 1.1, 1000), "1,000 steps, each of a random 1.000% of the persons"),
    ],
)
def test_each_event_is_put_into_words(event, words):
    assert words in mechanism(event)


def test_the_pdf_is_the_same_each_time_and_grows_with_the_ledger(report):
    drawn = render_dp_pdf(report)
    assert drawn.startswith(b"%PDF")
    assert drawn == render_dp_pdf(report)
    told = report.ledger
    longer = {**told, "epsilon": 9.0, "entries": list(told["entries"][2:]) * 60}
    pages = [
        pdf.count(b"/Type /Page\n")
        for pdf in (drawn, render_dp_pdf(replace(report, ledger=longer)))
    ]
    assert pages[1] > pages[0] > 1
