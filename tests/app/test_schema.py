"""The page of schema and rules: rules are looked for, accepted, added, removed; schemas edited."""

import pytest

from core.governance.policy import UserRole
from core.synthesis.asks import NotNull
from tests.app.harness import House, texts


@pytest.fixture
def dataset(house: House):
    return house.sample(house.studio.datasets.samples()[0].key)


def page(house: House, dataset):
    app = house.app(UserRole.GENERAL, "schema", dataset=dataset.id)
    assert not app.exception
    return app


def rules(house: House, dataset):
    return house.studio.rules.get(house.actors[UserRole.GENERAL], dataset.id)


def test_rules_are_looked_for_added_and_shown(house: House, dataset) -> None:
    app = page(house, dataset)
    assert "No rules yet" in texts(app)
    app.button(key="look_for_rules").click().run()
    assert not app.exception
    (table,) = dataset.schema.names
    column = dataset.schema[table].names[1]
    key = f"rule_{dataset.id}_{table}"
    app.selectbox(key=f"{key}_kind").set_value("not_null").run()
    app.button(key="add_rule").click().run()
    assert "`column` is not there" in texts(app).replace("\\", "")
    assert rules(house, dataset).count == 0
    app.selectbox(key=f"{key}_not_null_column").set_value(column).run()
    app.button(key="add_rule").click().run()
    assert not app.exception
    assert rules(house, dataset).rules == {table: (NotNull(column),)}
    assert "1 rule of this dataset" in texts(app)


def test_a_bad_text_changes_nothing_and_stays(house: House, dataset) -> None:
    app = page(house, dataset)
    app.get_by_key("schema_part").set_value("text").run()
    assert not app.exception
    text = "rules:\n  nowhere:\n  - {rule: not_null, column: a}\n"
    app.text_area(key=f"text_Rules_{dataset.id}").set_value(text).run()
    app.button(key="save_text").click().run()
    assert not app.exception
    assert "no table" in texts(app)
    assert app.text_area(key=f"text_Rules_{dataset.id}").value == text
    assert rules(house, dataset).revision == 0


def test_the_schema_is_shown_with_its_key(house: House, dataset) -> None:
    app = page(house, dataset)
    app.get_by_key("schema_part").set_value("schema").run()
    assert not app.exception
    (table,) = dataset.schema.names
    key = app.multiselect(key=f"schema_{dataset.id}_{table}_key")
    assert key.value == [dataset.schema[table].primary_key]
    key.set_value([]).run()
    app.button(key="save_schema").click().run()
    assert not app.exception
    after = house.studio.datasets.get(house.actors[UserRole.GENERAL], dataset.id)
    assert after.schema[table].primary_key is None
