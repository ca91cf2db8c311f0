"""Taking uploaded files into the studio without laying their contents on a disk."""

import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from app.resources import settings, studio
from core.data.scratch import path_of, scratch
from core.governance.policy import Actor
from core.studio.imports import Preview, ReadOptions
from core.studio.values import Dataset

SMALL_MIB = 256
ENDINGS = ["csv", "tsv", "txt", "json", "jsonl", "ndjson", "parquet", "xlsx", "xls", "gz", "zip"]
FORMATS = (
    "Each file may be gzipped. Several files, or a zip of several, become one dataset of related "
    "tables. You see what is in them before anything else happens."
)


def choose_files() -> list[UploadedFile]:
    """Show the place to drop files and return what lies there."""
    most = max(1, min(SMALL_MIB, int(settings().upload_gib * 1024)))
    return st.file_uploader(
        "Drop your tables here",
        type=[*ENDINGS, *(ending[1:] for ending in studio().installation.endings())],
        accept_multiple_files=True,
        key="upload_files",
        max_upload_size=most,
    )


def suggested_name(files: Sequence[str]) -> str:
    """Return a name for the dataset made from the first file's name."""
    stem = re.sub(r"(\.[A-Za-z]{2,7}){1,2}$", "", files[0])
    return " ".join(re.split(r"[_\s]+", stem)).strip()[:200] or "New dataset"


def import_uploads(
    actor: Actor,
    project_id: str,
    name: str,
    files: Sequence[UploadedFile],
    options: Mapping[str, ReadOptions],
    version_of: str = "",
) -> Dataset:
    """Hand uploaded files to the studio; their copies are in memory and gone afterwards."""
    with _copies(files) as copies:
        imports = studio().imports
        return imports.import_files(actor, project_id, name, copies, options, version_of)


def preview_uploads(
    actor: Actor,
    project_id: str,
    files: Sequence[UploadedFile],
    options: Mapping[str, ReadOptions],
) -> Sequence[Preview]:
    """Look at uploaded files as the studio is going to read them."""
    with _copies(files) as copies:
        return studio().imports.preview(actor, project_id, copies, options)


@contextmanager
def _copies(files: Sequence[UploadedFile]) -> Iterator[list[tuple[str, Path]]]:
    """The files with paths, in memory."""
    with ExitStack() as stack:
        copies = []
        for file in files:
            copy = stack.enter_context(scratch())
            file.seek(0)
            shutil.copyfileobj(file, copy)
            copies.append((file.name, Path(path_of(copy))))
        yield copies
