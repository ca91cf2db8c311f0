"""The connections page: add, look, choose, import."""

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from core.governance.policy import UserRole
from tests.app.harness import House, texts


@pytest.fixture
def shop(house: House, tmp_path: Path):
    with sqlite3.connect(tmp_path / "shop.db") as made:
        made.execute("CREATE TABLE customers (id INTEGER PRIMARY KEY, town TEXT)")
        made.executemany(
            "INSERT INTO customers VALUES (?, ?)", [(i, "ab"[i % 2]) for i in range(30)]
        )
    made.close()
    context = house.studio.connections._context
    before = context.settings
    object.__setattr__(context, "settings", replace(before, import_folders=str(tmp_path)))
    yield f"sqlite:///{tmp_path / 'shop.db'}"
    object.__setattr__(context, "settings", before)


def test_from_a_connection_to_a_dataset(house: House, shop: str):
    app = house.app(UserRole.GENERAL, "connections")
    assert "No connection yet" in texts(app)
    app.text_input(key="connection_name").set_value("Shop")
    app.text_input(key="connection_address").set_value("sqlite:///nowhere.db")
    next(b for b in app.button if b.label == "Try it and keep it").click().run()
    assert "import folder" in texts(app)
    app.text_input(key="connection_address").set_value(shop)
    next(b for b in app.button if b.label == "Try it and keep it").click().run()
    assert not app.exception
    assert app.text_input(key="connection_address").value == ""
    app = house.app(UserRole.GENERAL, "connections")
    assert shop not in texts(app)
    (kept,) = house.studio.connections.list(house.actors[UserRole.GENERAL], house.project.id)
    tables = app.multiselect(key=f"tables_{kept.id}_")
    tables.select(tables.options[0]).run()
    key = f"{kept.id}__customers"
    app.selectbox(key=f"filter_{key}").select("id").run()
    app.selectbox(key=f"operator_{key}").select("≥").run()
    app.text_input(key=f"value_{key}").set_value("10").run()
    next(b for b in app.button if b.label.startswith("Show first rows")).click().run()
    assert not app.exception
    assert app.dataframe[0].value["id"].min() == 10
    app.button(key="import_tables").click().run()
    assert not app.exception
    actor = house.actors[UserRole.GENERAL]
    task = house.studio.imports.wait(house.studio.imports.list(actor, house.project.id)[0].id)
    assert task.state == "done", task.error
    app = house.app(UserRole.GENERAL, "connections")
    assert "was imported" in texts(app)
    assert dict(house.studio.datasets.get(actor, task.dataset_id).table_rows) == {"customers": 20}


def test_who_may_not(house: House):
    app = house.app(UserRole.AUDITOR, "connections")
    assert "You may not open this page" in texts(app)
