"""Servers of the web for tests: on loopback, in a thread, over https with a certificate of ours."""

import hashlib
import hmac
import re
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlsplit
from xml.sax.saxutils import escape

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Answering = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Answers by its server's function, and writes nothing to the terminal."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.asked.append((self.path, dict(self.headers)))  # type: ignore[attr-defined]
        self.server.answering(self)  # type: ignore[attr-defined]

    def log_message(self, *args: object) -> None:
        pass

    def give(self, body: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        usual = {"content_length": str(len(body)), "content_type": "text/csv"}
        for name, value in (usual | headers).items():
            if value:
                self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def lead(self, location: str) -> None:
        self.give(b"", 302, location=location)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    answering: Answering
    asked: list[tuple[str, dict[str, str]]]

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that go away are what some tests are about."""


@dataclass
class Web:
    """A running server: its port, and what it was asked with which headers."""

    port: int
    scheme: str
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def url(self, path: str, host: str = "localhost") -> str:
        return f"{self.scheme}://{host}:{self.port}{path}"


@contextmanager
def web(answering: Answering, certificate: Path | None = None) -> Iterator[Web]:
    server = _Server(("127.0.0.1", 0), Handler)
    running = Web(server.server_address[1], "https" if certificate else "http")
    server.answering, server.asked = answering, running.asked
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield running
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def make_certificate(path: Path, host: str) -> Path:
    """A certificate for a host that signs itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    moment = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(moment - timedelta(hours=1))
        .not_valid_after(moment + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    kind = serialization.PrivateFormat.PKCS8
    pem = key.private_bytes(serialization.Encoding.PEM, kind, plain)
    path.write_bytes(pem + made.public_bytes(serialization.Encoding.PEM))
    return path


@dataclass
class Bucket:
    """Object storage with one bucket, which reads signatures by the book and not by our code."""

    objects: dict[str, bytes]
    name: str = "bank"
    key_id: str = "AKIATESTTESTTEST"
    secret: str = "a/very+secret+key/of+forty+characters+123"
    region: str = "eu-north-1"
    page: int = 2

    def __call__(self, handler: Handler) -> None:
        parts = urlsplit(handler.path)
        if not self._is_signed(handler, parts.path, parts.query):
            return handler.give(b"<Error><Code>SignatureDoesNotMatch</Code></Error>", 403)
        if parts.path == f"/{self.name}":
            return handler.give(self._list(dict(parse_qsl(parts.query))))
        key = unquote(parts.path.removeprefix(f"/{self.name}/"))
        if key not in self.objects:
            return handler.give(b"<Error><Code>NoSuchKey</Code></Error>", 404)
        return handler.give(self.objects[key])

    def _list(self, asked: dict[str, str]) -> bytes:
        assert asked["list-type"] == "2"
        assert asked["encoding-type"] == "url"
        keys = sorted(k for k in self.objects if k.startswith(asked.get("prefix", "")))
        start = int(asked.get("continuation-token", "0+/=").partition("+")[0])
        shown = keys[start : start + self.page]
        more = start + self.page < len(keys)
        token = f"<NextContinuationToken>{start + self.page}+/=</NextContinuationToken>"
        contents = "".join(
            f"<Contents><Key>{escape(quote(k).replace('%20', '+'))}</Key>"
            f"<Size>{len(self.objects[k])}</Size></Contents>"
            for k in shown
        )
        return (
            '<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
            f"{contents}{token if more else ''}</ListBucketResult>"
        ).encode()

    def _is_signed(self, handler: Handler, path: str, query: str) -> bool:
        said = re.fullmatch(
            r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/s3/aws4_request, "
            r"SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})",
            handler.headers.get("Authorization", ""),
        )
        if said is None or said[1] != self.key_id or said[3] != self.region:
            return False
        names = said[4].split(";")
        stamp = handler.headers["x-amz-date"]
        sent = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        if "host" not in names or abs(datetime.now(UTC) - sent) > timedelta(minutes=15):
            return False
        pairs = sorted(
            (quote(k, safe="-_.~"), quote(v, safe="-_.~"))
            for k, v in parse_qsl(query, keep_blank_values=True)
        )
        lines = ["GET", quote(unquote(path), safe="/-_.~"), "&".join(f"{k}={v}" for k, v in pairs)]
        lines += [f"{n}:{handler.headers[n].strip()}" for n in names]
        lines += ["", said[4], handler.headers["x-amz-content-sha256"]]
        digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
        scope = f"{said[2]}/{said[3]}/s3/aws4_request"
        key = ("AWS4" + self.secret).encode()
        for part in scope.split("/"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{digest}"
        right = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
        return hmac.compare_digest(right, said[5])
