"""A result in a real browser: from its answers to the evidence by links and clicks."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.web import Web, press, reviewed_sample, settle

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(900)]
RUN_MS = 300_000


@pytest.fixture(scope="module")
def page(web: Web) -> Page:
    """Give one tab in which a first run of a sample has ended."""
    page = reviewed_sample(web)
    run_to_the_end(page)
    return page


def run_to_the_end(page: Page) -> None:
    """Start a run from the generate page, and wait until its result is there."""
    settle(page)
    press(page, "Start the run")
    expect(page.get_by_role("heading", name="Jobs").first).to_be_visible()
    idle = page.get_by_text("No jobs under way")
    expect(idle).to_be_hidden()
    expect(idle).to_be_visible(timeout=RUN_MS)


def open_tab(page: Page, name: str) -> None:
    """Choose a part of the result."""
    page.get_by_test_id("stButtonGroup").get_by_text(name, exact=True).click()
    settle(page)


def test_the_answers_come_in_order(web: Web, page: Page) -> None:
    web.open(page, "/results")
    questions = ("What is different?", "Is it safe?", "Is it useful?", "What to do next")
    places = []
    for question in questions:
        heading = page.get_by_role("heading", name=question)
        expect(heading).to_be_visible()
        box = heading.bounding_box()
        assert box is not None
        places.append((box["x"], box["y"]))
    assert places == [*sorted(places[:3]), places[3]]
    web.shoot(page, "result-overview")


def test_a_link_of_the_overview_opens_the_evidence(web: Web, page: Page) -> None:
    page.get_by_role("link", name="Evidence on safety").click()
    expect(page.get_by_text("Every attack runs three times")).to_be_visible()
    expect(page).to_have_url(re.compile("tab=Safety"))
    press(page, "How to read it")
    expect(page.get_by_text("Where it misleads:").first).to_be_visible()
    page.keyboard.press("Escape")
    web.shoot(page, "result-safety")


def test_a_click_on_a_row_draws_that_column(web: Web, page: Page) -> None:
    open_tab(page, "Differences")
    grid = page.get_by_test_id("stDataFrame").first
    grid.scroll_into_view_if_needed()
    box = grid.bounding_box()
    assert box is not None
    before = page.url
    page.mouse.click(box["x"] + 14, box["y"] + 35 * 2 + 17)
    page.wait_for_function("before => location.href !== before", arg=before)
    settle(page)
    chosen = page.get_by_role("combobox", name="Look at a column").input_value()
    expect(page).to_have_url(re.compile(f"column={chosen}"))
    page.reload()
    settle(page)
    expect(page.get_by_role("combobox", name="Look at a column")).to_have_value(chosen)
    web.shoot(page, "result-differences")


@pytest.mark.parametrize(
    ("tab", "said"),
    [("Usefulness", "Predicted column"), ("Gates", "gates are passed"), ("Parameters", "Engine")],
)
def test_every_part_is_drawn(web: Web, page: Page, tab: str, said: str) -> None:
    open_tab(page, tab)
    if tab != "Parameters":
        expect(page.get_by_text(said).first).to_be_visible()
    assert page.get_by_text("Something went wrong").count() == 0
    web.shoot(page, f"result-{tab.lower()}")


def test_the_data_of_a_chart_and_both_reports_are_taken(page: Page, tmp_path: Path) -> None:
    open_tab(page, "Differences")
    for button, start in (
        ("Data as CSV", b"Column"),
        ("Report as PDF", b"%PDF-"),
        ("Report as JSON", b"{"),
    ):
        settle(page)
        with page.expect_download() as found:
            press(page, button)
        path = tmp_path / found.value.suggested_filename
        found.value.save_as(path)
        assert path.read_bytes().startswith(start)


def test_two_runs_are_compared(web: Web, page: Page) -> None:
    web.open(page, "/generate")
    run_to_the_end(page)
    web.open(page, "/compare")
    expect(page.get_by_text("Use against privacy")).to_be_visible()
    expect(page.get_by_text("comes nearest to the best value")).to_be_visible()
    expect(page).to_have_url(re.compile("runs="))
    web.shoot(page, "compare")
    page.get_by_role("link", name="Open the result").last.click()
    expect(page.get_by_role("heading", name="Results")).to_be_visible()


def test_nothing_spills_over_on_a_phone(web: Web, page: Page) -> None:
    page.set_viewport_size({"width": 420, "height": 900})
    for path in ("/results", "/results?tab=Differences", "/results?tab=Safety", "/compare"):
        web.open(page, path)
        page.wait_for_timeout(500)
        assert page.evaluate("document.documentElement.scrollWidth") <= 420
