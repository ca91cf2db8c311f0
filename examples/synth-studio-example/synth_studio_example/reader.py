"""A reader of record files (.rec) as GNU recutils write them, without types and continued lines.

Each record is a block of lines ``Field: value``; blank lines part records, ``%rec: Name`` begins a
table of that name, and lines that begin with ``#`` are comments.
"""

from collections.abc import Mapping
from typing import BinaryIO

import pyarrow as pa

from core.data.added import ReaderInfo
from core.errors import UnreadableFile


def read(file: BinaryIO, stem: str) -> Mapping[str, pa.Table]:
    """Every table of the file; a field that a record lacks is null."""
    tables: dict[str, list[dict[str, str]]] = {}
    name, record = stem, {}
    for number, raw in enumerate(file, start=1):
        line = raw.decode("utf-8").rstrip("\r\n")
        if line.startswith("#"):
            continue
        if line.startswith("%"):
            name = line.partition(":")[2].strip() if line.startswith("%rec:") else name
        elif not line.strip():
            record = {}
        else:
            field, colon, value = line.partition(":")
            if not colon:
                raise UnreadableFile(f"Line {number} is no `Field: value`. Correct it.")
            if not record:
                tables.setdefault(name, []).append(record)
            record[field.strip()] = value.strip()
    if not tables:
        raise UnreadableFile("The file holds no record. Add records to it.")
    return {name: pa.Table.from_pylist(_complete(records)) for name, records in tables.items()}


def _complete(records: list[dict[str, str]]) -> list[dict[str, str | None]]:
    fields = list(dict.fromkeys(field for record in records for field in record))
    return [{field: record.get(field) for field in fields} for record in records]


INFO = ReaderInfo(name="example_rec", title="Record files", endings=(".rec",), read=read)
