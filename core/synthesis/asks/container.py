"""A JSON header and several byte strings as one; the same input gives the same bytes."""

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

from core.errors import InvalidInput

_HEADER = "header.json"


def pack(header: Mapping[str, Any], blobs: Mapping[str, bytes]) -> bytes:
    """A zip archive of the header and the blobs by name."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(zipfile.ZipInfo(_HEADER), json.dumps(header))
        for name, blob in blobs.items():
            archive.writestr(zipfile.ZipInfo(name), blob)
    return buffer.getvalue()


def unpack(blob: bytes, kind: str) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The inverse of :func:`pack`; raises ``InvalidInput`` when the header is not of that kind."""
    try:
        with zipfile.ZipFile(io.BytesIO(blob)) as archive:
            blobs = {name: archive.read(name) for name in archive.namelist()}
        header: dict[str, Any] = json.loads(blobs.pop(_HEADER))
        if header["kind"] != kind:
            raise ValueError(kind)
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError) as error:
        raise InvalidInput(f"This is not a model file of the kind {kind!r}.") from error
    return header, blobs
