"""The generate page announces a dataset's rules, and takes those that stay switched on."""

from dataclasses import replace

import pytest

from app.components.kept_rules import chosen
from core.studio.rule_values import RuleSet
from core.studio.rule_words import How, how_kept
from core.studio.values import RunSpec
from core.synthesis.asks import AtMost, InRange, NotNull, SqlRule, Unique
from tests.app.fake_studio import FakeStudio, dataset, installed, people
from tests.app.harness import texts

LOW, HIGH = InRange("age", 18, None), NotNull("income")


@pytest.fixture
def studio():
    ruled = RuleSet({"people": (LOW, HIGH)}, 1)
    with installed(FakeStudio(known=[people()], ruled=ruled)) as studio:
        yield studio


def submitted(studio) -> RunSpec:
    return next(what[2] for what in studio.runs.asked if what[0] == "submit")


def announced(app) -> str:
    return next(box.label for box in app.expander if "of this dataset" in box.label)


def test_the_rules_are_announced_and_all_are_kept(studio):
    app = studio.app("generate", dataset="d1")
    assert not app.exception
    assert announced(app).startswith("2 rules of this dataset: ")
    app.button(key="generate_start").click().run()
    assert submitted(studio).kept is None


def test_a_rule_is_switched_off_for_one_run(studio):
    app = studio.app("generate", dataset="d1")
    key = next(k for k in app.session_state.keys() if str(k).endswith("_kept_rules_1"))  # noqa: SIM118
    edit = {"edited_rows": {0: {"Keep": False}}, "added_rows": [], "deleted_rows": []}
    app.session_state[key] = edit
    app.run()
    assert announced(app.run()).endswith("1 switched off")
    app.button(key="generate_start").click().run()
    assert submitted(studio).kept == {"people": (HIGH,)}


def test_without_rules_nothing_is_said():
    with installed(FakeStudio(known=[dataset()])) as studio:
        app = studio.app("generate", dataset="d1")
        assert not app.exception
        assert "of this dataset:" not in texts(app)


def test_how_each_kind_is_kept():
    schema = people().schema
    rules = (AtMost("age", "income"), SqlRule("age > 1"), Unique(("id", "age")))
    found = [how_kept(rule, schema, "people") for rule in rules]
    assert found == [How.CONSTRUCTION, How.REJECTION, How.MEASURED]


def test_what_stays_is_told_by_table():
    brought = [("a", LOW), ("a", HIGH), ("b", LOW)]
    assert chosen(brought, [True] * 3) is None
    assert chosen(brought, [False, True, True]) == {"a": (HIGH,), "b": (LOW,)}
    assert chosen(brought, [False] * 3) == {}
    assert replace(RunSpec(), kept={}).kept == {}
