"""An upload never lies in a temporary file."""

import tempfile
from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartParser
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from core.api import keep_uploads_in_memory


@pytest.fixture
def client() -> Iterator[TestClient]:
    before = MultiPartParser.spool_max_size
    keep_uploads_in_memory()

    async def upload(request: Request) -> PlainTextResponse:
        async with request.form() as form:
            file = form["file"]
            assert isinstance(file, UploadFile)
            return PlainTextResponse(f"{file.size} {file.file._rolled}")  # type: ignore[attr-defined]

    yield TestClient(Starlette(routes=[Route("/", upload, methods=["POST"])]))
    MultiPartParser.spool_max_size = before


def test_a_large_upload_touches_no_disk(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a temporary file was made")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    size = 5 * 1024**2
    answer = client.post("/", files={"file": ("people.csv", b"x" * size)})
    assert answer.text == f"{size} False"
