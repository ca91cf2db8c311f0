"""The server: the Streamlit pages, the API beside them, and what happens at start and end.

``streamlit run serve.py`` starts it. The Studio is opened before the first request is answered
and closed at the end, so that one process holds the state file for exactly as long as it serves.
"""

import logging
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NoReturn

import anyio.to_thread
import streamlit as st
from starlette.middleware import Middleware

from app.components.page import show_error, show_failure
from app.resources import close_studio, settings, studio, tickets
from core.api import SecurityHeaders, SessionGate, create_routes, keep_uploads_in_memory
from core.errors import StudioError
from core.tracing import forbid_core_files, sanitise_logs

LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def set_up_log() -> None:
    """Write the studio's own records, and warnings of others, to standard error.

    From then on no record of this process quotes what an exception says.
    """
    sanitise_logs()
    logging.basicConfig(level=logging.WARNING, format=LOG_FORMAT)
    for name in ("core", "studio"):
        logging.getLogger(name).setLevel(logging.INFO)


def announcement(address: str, code: str | None) -> str:
    """Return what the terminal shows once the studio answers."""
    lines = ["", f"  Synth Studio is ready:  {address}", ""]
    if code is not None:
        lines += [
            "  Nobody has an account yet. Open the address and create the first",
            f"  administrator with this one-time code:  {code}",
            "",
        ]
    return "\n".join(lines)


def address() -> str:
    """Return the address to open in a browser on this machine."""
    host = st.get_option("server.address") or "localhost"
    host = "localhost" if host in {"0.0.0.0", "::", "127.0.0.1"} else host
    scheme = "https" if st.get_option("server.sslCertFile") else "http"
    return f"{scheme}://{host}:{st.get_option('server.port')}"


def give_up(error: StudioError) -> NoReturn:
    """Say in a line why the studio cannot start, without the trace that the server would print.

    Nothing is open yet, so there is nothing to close.
    """
    sys.stderr.write(f"\n  Synth Studio cannot start. {error}\n\n")
    sys.stderr.flush()
    os._exit(2)


@asynccontextmanager
async def lifespan(server: st.App) -> AsyncIterator[dict[str, Any]]:
    """Open the Studio, say where it is, and close it at the end."""
    set_up_log()
    forbid_core_files()
    keep_uploads_in_memory()
    try:
        opened = await anyio.to_thread.run_sync(studio)
    except StudioError as error:
        give_up(error)
    sys.stdout.write(announcement(address(), opened.people.first_admin_code()))
    sys.stdout.flush()
    try:
        yield {}
    finally:
        await anyio.to_thread.run_sync(close_studio)


def on_script_error(error: Exception) -> bool:
    """Show an error that no page caught as a designed state; the log has the trace."""
    if isinstance(error, StudioError):
        show_error(error)
    else:
        show_failure(error)
    return True


app = st.App(
    "app/main.py",
    lifespan=lifespan,
    routes=create_routes(studio, tickets, settings),
    middleware=[
        Middleware(SecurityHeaders),
        Middleware(SessionGate, studio=studio, settings=settings),
    ],
    on_script_error=on_script_error,
)
