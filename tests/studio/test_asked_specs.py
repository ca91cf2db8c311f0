"""What a run may be asked: everything that is wrong at once, and no value in errors or audit."""

from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import InvalidParameter
from core.governance.policy import UserRole
from core.studio.modelling import refuse_unknown
from core.studio.values import Dataset, Purpose, RunSpec
from core.synthesis.asks import (
    Ask,
    Between,
    Equals,
    Fairness,
    OneOf,
    Shares,
    Wishes,
    synthesizer_for,
)
from core.synthesis.synthesizer import Synthesizer
from tests.studio.office import Office


@pytest.fixture(scope="module")
def trips(office: Office, tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """400 trips without a missing cell; ``number`` is the key."""
    path = tmp_path_factory.mktemp("upload") / "trips.csv"
    rows = [f"{i},{'RGB'[i % 3]},{i % 50},{i % 50 + i % 7},{i % 2 == 0}" for i in range(400)]
    path.write_text("number,colour,start,end,ok\n" + "\n".join(rows) + "\n")
    return office.reviewed(path, "Trips")


@pytest.fixture(scope="module")
def bank(office: Office) -> Dataset:
    return office.reviewed_sample("bank")


def problems(office: Office, dataset: Dataset, spec: RunSpec) -> tuple[str, ...]:
    with pytest.raises(InvalidParameter) as caught:
        office.studio.runs.submit(office.worker, dataset.id, spec)
    return caught.value.problems


def test_all_problems_of_all_that_is_asked_come_at_once(office: Office, trips: Dataset) -> None:
    spec = RunSpec(
        ask=Ask(
            (
                Equals("nope", "Verysecret"),
                Equals("number", 7),
                Between("start", "Verysecret", None),
                OneOf("ok", ("Verysecret",)),
            ),
            Shares("colour", {"Verysecret": 0.9, "R": 0.4}),
        ),
        rules={"trips": ("start <= end", "start ~ end", "number <= end"), "elsewhere": ("a <= b",)},
        fairness=Fairness("nope", degree=3),
        copies=2,
        holdout=0.9,
    )
    found = problems(office, trips, spec)
    text = " ".join(found)
    assert "Verysecret" not in text
    for word in (
        "no column 'nope'", "Column 'number'",
        "'start' is of type integer", "'ok' is of type boolean",
        "Shares of 'colour'", "Rule 2", "elsewhere", "`degree`", "copies", "holdout",
        "cannot be asked of a run that breaks",
    ):  # fmt: skip
        assert word in text, word
    auditor = office.actors[UserRole.AUDITOR]
    assert b"Verysecret" not in office.studio.audit.export(auditor, "json")


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        (RunSpec(purpose=Purpose.IMPUTE), "No cell is missing"),
        (RunSpec("copula", purpose=Purpose.IMPUTE), "cannot fill cells given others"),
        (RunSpec(purpose=Purpose.IMPUTE, copies=99), "`copies` must be from 1 to 20"),
        (RunSpec(purpose=Purpose.IMPUTE, ask=Ask((Equals("ok", True),))), "takes no conditions"),
        (RunSpec(rules={"trips": ("number <= end",)}), "'number'"),
        (RunSpec(rules={"trips": ("colour <= end",)}), "of other types"),
        (RunSpec(ask=Ask((Equals("ok", True),), table="elsewhere")), "Say of which table"),
        (RunSpec(ask=Ask((Equals("colour", "R"),), Shares("colour", {"G": 1.0}))), "contradict"),
        (RunSpec(model_of="0" * 16), "must name a run of this dataset"),
    ],
)
def test_one_problem_at_a_time(office: Office, trips: Dataset, spec: RunSpec, reason: str) -> None:
    assert any(reason in problem for problem in problems(office, trips, spec))


def test_several_tables_are_asked_of_their_roots_only(office: Office, bank: Dataset) -> None:
    child = RunSpec(ask=Ask((Between("balance", 0, None),), table="account"))
    assert any("follow" in problem for problem in problems(office, bank, child))
    assert any(
        "Say of which" in p
        for p in problems(office, bank, RunSpec(ask=Ask((Equals("rating", "A"),))))
    )
    fair = RunSpec(fairness=Fairness("rating", table="party"))
    assert any("one table" in problem for problem in problems(office, bank, fair))
    more = RunSpec(purpose=Purpose.AUGMENT)
    assert any("one table" in problem for problem in problems(office, bank, more))


def test_a_model_of_another_dataset_is_not_found(
    office: Office, trips: Dataset, people_csv: Path
) -> None:
    other = office.finished(office.reviewed(people_csv))
    found = problems(office, trips, RunSpec(model_of=other.id))
    assert found == ("`model_of` must name a run of this dataset.",)
    mine = office.studio.datasets.get(office.worker, other.dataset_id)
    falsely = replace(other.again, engine="copula", params={}, holdout=0.3, public={"rows": 9})
    said = " ".join(problems(office, mine, falsely))
    assert "The model is one of `forest`" in said
    assert "leave `holdout` as it was" in said
    assert "leave `public` as it was" in said


def test_an_asked_run_goes_through_a_process_of_its_own(office: Office, trips: Dataset) -> None:
    spec = RunSpec(
        ask=Ask((Equals("colour", "R"),)), rules={"trips": ("start <= end",)}, depth="quick"
    )
    run = office.finished(trips, spec)
    assert run.state == "done", run.error
    made = office.studio.runs.synthetic(office.worker, run.id, "trips", 10**6)
    assert (made["colour"] == "R").all()
    assert (made["start"] <= made["end"]).all()
    assert run.result["asked"]["rules"][0]["kept"] == 1.0


def test_an_engine_with_a_guarantee_is_asked_by_rejection_only(
    office: Office, trips: Dataset
) -> None:
    asked = Wishes(Ask((Equals("colour", "R"),)))
    assert type(synthesizer_for(asked, trips.schema, "mst")) is Synthesizer
    spec = RunSpec("mst", rules={"trips": ("start <= end",)})
    assert any("privacy budget" in problem for problem in problems(office, trips, spec))
    missing = Wishes(Ask((Equals("colour", "Z"),)))
    refuse_unknown(RunSpec("mst"), missing, trips.schema, {})


def test_engines_with_a_guarantee_are_offered(office: Office) -> None:
    assert {"aim", "mst", "forest"} <= {info.name for info in office.studio.runs.engines()}
