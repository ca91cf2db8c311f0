"""The connection that both packages use: no proxy, no redirect, certificates verified."""

import ssl
from typing import TYPE_CHECKING

from core.assistant.access import LanguageAccess

if TYPE_CHECKING:
    import httpx2

_CONNECT_S = 10.0


def connection(access: LanguageAccess) -> "httpx2.Client":
    """A client that goes to the address of the settings and nowhere else.

    The packages' own would take proxies from the environment and follow redirects with the key.
    """
    import httpx2

    patience = httpx2.Timeout(access.timeout_s, connect=min(_CONNECT_S, access.timeout_s))
    return httpx2.Client(
        verify=ssl.create_default_context(),
        trust_env=False,
        follow_redirects=False,
        timeout=patience,
    )
