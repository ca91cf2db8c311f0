"""Budgets of datasets: reserved before a run, settled after it, verified with the audit."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import delete, insert, select, update

from core.errors import Conflict, IntegrityError, InvalidInput, InvalidParameter, PermissionDenied
from core.governance.budgets import OverCap
from core.governance.policy import UserRole
from core.privacy.events import Gaussian
from core.store.tables import BudgetRow, DatasetRow
from core.studio.context import runs_of
from core.studio.recovery import interrupt_unfinished
from core.studio.values import Dataset, Purpose, Run, RunSpec, RunState
from core.synthesis import registry
from core.synthesis.asks import Ask, Equals
from tests.privacy import tiny
from tests.studio.guaranteed import PUBLIC, imported_things, with_tiny
from tests.studio.inline import InlinePool
from tests.studio.office import Office


@pytest.fixture(scope="module", autouse=True)
def pool(office: Office) -> Iterator[InlinePool]:
    with with_tiny(office) as pool:
        yield pool


@pytest.fixture(scope="module")
def dataset(office: Office, tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return imported_things(office, tmp_path_factory.mktemp("things"), 400)


@pytest.fixture
def things(office: Office, dataset: Dataset, request: pytest.FixtureRequest) -> Dataset:
    """The same rows, for each test as if their content were another, with a budget of its own."""
    has_content(office, dataset, request.node.name)
    return dataset


def has_content(office: Office, dataset: Dataset, name: str) -> None:
    with office.studio._context.database.session() as session:
        session.get(DatasetRow, dataset.id).content_hash = name[-64:]


def spec(epsilon: float = 1.0, **changes: object) -> RunSpec:
    params = {"epsilon": epsilon, "delta": 1e-5}
    private = RunSpec("tiny", params, depth="quick", public=PUBLIC, accepted=True)
    return replace(private, **changes)


def run(office: Office, dataset: Dataset, asked: RunSpec) -> Run:
    made = office.studio.runs.submit(office.worker, dataset.id, asked)
    return office.studio.runs.get(office.worker, made.id)


def budget(office: Office, dataset: Dataset, unit: str = ""):
    found = office.studio.budgets.of(office.worker, dataset.id)
    return next(one for one in found if one.unit == unit)


def cap(office: Office, dataset: Dataset, epsilon: float, delta: float = 1e-4):
    admin = office.actors[UserRole.DOMAIN_ADMIN]
    return office.studio.budgets.set_cap(admin, dataset.id, "", epsilon, delta, "agreed")


def test_a_private_run_spends_says_on_what_and_is_composed_truly(
    office: Office, things: Dataset
) -> None:
    made = run(office, things, spec())
    assert made.state is RunState.DONE, made.error
    privacy = made.result["privacy"]
    assert privacy["guarantee"]["epsilon"] == 1.0
    assert privacy["check"]["is_kept"]
    assert not privacy["withheld"]
    assert 0.9 < privacy["ledger"]["spent_epsilon"] <= 1 + 1e-6
    assert set(privacy["by_purpose"]) <= {"rows", "measurement"}
    assert privacy["declared"]["columns"].keys() == PUBLIC["columns"].keys()
    assert made.progress.epsilon_spent is None or made.progress.epsilon_spent > 0
    one = budget(office, things)
    (entry,) = one.entries
    assert (entry.state, entry.run_id, entry.epsilon) == ("committed", made.id, 1.0)
    assert one.spent_epsilon == pytest.approx(privacy["ledger"]["spent_epsilon"])
    run(office, things, spec())
    two = budget(office, things)
    assert 1.1 < two.spent_epsilon < 1.6
    assert two.left_epsilon == pytest.approx(two.cap_epsilon - two.spent_epsilon)
    assert "composed together" in two.split
    assert sum(one.by_purpose.values()) > 0


def test_more_rows_of_a_fitted_model_are_free_and_carry_the_guarantee(
    office: Office, things: Dataset
) -> None:
    made = run(office, things, spec(rows={"things": 30}))
    before = budget(office, things)
    again = office.studio.runs.sample_again(office.worker, made.id, {"things": 50})
    again = office.studio.runs.get(office.worker, again.id)
    assert again.state is RunState.DONE, again.error
    assert budget(office, things) == before
    assert again.result["privacy"]["ledger"] == made.result["privacy"]["ledger"]
    asked = office.studio.runs.sample_again(
        office.worker, made.id, {"things": 20}, ask=Ask((Equals("colour", "red"),))
    )
    asked = office.studio.runs.get(office.worker, asked.id)
    assert asked.state is RunState.DONE, asked.error
    office.studio.runs.retry(office.worker, made.id)
    assert len(budget(office, things).entries) == 2


def test_the_number_of_rows_made_is_not_the_true_one(office: Office, things: Dataset) -> None:
    public = {**PUBLIC, "rows": 500}
    made = run(office, things, spec(public=public))
    assert made.result["rows"] == {"things": 500}


def test_a_run_over_the_cap_is_refused_before_it_starts(office: Office, things: Dataset) -> None:
    cap(office, things, 1.5)
    run(office, things, spec())
    before = office.studio.runs.list(office.worker, office.project.id)
    with pytest.raises(OverCap, match=r"ε = 1 .*ε = 0\.[45].* are left"):
        run(office, things, spec())
    assert office.studio.runs.list(office.worker, office.project.id) == before
    with pytest.raises(OverCap, match="δ"):
        run(office, things, spec(0.1, params={"epsilon": 0.1, "delta": 2e-4}))
    assert run(office, things, spec(0.4)).state is RunState.DONE
    with pytest.raises(InvalidParameter, match="below what is spent"):
        cap(office, things, 0.5)
    cap(office, things, 3.0)
    assert run(office, things, spec()).state is RunState.DONE


def test_two_runs_at_once_cannot_both_pass(
    office: Office, things: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    cap(office, things, 1.5)
    monkeypatch.setattr(office.studio.runs, "enqueue", lambda row, run: None)
    start, outcomes = threading.Barrier(4), []

    def submit() -> None:
        start.wait()
        try:
            office.studio.runs.submit(office.worker, things.id, spec())
            outcomes.append("passed")
        except OverCap:
            outcomes.append("refused")

    threads = [threading.Thread(target=submit) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["passed", "refused", "refused", "refused"]
    (entry,) = budget(office, things).entries
    assert entry.state == "reserved"
    with office.studio._context.database.session() as session:
        for row in runs_of(session, things.id):
            row.state = RunState.RUNNING
    interrupt_unfinished(office.studio._context)
    (entry,) = budget(office, things).entries
    assert (entry.state, entry.why) == ("stays spent", "the studio stopped while it ran")
    stopped = office.studio.runs.get(office.worker, entry.run_id)
    assert stopped.state is RunState.INTERRUPTED
    assert "stays spent" in stopped.error


def test_a_failed_and_a_cancelled_run_stay_spent(
    office: Office, things: Dataset, pool: InlinePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool.stop_at = "fit"
    cancelled = run(office, things, spec())
    pool.stop_at = ""

    def fail(*args: object, **named: object) -> None:
        raise InvalidInput("Nothing to be done.")

    monkeypatch.setattr(tiny.Tiny, "fit", fail)
    failed = run(office, things, spec(0.5))
    assert (cancelled.state, failed.state) == (RunState.CANCELLED, RunState.FAILED)
    assert "stays spent" in failed.error
    assert "stays spent" in cancelled.error
    one = budget(office, things)
    assert [entry.state for entry in one.entries] == ["stays spent", "stays spent"]
    assert one.spent_epsilon == pytest.approx(1.5)
    assert one.spent_delta == pytest.approx(2e-5)
    assert one.by_purpose == {"stays spent": 1.5}


def test_an_overspend_withholds_the_result_and_is_an_alert(
    office: Office, things: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    fit = tiny.Tiny.fit

    def cheat(self, frame, table, *, rng, progress, private, context=()) -> None:
        fit(self, frame, table, rng=rng, progress=progress, private=private)
        private.ledger._entries.append(replace(private.ledger.entries[0], event=Gaussian(1.0)))

    monkeypatch.setattr(tiny.Tiny, "fit", cheat)
    made = run(office, things, spec())
    studio, worker = office.studio, office.worker
    assert made.is_withheld
    assert not made.is_judged
    assert "more ε than was asked" in made.error
    for give_out in (
        lambda: studio.releases.create(worker, made.id, "Things"),
        lambda: studio.runs.synthetic(worker, made.id, "things"),
        lambda: studio.runs.sample_again(worker, made.id),
        lambda: studio.runs.report(worker, made.id),
    ):
        with pytest.raises(Conflict, match="more ε"):
            give_out()
    admin = office.actors[UserRole.PLATFORM_ADMIN]
    (alert,) = studio.audit.search(admin, action="budget.alert")
    assert alert.resource == f"run:{made.id}"
    assert alert.details["asked"] == 1.0
    assert budget(office, things).spent_epsilon > 4


def test_the_same_content_shares_one_budget_and_a_lookalike_is_pointed_out(
    office: Office, tmp_path: Path
) -> None:
    first = imported_things(office, tmp_path, 120)
    run(office, first, spec())
    second = imported_things(office, tmp_path, 120)
    assert second.id != first.id
    assert budget(office, second).entries == budget(office, first).entries
    office.studio.datasets.remove(office.worker, first.id)
    assert len(budget(office, second).entries) == 1
    third = imported_things(office, tmp_path, 120)
    has_content(office, third, "another value in one cell")
    assert budget(office, third).entries == ()
    told = office.studio.budgets.check(office.worker, third.id, spec())
    assert any("same persons" in remark.message for remark in told.remarks)
    with pytest.raises(InvalidParameter, match="same persons"):
        run(office, third, spec(accepted=False))


def test_units_are_apart(office: Office, things: Dataset) -> None:
    by_colour = {"epsilon": 1.0, "delta": 1e-5, "person": "colour"}
    public = {"columns": {"weight": PUBLIC["columns"]["weight"]}}
    made = run(office, things, spec(params=by_colour, public=public))
    assert made.state is RunState.DONE, made.error
    assert budget(office, things).entries == ()
    assert len(budget(office, things, "colour").entries) == 1


def test_what_a_guaranteed_engine_cannot_do_is_refused(office: Office, things: Dataset) -> None:
    def problems(asked: RunSpec) -> str:
        with pytest.raises(InvalidParameter) as caught:
            run(office, things, asked)
        return " ".join(caught.value.problems)

    assert "their keys would tell" in problems(spec(purpose=Purpose.AUGMENT))
    assert "cannot fill missing cells" in problems(spec(purpose=Purpose.IMPUTE))
    assert "rules and fairness" in problems(spec(rules={"things": ("weight in [0, 9]",)}))
    assert "fewer than 1,000 rows" in problems(spec(accepted=False))
    assert "below one over the number of rows" in problems(
        spec(params={"epsilon": 1.0, "delta": 0.01})
    )
    assert "no column 'nope'" in problems(spec(public={"columns": {"nope": {"low": 0, "high": 1}}}))
    assert "no column 'who'" in problems(spec(params={"person": "who"}))
    assert "formal guarantee" in problems(RunSpec("forest", public=PUBLIC))
    with pytest.raises(InvalidInput, match="no preview"):
        office.studio.runs.preview(office.worker, things.id, spec())
    assert budget(office, things).entries == ()


def test_several_tables_are_refused(office: Office, tmp_path: Path) -> None:
    two = pd.DataFrame({"number": range(60), "size": range(60)})
    path = tmp_path / "two.xlsx"
    with pd.ExcelWriter(path) as writer:
        two.to_excel(writer, sheet_name="a", index=False)
        two.to_excel(writer, sheet_name="b", index=False)
    dataset = office.reviewed(path)
    with pytest.raises(InvalidParameter, match="learns one table"):
        office.studio.runs.submit(office.worker, dataset.id, RunSpec("tiny", accepted=True))
    with pytest.raises(InvalidParameter, match="learns one table"):
        office.studio.budgets.check(office.worker, dataset.id, RunSpec("tiny"))


def test_a_check_tells_before_the_run(office: Office, things: Dataset) -> None:
    cap(office, things, 2.5)
    run(office, things, spec())
    told = office.studio.budgets.check(office.worker, things.id, spec(2.0, accepted=False))
    assert (told.would_spend, told.cap, told.is_within) == (2.0, 2.5, False)
    assert told.spent_after == pytest.approx(told.spent_before + 2.0)
    assert {remark.severity for remark in told.remarks} == {"warning"}
    assert told.band == "good"
    assert told.ranges["epsilon"].high == 100
    assert told.recommended.engine in registry.ENGINES
    with pytest.raises(InvalidParameter, match="no formal guarantee"):
        office.studio.budgets.check(office.worker, things.id, RunSpec("forest"))


def test_only_those_who_manage_a_project_set_its_caps(office: Office, things: Dataset) -> None:
    with pytest.raises(PermissionDenied):
        office.studio.budgets.set_cap(office.worker, things.id, "", 5, 1e-5, "more")
    admin = office.actors[UserRole.DOMAIN_ADMIN]
    with pytest.raises(InvalidParameter) as caught:
        office.studio.budgets.set_cap(admin, things.id, "nope", -1, 2, " ")
    assert len(caught.value.problems) == 4
    assert cap(office, things, 7.5).cap_epsilon == 7.5


def test_tampering_is_found_and_stops_private_runs(office: Office, things: Dataset) -> None:
    made = run(office, things, spec())
    admin = office.actors[UserRole.PLATFORM_ADMIN]
    verified = office.studio.audit.verify(admin)
    assert verified.ok
    assert verified.budget > 2
    rows = BudgetRow.__table__
    last = rows.c.run_id == made.id, rows.c.kind == "commit"
    with tampered(office, update(rows).where(*last).values(actor="mallory")) as found:
        assert "was changed" in found
        with pytest.raises(IntegrityError, match="tampered"):
            run(office, things, spec())
    with tampered(office, delete(rows).where(*last)) as found:
        assert found == f"Budget: Record {verified.budget} is missing."
        with pytest.raises(IntegrityError, match="tampered"):
            cap(office, things, 9.0)
    assert office.studio.audit.verify(admin).ok


@contextmanager
def tampered(office: Office, statement: Any) -> Iterator[str]:
    """The state with a change that nobody should make, and what is found; then put back."""
    database, rows = office.studio._context.database, BudgetRow.__table__
    with database.session() as session:
        before = [dict(row) for row in session.execute(select(rows)).mappings()]
        session.execute(statement)
    yield str(office.studio.audit.verify(office.actors[UserRole.PLATFORM_ADMIN]).first_problem)
    with database.session() as session:
        session.execute(delete(rows))
    with database.session() as session:
        session.execute(insert(rows), before)
