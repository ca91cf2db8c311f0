"""Files of a release, sent to whoever may have them; the use case writes the audit entry."""

from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from core.api.auth import actor_of
from core.settings import Settings

if TYPE_CHECKING:
    from core.studio import Studio

DEFAULT_FORMAT = "csv"


def send_release(request: Request, studio: "Studio", settings: Settings) -> Response:
    """Send a release in the format that the query asks for (``?format=csv``), as it is read."""
    actor = actor_of(request, studio, settings)
    wanted = request.query_params.get("format", DEFAULT_FORMAT)
    download = studio.releases.download(actor, request.path_params["release_id"], wanted)
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
