"""The route that large files come in by, over a real studio."""

import hashlib
from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core.api import COOKIE, Tickets, create_routes
from core.data import sealed_file
from core.governance.policy import UserRole
from core.studio import kept_uploads
from tests.api.fakes import OWN
from tests.studio.office import PASSWORD, Office

TEXT = b"a,b\n" + b"1,2\n" * 700


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    office = Office.open(tmp_path_factory.mktemp("office"))
    yield office
    office.studio.close()


@pytest.fixture
def client(office: Office, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    for module in ("core.api.incoming", "core.data.sealed_file", "core.studio.kept_uploads"):
        monkeypatch.setattr(f"{module}.PIECE", 1000)
    assert sealed_file.PIECE == kept_uploads.PIECE
    settings = office.studio._context.settings
    routes = create_routes(lambda: office.studio, lambda: Tickets(), lambda: settings)
    with TestClient(Starlette(routes=routes), raise_server_exceptions=False) as client:
        yield client


def signed_in(client: TestClient, office: Office, who: str = UserRole.GENERAL.value) -> TestClient:
    client.cookies.set(COOKIE, office.studio.people.sign_in(who, PASSWORD, "test").token)
    return client


def begun(client: TestClient, office: Office, size: int = len(TEXT)) -> dict:
    asked = {"project": office.project.id, "name": "t.csv", "size": size}
    answer = client.post("/api/uploads", json=asked, headers=OWN)
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_a_browser_sends_piece_by_piece(client: TestClient, office: Office) -> None:
    signed_in(client, office)
    upload = begun(client, office)
    assert (upload["piece"], upload["received"], upload["complete"]) == (1000, 0, False)
    url = f"/api/uploads/{upload['id']}"
    for place in range(0, len(TEXT), 1000):
        piece = TEXT[place : place + 1000]
        headers = {**OWN, "X-Content-SHA256": hashlib.sha256(piece).hexdigest()}
        answer = client.patch(f"{url}?offset={place}", content=piece, headers=headers)
        assert answer.json()["received"] == place + len(piece)
    assert client.get(url).json()["received"] == len(TEXT)
    sums = {"sha256": hashlib.sha256(TEXT).hexdigest()}
    answer = client.post(f"{url}/finish", json=sums, headers=OWN)
    assert answer.json()["complete"] is True
    answer = client.delete(url, headers=OWN)
    assert answer.status_code == 200
    assert client.get(url).status_code == 404


def test_a_terminal_sends_in_one_go_and_goes_on(client: TestClient, office: Office) -> None:
    project = office.project.id
    upload, token = office.studio.uploads.begin(office.worker, project, "t.csv", len(TEXT))
    url, bearer = f"/api/uploads/{upload.id}", {"Authorization": f"Bearer {token}"}
    answer = client.put(f"{url}?offset=0", content=TEXT[:1700], headers=bearer)
    assert answer.json()["received"] == 1700
    answer = client.put(f"{url}?offset=1000", content=TEXT[1000:], headers=bearer)
    assert answer.status_code == 409
    assert "1,700 bytes have arrived" in answer.json()["message"]
    answer = client.put(f"{url}?offset=1700", content=TEXT[1700:], headers=bearer)
    assert answer.json()["received"] == len(TEXT)
    assert client.post(f"{url}/finish", headers=bearer).json()["complete"] is True
    (_, file), *_ = office.studio.uploads.files(office.worker, [upload.id])
    with file.open("rb") as opened:
        assert opened.read() == TEXT
        opened.seek(1990)
        assert opened.read(20) == TEXT[1990:2010]
    assert client.get(url, headers={"Authorization": "Bearer wrong"}).status_code == 401


def test_more_than_announced_stops_as_it_comes(client: TestClient, office: Office) -> None:
    signed_in(client, office)
    upload = begun(client, office, 1500)
    answer = client.patch(f"/api/uploads/{upload['id']}?offset=0", content=b"x" * 5000, headers=OWN)
    assert answer.status_code == 422
    assert client.get(f"/api/uploads/{upload['id']}").json()["received"] == 1000


def test_who_is_refused(client: TestClient, office: Office) -> None:
    asked = {"project": office.project.id, "name": "t.csv", "size": 10}
    assert client.post("/api/uploads", json=asked, headers=OWN).status_code == 401
    signed_in(client, office)
    assert client.post("/api/uploads", json=asked).status_code == 403
    upload = begun(client, office, 10)
    url = f"/api/uploads/{upload['id']}"
    assert client.patch(f"{url}?offset=0", content=b"x").status_code == 403
    assert client.patch(f"{url}?offset=-1", content=b"x", headers=OWN).status_code == 422
    assert client.post("/api/uploads", content=b"{", headers=OWN).status_code == 422
    assert client.post("/api/uploads", json={"name": "x"}, headers=OWN).status_code == 422
    signed_in(client, office, "outsider")
    assert client.post("/api/uploads", json=asked, headers=OWN).status_code in {403, 404}
    assert client.patch(f"{url}?offset=0", content=b"x", headers=OWN).status_code == 404
