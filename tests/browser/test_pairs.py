"""The map of what goes together in a real browser: a click on a cell opens its pair."""

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.web import Web, reviewed_sample, settle

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def page(web: Web) -> Page:
    """Give one tab, signed in, on the map of a sample."""
    page = reviewed_sample(web)
    (dataset,) = parse_qs(urlsplit(page.url).query)["dataset"]
    page.goto(f"{web.server.address}/datasets?dataset={dataset}&tab=What+goes+together")
    settle(page)
    return page


def asked(page: Page) -> list[str]:
    """Return the pair that the address names."""
    query = parse_qs(urlsplit(page.url).query)
    return query["first"] + query["second"]


def test_a_click_on_a_cell_opens_its_pair(web: Web, page: Page) -> None:
    cells = page.locator(".stPlotlyChart").first.locator("g.heatmaplayer")
    expect(cells).to_be_visible()
    before = asked(page)
    for across, down in ((0.55, 0.15), (0.25, 0.45)):
        cells.scroll_into_view_if_needed()
        box = cells.bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + box["width"] * across, box["y"] + box["height"] * down)
        page.wait_for_timeout(500)
        page.mouse.down()
        page.mouse.up()
        page.wait_for_function("was => !location.search.includes(was)", arg=f"second={before[1]}")
        settle(page)
        assert asked(page) != before
        before = asked(page)
        expect(page.get_by_text("rows have both values")).to_be_visible()
    web.shoot(page, "pairs-light")
