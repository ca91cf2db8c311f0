"""The whole way in a real browser, as somebody takes it on the first day."""

import re
import signal
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.web import PASSWORD, Server, Web, fill, heading, press, settle

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(900)]
COOKIE = "studio_session"
PAGES = (
    "home",
    "datasets",
    "review",
    "generate",
    "jobs",
    "results",
    "compare",
    "releases",
    "audit",
    "projects",
    "people",
    "settings",
)
RUN_MS = 300_000


@pytest.fixture(scope="module")
def page(web: Web) -> Page:
    """Give one tab that all steps share, like one person's day."""
    return web.context().new_page()


def test_the_first_administrator_signs_in(web: Web, page: Page) -> None:
    web.open(page)
    heading(page, "Create the first administrator")
    web.shoot(page, "first-administrator")
    page.get_by_label("One-time code").fill(web.server.code())
    fill(page, User_name="petra", Your_name="Petra Admin")
    fill(page, Password=PASSWORD, Password_again=PASSWORD)
    press(page, "Create account")
    heading(page, "Welcome, Petra")
    cookie = session_cookie(web, page)
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Strict"


def session_cookie(web: Web, page: Page) -> dict[str, object]:
    """Wait until the browser has traded its ticket, and return the cookie."""
    for _ in range(50):
        for cookie in page.context.cookies(web.server.address):
            if cookie["name"] == COOKIE:
                return dict(cookie)
        page.wait_for_timeout(100)
    raise AssertionError("The browser never got its session cookie")


def test_scripts_cannot_read_the_session(web: Web, page: Page) -> None:
    assert COOKIE not in page.evaluate("document.cookie")
    token = str(session_cookie(web, page)["value"])
    stored = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert token not in stored


def test_a_refresh_keeps_the_login(web: Web, page: Page) -> None:
    page.reload()
    settle(page)
    heading(page, "Welcome, Petra")


def test_a_project_and_a_sample(web: Web, page: Page) -> None:
    fill(page, Name="Retail bank")
    press(page, "Create project")
    expect(page.get_by_text("has no data yet")).to_be_visible()
    settle(page)
    press(page, "Use this sample")
    heading(page, "Review")


def test_the_review_is_accepted(web: Web, page: Page) -> None:
    settle(page)
    web.shoot(page, "review-open-light")
    page.get_by_role("button", name=re.compile("^Accept .* suggestion")).first.click()
    expect(page.get_by_text("are settled")).to_be_visible()
    press(page, "Generate synthetic data")
    heading(page, "Generate")


def test_a_run_ends_with_a_result(web: Web, page: Page) -> None:
    settle(page)
    press(page, "Start the run")
    heading(page, "Jobs")
    web.shoot(page, "jobs-running-light")
    link = page.get_by_role("button", name=re.compile("result", re.IGNORECASE)).first
    expect(link).to_be_visible(timeout=RUN_MS)
    web.open(page, "/")
    press(page, "Judge the result")
    heading(page, "Results")


def test_a_release_is_made(web: Web, page: Page) -> None:
    run = re.search(r"run=([0-9a-f]+)", page.url)
    web.open(page, f"/releases?run={run.group(1)}" if run else "/releases")
    press(page, "Create release")
    expect(page.get_by_text("Take it away")).to_be_visible()
    settle(page)


@pytest.mark.parametrize("kind", ["CSV", "Parquet", "JSON", "SQL"])
def test_the_release_is_downloaded(web: Web, page: Page, kind: str, tmp_path: Path) -> None:
    with page.expect_download() as found:
        page.get_by_role("link", name=kind, exact=True).click()
    path = tmp_path / found.value.suggested_filename
    found.value.save_as(path)
    assert path.stat().st_size > 10_000
    if path.suffix == ".zip":
        assert zipfile.ZipFile(path).testzip() is None
    if kind == "CSV":
        assert path.read_text().count("\n") == 4_001


def test_the_report_is_a_pdf(web: Web, page: Page, tmp_path: Path) -> None:
    settle(page)
    with page.expect_download() as found:
        press(page, "Report (PDF)")
    found.value.save_as(tmp_path / "report.pdf")
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF-")


def test_every_download_is_in_the_audit(web: Web, page: Page) -> None:
    web.open(page, "/audit")
    press(page, "Verify the chain")
    expect(page.get_by_text(re.compile("records are as they were written"))).to_be_visible()
    answer = page.request.get(f"{web.server.address}/api/health")
    assert answer.json()["ok"] is True


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_every_page_has_a_picture(web: Web, page: Page, name: str, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    web.open(page, "/" if name == "home" else f"/{name}")
    expect(page.get_by_role("heading", level=1).first).to_be_visible()
    assert page.get_by_text("Something went wrong").count() == 0
    web.shoot(page, f"{name}-{scheme}")
    page.emulate_media(color_scheme="light")


def test_a_link_to_a_release_survives_the_sign_in(web: Web, page: Page) -> None:
    web.open(page, "/releases")
    context = web.context()
    other = context.new_page()
    web.open(other, "/releases")
    heading(other, "Sign in")
    web.shoot(other, "sign-in-light")
    fill(other, User_name="petra", Password=PASSWORD)
    other.get_by_role("button", name="Sign in").click()
    heading(other, "Releases")
    context.close()


def test_a_file_is_uploaded(web: Web, page: Page, tmp_path: Path) -> None:
    rows = "\n".join(f"{n},{n * 1.5:.2f},{'yes' if n % 3 else 'no'}" for n in range(1, 301))
    path = tmp_path / "readings.csv"
    path.write_text(f"reading,level,alarm\n{rows}\n")
    web.open(page, "/datasets")
    page.locator('input[type="file"]').set_input_files(path)
    press(page, "Import 1 file")
    heading(page, "Review")
    expect(page.get_by_role("button", name="Accept 1 suggestion")).to_be_visible()


def test_a_chosen_dataset_stays_chosen(web: Web, page: Page) -> None:
    web.open(page, "/generate")
    box = page.get_by_role("combobox", name="Dataset")
    for name in ("readings", "A bank's customers", "readings"):
        box.click()
        page.get_by_role("option", name=name).click()
        settle(page)
        expect(box).to_have_value(name)
    page.reload()
    settle(page)
    expect(box).to_have_value("readings")


def test_an_upload_without_a_session_is_refused(web: Web) -> None:
    context = web.context()
    stranger = context.new_page()
    web.open(stranger)
    answer = stranger.request.put(
        f"{web.server.address}/_stcore/upload_file/any/any", data=b"a,b\n1,2\n"
    )
    assert answer.status == 401
    context.close()


def test_sign_out_kills_the_cookie(web: Web, page: Page) -> None:
    web.open(page, "/")
    old = session_cookie(web, page)
    page.get_by_role("button", name="Petra Admin").click()
    press(page, "Sign out")
    heading(page, "Sign in")
    page.wait_for_timeout(1_500)
    names = [cookie["name"] for cookie in page.context.cookies(web.server.address)]
    assert COOKIE not in names
    page.context.add_cookies([old])  # type: ignore[list-item]
    web.open(page, "/people")
    heading(page, "Sign in")
    answer = page.request.get(f"{web.server.address}/_stcore/metrics")
    assert answer.status == 401


def test_nothing_was_asked_of_another_host(web: Web) -> None:
    assert web.foreign == []


def test_a_killed_server_finds_everything_again(web: Web, server: Server, page: Page) -> None:
    server.stop(signal.SIGKILL)
    seconds = server.start()
    assert "one-time code" not in server.output().rpartition("is ready")[2]
    web.open(page, "/")
    fill(page, User_name="petra", Password=PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    heading(page, "Welcome, Petra")
    settle(page)
    expect(page.get_by_text("Release").first).to_be_visible()
    assert seconds < 30
