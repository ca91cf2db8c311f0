"""Tickets and the session cookie."""

from datetime import UTC, datetime, timedelta

import pytest

from core.api import COOKIE, Tickets
from core.errors import AuthenticationFailed
from tests.api.fakes import OWN, Api


def soon() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None) + timedelta(hours=1)


def test_a_ticket_is_good_once() -> None:
    tickets = Tickets()
    code = tickets.issue("token", soon())
    assert tickets.redeem(code).token == "token"
    with pytest.raises(AuthenticationFailed):
        tickets.redeem(code)


def test_a_ticket_ends_after_thirty_seconds() -> None:
    now = [100.0]
    tickets = Tickets(clock=lambda: now[0])
    early, late = tickets.issue("a", soon()), tickets.issue("b", soon())
    now[0] = 129.9
    assert tickets.redeem(early).token == "a"
    now[0] = 130.0
    with pytest.raises(AuthenticationFailed):
        tickets.redeem(late)


def test_old_tickets_are_forgotten_when_new_ones_are_made() -> None:
    now = [0.0]
    tickets = Tickets(clock=lambda: now[0])
    tickets.issue("a", soon())
    now[0] = 31.0
    tickets.issue("b", soon())
    assert len(tickets._open) == 1


def test_the_ticket_becomes_an_http_only_strict_cookie(api: Api) -> None:
    code = api.tickets.issue("secret-token", soon())
    answer = api.client.post("/api/auth/session", headers={**OWN, "X-Studio-Ticket": code})
    assert answer.status_code == 200
    assert "secret-token" not in answer.text
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=secret-token;")
    for part in ("HttpOnly", "SameSite=strict", "Path=/", "expires="):
        assert part in cookie
    assert "Secure" not in cookie


def test_the_cookie_is_secure_where_the_installation_says_so(api: Api) -> None:
    api.set_secure_cookie()
    code = api.tickets.issue("t", soon())
    answer = api.client.post("/api/auth/session", headers={**OWN, "X-Studio-Ticket": code})
    assert "Secure" in answer.headers["set-cookie"]


@pytest.mark.parametrize("code", ["", "wrong"])
def test_no_ticket_no_cookie(api: Api, code: str) -> None:
    answer = api.client.post("/api/auth/session", headers={**OWN, "X-Studio-Ticket": code})
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {**OWN, "Sec-Fetch-Site": "cross-site"},
        {**OWN, "Sec-Fetch-Site": "same-site"},
        {**OWN, "Origin": "https://evil.example"},
        {**OWN, "Origin": "null"},
    ],
)
@pytest.mark.parametrize("path", ["session", "logout"])
def test_another_site_cannot_change_the_cookie(
    api: Api, headers: dict[str, str], path: str
) -> None:
    code = api.tickets.issue("t", soon())
    answer = api.client.post(f"/api/auth/{path}", headers={**headers, "X-Studio-Ticket": code})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert api.tickets.redeem(code).token == "t"


def test_the_own_origin_is_let_in(api: Api) -> None:
    headers = {**OWN, "Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}
    assert api.client.post("/api/auth/logout", headers=headers).status_code == 200


def test_sign_out_ends_the_session_and_clears_the_cookie(api: Api) -> None:
    api.sign_in("anna-token")
    answer = api.client.post("/api/auth/logout", headers=OWN)
    assert answer.status_code == 200
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert api.studio.people.ended == ["anna-token"]


def test_cookies_are_changed_by_post_only(api: Api) -> None:
    assert api.client.get("/api/auth/session").status_code == 405
    assert api.client.get("/api/auth/logout").status_code == 405


def test_the_proxy_header_counts_only_where_it_is_trusted(api: Api) -> None:
    api.sign_in("anna-token")
    forwarded = {"X-Forwarded-For": "203.0.113.9, 10.1.2.3"}
    api.client.get("/api/releases/r1/download", headers=forwarded)
    assert api.studio.people.origins[-1] == "testclient"
    api.set_trusted_proxy()
    api.client.get("/api/releases/r1/download", headers=forwarded)
    assert api.studio.people.origins[-1] == "10.1.2.3"
