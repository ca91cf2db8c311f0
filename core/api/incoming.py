"""Large files on their way in, piece by piece: begin, ask how far it is, go on, finish, remove.

``POST /api/uploads`` begins, ``GET`` says how much has arrived, ``PATCH ?offset=`` goes on with a
body of any length, ``POST …/finish`` checks. A browser comes with its session; a terminal with the
token of one upload, as ``Authorization: Bearer``.
"""

from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from core.api.auth import actor_of, check_same_origin
from core.errors import InvalidInput
from core.settings import Settings

if TYPE_CHECKING:
    from core.studio import Studio
    from core.studio.uploads import Upload

PIECE = 8 * 1024**2
MOST_DIGITS = 18
CHECKSUM = "X-Content-SHA256"
_QUIET = {"Cache-Control": "no-store"}


async def begin_upload(request: Request, studio: "Studio", settings: Settings) -> Response:
    """Announce a file: JSON with ``project``, ``name`` and ``size``."""
    check_same_origin(request)
    asked = await _json(request)
    try:
        project, name, size = str(asked["project"]), str(asked["name"]), int(str(asked["size"]))
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidInput("Say `project`, `name` and `size` in JSON.") from error
    actor = await run_in_threadpool(actor_of, request, studio, settings)
    upload, _ = await run_in_threadpool(studio.uploads.begin, actor, project, name, size)
    return _answer(upload, status=201)


def look_at_upload(request: Request, studio: "Studio", settings: Settings) -> Response:
    """Say how much of a file has arrived."""
    return _answer(_upload(request, studio, settings))


async def continue_upload(request: Request, studio: "Studio", settings: Settings) -> Response:
    """Take the body's bytes behind those that have arrived, however many they are.

    What arrived before a connection broke off stays, up to the last whole piece.
    """
    upload = await run_in_threadpool(_upload, request, studio, settings)
    raw = request.query_params.get("offset", "")
    if not raw.isdecimal() or len(raw) > MOST_DIGITS:
        raise InvalidInput("`offset` must say how many bytes have arrived.")
    offset, waiting = int(raw), bytearray()
    checksum = request.headers.get(CHECKSUM, "")
    try:
        async for chunk in request.stream():
            waiting += chunk
            while len(waiting) >= (room := PIECE - offset % PIECE) and not checksum:
                part, waiting = bytes(waiting[:room]), waiting[room:]
                offset = await run_in_threadpool(studio.uploads.append, upload, offset, part)
            if checksum and len(waiting) > PIECE - offset % PIECE:
                raise InvalidInput(f"A piece with a checksum ends at a multiple of {PIECE} bytes.")
    except ClientDisconnect:
        checksum = ""
    if waiting:
        append = studio.uploads.append
        offset = await run_in_threadpool(append, upload, offset, bytes(waiting), checksum)
    return JSONResponse({"id": upload.id, "received": offset, "size": upload.size}, headers=_QUIET)


async def finish_upload(request: Request, studio: "Studio", settings: Settings) -> Response:
    """Check that all has arrived: JSON with ``sha256`` or ``sha256_of_pieces``, or neither."""
    asked = await _json(request)
    upload = await run_in_threadpool(_upload, request, studio, settings)
    sums = {key: str(asked[key]) for key in ("sha256", "sha256_of_pieces") if asked.get(key)}

    def finish() -> "Upload":
        return studio.uploads.finish(upload, **sums)

    return _answer(await run_in_threadpool(finish))


def remove_upload(request: Request, studio: "Studio", settings: Settings) -> Response:
    """Remove an upload that is not wanted any more."""
    check_same_origin(request)
    actor = actor_of(request, studio, settings)
    studio.uploads.remove(actor, request.path_params["upload_id"])
    return JSONResponse({"removed": True}, headers=_QUIET)


def _upload(request: Request, studio: "Studio", settings: Settings) -> "Upload":
    """The upload of the address, for whoever has its token or may work in its project."""
    upload_id = request.path_params["upload_id"]
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return studio.uploads.by_token(upload_id, token.strip())
    if request.method != "GET":
        check_same_origin(request)
    return studio.uploads.get(actor_of(request, studio, settings), upload_id)


async def _json(request: Request) -> dict[str, object]:
    if int(request.headers.get("content-length") or 0) > 100_000:
        raise InvalidInput("That is too long for an announcement.")
    body = await request.body()
    if not body:
        return {}
    try:
        asked = await request.json()
    except ValueError as error:
        raise InvalidInput("The body must be JSON.") from error
    return asked if isinstance(asked, dict) else {}


def _answer(upload: "Upload", status: int = 200) -> Response:
    body = {
        "id": upload.id,
        "name": upload.name,
        "size": upload.size,
        "received": upload.received,
        "piece": PIECE,
        "complete": upload.is_checked,
    }
    return JSONResponse(body, status_code=status, headers=_QUIET)
