"""The page of privacy budgets: what was spent on what, what is left, and who may change the cap."""

from dataclasses import replace
from datetime import datetime

import pytest

from app.components.budget import entries_frame
from core.governance.policy import UserRole
from core.studio.budgets import Budget, BudgetEntry
from tests.app.fake_studio import FakeStudio, installed
from tests.app.harness import texts

AT = datetime(2026, 1, 2, 3, 4)
DONE = BudgetEntry(
    "run1" * 4, AT, "ada", "aim", "committed", 1.0, 1e-5, {"bounds": 0.2, "measurement": 0.9}
)
WAITS = replace(DONE, run_id="run2" * 4, state="reserved", purposes={}, at=datetime(2026, 1, 3))
FAILED = replace(WAITS, run_id="run3" * 4, state="stays spent", why="It was cancelled.")
USED = Budget(
    "d1",
    "",
    10.0,
    1e-4,
    2.1,
    3e-5,
    7.9,
    (DONE, WAITS, FAILED),
    {"bounds": 0.2, "measurement": 0.9, "reserved": 1.0},
    "ε = 1 for all events; ε = 1 added up",
)


@pytest.fixture
def studio():
    with installed(FakeStudio()) as studio:
        yield studio


def test_nothing_spent_says_what_to_do(studio):
    app = studio.app("budget", dataset="d1")
    assert not app.exception
    said = texts(app)
    assert "Nothing was spent yet" in said
    assert "A promise that can be proven" in said
    assert {m.label: m.value for m in app.metric}["Left"] == "ε 10"


def test_true_composition_stands_beside_the_simple_sum(studio):
    studio.budgets.known = (USED,)
    app = studio.app("budget", dataset="d1")
    assert not app.exception
    figures = {m.label: m.value for m in app.metric}
    assert figures == {
        "Spent": "ε 2.1",
        "Added up simply": "ε 3",
        "Left": "ε 7.9",
        "Cap": "ε 10",
    }
    said = texts(app)
    assert "How it adds up: ε = 1 for all events" in said
    assert "**Reserved**: the run waits" in said
    assert "**Stays spent**: the run failed" in said


def test_each_run_has_who_when_what_for_and_why(studio):
    frame = entries_frame(USED.entries)
    assert list(frame["State"]) == ["Reserved", "Stays spent", "Spent"]
    assert list(frame["Bounds of columns"]) == ["–", "–", "0.2"]
    assert list(frame["Why"]) == ["", "It was cancelled.", ""]
    assert "Why" not in entries_frame((DONE,))


def test_each_privacy_unit_has_a_budget_of_its_own(studio):
    studio.budgets.known = (USED, replace(USED, unit="cust_[x]"))
    said = texts(studio.app("budget", dataset="d1"))
    assert "Single rows" in said
    assert "Persons by `cust_[x]`" in said
    assert "cannot be added up" in said


def test_a_general_user_cannot_change_the_cap_and_learns_who_can(studio):
    studio.budgets.known = (USED,)
    app = studio.app("budget", dataset="d1")
    assert "domain administrator" in texts(app)
    assert not app.number_input


def test_a_domain_admin_changes_the_cap_with_a_reason():
    with installed(FakeStudio(role=UserRole.DOMAIN_ADMIN)) as studio:
        studio.budgets.known = (USED,)
        app = studio.app("budget", dataset="d1")
        app.number_input(key="budget_cap_d1__epsilon").set_value(20.0)
        send = next(b for b in app.button if b.label == "Change the cap")
        send.click().run()
        assert "Give a reason" in texts(app)
        assert studio.budgets.caps == []
        app.text_area(key="budget_cap_d1__why").set_value(" A second study. ")
        next(b for b in app.button if b.label == "Change the cap").click().run()
        assert not app.exception
        assert studio.budgets.caps == [("d1", "", 20.0, 1e-4, "A second study.")]


def test_nothing_left_is_said(studio):
    studio.budgets.known = (replace(USED, left_epsilon=0.0),)
    assert "Nothing is left" in texts(studio.app("budget", dataset="d1"))


def test_without_data_the_page_says_where_to_get_some(studio):
    studio.known.clear()
    assert "There is no data yet" in texts(studio.app("budget"))


def test_an_auditor_sees_the_budget_and_changes_nothing():
    with installed(FakeStudio(role=UserRole.AUDITOR)) as studio:
        studio.budgets.known = (USED,)
        app = studio.app("budget", dataset="d1")
        assert not app.exception
        assert app.metric
        assert not app.number_input
