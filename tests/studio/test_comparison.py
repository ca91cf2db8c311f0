"""Runs side by side: which are best, what differs, and who may see it."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.errors import InvalidInput, NotFound
from core.evaluation.details import AttackReport, PrivacyDetail
from core.evaluation.measures import Measure, NotMeasured
from core.evaluation.sealing import is_intact
from core.evaluation.values import Association, Dial, Report, TableReport
from core.governance.policy import UserRole
from core.studio.compared_measures import compared_measures
from core.studio.comparison import compare_runs
from core.studio.values import Contest, Dataset, Run, RunSpec
from core.synthesis.asks import Ask, Between
from tests.studio.office import Office

PARTS = ("fidelity", "utility", "privacy")
WHY = NotMeasured("too few rows")


def report(**values: Any) -> Report:
    """One table with a few measures."""
    measures = {
        "pairs": Measure("pairs", values.get("pairs", 0.9), 0.98, 0.7, 1.0),
        "c2st": Measure("c2st", values.get("c2st", 0.6), 0.5, 0.9, 0.5, margin=0.02),
        "copies": Measure("copies", values.get("copies", 0.0), 0.0, 1.0, 0.0),
    }
    table = TableReport("t", {}, None, "", (), (), 0, Association((), (), ()), measures, {})
    return Report((table,), (), (), "good", "", (), 1)


def found(name: str, reports: Sequence[Report]) -> Any:
    return next(m for m in compared_measures(reports) if m.name == name)


def test_the_best_is_nearest_to_the_best_value() -> None:
    pairs = found("pairs", [report(pairs=0.9), report(pairs=0.95), report(pairs=0.8)])
    assert (pairs.winners, pairs.tied) == ((1,), ())
    assert pairs.values == (0.9, 0.95, 0.8)
    assert (pairs.part, pairs.best, pairs.key) == ("fidelity", 1.0, "measure")


def test_beyond_the_best_is_as_good_as_the_best() -> None:
    told = found("c2st", [report(c2st=0.48), report(c2st=0.5), report(c2st=0.515), report()])
    assert told.winners == (0, 1)
    assert told.tied == (2,)  # within the margin of 0.02


def test_what_was_not_measured_wins_nothing() -> None:
    pairs = found("pairs", [report(pairs=WHY), report(pairs=0.9)])
    assert (pairs.winners, pairs.values[0]) == ((), WHY)
    three = found("pairs", [report(pairs=WHY), report(pairs=0.9), report(pairs=0.9)])
    assert three.winners == (1, 2)


def attacked(value: float, low: float, high: float) -> Report:
    """A report with one attack."""
    attack = AttackReport("membership", value, low, high, 1.0, 0.5, 0.5, 1.0, 0.53, 0.56, "pass")
    plain = report()
    private = PrivacyDetail((attack,), "pass", "")
    return replace(plain, tables=(replace(plain.tables[0], privacy=private),))


def test_attacks_stand_beside_the_measures() -> None:
    reports = [attacked(0.6, 0.58, 0.62), attacked(0.52, 0.5, 0.54), report()]
    (attack,) = [m for m in compared_measures(reports) if m.key == "attack"]
    assert (attack.part, attack.best, attack.winners, attack.tied) == ("privacy", 0.5, (1,), ())
    assert isinstance(attack.values[2], NotMeasured)
    (noisy,) = [
        m
        for m in compared_measures([attacked(0.52, 0.5, 0.54), attacked(0.53, 0.51, 0.55)])
        if m.key == "attack"
    ]
    assert (noisy.winners, noisy.tied) == ((0,), (1,))


@pytest.fixture(scope="module")
def made(office: Office, tmp_path_factory: pytest.TempPathFactory) -> tuple[Dataset, Run, Run]:
    path = tmp_path_factory.mktemp("upload") / "people.csv"
    lines = [f"{20 + i % 40},{(20 + i % 40) * 10 + i % 7},{i % 3 == 0}" for i in range(240)]
    path.write_text("age,income,member\n" + "\n".join(lines) + "\n")
    dataset = office.reviewed(path)
    first = office.finished(dataset, RunSpec(depth="quick"))
    second = office.finished(dataset, RunSpec("copula", rows={"people": 100}, depth="quick"))
    return dataset, first, second


def test_two_runs_side_by_side(office: Office, made: tuple[Dataset, Run, Run]) -> None:
    dataset, first, second = made
    compared = office.studio.runs.compare(office.worker, [first.id, second.id, first.id])
    assert compared.dataset_id == dataset.id
    assert [run.id for run in compared.runs] == [first.id, second.id]
    assert [run.rows for run in compared.runs] == [240, 100]
    settings = {p.name: p for p in compared.parameters}
    assert settings["engine"].values == ("forest", "copula")
    assert settings["engine"].differs
    assert not settings["seed"].differs
    assert settings["min_leaf"].values[1] == "-"
    assert settings["rows of people"].values == ("-", "100")
    assert [p.run_id for p in compared.points] == [first.id, second.id, ""]
    assert compared.points[-1].label == "Fresh real rows"
    assert compared.notes == ()
    assert {m.part for m in compared.measures} == {"fidelity", "utility", "privacy"}


def test_runs_asked_for_other_rows_are_told_apart_in_words(
    made: tuple[Dataset, Run, Run],
) -> None:
    _, first, _ = made
    ask = Ask(table="people", conditions=(Between("age", 30, None),))
    tried = Contest(("forest", "copula"))
    asked = replace(first.spec, ask=ask, fallback=("copula", "tvae"), contest=tried)
    other = replace(first, spec=asked)
    dials = tuple(Dial(n, "", 0.9, 1.0, 0.0, "good", "") for n in PARTS)
    judged = replace(report(), dials=dials)
    compared = compare_runs([first, other], [judged, judged])
    assert any("asked for different rows" in note for note in compared.notes)
    assert not compared.is_alike
    assert all(m.winners == m.tied == () for m in compared.measures)
    settings = {p.name: p.values[1] for p in compared.parameters}
    assert settings["fallback"] == "copula, tvae"
    assert settings["contest"] == "engines forest, copula"
    assert "column age; low 30" in settings["ask"]
    assert not any(sign in settings["ask"] for sign in '{}[]"')


def test_no_best_is_marked_between_different_holdouts(made: tuple[Dataset, Run, Run]) -> None:
    _, first, _ = made
    other = replace(first, spec=replace(first.spec, seed=first.spec.seed + 1))
    dials = tuple(Dial(n, "", 0.9, 1.0, 0.0, "good", "") for n in PARTS)
    judged = [replace(report(pairs=value), dials=dials) for value in (0.9, 0.5)]
    alike, apart = compare_runs([first, first], judged), compare_runs([first, other], judged)
    assert (alike.is_alike, apart.is_alike) == (True, False)
    assert any(m.winners for m in alike.measures)
    assert not any(m.winners or m.tied for m in apart.measures)
    assert "no best is marked" in apart.notes[0]


def test_too_few_too_many_and_mixed_runs_are_refused(
    office: Office, made: tuple[Dataset, Run, Run], people_csv: Path
) -> None:
    _, first, second = made
    with pytest.raises(InvalidInput, match="from 2 to 5"):
        office.studio.runs.compare(office.worker, [first.id, first.id])
    with pytest.raises(InvalidInput, match="from 2 to 5"):
        office.studio.runs.compare(office.worker, [str(n) for n in range(6)])
    other = office.finished(office.reviewed(people_csv))
    with pytest.raises(InvalidInput, match="different datasets"):
        office.studio.runs.compare(office.worker, [first.id, second.id, other.id])


def test_who_may_compare(office: Office, made: tuple[Dataset, Run, Run]) -> None:
    _, first, second = made
    ids = [first.id, second.id]
    with pytest.raises(NotFound):
        office.studio.runs.compare(office.outsider, ids)
    auditor = office.actors[UserRole.AUDITOR]
    assert office.studio.runs.compare(auditor, ids).runs
    entry = office.studio.audit.search(auditor, action="run.compare", outcome="ok")[0]
    assert entry.details["runs"] == ids


def test_runs_of_another_project_do_not_exist(
    office: Office, made: tuple[Dataset, Run, Run]
) -> None:
    """Also for those who see both: the answer is that of a run that is not there."""
    from core.studio.comparison import refuse_mixed

    rows = [office.studio._context.run(run.id) for run in made[1:]]
    rows[1].project_id = "p" * 16
    with pytest.raises(NotFound):
        refuse_mixed(rows)


def test_the_json_report_is_sealed(office: Office, made: tuple[Dataset, Run, Run]) -> None:
    data = json.loads(office.studio.runs.report_json(office.worker, made[1].id))
    assert is_intact(data)
    assert data["disclosure"].startswith("Internal")
    assert office.studio.runs.report(office.worker, made[1].id).content_hash == data["content_hash"]
    data["level"] = "good" if data["level"] != "good" else "poor"
    assert not is_intact(data)
