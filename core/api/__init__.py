"""The HTTP interface beside the browser pages: health, the session cookie, downloads.

Every route takes its Studio from a provider and asks it the same use cases that the pages ask;
nothing here decides who may do what.
"""

from core.api.auth import COOKIE, LOCAL, TICKET_HEADER, Tickets, forwarded_client
from core.api.gate import SessionGate
from core.api.headers import SecurityHeaders
from core.api.routes import create_routes
from core.api.uploads import keep_uploads_in_memory

__all__ = [
    "COOKIE",
    "LOCAL",
    "TICKET_HEADER",
    "SecurityHeaders",
    "SessionGate",
    "Tickets",
    "create_routes",
    "forwarded_client",
    "keep_uploads_in_memory",
]
