"""The page for those who have no data yet."""

import pytest

from core.governance.policy import UserRole
from tests.app.harness import texts

SMALL = "title: Mine\ntables: {t: {rows: 20, columns: {a: {counter: 1}, b: {low: 0, high: 1}}}}"


@pytest.fixture
def page(house):
    app = house.app(UserRole.GENERAL, "blueprints")
    assert not app.exception
    return app


def test_a_template_shows_its_first_rows_at_once_and_another_replaces_it(page):
    assert "customer_id" in page.text_area(key="blueprint_text").value
    assert len(page.dataframe[0].value) == 100
    page.segmented_control(key="blueprint_template").set_value("shop").run()
    assert "order_lines" in page.text_area(key="blueprint_text").value
    assert "about 2.6 for each row of customers" in texts(page)


def test_what_is_wrong_is_listed_and_what_was_typed_stays(page):
    bad = "tables: {t: {columns: {a: {low: 9, high: 1}, b: {fake: nobody}}}}"
    page.text_area(key="blueprint_text").set_value(bad).run()
    assert not page.exception
    assert "2 things to mend" in texts(page)
    assert page.text_area(key="blueprint_text").value == bad
    assert "make" not in [button.key for button in page.button]


def test_tables_are_made_with_the_rows_asked_and_can_be_taken_away(page):
    page.text_area(key="blueprint_text").set_value(SMALL).run()
    page.number_input(key="blueprint_rows_t").set_value(300).run()
    page.button(key="make").click().run()
    assert not page.exception
    _, name, content = page.session_state["blueprint_made"]
    assert name == "Mine.csv"
    assert content.count(b"\n") == 301
    page.number_input(key="blueprint_seed").set_value(2).run()
    assert not page.get("download_button")


def test_tables_can_be_imported_as_a_dataset(house, page):
    page.text_area(key="blueprint_text").set_value(SMALL).run()
    page.button(key="import_made").click().run()
    assert not page.exception
    datasets = house.studio.datasets.list(house.actors[UserRole.GENERAL], house.project.id)
    assert "Mine" in [dataset.name for dataset in datasets]
