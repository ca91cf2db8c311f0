"""The house that a module's tests share."""

from collections.abc import Iterator

import pytest

from app.resources import close_studio
from app.session import Connection
from tests.app.harness import House


@pytest.fixture(autouse=True)
def connection(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Give the cookies that the tests' browser sends; AppTest has no connection of its own."""
    cookies: dict[str, str] = {}
    monkeypatch.setattr("app.session.connection", lambda: Connection(cookies, {}, "test"))
    return cookies


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Give a Studio in a folder of its own, with accounts of the four roles and a project."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STUDIO_HOME", str(tmp_path_factory.mktemp("studio")))
        patch.setenv("STUDIO_WORKERS", "1")
        close_studio()
        house = House.build()
        yield house
        house.close()


@pytest.fixture
def fresh_studio(tmp_path, monkeypatch) -> Iterator[None]:
    """Give a Studio in which nobody has an account yet."""
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "studio"))
    monkeypatch.setenv("STUDIO_WORKERS", "1")
    close_studio()
    yield
    close_studio()
