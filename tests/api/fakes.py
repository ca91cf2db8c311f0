"""A client of the API over a Studio that only remembers what it was asked."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from core.api import COOKIE, SecurityHeaders, SessionGate, Tickets, create_routes
from core.errors import NotFound, StudioError
from core.governance.policy import Actor, UserRole
from core.settings import Settings

OWN = {"X-Studio-Request": "1"}
PRIVATE = ("/_stcore/upload_file/s/f", "/_stcore/metrics", "/media/abc.csv", "/base/media/abc.csv")
ANNA = Actor("u1", "anna", "Anna", UserRole.GENERAL)


@dataclass
class FakePeople:
    """Knows one live session."""

    live: set[str] = field(default_factory=lambda: {"anna-token"})
    ended: list[str] = field(default_factory=list)
    origins: list[str] = field(default_factory=list)

    def actor(self, token: str, origin: str) -> Actor | None:
        self.origins.append(origin)
        return replace(ANNA, origin=origin) if token in self.live else None

    def sign_out(self, token: str, origin: str) -> None:
        self.live.discard(token)
        self.ended.append(token)


@dataclass
class FakeDownload:
    """A file."""

    filename: str
    media_type: str
    chunks: Iterator[bytes]


@dataclass
class FakeReleases:
    """Has one release, or one error to raise."""

    error: Exception | None = None
    asked: list[tuple[str, str, str]] = field(default_factory=list)

    def download(self, actor: Actor, release_id: str, kind: str) -> FakeDownload:
        self.asked.append((actor.username, release_id, kind))
        if self.error:
            raise self.error
        if release_id != "r1":
            raise NotFound("No release of that id. Open it from the list of releases.")
        return FakeDownload(f"Käufer v1.{kind}", "text/csv", iter([b"a,b\n", b"1,2\n"]))


@dataclass
class FakeRuns:
    """Has filled tables for everybody."""

    asked: list[tuple[str, str, str, int]] = field(default_factory=list)

    def filled(self, actor: Actor, run_id: str, kind: str, copy: int) -> FakeDownload:
        self.asked.append((actor.username, run_id, kind, copy))
        return FakeDownload(f"filled {copy}.{kind}", "text/csv", iter([b"a\n", b"1\n"]))


@dataclass
class FakeStudio:
    """What the API needs of a Studio."""

    people: FakePeople = field(default_factory=FakePeople)
    releases: FakeReleases = field(default_factory=FakeReleases)
    runs: FakeRuns = field(default_factory=FakeRuns)
    state: dict[str, Any] = field(default_factory=lambda: {"ok": True, "database": {"ok": True}})

    def health(self) -> dict[str, Any]:
        return self.state


def _secret(request: Request) -> PlainTextResponse:
    return PlainTextResponse("secret")


@dataclass
class Api:
    """The client and what stands behind it."""

    studio: FakeStudio = field(default_factory=FakeStudio)
    tickets: Tickets = field(default_factory=Tickets)
    settings: Settings = field(default_factory=Settings)

    def __post_init__(self) -> None:
        routes = create_routes(lambda: self.studio, lambda: self.tickets, lambda: self.settings)  # type: ignore[arg-type,return-value]
        routes += [Route(path, _secret, methods=["GET", "PUT"]) for path in PRIVATE]
        middleware = [
            Middleware(SecurityHeaders),
            Middleware(SessionGate, studio=lambda: self.studio, settings=lambda: self.settings),
        ]
        app = Starlette(routes=routes, middleware=middleware)
        self.client = TestClient(app, raise_server_exceptions=False)

    def sign_in(self, token: str) -> None:
        self.client.cookies.set(COOKIE, token)

    def set_secure_cookie(self) -> None:
        self.settings = replace(self.settings, secure_cookie=True)

    def set_trusted_proxy(self) -> None:
        self.settings = replace(self.settings, trusted_proxy=True)

    def fail_with(self, error: StudioError | Exception) -> None:
        self.studio.releases.error = error
