"""The session cookie: set for a one-time ticket, cleared at sign-out, read on every request.

A page cannot set an HttpOnly cookie, because Streamlit talks over a WebSocket. So the sign-in page
gives the browser a ticket, good once and for thirty seconds, and the browser trades it here for
the cookie. Scripts in the browser never see the session token.
"""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from core.errors import AuthenticationFailed, PermissionDenied
from core.governance.policy import Actor
from core.settings import Settings

if TYPE_CHECKING:
    from core.studio import Studio

COOKIE = "studio_session"
LOCAL = "localhost"
TICKET_HEADER = "X-Studio-Ticket"
REQUEST_HEADER = "X-Studio-Request"
TICKET_SECONDS = 30.0
MOST_TICKETS = 10_000


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a ticket is traded for."""

    token: str
    expires_at: datetime
    valid_until: float


class Tickets:
    """One-time tickets of this process; thread-safe.

    Parameters
    ----------
    clock
        Seconds that only grow; tests pass their own.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._open: dict[str, Ticket] = {}

    def issue(self, token: str, expires_at: datetime) -> str:
        """Make a ticket for a session token that ends at ``expires_at`` (UTC without a zone)."""
        now = self._clock()
        code = secrets.token_urlsafe(32)
        with self._lock:
            valid = {c: t for c, t in self._open.items() if t.valid_until > now}
            self._open = dict(list(valid.items())[-MOST_TICKETS:])
            self._open[code] = Ticket(token, expires_at, now + TICKET_SECONDS)
        return code

    def redeem(self, code: str) -> Ticket:
        """Take a ticket; it cannot be taken again.

        Raises
        ------
        AuthenticationFailed
            If there is no such ticket, or it was taken, or its time is over.
        """
        with self._lock:
            ticket = self._open.pop(code, None)
        if ticket is None or ticket.valid_until <= self._clock():
            raise AuthenticationFailed("The ticket is not valid any more. Sign in again.")
        return ticket


def forwarded_client(header: str) -> str:
    """Return the address that the proxy itself saw.

    A proxy appends it to whatever ``X-Forwarded-For`` the client sent, so the last one counts: the
    others are the client's own words, and would let it choose an address for each guess.
    """
    return header.rsplit(",", 1)[-1].strip()[:64]


def origin_of(request: Request, settings: Settings) -> str:
    """Return the client's address, from the proxy's header only where that is trusted."""
    forwarded = request.headers.getlist("x-forwarded-for") if settings.trusted_proxy else []
    if forwarded:
        return forwarded_client(",".join(forwarded))
    host = request.client.host if request.client else "unknown"
    return LOCAL if host in {"127.0.0.1", "::1"} else host


def actor_of(request: Request, studio: "Studio", settings: Settings) -> Actor:
    """Return who sent a request, by its cookie.

    Raises
    ------
    AuthenticationFailed
        If there is no cookie, or its session has ended.
    """
    token = request.cookies.get(COOKIE, "")
    actor = studio.people.actor(token, origin_of(request, settings)) if token else None
    if actor is None:
        raise AuthenticationFailed("Sign in to use this address.")
    return actor


def check_same_origin(request: Request) -> None:
    """Refuse a changing request that another site could have made the browser send.

    Raises
    ------
    PermissionDenied
        Without the header that only our own scripts send, or from another origin.
    """
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin")
    foreign = origin is not None and urlsplit(origin).netloc != request.headers.get("host")
    if REQUEST_HEADER not in request.headers or site != "same-origin" or foreign:
        raise PermissionDenied("This address answers only to the studio's own pages.")


def open_session(request: Request, tickets: Tickets, settings: Settings) -> Response:
    """Trade the ticket in the header for the session cookie."""
    check_same_origin(request)
    ticket = tickets.redeem(request.headers.get(TICKET_HEADER, ""))
    response = JSONResponse({"signed_in": True})
    response.set_cookie(
        COOKIE,
        ticket.token,
        expires=ticket.expires_at.replace(tzinfo=UTC),
        path="/",
        httponly=True,
        samesite="strict",
        secure=settings.secure_cookie,
    )
    return response


def close_session(request: Request, studio: "Studio", settings: Settings) -> Response:
    """End the cookie's session, whatever its state, and clear the cookie."""
    check_same_origin(request)
    token = request.cookies.get(COOKIE, "")
    if token:
        studio.people.sign_out(token, origin_of(request, settings))
    response = JSONResponse({"signed_in": False})
    response.delete_cookie(
        COOKIE, path="/", httponly=True, samesite="strict", secure=settings.secure_cookie
    )
    return response
