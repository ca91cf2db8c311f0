"""The table of routes under ``/api``, and how errors become answers."""

import logging
import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from core.api.auth import Tickets, close_session, open_session
from core.api.downloads import send_filled, send_release
from core.api.health import answer_health
from core.api.incoming import (
    begin_upload,
    continue_upload,
    finish_upload,
    look_at_upload,
    remove_upload,
)
from core.errors import (
    AuthenticationFailed,
    Conflict,
    InvalidInput,
    NotFound,
    PermissionDenied,
    StorageError,
    StudioError,
    TooManyAttempts,
)
from core.settings import Settings

if TYPE_CHECKING:
    from core.studio import Studio

LOG = logging.getLogger("studio.api")
STATUS = (
    (TooManyAttempts, 429),
    (AuthenticationFailed, 401),
    (PermissionDenied, 403),
    (NotFound, 404),
    (InvalidInput, 422),
    (Conflict, 409),
    (StorageError, 507),
)


def create_routes(
    studio: Callable[[], "Studio"], tickets: Callable[[], Tickets], settings: Callable[[], Settings]
) -> list[BaseRoute]:
    """Make the routes; the three providers are asked anew for each request.

    Endpoints are plain functions: Starlette runs them in its thread pool, so that a slow use case
    does not hold up the event loop.
    """

    def health(request: Request) -> Response:
        return answer_health(studio())

    def sign_in(request: Request) -> Response:
        return open_session(request, tickets(), settings())

    def sign_out(request: Request) -> Response:
        return close_session(request, studio(), settings())

    def release(request: Request) -> Response:
        return send_release(request, studio(), settings())

    def filled(request: Request) -> Response:
        return send_filled(request, studio(), settings())

    async def begin(request: Request) -> Response:
        return await begin_upload(request, studio(), settings())

    def look(request: Request) -> Response:
        return look_at_upload(request, studio(), settings())

    async def go_on(request: Request) -> Response:
        return await continue_upload(request, studio(), settings())

    async def finish(request: Request) -> Response:
        return await finish_upload(request, studio(), settings())

    def remove(request: Request) -> Response:
        return remove_upload(request, studio(), settings())

    routes = [
        Route("/uploads", begin, methods=["POST"]),
        Route("/uploads/{upload_id}", look, methods=["GET"]),
        Route("/uploads/{upload_id}", go_on, methods=["PATCH", "PUT"]),
        Route("/uploads/{upload_id}", remove, methods=["DELETE"]),
        Route("/uploads/{upload_id}/finish", finish, methods=["POST"]),
        Route("/health", health),
        Route("/auth/session", sign_in, methods=["POST"]),
        Route("/auth/logout", sign_out, methods=["POST"]),
        Route("/releases/{release_id}/download", release),
        Route("/runs/{run_id}/filled", filled),
    ]
    handlers = {StudioError: answer_error, HTTPException: answer_http, Exception: answer_failure}
    return [Mount("/api", app=Starlette(routes=routes, exception_handlers=handlers))]


def answer_error(request: Request, error: Exception) -> JSONResponse:
    """Answer with the message, all problems and the status of the error's class."""
    status = next((code for kind, code in STATUS if isinstance(error, kind)), 500)
    body: dict[str, object] = {"error": type(error).__name__, "message": str(error)}
    problems = getattr(error, "problems", ())
    if problems:
        body["problems"] = list(problems)
    headers = {"Cache-Control": "no-store"}
    if isinstance(error, TooManyAttempts):
        headers["Retry-After"] = str(max(1, round(error.retry_after_s)))
    if status == 500:
        body["reference"] = _log(error)
    return JSONResponse(body, status_code=status, headers=headers)


def answer_http(request: Request, error: Exception) -> JSONResponse:
    """Answer an unknown address or method in JSON too."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    message = error.detail if isinstance(error, HTTPException) else ""
    return JSONResponse({"error": "HTTP", "message": message}, status_code=status)


def answer_failure(request: Request, error: Exception) -> JSONResponse:
    """Answer an unforeseen error with a reference only; the trace goes to the log."""
    body = {
        "error": "InternalError",
        "message": "Something went wrong on our side. Give the reference to your administrator.",
        "reference": _log(error),
    }
    return JSONResponse(body, status_code=500)


def _log(error: Exception) -> str:
    reference = secrets.token_hex(3).upper()
    LOG.error("%s request failed", reference, exc_info=error)
    return reference
