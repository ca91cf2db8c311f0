"""Signature version 4 of object storage, for requests that only read.

The formula is Amazon's "Authenticating Requests (AWS Signature Version 4)" for S3; Google Cloud
Storage and MinIO take the same. It is written out here because it is short, and so that neither
signatures nor addresses pass a library that looks credentials up or logs what it signs.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from core.data.remote.addresses import WebAddress

EMPTY = hashlib.sha256(b"").hexdigest()
_ALGORITHM = "AWS4-HMAC-SHA256"


@dataclass(frozen=True, slots=True)
class Signer:
    """Credentials of an account; neither is in the repr."""

    key_id: str = field(repr=False)
    secret: str = field(repr=False)
    region: str = ""

    def headers(self, address: WebAddress, moment: datetime) -> Mapping[str, str]:
        """The headers that make a GET of an address ours.

        Parameters
        ----------
        address
            Its query has sorted parts.
        moment
            Now, in UTC.
        """
        stamp = moment.strftime("%Y%m%dT%H%M%SZ")
        signed = {
            "host": address.host_header,
            "x-amz-content-sha256": EMPTY,
            "x-amz-date": stamp,
        }
        names = ";".join(sorted(signed))
        canonical = "\n".join(
            [
                "GET",
                address.path,
                address.query,
                *(f"{name}:{signed[name]}" for name in sorted(signed)),
                "",
                names,
                EMPTY,
            ]
        )
        scope = f"{stamp[:8]}/{self.region}/s3/aws4_request"
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        signature = self._key(stamp[:8], f"{_ALGORITHM}\n{stamp}\n{scope}\n{digest}")
        return {
            "X-Amz-Content-SHA256": EMPTY,
            "X-Amz-Date": stamp,
            "Authorization": f"{_ALGORITHM} Credential={self.key_id}/{scope}, "
            f"SignedHeaders={names}, Signature={signature}",
        }

    def _key(self, day: str, text: str) -> str:
        key = f"AWS4{self.secret}".encode()
        for part in (day, self.region, "s3", "aws4_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        return hmac.digest(key, text.encode(), "sha256").hex()
