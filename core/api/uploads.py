"""Uploads on their way in: kept in memory, since a temporary file would hold them unencrypted."""

from starlette.formparsers import MultiPartParser

NEVER = 2**63 - 1


def keep_uploads_in_memory() -> None:
    """Have Starlette's form parser spool no upload of this process to a temporary file.

    It would do so from one MiB on. The page server reads the whole upload into memory anyway, and
    limits its size before.
    """
    MultiPartParser.spool_max_size = NEVER
