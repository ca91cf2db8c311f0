"""Files that lie elsewhere: on the web over https, and in object storage."""

from core.data.remote.arriving import import_remote
from core.data.remote.objects import Listing, RemoteFile, chosen_files, list_files
from core.data.remote.places import KINDS, Place
from core.data.remote.web import WebRules

__all__ = [
    "KINDS",
    "Listing",
    "Place",
    "RemoteFile",
    "WebRules",
    "chosen_files",
    "import_remote",
    "list_files",
]
