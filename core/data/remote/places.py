"""Where files lie that are not on this machine: one file of the web, or a part of a bucket."""

import json
import re
from dataclasses import asdict, dataclass, field
from urllib.parse import quote

from core.data.remote.addresses import WebAddress, web_address
from core.errors import InvalidInput

AMAZON = "https://s3.{region}.amazonaws.com"
GOOGLE = "https://storage.googleapis.com"
BUCKETS = frozenset({"s3", "gs"})
KINDS = BUCKETS | {"https", "http"}
_BUCKET = re.compile(r"^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$")
_REGION = re.compile(r"^[a-z0-9-]{2,40}$")
_KEY_ID = re.compile(r"^[\x21-\x2b\x2d\x2e\x30-\x7e]{1,200}$")


@dataclass(frozen=True, slots=True)
class Place:
    """Where files lie, and what lets us in; all of it is sealed, and none of it is in the repr.

    Attributes
    ----------
    address
        ``https://host/path/file.csv``, ``s3://bucket/beginning`` or ``gs://bucket/beginning``.
    endpoint
        The service of a bucket, ``https://host:port``; empty: Amazon's of the region, or Google's.
    region
        Of the bucket; empty: ``us-east-1``, and ``auto`` at Google.
    key_id, secret
        Of an account that may list and read; for ``gs`` an HMAC key. Both empty: a public bucket.
    """

    address: str = field(repr=False)
    endpoint: str = field(default="", repr=False)
    region: str = field(default="", repr=False)
    key_id: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)

    @property
    def kind(self) -> str:
        """``https``, ``http``, ``s3`` or ``gs``; "" for anything else."""
        kind = self.address.partition("://")[0].strip().lower()
        return kind if kind in KINDS else ""

    @property
    def bucket(self) -> str:
        """The bucket's name."""
        return self.address.strip().partition("://")[2].partition("/")[0]

    @property
    def beginning(self) -> str:
        """What the keys begin with that may be read; "" for the whole bucket."""
        return self.address.strip().partition("://")[2].partition("/")[2]

    @property
    def signing_region(self) -> str:
        """The region that requests are signed for."""
        return self.region.strip() or ("auto" if self.kind == "gs" else "us-east-1")

    def to_text(self) -> str:
        """As text, to be sealed."""
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> "Place":
        """The inverse of :meth:`to_text`."""
        return cls(**json.loads(text))


def check_place(place: Place, *, allow_http: bool) -> None:
    """Raise ``InvalidInput`` with everything that is wrong with a place, and no word of it."""
    problems = list(_problems(place, allow_http))
    if problems:
        raise InvalidInput(" ".join(problems), problems)


def service(place: Place, *, allow_http: bool) -> WebAddress:
    """The address of a bucket's service."""
    usual = GOOGLE if place.kind == "gs" else AMAZON.format(region=place.signing_region)
    return web_address(place.endpoint.strip() or usual, allow_http=allow_http)


def quoted(text: str, safe: str = "") -> str:
    """Text as signed requests have it: all but letters, digits and ``-_.~`` as ``%XX``."""
    return quote(text, safe=f"-_.~{safe}")


def _problems(place: Place, allow_http: bool) -> list[str]:
    if not place.kind:
        return ["The address must begin with https://, s3:// or gs://."]
    try:
        if place.kind not in BUCKETS:
            web_address(place.address.strip(), allow_http=allow_http)
            return []
        found = service(place, allow_http=allow_http)
    except InvalidInput as error:
        return [str(error)]
    problems = []
    if not _BUCKET.match(place.bucket) or ".." in place.bucket:
        problems.append("The bucket's name is none: s3://bucket/beginning is how it is written.")
    if not _REGION.match(place.signing_region):
        problems.append("The region has letters, digits and hyphens only, as in eu-central-1.")
    if found.query:
        problems.append("The endpoint must be a host and a port, without `?`.")
    if bool(place.key_id.strip()) != bool(place.secret.strip()):
        problems.append("Give both the key's id and its secret, or none for a public bucket.")
    if place.key_id.strip() and not _KEY_ID.match(place.key_id.strip()):
        problems.append("The key's id has a character that none has. Copy it again.")
    return problems
