"""Addresses of the web, taken apart strictly: what cannot be read in one way only is refused."""

import base64
import ipaddress
import re
from dataclasses import dataclass, field
from urllib.parse import quote, unquote, urljoin, urlsplit

from core.errors import InvalidInput

PORTS = {"https": 443, "http": 80}
_ODD = re.compile(r"[\x00-\x20\x7f\\]")
_HOST = re.compile(r"^(?!-)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?$")
_KEPT = "/%:@!$&'()*+,;=~-._"


@dataclass(frozen=True, slots=True)
class WebAddress:
    """One thing on one server; path and query are percent-encoded and stay out of the repr."""

    scheme: str
    host: str
    port: int
    path: str = field(repr=False)
    query: str = field(default="", repr=False)

    @property
    def origin(self) -> tuple[str, str, int]:
        """Scheme, host and port: what credentials are good for."""
        return self.scheme, self.host, self.port

    @property
    def host_header(self) -> str:
        """The host as the ``Host`` header has it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def target(self) -> str:
        """Path and query, as they are asked for."""
        return f"{self.path}?{self.query}" if self.query else self.path

    @property
    def url(self) -> str:
        """The whole address, with its query: not for messages."""
        return f"{self.scheme}://{self.host_header}{self.target}"

    @property
    def name(self) -> str:
        """The file's own name: the last part of the path, never the query."""
        return plain_name(unquote(self.path))


def plain_name(path: str) -> str:
    """The last part of a path without what cannot be printed."""
    last = path.replace("\\", "/").rpartition("/")[2]
    return "".join(c for c in last if c.isprintable()).strip()[:200]


def web_address(text: str, *, allow_http: bool) -> WebAddress:
    """An address, without name and password, which :func:`credentials` has.

    Raises
    ------
    InvalidInput
        It is none, or not of https where http is not allowed. The message has no word of it.
    """
    wrong = InvalidInput(
        "The address cannot be understood. Write it as https://host/path/file.csv, and special "
        "characters as %20, %40 and so on."
    )
    if _ODD.search(text):
        raise wrong
    try:
        parts = urlsplit(text)
        host, port = _host(parts.hostname or ""), parts.port
    except (ValueError, UnicodeError):
        raise wrong from None
    if parts.scheme not in PORTS or not host or port == 0:
        raise wrong
    if parts.scheme == "http" and not allow_http:
        raise InvalidInput(
            "The address is not of https: what it sends could be read and changed on the way. Use "
            "https, or have plain http allowed by the administrator (STUDIO_ALLOW_HTTP)."
        )
    path, query = quote(parts.path or "/", safe=_KEPT), quote(parts.query, safe=_KEPT + "?[]")
    return WebAddress(parts.scheme, host, port or PORTS[parts.scheme], path, query)


def redirected(here: WebAddress, location: str, *, allow_http: bool) -> WebAddress:
    """Where a redirect leads; raises ``InvalidInput`` where it leaves https."""
    try:
        there = urljoin(here.url, location.strip())
    except ValueError:
        there = ""
    return web_address(there, allow_http=allow_http and here.scheme == "http")


def credentials(text: str) -> str:
    """The value of ``Authorization`` for the name and password of an address; "" for none."""
    parts = urlsplit(text)
    if parts.username is None and parts.password is None:
        return ""
    pair = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
    return "Basic " + base64.b64encode(pair.encode()).decode()


def _host(host: str) -> str:
    """A host's name in ASCII, or a plain IP address; "" for anything else."""
    if ":" in host:
        return str(ipaddress.IPv6Address(host)) if "%" not in host else ""
    name = host if host.isascii() else host.encode("idna").decode()
    return name.lower() if len(name) <= 253 and _HOST.match(name.lower()) else ""
