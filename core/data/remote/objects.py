"""Files of a place: listing what lies in a bucket, and asking for one file."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import unquote_plus
from xml.etree.ElementTree import Element

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from core.data.folders import MOST_FILES, is_known
from core.data.remote.addresses import WebAddress, credentials, plain_name, web_address
from core.data.remote.places import BUCKETS, Place, check_place, quoted, service
from core.data.remote.signing import Signer
from core.data.remote.web import Answer, Headers, WebRules, answered
from core.errors import InvalidInput, NotFound, UnreadableFile

MOST_PAGES = 20
MOST_LISTED_BYTES = 8 * 1024**2


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file: its key (for one of the web its name), its own name, its bytes if they are known."""

    key: str
    name: str
    size: int | None


@dataclass(frozen=True, slots=True)
class Listing:
    """Files that the studio reads, by key; ``is_complete`` is false where there are more."""

    files: tuple[RemoteFile, ...]
    is_complete: bool = True


def list_files(place: Place, rules: WebRules) -> Listing:
    """What may be imported from a place; asks its server.

    Raises
    ------
    InvalidInput, NotFound
        The place is none, or its server does not let us in.
    """
    check_place(place, allow_http=rules.allow_http)
    if place.kind not in BUCKETS:
        name = _web_name(place, rules)
        with asked(place, "", rules) as answer:
            return Listing((RemoteFile(name, name, answer.size),))
    found: list[RemoteFile] = []
    token = ""
    for _ in range(MOST_PAGES):
        files, token = _page(place, rules, token)
        found += [file for file in files if is_known(file.name)]
        if not token or len(found) > MOST_FILES:
            break
    return Listing(tuple(found[:MOST_FILES]), not token and len(found) <= MOST_FILES)


def chosen_files(place: Place, keys: Sequence[str], rules: WebRules) -> list[RemoteFile]:
    """Files of a place by their keys, without asking the server.

    Raises
    ------
    NotFound
        A key does not lie in the place, or names nothing that the studio reads.
    """
    check_place(place, allow_http=rules.allow_http)
    if place.kind not in BUCKETS:
        name = _web_name(place, rules)
        known = [RemoteFile(name, name, None) for key in keys if key == name]
    else:
        inside = [k for k in keys if k.startswith(place.beginning) and ".." not in k.split("/")]
        known = [RemoteFile(key, plain_name(key), None) for key in inside]
        known = [file for file in known if is_known(file.name)]
    if not keys or len(known) != len(keys):
        raise NotFound("There is no such file in this place. Choose from its list.")
    return known


@contextmanager
def asked(place: Place, key: str, rules: WebRules) -> Iterator[Answer]:
    """Ask for a file of a place that was checked; see :func:`core.data.remote.web.answered`.

    Raises
    ------
    UnreadableFile
        Where a file of the web should be, a page for people comes, to log in for example.
    """
    if place.kind in BUCKETS:
        here = _in_bucket(place, rules, f"/{quoted(key, safe='/')}")
        with answered(here, rules, _signing(place), redirects=0) as answer:
            yield answer
        return
    text = place.address.strip()
    here = web_address(text, allow_http=rules.allow_http)
    with answered(here, rules, _for_one_server(here, credentials(text))) as answer:
        if answer.kind in {"text/html", "application/xhtml+xml"}:
            raise UnreadableFile(
                "The address leads to a page for people and not to a file; it may ask for a login. "
                "Give the one under which the file itself is downloaded."
            )
        yield answer


def _page(place: Place, rules: WebRules, token: str) -> tuple[list[RemoteFile], str]:
    """One page of a bucket's list, and what asks for the next; "" at the end."""
    asking = {"encoding-type": "url", "list-type": "2", "prefix": place.beginning}
    if token:
        asking["continuation-token"] = token
    query = "&".join(f"{name}={quoted(asking[name])}" for name in sorted(asking))
    here = replace(_in_bucket(place, rules, ""), query=query)
    with answered(here, rules, _signing(place), redirects=0) as answer:
        body = answer.small(MOST_LISTED_BYTES)
    try:
        return _listed(ElementTree.fromstring(body))
    except (ElementTree.ParseError, DefusedXmlException, ValueError, LookupError):
        raise InvalidInput(
            "The server does not answer as object storage does. Check the endpoint."
        ) from None


def _listed(root: Element) -> tuple[list[RemoteFile], str]:
    if _plain(root.tag) != "ListBucketResult":
        raise ValueError
    files, token = [], ""
    for part in root:
        if _plain(part.tag) == "NextContinuationToken":
            token = part.text or ""
        elif _plain(part.tag) == "Contents":
            said = {_plain(inner.tag): inner.text or "" for inner in part}
            key = unquote_plus(said["Key"])
            files.append(RemoteFile(key, plain_name(key), int(said.get("Size", "0"))))
    return files, token


def _plain(tag: str) -> str:
    """The name of an element without its namespace, which differs between services."""
    return tag.rpartition("}")[2]


def _in_bucket(place: Place, rules: WebRules, path: str) -> WebAddress:
    """The address of a bucket or of something in it, the bucket as a part of the path."""
    there = service(place, allow_http=rules.allow_http)
    return replace(there, path=f"{there.path.rstrip('/')}/{place.bucket}{path}")


def _signing(place: Place) -> Headers:
    key_id, secret = place.key_id.strip(), place.secret.strip()
    if not key_id:
        return lambda address: {}
    signer = Signer(key_id, secret, place.signing_region)
    return lambda address: signer.headers(address, datetime.now(UTC))


def _for_one_server(here: WebAddress, authorization: str) -> Headers:
    """Credentials for the server they were given for, and for no other that it leads to."""
    own = {"Authorization": authorization} if authorization else {}
    return lambda address: own if address.origin == here.origin else {}


def _web_name(place: Place, rules: WebRules) -> str:
    name = web_address(place.address.strip(), allow_http=rules.allow_http).name
    if not is_known(name):
        raise InvalidInput(
            "The address must end in the name of a file that the studio reads, such as orders.csv."
        )
    return name
