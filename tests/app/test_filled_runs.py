"""A run that filled the missing cells of a real table is shown, but never as a synthetic result."""

import pytest

from app.resources import studio
from core.governance.policy import UserRole
from core.studio.values import Purpose, Run, RunSpec, RunState, Stage
from tests.app.harness import House, texts


@pytest.fixture(scope="module")
def filled(house: House) -> Run:
    dataset = house.sample("bank_customers", reviewed=True)
    return house.finished(dataset, RunSpec(purpose=Purpose.IMPUTE))


def test_a_filled_table_is_no_result(house: House, filled: Run) -> None:
    assert filled.state is RunState.DONE
    assert not filled.is_judged
    actor = house.actors[UserRole.GENERAL]
    assert studio().datasets.stage(actor, filled.dataset_id) is Stage.GENERATE


@pytest.mark.parametrize("page", ["home", "results", "compare", "releases", "jobs"])
def test_every_page_takes_a_filled_run(house: House, filled: Run, page: str) -> None:
    app = house.app(UserRole.GENERAL, page)
    assert not app.exception
    assert "Not possible now" not in texts(app)
