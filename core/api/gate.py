"""Closes the doors of the page server that would be open without a sign-in.

Streamlit takes uploads and hands out files to any browser that has opened the page, which includes
one that only looks at the sign-in form. Here such a request needs a live session.
"""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from core.api.auth import actor_of
from core.errors import AuthenticationFailed
from core.settings import Settings

if TYPE_CHECKING:
    from core.studio import Studio

CLOSED = re.compile(r"/_stcore/(upload_file|metrics|agent)|(?<!/static)/media/")


class SessionGate:
    """ASGI middleware that answers 401 on :data:`CLOSED` addresses without a live session.

    They are closed below any ``server.baseUrlPath`` too.
    """

    def __init__(
        self, app: ASGIApp, studio: Callable[[], "Studio"], settings: Callable[[], Settings]
    ) -> None:
        self._app = app
        self._studio = studio
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on if it may."""
        if scope["type"] == "http" and CLOSED.search(scope["path"]):
            try:
                await run_in_threadpool(self._check, Request(scope))
            except AuthenticationFailed as error:
                answer = JSONResponse({"message": str(error)}, status_code=401)
                await answer(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _check(self, request: Request) -> None:
        if request.method != "OPTIONS":
            actor_of(request, self._studio(), self._settings())
