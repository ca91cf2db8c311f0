"""A project's thresholds in the state: the domain's defaults, set, changed, taken back."""

from dataclasses import replace

import pytest

from core.errors import NotFound
from core.evaluation.bounds import Bounds
from core.evaluation.policy import EvaluationPolicy, default_policy
from core.governance.projects import create_project
from core.governance.thresholds import policy_of, reset_policy, set_policy
from tests.governance.world import World


@pytest.fixture
def project(world: World) -> str:
    with world.database.session() as session:
        return create_project(session, "u1", "ada", "Wards", "Hospital care").id


def test_the_domain_decides_until_somebody_sets_them(world: World, project: str) -> None:
    with world.database.session() as session:
        found = policy_of(session, project)
        assert (found.policy, found.field) == (default_policy("health"), "health")
        assert found.is_default
        own = replace(EvaluationPolicy(), small_group=20)
        after = set_policy(session, project, own, "bob")
        assert (after.policy, after.set_by, after.is_default) == (own, "bob", False)
        stricter = replace(own, attacks={**own.attacks, "copies": Bounds(0.0, 0.0)})
        assert set_policy(session, project, stricter, "ada").set_by == "ada"
    with world.database.reading() as session:
        assert policy_of(session, project).policy == stricter
    with world.database.session() as session:
        assert reset_policy(session, project).is_default
        assert reset_policy(session, project).policy == default_policy("health")


def test_an_unknown_project_has_no_thresholds(world: World) -> None:
    with world.database.reading() as session, pytest.raises(NotFound):
        policy_of(session, "0" * 16)
