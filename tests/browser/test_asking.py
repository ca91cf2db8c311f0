"""Asking for certain rows in a real browser: conditions, shares, the run, and its model again."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.web import Web, heading, press, reviewed_sample, settle

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(900)]
RUN_MS = 300_000
NARROW = {"width": 420, "height": 900}
SIDEWAYS = (
    "() => { const e = document.querySelector('[data-testid=\"stMain\"]');"
    " return e.scrollWidth - e.clientWidth }"
)


@pytest.fixture(scope="module")
def page(web: Web) -> Page:
    """Give one tab, signed in, with a sample that has been reviewed."""
    return reviewed_sample(web)


def switch(page: Page, text: str) -> None:
    settle(page)
    page.get_by_text(text).click()
    settle(page)


def choose(page: Page, label: str, number: int, text: str) -> None:
    """Pick an option; an open list hides its neighbours from roles, so that labels are counted."""
    box = page.locator(f'input[aria-label="{label}"]').nth(number)
    box.click()
    box.fill(text)
    page.get_by_role("option", name=re.compile(f"^{re.escape(text)}")).first.click()
    settle(page)


def test_unfinished_conditions_stop_the_start(web: Web, page: Page) -> None:
    switch(page, "Only rows that fit conditions")
    expect(page.get_by_text("Choose a column for each condition")).to_be_visible()
    expect(page.get_by_role("button", name="Start the run")).to_be_disabled()


def test_conditions_and_shares_are_chosen_and_read_back(web: Web, page: Page) -> None:
    choose(page, "Column", 0, "segment")
    choose(page, "Values", 0, "premium")
    page.keyboard.press("Escape")
    expect(page.get_by_text("of the real rows are like this")).to_be_visible()
    switch(page, "Set the shares of a column's values")
    choose(page, "Column", 1, "churned")
    press(page, "Make even")
    expect(page.get_by_text("The targets add up to 100 %")).to_be_visible()
    expect(page.get_by_role("button", name="Start the run")).to_be_enabled()
    page.get_by_role("radio", name="Quick", exact=True).click()
    web.shoot(page, "asking-light")


def test_a_reload_keeps_what_was_chosen(web: Web, page: Page) -> None:
    settle(page)
    page.reload()
    settle(page)
    expect(page.get_by_text("The targets add up to 100 %")).to_be_visible()
    expect(page.get_by_text("of the real rows are like this")).to_be_visible()


def test_the_forms_fit_a_narrow_window(web: Web, page: Page) -> None:
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    settle(page)
    assert page.evaluate(SIDEWAYS) <= 0
    web.shoot(page, "asking-narrow")


def test_the_run_makes_such_rows_only(web: Web, page: Page) -> None:
    settle(page)
    press(page, "Start the run")
    heading(page, "Jobs")
    button = page.get_by_role("button", name="See the result").first
    expect(button).to_be_visible(timeout=RUN_MS)
    expect(page.get_by_text("Every row was made as asked").first).to_be_visible()
    web.shoot(page, "asked-light")


def test_its_model_is_sampled_again_without_a_fit(web: Web, page: Page) -> None:
    press(page, "Sample again")
    heading(page, "Sample again")
    expect(page.get_by_text("Nothing is fitted")).to_be_visible()
    press(page, "Make the rows")
    heading(page, "Jobs")
    expect(page.get_by_role("button", name="See the result")).to_have_count(2, timeout=RUN_MS)
    expect(page.get_by_text("model of run").first).to_be_visible()


def test_a_run_is_taken_up_with_changes(web: Web, page: Page) -> None:
    press(page, "Run again with changes")
    heading(page, "Generate")
    expect(page.get_by_text("Filled in from run")).to_be_visible()
    assert re.search(r"from=[0-9a-f]+", page.url)
    expect(page.get_by_text("The targets add up to 100 %")).to_be_visible()
