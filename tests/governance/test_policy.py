"""Who may do what: the whole table, and the rules it must obey."""

import re

import pytest

from core.errors import InvalidParameter
from core.governance.actions import ACTIONS, find_use_case
from core.governance.policy import (
    Actor,
    Scope,
    UseCase,
    UserRole,
    Visitor,
    allowed,
    sees_everything,
)

GENERAL, DOMAIN, PLATFORM, AUDITOR = UserRole
ROLES = {"g": GENERAL, "d": DOMAIN, "p": PLATFORM, "a": AUDITOR}

# name: who may as a member of the project, who may in a project of others
EXPECTED = {
    "project.members": ("gdpa", "pa"),
    "project.add_member": ("dp", "p"),
    "project.remove_member": ("dp", "p"),
    "policy.get": ("gdpa", "pa"),
    "policy.set": ("dp", "p"),
    "blueprint.preview": ("gdp", ""),
    "blueprint.make": ("gdp", ""),
    "dataset.import": ("gdp", ""),
    "dataset.preview": ("gdp", ""),
    "dataset.cancel_import": ("gdp", ""),
    "dataset.aside": ("gdp", ""),
    "upload.begin": ("gdp", ""),
    "upload.get": ("gdp", ""),
    "upload.remove": ("gdp", ""),
    "connection.add": ("gdp", ""),
    "connection.list": ("gdp", ""),
    "connection.test": ("gdp", ""),
    "connection.browse": ("gdp", ""),
    "connection.rows": ("gdp", ""),
    "connection.import": ("gdp", ""),
    "connection.remove": ("gdp", ""),
    "dataset.decide": ("gdp", ""),
    "dataset.set_keys": ("gdp", ""),
    "dataset.remove": ("gdp", ""),
    "dataset.set_schema": ("gdp", ""),
    "rules.get": ("gdp", ""),
    "rules.check": ("gdp", ""),
    "rules.suggest": ("gdp", ""),
    "rules.set": ("gdp", ""),
    "preparation.get": ("gdp", ""),
    "preparation.suggest": ("gdp", ""),
    "preparation.preview": ("gdp", ""),
    "preparation.set": ("gdp", ""),
    "preparation.undo": ("gdp", ""),
    "dataset.list": ("gdpa", "a"),
    "dataset.get": ("gdpa", "a"),
    "dataset.stage": ("gdpa", "a"),
    "dataset.rows": ("gdp", ""),
    "dataset.profile": ("gdp", ""),
    "dataset.compare": ("gdp", ""),
    "dataset.findings": ("gdp", ""),
    "dataset.preview_action": ("gdp", ""),
    "run.suggest": ("gdp", ""),
    "run.estimate": ("gdp", ""),
    "run.askable": ("gdp", ""),
    "run.clone": ("gdp", ""),
    "run.filled": ("gdp", ""),
    "run.preview": ("gdp", ""),
    "run.submit": ("gdp", ""),
    "run.cancel": ("gdp", ""),
    "run.retry": ("gdp", ""),
    "run.sample_again": ("gdp", ""),
    "run.active": ("gdp", ""),
    "run.list": ("gdpa", "a"),
    "run.get": ("gdpa", "a"),
    "run.log": ("gdp", ""),
    "run.report": ("gdpa", "a"),
    "run.report_pdf": ("gdpa", "a"),
    "run.report_json": ("gdpa", "a"),
    "run.dp_report": ("gdpa", "a"),
    "run.dp_report_pdf": ("gdpa", "a"),
    "run.dp_report_json": ("gdpa", "a"),
    "run.compare": ("gdpa", "a"),
    "run.synthetic": ("gdp", ""),
    "budget.get": ("gdpa", "a"),
    "budget.check": ("gdp", ""),
    "budget.set_cap": ("dp", "p"),
    "sweep.cost": ("gdp", ""),
    "sweep.submit": ("gdp", ""),
    "contest.submit": ("gdp", ""),
    "contest.get": ("gdpa", "a"),
    "sweep.list": ("gdpa", "a"),
    "sweep.get": ("gdpa", "a"),
    "release.create": ("gdp", ""),
    "release.download": ("gdp", ""),
    "release.list": ("gdpa", "a"),
    "release.get": ("gdpa", "a"),
    "release.lineage": ("gdpa", "a"),
    "project.list": ("gdpa", "pa"),
    "audit.search": ("dpa", "pa"),
    "audit.actions": ("dpa", "pa"),
    "audit.export": ("dpa", "pa"),
}

# name: who may where no project is named
EXPECTED_WITHOUT_PROJECT = {
    "people.list": "p",
    "people.create": "p",
    "people.set_role": "p",
    "people.set_password": "p",
    "people.set_disabled": "p",
    "people.end_sessions": "p",
    "people.change_own_password": "gdpa",
    "people.end_own_sessions": "gdpa",
    "project.create": "dp",
    "project.list": "gdpa",
    "run.active": "gdp",
    "audit.search": "dpa",
    "audit.actions": "dpa",
    "audit.export": "dpa",
    "audit.verify": "pa",
    "system.status": "p",
}


def actor(role: UserRole) -> Actor:
    return Actor("u", "u", "U", role, "")


def who(name: str, project_id: str | None, is_member: bool) -> str:
    case = ACTIONS[name]
    return "".join(
        letter
        for letter, role in ROLES.items()
        if allowed(case, actor(role), project_id, is_member).allowed
    )


@pytest.mark.parametrize("name", ACTIONS)
def test_the_whole_table_of_rights(name: str) -> None:
    """A new use case must be entered here, with who may use it."""
    scope = ACTIONS[name].scope
    if scope in {Scope.PUBLIC, Scope.SYSTEM}:
        assert who(name, None, False) == ("gdpa" if scope is Scope.PUBLIC else "")
        return
    assert name in EXPECTED or name in EXPECTED_WITHOUT_PROJECT
    if name in EXPECTED:
        assert (who(name, "p1", True), who(name, "p1", False)) == EXPECTED[name]
    unnamed = EXPECTED_WITHOUT_PROJECT.get(name)
    if unnamed is not None:
        assert who(name, None, False) == unnamed


def test_nothing_expected_is_undeclared() -> None:
    assert EXPECTED.keys() | EXPECTED_WITHOUT_PROJECT.keys() <= ACTIONS.keys()


@pytest.mark.parametrize("name", ACTIONS)
def test_every_use_case_is_documented(name: str) -> None:
    case = ACTIONS[name]
    assert re.fullmatch(r"[a-z]+\.[a-z_]+", name)
    assert case.name == name
    assert len(case.title) >= 5
    assert case.title[0].isupper()
    assert not case.title.endswith(".")


@pytest.mark.parametrize("name", ACTIONS)
def test_membership_of_a_project_never_helps_without_the_project_named(name: str) -> None:
    if ACTIONS[name].scope is Scope.PROJECT:
        for role in ACTIONS[name].members - ACTIONS[name].anywhere:
            assert not allowed(ACTIONS[name], actor(role), None, is_member=True).allowed


@pytest.mark.parametrize("role", UserRole)
def test_a_use_case_that_allows_nobody_is_denied(role: UserRole) -> None:
    case = UseCase("new.thing", "Do a new thing", Scope.PROJECT)
    assert not allowed(case, actor(role), "p1", True).allowed


@pytest.mark.parametrize("name", ACTIONS)
def test_visitors_may_only_what_is_public(name: str) -> None:
    decision = allowed(ACTIONS[name], Visitor(), "p1", is_member=True)
    assert decision.allowed == (ACTIONS[name].scope is Scope.PUBLIC)


def test_other_projects_are_hidden_but_a_wrong_role_is_said() -> None:
    outside = allowed(ACTIONS["dataset.rows"], actor(GENERAL), "p1", is_member=False)
    assert outside.hidden
    auditor = allowed(ACTIONS["dataset.rows"], actor(AUDITOR), "p1", is_member=True)
    assert not auditor.hidden
    assert "auditor" in auditor.reason


def test_who_sees_all_projects_in_a_listing() -> None:
    search = ACTIONS["audit.search"]
    assert [sees_everything(search, actor(role)) for role in UserRole] == [False, False, True, True]
    assert not sees_everything(ACTIONS["run.active"], actor(PLATFORM))
    assert not sees_everything(ACTIONS["dataset.list"], actor(AUDITOR))


def test_auditors_only_look() -> None:
    for case in ACTIONS.values():
        if AUDITOR in case.members | case.anywhere:
            verb = case.name.partition(".")[2]
            assert verb in {
                "change_own_password", "end_own_sessions", "list", "members", "get", "stage",
                "report", "report_pdf", "report_json", "compare", "lineage", "search", "actions",
                "export", "verify", "dp_report", "dp_report_pdf", "dp_report_json",
            }  # fmt: skip


def test_an_undeclared_use_case_lists_the_known_ones() -> None:
    with pytest.raises(InvalidParameter, match=r"dataset\.import"):
        find_use_case("dataset.steal")
