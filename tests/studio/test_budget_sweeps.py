"""Trying several ε: charged on real rows, free on a stand-in, and the smallest ε that will do."""

from collections.abc import Iterator

import pytest

from core.errors import Conflict, InvalidParameter
from core.evaluation.measures import NotMeasured
from core.governance.budgets import OverCap
from core.governance.policy import UserRole
from core.studio.sweep import SweepPoint, chosen
from core.studio.values import Dataset, Purpose, RunSpec, RunState, Sweep
from tests.studio.guaranteed import PUBLIC, imported_things, with_tiny
from tests.studio.inline import InlinePool
from tests.studio.office import Office


@pytest.fixture(scope="module", autouse=True)
def pool(office: Office) -> Iterator[InlinePool]:
    with with_tiny(office) as pool:
        yield pool


@pytest.fixture(scope="module")
def things(office: Office, tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return imported_things(office, tmp_path_factory.mktemp("things"), 600)


def spec(*epsilons: float, least: float = 0.0, stand_in: str = "") -> RunSpec:
    return RunSpec(
        "tiny",
        {"delta": 1e-5},
        accepted=True,
        public=PUBLIC,
        sweep=Sweep(epsilons, least, stand_in),
        depth="quick",
    )


def budget(office: Office, dataset: Dataset):
    (found,) = office.studio.budgets.of(office.worker, dataset.id)
    return found


def test_a_sweep_on_real_rows_is_charged_and_one_on_a_stand_in_is_free(
    office: Office, things: Dataset
) -> None:
    sweeps, worker = office.studio.sweeps, office.worker
    cost = sweeps.cost(worker, things.id, spec(0.5, 2.0))
    assert (cost.reserves_epsilon, cost.reserves_delta) == (2.5, 2e-5)
    assert 1.8 < cost.composed_epsilon < 2.4
    assert cost.is_within
    assert "2.5" in cost.in_words
    made = sweeps.submit(worker, things.id, spec(0.5, 2.0, least=0.01))
    found = sweeps.get(worker, made.id)
    assert found.run.state is RunState.DONE, found.run.error
    assert not found.run.is_judged
    assert [point.epsilon for point in found.points] == [0.5, 2.0]
    assert found.points[0].spent_epsilon <= 0.5 + 1e-6
    assert all(0 <= point.pairwise_error <= 1 for point in found.points)
    assert found.chosen == 0.5
    one = budget(office, things)
    assert [(e.state, e.epsilon) for e in one.entries] == [("committed", 2.5)]
    assert 0.9 * cost.composed_epsilon < one.spent_epsilon <= 1.001 * cost.composed_epsilon
    assert found.run.result["privacy"]["check"]["is_kept"]

    run = office.finished(things, RunSpec("tiny", public=PUBLIC, accepted=True, depth="quick"))
    before = budget(office, things)
    free = spec(1.0, 9.0, least=1.0, stand_in=run.id)
    assert sweeps.cost(worker, things.id, free).is_free
    after = sweeps.get(worker, sweeps.submit(worker, things.id, free).id)
    assert after.run.state is RunState.DONE, after.run.error
    assert (after.is_free, len(after.points), after.chosen) == (True, 2, None)
    assert "privacy" not in after.run.result
    assert budget(office, things) == before
    assert [one.run.id for one in sweeps.list(worker, things.id)] == [after.run.id, made.id]
    with pytest.raises(Conflict, match="tried several ε"):
        office.studio.releases.create(worker, after.run.id, "Things")
    with pytest.raises(Conflict, match="did not try"):
        sweeps.get(worker, run.id)


def test_a_sweep_over_the_cap_is_refused(office: Office, things: Dataset) -> None:
    assert not office.studio.sweeps.cost(office.worker, things.id, spec(3.0, 9.0)).is_within
    with pytest.raises(OverCap):
        office.studio.sweeps.submit(office.worker, things.id, spec(3.0, 9.0))
    admin = office.actors[UserRole.PLATFORM_ADMIN]
    found = office.studio.audit.search(admin, action="sweep.submit", outcome="failed")
    assert len(found) == 1


def test_everything_that_is_wrong_with_a_sweep_is_said_at_once(
    office: Office, things: Dataset
) -> None:
    with pytest.raises(InvalidParameter) as caught:
        office.studio.sweeps.submit(
            office.worker, things.id, spec(2.0, 1.0, 1e9, least=2.0, stand_in="nope")
        )
    said = " ".join(caught.value.problems)
    for part in ("rising order", "Every ε", "`least_utility`", "`stand_in`"):
        assert part in said
    with pytest.raises(InvalidParameter, match="no ε to try"):
        office.studio.sweeps.submit(office.worker, things.id, RunSpec("forest"))
    with pytest.raises(InvalidParameter, match="which ε"):
        office.studio.runs.submit(
            office.worker, things.id, RunSpec("tiny", purpose=Purpose.SWEEP, accepted=True)
        )


def test_the_smallest_that_is_good_enough_is_chosen_whatever_the_order() -> None:
    def point(epsilon: float, utility: float | NotMeasured) -> SweepPoint:
        return SweepPoint(epsilon, utility, 0.9, 0.1, 0.0, 0.5, epsilon)

    points = [point(3, 0.8), point(1, 0.7), point(0.3, NotMeasured("none")), point(2, 0.8)]
    assert chosen(points, 0.75) == 2
    assert chosen(points, 0.0) == 1
    assert chosen(points, 0.85) is None
