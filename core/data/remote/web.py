"""Asking a server of the web, over a connection to the address that was looked at.

DuckDB's httpfs looks names up and follows redirects by itself, so that a check of ours would see
neither. Here each connection, also that after a redirect, goes to an address of the host that was
checked just before, the certificate is verified against the host's name, no proxy or credential is
taken from the environment, and no library in between writes addresses into a log.

No message has a word of an address or of a server's answer in it: either may quote a secret.
"""

import http.client
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field

from core.data.remote.addresses import WebAddress, redirected
from core.data.sources.addresses import checked_address
from core.errors import InvalidInput, NotFound, UnreadableFile

MOST_REDIRECTS = 5
CONNECT_S = 10.0
SILENT_S = 60.0
ANSWER_S = 60.0
CHUNK = 1 << 20
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_ENCODINGS = frozenset({"", "identity", "gzip", "x-gzip", "aws-chunked"})

Headers = Callable[[WebAddress], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class WebRules:
    """What the administrator allows: private addresses, and http without TLS."""

    forbid_private: bool
    allow_http: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server sends, with ``size`` bytes; None where it sends them in chunks.

    ``address`` is where it came from in the end, after redirects.
    """

    address: WebAddress
    kind: str
    size: int | None
    _response: http.client.HTTPResponse = field(repr=False)
    _connection: "_Pinned" = field(repr=False)

    def chunks(self) -> Iterator[bytes]:
        """The bytes as they come.

        Raises
        ------
        UnreadableFile
            They end before all have come, or nothing comes for a minute.
        """
        received = 0
        while chunk := self._next():
            received += len(chunk)
            yield chunk
        if self.size is not None and received != self.size:
            raise _broken()

    def small(self, most: int) -> bytes:
        """All bytes, where they have to be few and come soon.

        Raises
        ------
        UnreadableFile
            There are more than ``most``, or they do not come within a minute.
        """
        body = b""
        with self._connection.deadline(ANSWER_S):
            for chunk in self.chunks():
                body += chunk
                if len(body) > most:
                    raise UnreadableFile("The server answers with more than can be taken.")
        return body

    def _next(self) -> bytes:
        try:
            return self._response.read1(CHUNK)
        except (OSError, http.client.HTTPException, ValueError):
            raise _broken() from None


@contextmanager
def answered(
    address: WebAddress, rules: WebRules, headers: Headers, *, redirects: int = MOST_REDIRECTS
) -> Iterator[Answer]:
    """Get what is at an address.

    Parameters
    ----------
    headers
        Gives the headers for an address; asked again for each redirect, so that credentials are
        not handed to another server.
    redirects
        How many are followed.

    Raises
    ------
    InvalidInput
        A host is forbidden, nobody answers, the certificate does not verify, the answer is a
        refusal, or it leads on too often.
    NotFound
        The server has no such file.
    """
    for _ in range(redirects + 1):
        with closing(_Pinned(address, rules)) as connection:
            with connection.deadline(ANSWER_S):
                response = _asked(connection, address, headers(address))
            with closing(response):
                location = response.getheader("Location") or ""
                if response.status in _REDIRECTS and location and redirects:
                    address = redirected(address, location, allow_http=rules.allow_http)
                    continue
                _check(response)
                kind = response.headers.get_content_type()
                yield Answer(address, kind, response.length, response, connection)
                return
    raise InvalidInput(
        f"The address leads on more than {redirects} times. Give the one where the file lies."
    )


class _Pinned(http.client.HTTPConnection):
    """A connection to an address that was looked at, under the host's own name."""

    def __init__(self, address: WebAddress, rules: WebRules) -> None:
        super().__init__(address.host, address.port, timeout=SILENT_S)
        self._address, self._rules = address, rules
        self._line: socket.socket | None = None
        self.is_late = False

    def connect(self) -> None:
        """Look the name up, check what was found, connect to it, and verify the certificate."""
        host, port = self._address.host, self._address.port
        place = checked_address(host, port, forbid_private=self._rules.forbid_private)
        self.sock = self._line = socket.create_connection((place, port), CONNECT_S)
        self.sock.settimeout(SILENT_S)
        if self._address.scheme == "https":
            secured = ssl.create_default_context().wrap_socket(
                self.sock, server_hostname=host.rstrip("."), do_handshake_on_connect=False
            )
            self.sock = self._line = secured
            secured.do_handshake()
        if self.is_late:
            raise TimeoutError

    @contextmanager
    def deadline(self, seconds: float) -> Iterator[None]:
        """End what goes on after so long, also where a byte comes now and then."""
        timer = threading.Timer(seconds, self._end)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _end(self) -> None:
        """End the line; an answer that outlives its connection has it too."""
        self.is_late = True
        if self._line is not None:
            with suppress(OSError):
                socket.socket.shutdown(self._line, socket.SHUT_RDWR)


def _asked(
    connection: _Pinned, address: WebAddress, headers: Mapping[str, str]
) -> http.client.HTTPResponse:
    sent = {"Host": address.host_header, "Accept": "*/*", "Accept-Encoding": "identity"}
    try:
        connection.request("GET", address.target, headers={**sent, **headers})
        response = connection.getresponse()
        if connection.is_late:
            response.close()
            raise TimeoutError
        return response
    except ssl.SSLCertVerificationError:
        raise InvalidInput(
            "The server's certificate does not verify for this host. Check the address; a "
            "certificate of your own authority has to be known to the studio (SSL_CERT_FILE)."
        ) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise InvalidInput(
            f"The server does not answer as it should ({type(error).__name__}). Check host and "
            "port, and that it answers from this machine."
        ) from None


def _check(response: http.client.HTTPResponse) -> None:
    """Refuse an answer that is no file."""
    status = response.status
    if status in {404, 410}:
        raise NotFound(f"The server has no such file ({status}). Check the address.")
    if status in {400, 401, 403}:
        raise InvalidInput(
            f"The server does not let us in ({status}). Check the credentials, that they may read "
            "what is asked for, and for object storage the region and this machine's clock."
        )
    if status in _REDIRECTS:
        raise InvalidInput(
            f"The server sends us elsewhere ({status}). For object storage give the endpoint and "
            "the region that the bucket lies in."
        )
    if status != 200:
        raise InvalidInput(f"The server answers with {status}. Try again later.")
    if (response.getheader("Content-Encoding") or "").strip().lower() not in _ENCODINGS:
        raise UnreadableFile("The server packs the file in a way that the studio does not read.")
    if response.length is None and not response.chunked:
        raise UnreadableFile(
            "The server does not say how large the file is, so that a broken transfer would not "
            "be noticed. Have it send a length, or upload the file."
        )


def _broken() -> UnreadableFile:
    return UnreadableFile(
        "The transfer broke off before all had come. Nothing was kept. Try again."
    )
