"""Starting the server as its users do, and driving a browser through it."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDTH, HEIGHT = 1360, 900
CONTENT_HEIGHT = "() => document.querySelector('[data-testid=\"stMain\"]').scrollHeight"
START_S = 60.0
WAIT_MS = 60_000
PASSWORD = "seven-green-lamps-4"
expect.set_options(timeout=WAIT_MS)


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """One studio process, started like ``make run`` does."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = free_port()
        self.address = f"http://localhost:{self.port}"
        self.log = home.parent / "server.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Start and wait until the studio answers; return the seconds that took."""
        environ = {**os.environ, "STUDIO_HOME": str(self.home), "STUDIO_WORKERS": "1"}
        command = [sys.executable, "-m", "streamlit", "run", "serve.py"]
        command += ["--server.port", str(self.port)]
        began = time.monotonic()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command, cwd=ROOT, env=environ, stdout=log, stderr=subprocess.STDOUT
            )
        while time.monotonic() - began < START_S:
            if self._process.poll() is not None:
                break
            try:
                urllib.request.urlopen(f"{self.address}/api/health", timeout=5).close()
            except (URLError, OSError):
                time.sleep(0.05)
            else:
                return time.monotonic() - began
        raise AssertionError(f"The studio did not start:\n{self.output()}")

    def stop(self, kind: signal.Signals = signal.SIGTERM) -> None:
        """End the process and wait for it."""
        if self._process is not None:
            self._process.send_signal(kind)
            self._process.wait(timeout=30)
            self._process = None

    def output(self) -> str:
        """Return what the process wrote so far."""
        return self.log.read_text(errors="replace")

    def code(self) -> str:
        """Return the one-time code of the first administrator, from the terminal."""
        found = re.findall(r"one-time code:\s+(\S+)", self.output())
        assert found, self.output()
        return str(found[-1])


@contextmanager
def launch(executable: str) -> Iterator[Browser]:
    """Start the machine's own browser; none is ever downloaded."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Web:
    """A browser, the studio's address, and where screenshots go."""

    browser: Browser
    server: Server
    shots: Path
    foreign: list[str] = field(default_factory=list)

    def context(self, scheme: str = "light", state: str | None = None) -> BrowserContext:
        """Open a browser profile; requests to anywhere but the studio are noted."""
        context = self.browser.new_context(
            viewport={"width": WIDTH, "height": HEIGHT},
            color_scheme=scheme,  # type: ignore[arg-type]
            accept_downloads=True,
            storage_state=state,
        )
        context.set_default_timeout(WAIT_MS)
        context.on("request", lambda request: self._note(request.url))
        return context

    def _note(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in {"http", "https"} and parts.port != self.server.port:
            self.foreign.append(url)

    def open(self, page: Page, path: str = "/") -> None:
        """Go to a page of the studio and wait until it has been drawn."""
        page.goto(self.server.address + path)
        settle(page)

    def shoot(self, page: Page, name: str) -> None:
        """Save a screenshot of the whole page, which scrolls inside the window."""
        self.shots.mkdir(exist_ok=True)
        settle(page)
        tall = page.evaluate(CONTENT_HEIGHT)
        page.set_viewport_size({"width": WIDTH, "height": min(max(HEIGHT, tall), 4_000)})
        settle(page)
        page.wait_for_timeout(600)
        page.screenshot(path=str(self.shots / f"{name}.png"))
        page.set_viewport_size({"width": WIDTH, "height": HEIGHT})


def reviewed_sample(web: Web) -> Page:
    """Give one tab on the generate page, signed in, with a sample that has been reviewed."""
    page = web.context().new_page()
    web.open(page)
    page.get_by_label("One-time code").fill(web.server.code())
    fill(page, User_name="petra", Your_name="Petra Admin")
    fill(page, Password=PASSWORD, Password_again=PASSWORD)
    press(page, "Create account")
    heading(page, "Welcome, Petra")
    settle(page)
    fill(page, Name="Retail bank")
    press(page, "Create project")
    expect(page.get_by_text("has no data yet")).to_be_visible()
    press(page, "Use this sample")
    heading(page, "Review")
    settle(page)
    page.get_by_role("button", name=re.compile("^Accept .* suggestion")).first.click()
    expect(page.get_by_text("are settled")).to_be_visible()
    press(page, "Generate synthetic data")
    heading(page, "Generate")
    settle(page)
    return page


def heading(page: Page, text: str) -> None:
    """Wait until the page shows this heading."""
    expect(page.get_by_role("heading", name=text).first).to_be_visible()


def settle(page: Page) -> None:
    """Wait until the script has run to its end and its last elements are there."""
    page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()
    page.wait_for_function(
        '() => !document.querySelector(\'[data-stale="true"], [data-testid="stSkeleton"]\')'
    )


def fill(page: Page, **values: str) -> None:
    """Fill inputs by their labels; ``_`` in a name stands for a space."""
    for label, value in values.items():
        page.get_by_label(label.replace("_", " "), exact=True).fill(value)


def press(page: Page, name: str) -> None:
    """Press the first button of that name, once the page has come to rest."""
    settle(page)
    page.get_by_role("button", name=name).first.click()
