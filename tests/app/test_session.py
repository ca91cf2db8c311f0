"""Whose address counts when somebody signs in on a page."""

import pytest

import app.session as session
from app.session import Connection
from core.settings import Settings


@pytest.mark.parametrize(
    ("trusted", "header", "expected"),
    [
        (True, "203.0.113.9, 10.1.2.3", "10.1.2.3"),
        (True, "10.1.2.3", "10.1.2.3"),
        (True, "", "192.0.2.7"),
        (False, "203.0.113.9", "192.0.2.7"),
    ],
)
def test_the_proxys_word_counts_and_the_clients_does_not(
    monkeypatch: pytest.MonkeyPatch, trusted: bool, header: str, expected: str
) -> None:
    headers = {"X-Forwarded-For": header} if header else {}
    monkeypatch.setattr(session, "connection", lambda: Connection({}, headers, "192.0.2.7"))
    monkeypatch.setattr(session, "settings", lambda: Settings(trusted_proxy=trusted))
    assert session.origin() == expected
