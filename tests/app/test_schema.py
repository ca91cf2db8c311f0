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


def test_a_link_of_several_columns_is_added_on_the_page(house: House, tmp_path) -> None:
    lines = "ordr,line,size\n" + "".join(f"{i // 3},{i % 3},{'sl'[i % 2]}\n" for i in range(60))
    notes = "of_order,of_line,tone\n" + "".join(f"{i % 20},{i % 3},g\n" for i in range(80))
    files = []
    for name, text in {"lines": lines, "notes": notes}.items():
        (tmp_path / f"{name}.csv").write_text(text)
        files.append((f"{name}.csv", tmp_path / f"{name}.csv"))
    actor = house.actors[UserRole.GENERAL]
    made = house.studio.datasets.import_files(actor, house.project.id, "Wide", files)
    house.studio.datasets.set_keys(actor, made.id, {"lines": None, "notes": None}, ())
    app = house.app(UserRole.GENERAL, "schema", dataset=made.id)
    app.get_by_key("schema_part").set_value("schema").run()
    key = f"schema_{made.id}_lines_wide"
    app.selectbox(key=f"{key}_child").set_value("notes").run()
    app.multiselect(key=f"{key}_own_notes").set_value(["of_order", "of_line"])
    app.selectbox(key=f"{key}_parent").set_value("lines").run()
    app.multiselect(key=f"{key}_other_lines").set_value(["ordr", "line"]).run()
    app.button(key=f"{key}_add").click().run()
    assert not app.exception
    assert (
        "notes (of_order, of_line) → lines (ordr, line)"
        in app.multiselect(key=f"{key}_kept_1").value
    )
    app.button(key="save_schema").click().run()
    assert not app.exception
    assert not app.error
    (link,) = house.studio.datasets.get(actor, made.id).schema.relationships
    assert link.child_columns == ("of_order", "of_line")
