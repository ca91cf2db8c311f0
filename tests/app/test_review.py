"""The review page: findings are settled one by one or all at once; types, keys and links change."""

import numpy as np
import pandas as pd
import pytest

from app.components.datasets import ACTION_NAMES, ROLE_NAMES, TYPE_NAMES
from app.components.review import changed, columns_frame, likely, links_frame, links_of
from core.data.schema import Action, Coarser, Column, ColumnType, Relationship, Role, Schema, Table
from core.errors import InvalidInput
from core.governance.policy import UserRole
from tests.app.harness import House, texts

SAMPLE = "bank_customers"


@pytest.fixture
def dataset(house: House):
    return house.sample(house.studio.datasets.samples()[0].key)


def current(house: House, dataset):
    return house.studio.datasets.get(house.actors[UserRole.GENERAL], dataset.id)


def page(house: House, dataset):
    app = house.app(UserRole.GENERAL, "review", dataset=dataset.id)
    assert not app.exception
    return app


def test_open_findings_are_counted_and_explained(house: House, dataset):
    app = page(house, dataset)
    said = texts(app)
    assert "Waiting for your decision" in said
    assert "points to a person" in said
    assert app.button(key="accept_all").label == f"Accept {len(dataset.open_columns)} suggestions"


def test_accepting_everything_opens_the_way(house: House, dataset):
    app = page(house, dataset)
    app.button(key="accept_all").click().run()
    assert not app.exception
    assert current(house, dataset).open_columns == ()
    assert "are settled" in texts(app)
    app.button(key="next_step").click().run()
    assert app.title[0].value == "Generate"


def test_one_decision_settles_one_column(house: House, dataset):
    table, column = dataset.open_columns[0]
    app = page(house, dataset)
    app.text_input(key=f"reason_{dataset.id}.{table}.{column}").set_value("not needed").run()
    app.get_by_key(f"action_{dataset.id}.{table}.{column}").set_value(Action.DROP).run()
    app.button(key=f"confirm_{dataset.id}.{table}.{column}").click().run()
    assert not app.exception
    after = current(house, dataset)
    assert after.schema[table][column].action is Action.DROP
    assert after.schema[table][column].reason == "not needed"
    assert set(after.open_columns) == set(dataset.open_columns) - {(table, column)}


def test_keeping_what_points_to_a_person_warns(house: House, dataset):
    findings = house.studio.datasets.findings(house.actors[UserRole.GENERAL], dataset.id)
    table, column = next(
        (t, c) for t, c in dataset.open_columns if findings[t][c].semantic == "email"
    )
    app = page(house, dataset)
    before = len(app.warning)
    app.get_by_key(f"action_{dataset.id}.{table}.{column}").set_value(Action.KEEP).run()
    assert len(app.warning) == before + 1


def test_an_example_shows_no_real_value(house: House, dataset):
    actor = house.actors[UserRole.GENERAL]
    findings = house.studio.datasets.findings(actor, dataset.id)
    table, column = next(
        (t, c) for t, c in dataset.open_columns if findings[t][c].semantic == "email"
    )
    app = page(house, dataset)
    app.toggle(key=f"example_{dataset.id}.{table}.{column}_{Action.REPLACE}").set_value(True).run()
    assert not app.exception
    assert not app.error
    real = house.studio.datasets.rows(actor, dataset.id, table, 500)[column].dropna()
    said = texts(app)
    assert "@" in said
    assert not any(value in said for value in real)


def test_the_editor_changes_a_column_that_has_no_finding(house: House, dataset):
    table = dataset.schema.tables[0]
    findings = house.studio.datasets.findings(house.actors[UserRole.GENERAL], dataset.id)
    position = next(i for i, c in enumerate(table.columns) if c.name not in findings[table.name])
    app = page(house, dataset)
    assert app.button(key="save").disabled
    editor = next(k for k in app.session_state.keys() if str(k).startswith("editor_"))  # noqa: SIM118
    edited = {"edited_rows": {position: {"Action": "Drop", "Role": "Sensitive"}}}
    app.session_state[editor] = {**edited, "added_rows": [], "deleted_rows": []}
    app.run()
    app.button(key="save").click().run()
    assert not app.exception
    column = current(house, dataset).schema.tables[0].columns[position]
    assert (column.action, column.role) == (Action.DROP, Role.SENSITIVE)


def test_a_key_that_repeats_is_refused_with_a_reason(house: House, dataset):
    table = dataset.schema.tables[0]
    rows = house.studio.datasets.rows(house.actors[UserRole.GENERAL], dataset.id, table.name, 500)
    repeating = next(name for name in table.names if rows[name].duplicated().any())
    app = page(house, dataset)
    app.selectbox(key=f"key_{dataset.id}_{table.name}").select(repeating).run()
    app.button(key="save_keys").click().run()
    assert not app.exception
    assert "cannot be the key of" in texts(app)


def test_nothing_to_review(house: House):
    empty = house.studio.projects.create(
        house.actors[UserRole.PLATFORM_ADMIN], "Empty project", "none"
    )
    app = house.app(UserRole.PLATFORM_ADMIN, "review")
    app.selectbox(key="project_picker").select(empty.id).run()
    app.switch_page("../pages/review.py").run()
    assert not app.exception
    assert "nothing to review" in texts(app)


def test_every_word_has_a_name():
    assert set(TYPE_NAMES) == set(ColumnType)
    assert set(ACTION_NAMES) == set(Action)
    assert set(ROLE_NAMES) == set(Role)
    assert [likely(c) for c in (0.99, 0.8, 0.6, 0.1)] == [
        "nearly certain",
        "very likely",
        "likely",
        "possible",
    ]


def test_only_changed_rows_become_decisions():
    table = Table(
        "t",
        (
            Column("a", ColumnType.INTEGER, action=Action.KEEP),
            Column("b", ColumnType.TEXT),
            Column("c", ColumnType.TEXT),
        ),
    )
    before = columns_frame(table, {})
    after = before.copy()
    assert changed(table, before, after) == []
    after.loc[0, "Type"] = "Number"
    after.loc[1, "Action"] = "Mask"
    after.loc[2, "Role"] = "Sensitive"
    decided = changed(table, before, after)
    assert [(d.column, d.type, d.action) for d in decided] == [
        ("a", ColumnType.NUMBER, Action.KEEP),
        ("b", ColumnType.TEXT, Action.MASK),
    ]


def test_links_go_through_the_editor_unchanged():
    orders = Table("orders", (Column("customer", ColumnType.INTEGER),))
    lines = Table("orders.lines", (Column("order", ColumnType.INTEGER),))
    customers = Table("customers", (Column("id", ColumnType.INTEGER),), "id")
    links = (
        Relationship("customers", "id", "orders", "customer"),
        Relationship("customers", "id", "orders.lines", "order"),
    )
    frame = links_frame(Schema((customers, orders, lines), links))
    keys = {"customers": "id", "orders": None, "orders.lines": None}
    assert links_of(frame, keys) == list(links)
    half = pd.concat([frame, pd.DataFrame({"Column": ["orders.customer"], "Points to": [np.nan]})])
    assert links_of(half, keys) == list(links)


def test_why_a_column_was_not_flagged_is_said_on_demand(house: House, dataset):
    actor = house.actors[UserRole.GENERAL]
    table = dataset.schema.names[0]
    found = house.studio.datasets.findings(actor, dataset.id)[table]
    column = next(name for name in dataset.schema[table].names if name not in found)
    app = page(house, dataset)
    app.selectbox(key=f"why_{dataset.id}_{table}").set_value(column).run()
    assert not app.exception
    assert house.studio.datasets.why_not(actor, dataset.id, table, column).split(".")[0] in texts(
        app
    )


def test_people_who_are_singled_out_are_counted_live(house: House, dataset):
    actor = house.actors[UserRole.GENERAL]
    table = dataset.schema[dataset.schema.names[0]]
    app = page(house, dataset)
    app.multiselect(key=f"known_{dataset.id}_{table.name}").set_value([table.names[0]]).run()
    assert not app.exception
    counted = house.studio.datasets.exposure(actor, dataset.id, table.name, [table.names[0]])
    assert f"{counted.unique:,} of {counted.rows:,} rows are singled out" in texts(app)
    app.multiselect(key=f"known_{dataset.id}_{table.name}").set_value([]).run()
    assert "Choose at least one column." in texts(app)


def finding_of(house: House, dataset, semantic: str) -> tuple[str, str]:
    findings = house.studio.datasets.findings(house.actors[UserRole.GENERAL], dataset.id)
    return next((t, c) for t, c in dataset.open_columns if findings[t][c].semantic == semantic)


def test_all_columns_of_a_kind_are_decided_at_once(house: House, dataset):
    table, column = finding_of(house, dataset, "email")
    app = page(house, dataset)
    app.multiselect(key="bulk_kinds").set_value(["email"]).run()
    app.selectbox(key="bulk_action_email").set_value(Action.DROP).run()
    app.text_input(key="bulk_reason").set_value("not needed here").run()
    app.button(key="apply_kinds").click().run()
    assert not app.exception
    after = current(house, dataset)
    assert after.schema[table][column].action is Action.DROP
    assert after.schema[table][column].reason == "not needed here"
    assert len(after.open_columns) == len(dataset.open_columns) - 1


def test_suggestions_are_accepted_above_a_certainty(house: House, dataset):
    findings = house.studio.datasets.findings(house.actors[UserRole.GENERAL], dataset.id)
    sure = {(t, c) for t, c in dataset.open_columns if findings[t][c].confidence >= 0.95}
    assert 0 < len(sure) < len(dataset.open_columns)
    app = page(house, dataset)
    app.slider(key="least_sure").set_value(0.95).run()
    app.button(key="accept_sure").click().run()
    assert not app.exception
    assert set(current(house, dataset).open_columns) == set(dataset.open_columns) - sure


def test_picked_columns_are_decided_together(house: House, dataset):
    table = dataset.schema.tables[0]
    app = page(house, dataset)
    editor = next(k for k in app.session_state.keys() if str(k).startswith("editor_"))  # noqa: SIM118
    picks = {len(table.columns) - 1: {"Pick": True}, len(table.columns) - 2: {"Pick": True}}
    app.session_state[editor] = {"edited_rows": picks, "added_rows": [], "deleted_rows": []}
    app.run()
    assert app.button(key="save").disabled
    app.selectbox(key="picked_action").set_value(Action.DROP).run()
    app.button(key="apply_picked").click().run()
    assert not app.exception
    columns = current(house, dataset).schema.tables[0].columns
    assert [c.action for c in columns[-2:]] == [Action.DROP] * 2


def test_a_way_to_generalise_is_chosen_previewed_and_confirmed(house: House, dataset):
    table, column = finding_of(house, dataset, "date_of_birth")
    key = f"{dataset.id}.{table}.{column}"
    app = page(house, dataset)
    app.get_by_key(f"action_{key}").set_value(Action.GENERALISE).run()
    app.selectbox(key=f"way_{key}").set_value("year").run()
    app.toggle(key=f"example_{key}_{Action.GENERALISE}").set_value(True).run()
    assert "different values" in texts(app)
    app.button(key=f"confirm_{key}").click().run()
    assert not app.exception
    after = current(house, dataset).schema[table][column]
    assert (after.action, after.coarser) == (Action.GENERALISE, Coarser("year"))


def test_a_way_that_cannot_be_read_is_told_with_its_column():
    table = Table("t", (Column("a", ColumnType.INTEGER, action=Action.KEEP),))
    before = columns_frame(table, {})
    after = before.copy()
    after.loc[0, ["Action", "Coarser"]] = ["Generalise", "bands of 5"]
    assert changed(table, before, after)[0].coarser == Coarser("band", 5)
    after.loc[0, "Coarser"] = "somewhat"
    with pytest.raises(InvalidInput, match="'a'"):
        changed(table, before, after)
