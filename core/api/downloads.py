"""Files of releases and runs, for whoever may have them; the use case writes the audit entry."""

from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from core.api.auth import actor_of
from core.errors import InvalidInput
from core.settings import Settings

if TYPE_CHECKING:
    from core.studio import Studio
    from core.studio.downloads import Download

DEFAULT_FORMAT = "csv"
MOST_DIGITS = 4


def send_release(request: Request, studio: "Studio", settings: Settings) -> Response:
    """Send a release in the format that the query asks for (``?format=csv``), as it is read."""
    actor = actor_of(request, studio, settings)
    wanted = request.query_params.get("format", DEFAULT_FORMAT)
    return _send(studio.releases.download(actor, request.path_params["release_id"], wanted))


def send_filled(request: Request, studio: "Studio", settings: Settings) -> Response:
    """Send one filling of a run's real tables (``?format=csv&copy=1``), as it is read."""
    actor = actor_of(request, studio, settings)
    wanted = request.query_params.get("format", DEFAULT_FORMAT)
    copy = request.query_params.get("copy", "1")
    if not copy.isdecimal() or len(copy) > MOST_DIGITS:
        raise InvalidInput("`copy` must be a whole number from 1.")
    run_id = request.path_params["run_id"]
    return _send(studio.runs.filled(actor, run_id, wanted, int(copy)))


def _send(download: "Download") -> Response:
    return StreamingResponse(
        download.chunks,
        media_type=download.media_type,
        headers={
            "Content-Disposition": attachment(download.filename),
            "Cache-Control": "no-store",
        },
    )


def attachment(filename: str) -> str:
    """Return a Content-Disposition that carries any file name (RFC 6266, RFC 5987)."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "-_. ") else "_" for c in filename)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"
