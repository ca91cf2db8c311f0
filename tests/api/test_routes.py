"""Health, downloads, errors as answers, headers."""

import subprocess
import sys

import pytest

from core.api.downloads import attachment
from core.errors import (
    Conflict,
    InvalidParameter,
    NotFound,
    PermissionDenied,
    StudioError,
    TooManyAttempts,
)
from tests.api.fakes import PRIVATE, Api


def test_health_is_open_and_says_ok(api: Api) -> None:
    answer = api.client.get("/api/health")
    assert answer.status_code == 200
    assert answer.json() == {"ok": True, "database": {"ok": True}}


def test_health_is_503_when_a_part_is_down(api: Api) -> None:
    api.studio.state = {"ok": False, "vault": {"ok": False, "problem": "OSError"}}
    answer = api.client.get("/api/health")
    assert answer.status_code == 503
    assert answer.json()["vault"] == {"ok": False, "problem": "OSError"}


def test_health_tells_strangers_no_ids(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    state = {"ok": True, "pool": {"ok": True, "running": {"a1b2c3": {"pid": 7}}}}
    monkeypatch.setattr(api.studio, "health", lambda: state)
    assert api.client.get("/api/health").json()["pool"] == {"ok": True, "running": 1}


def test_a_download_comes_with_its_name(api: Api) -> None:
    api.sign_in("anna-token")
    answer = api.client.get("/api/releases/r1/download?format=parquet")
    assert answer.status_code == 200
    assert answer.content == b"a,b\n1,2\n"
    assert api.studio.releases.asked == [("anna", "r1", "parquet")]
    assert answer.headers["cache-control"] == "no-store"
    name = answer.headers["content-disposition"]
    assert name == (
        "attachment; filename=\"K_ufer v1.parquet\"; filename*=UTF-8''K%C3%A4ufer%20v1.parquet"
    )


def test_a_filling_comes_with_its_name(api: Api) -> None:
    api.sign_in("anna-token")
    answer = api.client.get("/api/runs/r7/filled?format=csv&copy=3")
    assert (answer.status_code, answer.content) == (200, b"a\n1\n")
    assert api.studio.runs.asked == [("anna", "r7", "csv", 3)]
    assert "filled 3.csv" in answer.headers["content-disposition"]


@pytest.mark.parametrize("copy", ["-1", "two", "1.5", "", "9" * 5_000])
def test_a_filling_needs_a_number(api: Api, copy: str) -> None:
    api.sign_in("anna-token")
    answer = api.client.get(f"/api/runs/r7/filled?copy={copy}")
    assert answer.status_code == 422
    assert api.studio.runs.asked == []


def test_strangers_get_no_filling(api: Api) -> None:
    assert api.client.get("/api/runs/r7/filled").status_code == 401
    assert api.studio.runs.asked == []


@pytest.mark.parametrize("token", ["", "dead-token"])
def test_without_a_live_session_nothing_is_sent(api: Api, token: str) -> None:
    if token:
        api.sign_in(token)
    answer = api.client.get("/api/releases/r1/download")
    assert answer.status_code == 401
    assert api.studio.releases.asked == []


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (PermissionDenied("No."), 403),
        (NotFound("No such release."), 404),
        (InvalidParameter("Unknown format.", ["`format` must be csv."]), 422),
        (Conflict("Not now."), 409),
        (TooManyAttempts("Wait.", 12.4), 429),
        (StudioError("It broke."), 500),
    ],
)
def test_errors_become_json(api: Api, error: StudioError, status: int) -> None:
    api.sign_in("anna-token")
    api.fail_with(error)
    answer = api.client.get("/api/releases/r1/download")
    assert answer.status_code == status
    body = answer.json()
    assert body["error"] == type(error).__name__
    assert body["message"] == str(error)
    assert body.get("problems", []) == list(getattr(error, "problems", ()))
    assert ("reference" in body) == (status == 500)
    assert answer.headers.get("retry-after") == ("12" if status == 429 else None)


def test_an_unforeseen_error_says_nothing_but_a_reference(api: Api) -> None:
    api.sign_in("anna-token")
    api.fail_with(ValueError("iban DE89370400440532013000"))
    answer = api.client.get("/api/releases/r1/download")
    assert answer.status_code == 500
    assert "DE89" not in answer.text
    assert len(answer.json()["reference"]) == 6


def test_unknown_addresses_are_json_too(api: Api) -> None:
    answer = api.client.get("/api/nothing/here")
    assert answer.status_code == 404
    assert answer.json()["message"] == "Not Found"


def test_every_answer_has_the_security_headers(api: Api) -> None:
    for path in ("/api/health", "/api/nothing"):
        headers = api.client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]


@pytest.mark.parametrize("path", PRIVATE)
@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_uploads_and_files_of_pages_need_a_session(api: Api, path: str, method: str) -> None:
    refused = api.client.request(method, path)
    assert refused.status_code == 401
    assert "secret" not in refused.text
    api.sign_in("anna-token")
    assert api.client.request(method, path).text == "secret"


def test_fonts_of_the_sign_in_page_need_no_session(api: Api) -> None:
    assert api.client.get("/static/media/font.woff2").status_code == 404


@pytest.mark.parametrize("name", ['a"b\r\nSet-Cookie: x=1.csv', "../../etc/passwd", "表.csv"])
def test_no_file_name_breaks_out_of_the_header(name: str) -> None:
    value = attachment(name)
    assert value.isascii()
    assert not set(value) & {"\r", "\n", "/"}
    assert value.count('"') == 2


def test_the_api_does_not_import_streamlit() -> None:
    code = "import sys; sys.modules['streamlit'] = None; import core.api"
    subprocess.run([sys.executable, "-c", code], check=True)
