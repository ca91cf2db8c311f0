"""A real server and a real Chromium for the tests that need both."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.web import Server, Web, launch

NAMES = ("chromium", "chromium-browser", "google-chrome")


def find_chromium() -> str | None:
    """Return the browser to use: STUDIO_CHROMIUM, or the first on the path."""
    named = os.environ.get("STUDIO_CHROMIUM")
    return named or next((path for name in NAMES if (path := shutil.which(name))), None)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Give the browser's path; without one, skip, or fail where a browser is required."""
    path = find_chromium()
    if path is None:
        reason = f"No Chromium found. Looked for {', '.join(NAMES)}; STUDIO_CHROMIUM names another."
        if os.environ.get("STUDIO_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return path


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Give a running studio in a folder of its own."""
    server = Server(tmp_path_factory.mktemp("home") / "data")
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def web(chromium: str, server: Server) -> Iterator[Web]:
    """Give a browser that has the studio's address."""
    with launch(chromium) as browser:
        yield Web(browser, server, shots=Path("shots"))
