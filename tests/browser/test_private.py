"""The private way in a real browser: the promise, the run, its guarantee and the budget."""

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


def test_a_promise_is_chosen_and_said_in_words(web: Web, page: Page) -> None:
    page.locator(".st-key-intent_private button").click()
    settle(page)
    expect(page.get_by_text("formal guarantee: ε, δ").first).to_be_visible()
    expect(page.get_by_text("sure of it")).to_be_visible()
    expect(page.get_by_text("This run spends")).to_be_visible()
    page.get_by_role("radio", name="Fill in a table").click()
    settle(page)
    expect(page.get_by_text("0 of 10 columns declared")).to_be_visible()
    page.get_by_role("radio", name="Quick", exact=True).click()
    web.shoot(page, "private-light")


def test_the_promise_fits_a_narrow_window(web: Web, page: Page) -> None:
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    settle(page)
    assert page.evaluate(SIDEWAYS) <= 0
    web.shoot(page, "private-narrow")


def test_the_run_ends_with_its_guarantee_itemised(web: Web, page: Page) -> None:
    press(page, "Start the run")
    heading(page, "Jobs")
    button = page.get_by_role("button", name="See the result").first
    expect(button).to_be_visible(timeout=RUN_MS)
    expect(page.get_by_text(re.compile("spent ε"))).to_be_visible()
    button.click()
    heading(page, "Results")
    settle(page)
    page.get_by_role("radio", name="Guarantee").click()
    expect(page.get_by_text("Added up again by other means")).to_be_visible()
    web.shoot(page, "guarantee-light")
    with page.expect_download() as taken:
        press(page, "Privacy report as PDF")
    assert taken.value.suggested_filename.endswith(".pdf")


def test_the_budget_tells_what_was_spent(web: Web, page: Page) -> None:
    web.open(page, "/budget")
    expect(page.get_by_text("Added up simply")).to_be_visible()
    expect(page.get_by_text("1 run", exact=True)).to_be_visible()
    web.shoot(page, "budget-light")
    press(page, "Verify the chain")
    expect(page.get_by_text("budget entries")).to_be_visible()
