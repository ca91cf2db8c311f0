"""The privacy report of a real run, and the words on its guarantee in its evaluation."""

import json
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from core.data.pipeline import make_step
from core.errors import Conflict
from core.evaluation.sealing import is_intact
from core.studio.private_run import secret_coins
from core.studio.reports import _guarantee
from core.studio.values import Run, RunSpec
from tests.studio.guaranteed import PUBLIC, imported_things, with_tiny
from tests.studio.office import Office


@pytest.fixture(scope="module", autouse=True)
def pool(office: Office) -> Iterator[None]:
    with with_tiny(office):
        yield


@pytest.fixture(scope="module")
def made(office: Office, tmp_path_factory: pytest.TempPathFactory) -> Run:
    things = imported_things(office, tmp_path_factory.mktemp("things"), 300)
    params = {"epsilon": 1.0, "delta": 1e-5}
    asked = RunSpec("tiny", params, depth="quick", public=PUBLIC, accepted=True)
    run = office.studio.runs.submit(office.worker, things.id, asked)
    return office.studio.runs.get(office.worker, run.id)


def test_the_report_tells_what_was_promised_spent_and_composed(office: Office, made: Run) -> None:
    report = office.studio.dp_reports.report(office.worker, made.id)
    assert "(ε = 1, δ = 1e-05)-differentially private" in report.sentence
    assert report.check.is_kept
    assert {cost.purpose for cost in report.purposes} <= {"rows", "measurement"}
    assert any("colour, weight" in line for line in report.public)
    assert report.composition is not None
    assert (report.composition.runs, report.composition.simple_sum) == (1, 1.0)
    assert report.composition.epsilon == pytest.approx(report.spent.epsilon)
    assert report.origin.versions.keys() >= {"opendp", "dp-accounting", "numpy", "python"}


def test_the_report_names_how_the_rows_were_prepared(office: Office, made: Run) -> None:
    plain = office.studio.dp_reports.report(office.worker, made.id)
    assert plain.prepared[0].startswith("None")
    steps = {"things": (make_step("trim", {"column": "colour", "case": "lower"}),)}
    asked = replace(made.spec, preparation=steps, accepted=True)
    run = office.studio.runs.submit(office.worker, made.dataset_id, asked)
    for known in (run, office.studio.runs.sample_again(office.worker, run.id)):
        report = office.studio.dp_reports.report(office.worker, known.id)
        assert report.prepared == ("things: trim spaces, 1 step on colour",)


def test_it_can_be_taken_away_in_two_formats(office: Office, made: Run) -> None:
    data = json.loads(office.studio.dp_reports.json(office.worker, made.id))
    assert is_intact(data)
    assert data["reproducibility"]["run_id"] == made.id
    assert office.studio.dp_reports.pdf(office.worker, made.id).startswith(b"%PDF")


def test_the_evaluation_says_it_too(office: Office, made: Run) -> None:
    data = json.loads(office.studio.runs.report_json(office.worker, made.id))
    assert data["guarantee"].startswith("(ε = 1, δ = 1e-05)-differential privacy.")


def test_a_run_without_a_guarantee_has_no_such_report(office: Office, made: Run) -> None:
    row = SimpleNamespace(result={"rows": {}})
    assert _guarantee(row).startswith("None. The generator gives no formal guarantee")
    with pytest.raises(Conflict, match="no formal guarantee"):
        office.studio.dp_reports._report(
            office.worker, SimpleNamespace(result={}, state=made.state)
        )


def test_the_coins_of_a_split_need_the_key_beside_the_seed(office: Office) -> None:
    keys = office.studio.runs._context.keys
    other = SimpleNamespace(derive=lambda purpose: b"another key")

    def coins(own: object) -> list[float]:
        return list(secret_coins(own, np.random.default_rng(7)).random(20))

    assert coins(keys) == coins(keys)
    assert coins(keys) != coins(other)
