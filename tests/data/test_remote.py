"""Asking servers of the web: which address is connected to, what is followed, what is refused."""

import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.data.remote import Place, WebRules, chosen_files, list_files
from core.data.remote import web as client
from core.data.remote.addresses import credentials, redirected, web_address
from core.data.remote.objects import asked
from core.data.remote.places import check_place, quoted
from core.data.remote.signing import Signer
from core.errors import InvalidInput, NotFound, StudioError
from tests.webserver import Bucket, Handler, Web, make_certificate, web

OPEN = WebRules(forbid_private=False, allow_http=True)
STRICT = WebRules(forbid_private=True, allow_http=True)
PUBLIC = "93.184.216.34"
SECRET = "hunter2-Sig0=abc"
BODY = b"a,b\n1,2\n"


def answering(handler: Handler) -> None:
    """Answers by the path that is asked for."""
    path = handler.path.partition("?")[0]
    if path.startswith("/to/"):
        handler.lead(unquote(path.removeprefix("/to/")))
    elif path.startswith("/round/"):
        handler.lead(f"/round/{int(path[7:]) - 1}" if int(path[7:]) else "/file.csv")
    elif path == "/short.csv":
        handler.give(BODY, content_length="100")
        handler.close_connection = True
    elif path == "/lengthless.csv":
        handler.give(BODY, content_length="")
        handler.close_connection = True
    elif path == "/chunks.csv":
        handler.give(b"4\r\na,b\n\r\n4\r\n1,2\n\r\n0\r\n\r\n", content_length="",
                     transfer_encoding="chunked")  # fmt: skip
    elif path == "/broken_chunks.csv":
        handler.give(b"4\r\na,b\n\r\n9\r\n1,", content_length="", transfer_encoding="chunked")
        handler.close_connection = True
    elif path == "/page.csv":
        handler.give(b"<html>log in</html>", content_type="text/html; charset=utf-8")
    elif path == "/packed.csv":
        handler.give(BODY, content_encoding="br")
    elif path == "/slow.csv":
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for _ in range(100):
            handler.wfile.write(b"X: y\r\n")
            time.sleep(0.05)
    elif path == "/guarded.csv" and "Authorization" not in handler.headers:
        handler.give(SECRET.encode(), 401)
    elif path.endswith(".csv"):
        handler.give(BODY)
    else:
        handler.give(SECRET.encode(), int(path[1:]) if path[1:].isdigit() else 404)


@pytest.fixture(scope="module")
def plain() -> Iterator[Web]:
    with web(answering) as running:
        yield running


def got(url: str, rules: WebRules = OPEN) -> bytes:
    with asked(Place(url), "", rules) as answer:
        return answer.small(1_000)


class Elsewhere:
    """Names and the addresses that they have, one look-up after another; what was connected to."""

    def __init__(self) -> None:
        self.names: dict[str, list[str]] = {}
        self.connected: list[str] = []

    def look_up(self, host: str, port: int, **more: object) -> list[tuple]:
        found = self.names.get(host, [host])
        address = found.pop(0) if len(found) > 1 else found[0]
        return [(2, 1, 6, "", (address, port))]

    def connect(self, place: tuple[str, int], timeout: float) -> socket.socket:
        self.connected.append(place[0])
        line = socket.socket()
        line.settimeout(timeout)
        line.connect(("127.0.0.1", place[1]))
        return line


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Elsewhere:
    """A network in which every address leads to this machine."""
    network = Elsewhere()
    monkeypatch.setattr(socket, "getaddrinfo", network.look_up)
    monkeypatch.setattr(socket, "create_connection", network.connect)
    return network


@pytest.mark.parametrize("path", ["/file.csv", "/chunks.csv", "/to//file.csv", "/round/4"])
def test_a_file_comes(plain: Web, path: str) -> None:
    assert got(plain.url(path)) == BODY


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/404", "no such file"),
        ("/403", "does not let us in"),
        ("/500", "answers with 500"),
        ("/round/5", "more than 5 times"),
        ("/short.csv", "broke off"),
        ("/broken_chunks.csv", "broke off"),
        ("/lengthless.csv", "how large"),
        ("/page.csv", "page for people"),
        ("/packed.csv", "packs the file"),
        ("/guarded.csv", "does not let us in"),
        ("/to/file:///etc/passwd", "cannot be understood"),
        ("/to/ftp://localhost/x.csv", "cannot be understood"),
    ],
)
def test_what_is_no_file_is_refused_without_a_secret(plain: Web, path: str, words: str) -> None:
    with pytest.raises(StudioError, match=words) as caught:
        got(plain.url(f"{path}?sig={SECRET}"))
    assert SECRET not in _all_words(caught.value)


def _all_words(error: BaseException) -> str:
    """Messages of an error and of all that it came from, as a log's trace would have them."""
    words, seen = [], error
    while seen is not None:
        words.append(f"{seen!r}")
        seen = None if seen.__suppress_context__ else (seen.__cause__ or seen.__context__)
    return " ".join(words)


def test_a_name_is_looked_up_once_and_its_address_is_used(plain: Web, elsewhere: Elsewhere) -> None:
    elsewhere.names["files.example"] = [PUBLIC, "127.0.0.1"]
    assert got(plain.url("/file.csv", "files.example"), STRICT) == BODY
    assert elsewhere.connected == [PUBLIC]
    assert plain.asked[-1][1]["Host"] == f"files.example:{plain.port}"


@pytest.mark.parametrize(
    "host",
    ["localhost", "127.0.0.1", "[::1]", "2130706433", "0x7f.1", "10.0.0.1", "169.254.169.254",
     "[::ffff:10.0.0.1]", "[64:ff9b::7f00:1]"],
)  # fmt: skip
def test_private_hosts_are_refused_when_forbidden(plain: Web, host: str) -> None:
    before = len(plain.asked)
    with pytest.raises(InvalidInput, match=r"forbidden|no address"):
        got(plain.url("/file.csv", host), STRICT)
    assert len(plain.asked) == before


@pytest.mark.parametrize("host", ["127.0.0.1", "inside.example", "[::1]", "localhost"])
def test_a_redirect_to_a_private_address_is_refused(
    plain: Web, elsewhere: Elsewhere, host: str
) -> None:
    elsewhere.names |= {
        "files.example": [PUBLIC],
        "inside.example": ["10.1.2.3"],
        "localhost": ["127.0.0.1"],
    }
    with pytest.raises(InvalidInput, match="forbidden"):
        got(plain.url(f"/to/{plain.url('/file.csv', host)}", "files.example"), STRICT)
    assert elsewhere.connected == [PUBLIC]


def test_a_name_that_turns_private_on_the_way_back_is_refused(
    plain: Web, elsewhere: Elsewhere
) -> None:
    elsewhere.names["files.example"] = [PUBLIC, "192.168.0.7"]
    with pytest.raises(InvalidInput, match="forbidden"):
        got(plain.url("/to//file.csv", "files.example"), STRICT)
    assert elsewhere.connected == [PUBLIC]


def test_credentials_go_to_no_other_server(plain: Web) -> None:
    own = plain.url("/guarded.csv").replace("//", f"//ada:{SECRET.replace('=', '%3D')}@")
    assert got(own) == BODY
    assert plain.asked[-1][1]["Authorization"] == credentials(own)
    with web(answering) as other:
        leading = plain.url(f"/to/{other.url('/file.csv')}").replace("//", "//ada:word@", 1)
        assert got(leading) == BODY
        assert "Authorization" in plain.asked[-1][1]
        assert "Authorization" not in other.asked[-1][1]


def test_no_proxy_is_taken_from_the_environment(plain: Web, monkeypatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert got(plain.url("/file.csv")) == BODY


def test_a_server_that_trickles_is_left(plain: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "ANSWER_S", 0.3)
    with pytest.raises(InvalidInput, match="TimeoutError"):
        got(plain.url("/slow.csv"))


def test_certificates_are_verified_for_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, elsewhere: Elsewhere
) -> None:
    certificate = make_certificate(tmp_path / "pair.pem", "files.example")
    elsewhere.names |= {"files.example": [PUBLIC], "other.example": [PUBLIC]}
    https_only = WebRules(forbid_private=True)
    with web(answering, certificate) as running:
        with pytest.raises(InvalidInput, match="certificate does not verify"):
            got(running.url("/file.csv", "files.example"), https_only)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert got(running.url("/file.csv", "files.example"), https_only) == BODY
        with pytest.raises(InvalidInput, match="certificate does not verify"):
            got(running.url("/file.csv", "other.example"), https_only)
        leading = running.url("/to/http://files.example/file.csv", "files.example")
        for rules in (https_only, STRICT):
            with pytest.raises(InvalidInput, match="not of https"):
                got(leading, rules)


def test_http_has_to_be_allowed(plain: Web) -> None:
    with pytest.raises(InvalidInput, match="STUDIO_ALLOW_HTTP"):
        got(plain.url("/file.csv"), WebRules(forbid_private=False))


@pytest.mark.parametrize(
    "text",
    ["", "https://", "https:///x.csv", "https://a b/x.csv", "https://host\\@evil/x.csv",
     "https://host:0/x", "https://host:99999/x", "https://ho%73t/x", "https://host/\r\nX: y",
     "file:///etc/passwd", "gopher://host/x", "https://[::1%25eth0]/x", "https://[nonsense]/x",
     "https://-host/x", "https://" + "a" * 300 + "/x"],
)  # fmt: skip
def test_odd_addresses_are_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="cannot be understood"):
        web_address(text, allow_http=True)


def test_addresses_are_taken_apart() -> None:
    text = "https://ada:pw@Büro.example/a/ü%20x.csv?sig=s"
    found = web_address(text, allow_http=False)
    assert found.host == "xn--bro-hoa.example"
    assert (found.port, found.target) == (443, "/a/%C3%BC%20x.csv?sig=s")
    assert found.name == "ü x.csv"
    assert "sig" not in repr(found)
    there = redirected(found, "../b.csv?x=1", allow_http=True)
    assert there.url == "https://xn--bro-hoa.example/b.csv?x=1"


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(min_size=1, max_size=30), st.text("/-_.~ab%+= ", max_size=12))
def test_signatures_are_those_of_the_reference(key: str, prefix: str) -> None:
    moment = datetime(2024, 5, 1, 10, 20, 30)
    query = f"list-type=2&prefix={quoted(prefix)}"
    url = f"https://s3.eu-north-1.amazonaws.com:9000/bank/{quoted(key, safe='/')}?{query}"
    here = web_address("https://s3.eu-north-1.amazonaws.com:9000", allow_http=False)
    here = replace(here, path=f"/bank/{quoted(key, safe='/')}", query=query)
    ours = Signer("AKIA", SECRET, "eu-north-1").headers(here, moment)
    theirs = botocore.awsrequest.AWSRequest("GET", url, headers={"Host": here.host_header})
    theirs.headers["X-Amz-Content-SHA256"] = ours["X-Amz-Content-SHA256"]
    pair = botocore.credentials.Credentials("AKIA", SECRET)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(botocore.auth, "get_current_datetime", lambda *args, **more: moment)
        botocore.auth.S3SigV4Auth(pair, "s3", "eu-north-1").add_auth(theirs)
    assert ours["Authorization"] == theirs.headers["Authorization"]


HOLD = {
    "in/2024/a b+ü&=.csv": BODY,
    "in/2024/notes.md": b"x",
    "in/b.parquet": b"PAR1",
    "in/.hidden.csv": BODY,
    "in/c.csv.gz": b"x",
    "in/sub/": b"",
    "out/d.csv": BODY,
}


@pytest.fixture
def bucket() -> Iterator[tuple[Bucket, Place]]:
    held = Bucket(dict(HOLD))
    with web(held) as running:
        yield held, Place("s3://bank/in/", running.url(""), held.region, held.key_id, held.secret)


def test_a_bucket_is_listed_page_by_page_and_read(bucket: tuple[Bucket, Place]) -> None:
    _, place = bucket
    found = list_files(place, OPEN)
    assert found.is_complete
    assert [file.key for file in found.files] == [
        "in/2024/a b+ü&=.csv", "in/b.parquet", "in/c.csv.gz",
    ]  # fmt: skip
    assert (found.files[0].name, found.files[0].size) == ("a b+ü&=.csv", len(BODY))
    with asked(place, found.files[0].key, OPEN) as answer:
        assert answer.small(100) == BODY


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"secret": "wrong"}, "does not let us in"),
        ({"key_id": "", "secret": ""}, "does not let us in"),
        ({"region": "eu-west-1"}, "does not let us in"),
    ],
)
def test_a_bucket_that_does_not_let_us_in(bucket, changed: dict[str, str], words: str) -> None:
    _, place = bucket
    with pytest.raises(InvalidInput, match=words):
        list_files(replace(place, **changed), OPEN)


def test_only_what_lies_in_the_place_can_be_chosen(bucket: tuple[Bucket, Place]) -> None:
    _, place = bucket
    assert [f.name for f in chosen_files(place, ["in/x/y.csv"], OPEN)] == ["y.csv"]
    for keys in (["out/d.csv"], ["in/notes.md"], ["in/b.parquet", "out/d.csv"],
                 ["in/../out/d.csv"], []):  # fmt: skip
        with pytest.raises(NotFound):
            chosen_files(place, keys, OPEN)
    with pytest.raises(NotFound):
        chosen_files(Place("https://h.example/x.csv?s=1"), ["y.csv"], OPEN)


@pytest.mark.parametrize(
    "body",
    [b"", b"<html/>", b"no xml", b"<ListBucketResult><Contents/></ListBucketResult>",
     b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><ListBucketResult>&e;'
     b"</ListBucketResult>"],
)  # fmt: skip
def test_what_is_no_list_of_a_bucket(body: bytes) -> None:
    refused = pytest.raises(InvalidInput, match="as object storage does")
    with web(lambda handler: handler.give(body)) as running, refused:
        list_files(Place("s3://bank", running.url("")), OPEN)


def test_a_signed_request_follows_no_redirect() -> None:
    with web(lambda handler: handler.lead("/elsewhere")) as running:
        place = Place("s3://bank", running.url(""), "", "AKIA", SECRET)
        with pytest.raises(InvalidInput, match="sends us elsewhere"):
            list_files(place, OPEN)
    assert len(running.asked) == 1


@pytest.mark.parametrize(
    ("place", "problems"),
    [
        (Place("ftp://host/x"), 1),
        (Place("s3://Bad_Bucket!/x", region="EU", key_id="a"), 3),
        (Place("s3://ok-bucket", "ftp://host"), 1),
        (Place("gs://ok..bucket"), 1),
        (Place("s3://ok-bucket", "https://host/?x=1"), 1),
    ],
)
def test_everything_wrong_with_a_place_is_said_at_once(place: Place, problems: int) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_place(place, allow_http=False)
    assert len(caught.value.problems) == problems


def test_a_place_shows_nothing_of_itself() -> None:
    place = Place("s3://bank/in", "https://e.example", "eu", "AKIAID", SECRET)
    assert SECRET not in repr(place)
    assert "AKIAID" not in repr(place)
    assert Place.from_text(place.to_text()) == place
    assert (place.bucket, place.beginning) == ("bank", "in")
