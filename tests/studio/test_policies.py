"""A project's thresholds: who sees and sets them, what the audit says, and that runs obey them."""

from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import InvalidParameter, NotFound, PermissionDenied
from core.evaluation.bounds import Bounds
from core.evaluation.policy import EvaluationPolicy, default_policy
from core.governance.policy import UserRole
from core.studio.values import RunSpec
from tests.studio.office import Office

GENERAL, DOMAIN, PLATFORM, AUDITOR = UserRole


def with_copies(warn: float, fail: float) -> EvaluationPolicy:
    plain = EvaluationPolicy()
    return replace(plain, attacks={**plain.attacks, "copies": Bounds(warn, fail)})


@pytest.mark.parametrize("role", list(UserRole))
def test_every_role_of_a_project_sees_its_thresholds(office: Office, role: UserRole) -> None:
    found = office.studio.policies.get(office.actors[role], office.project.id)
    assert found.field == "finance"


@pytest.mark.parametrize("role", [DOMAIN, PLATFORM])
def test_admins_set_them_and_the_audit_says_what_changed(office: Office, role: UserRole) -> None:
    actor, policy = office.actors[role], with_copies(0.1, 0.2)
    office.studio.policies.set(actor, office.project.id, None)
    stored = office.studio.policies.set(actor, office.project.id, policy)
    assert (stored.policy, stored.set_by) == (policy, actor.username)
    auditor = office.actors[AUDITOR]
    entry = office.studio.audit.search(auditor, action="policy.set")[0]
    assert entry.actor == actor.username
    assert "attacks.copies.warn: 0.005 → 0.1" in entry.details["changed"]
    assert "gates.validity: 0.999 → 0.99" in entry.details["changed"]
    assert len(entry.details["changed"]) == 3
    assert office.studio.policies.set(actor, office.project.id, None).is_default


@pytest.mark.parametrize("role", [GENERAL, AUDITOR])
def test_others_only_look(office: Office, role: UserRole) -> None:
    with pytest.raises(PermissionDenied):
        office.studio.policies.set(office.actors[role], office.project.id, EvaluationPolicy())


def test_an_outsider_learns_nothing(office: Office) -> None:
    for call in (
        lambda: office.studio.policies.get(office.outsider, office.project.id),
        lambda: office.studio.policies.set(office.outsider, office.project.id, None),
    ):
        with pytest.raises((NotFound, PermissionDenied)) as caught:
            call()
        assert "finance" not in str(caught.value)


def test_a_policy_that_cannot_be_is_refused(office: Office) -> None:
    with pytest.raises(InvalidParameter, match="copies"):
        office.studio.policies.set(office.actors[DOMAIN], office.project.id, with_copies(0.5, 0.2))


def test_a_run_is_judged_by_the_thresholds_of_its_project(office: Office, people_csv: Path) -> None:
    admin, studio = office.actors[DOMAIN], office.studio
    policy = replace(with_copies(0.9, 1.0), small_group=9)
    studio.policies.set(admin, office.project.id, policy)
    dataset = office.reviewed(people_csv)
    spec = RunSpec(depth="quick", rules={"people": ("points <= income",)})
    run = office.finished(dataset, spec)
    studio.policies.set(admin, office.project.id, None)
    report = studio.runs.report(office.worker, run.id)
    assert report.policy == policy
    assert report.depth == "quick"
    gates = {gate.name: gate for gate in report["people"].gates}
    assert gates["validity"].value == 1.0
    assert studio.policies.get(admin, office.project.id).policy == default_policy("finance")
