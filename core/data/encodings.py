"""The encoding of a text file, found from all of its bytes, and the file as UTF-8."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

from core.data.archive import Source
from core.data.sniff import CHUNK, ReadOptions
from core.errors import UnreadableFile

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"),
         (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip
_ESCAPED = re.compile(r"[\udc80-\udcff]")
_UNDEFINED_1252 = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")


def find_encoding(source: Source, options: ReadOptions) -> str:
    """The encoding of all of a file.

    Raises
    ------
    UnreadableFile
        When it is no text, or mixes encodings.
    """
    if options.encoding is not None:
        return options.encoding
    head = source.head(4096)
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return encoding
    if b"\0" in head:
        return _utf16(head, source)
    found = _not_utf8(source)
    return _single_byte(source, head, found) if found.broken else "utf-8"


def decoded(source: Source, encoding: str) -> Iterator[bytes]:
    """The file's bytes as UTF-8, piece by piece.

    Raises
    ------
    UnreadableFile
        When they are not in this encoding, or hold zero bytes.
    """
    source.file.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        while chunk := source.file.read(CHUNK):
            text = decoder.decode(chunk)
            piece = chunk if encoding == "utf-8" else text.encode()
            if b"\0" in piece:
                raise UnreadableFile(not_text(source))
            yield piece
        rest = decoder.decode(b"", final=True)
        yield b"" if encoding == "utf-8" else rest.encode()
    except UnicodeError as error:
        raise UnreadableFile(
            f"{source.name!r} is not encoded in {encoding} throughout. Choose another encoding, "
            "or save it as UTF-8."
        ) from error


def not_text(source: Source) -> str:
    """What to say of a file that holds no text."""
    return (
        f"{source.name!r} is not a text table: it holds binary data or zero bytes. Export the "
        "table as CSV, JSON, Parquet or Excel and upload that."
    )


@dataclass(frozen=True, slots=True)
class _Utf8:
    """How many bytes are not UTF-8, the line of the first, and how many other characters are."""

    broken: int
    line: int
    valid: int


def _not_utf8(source: Source) -> _Utf8:
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    broken = valid = line = 0
    lines = 1
    while chunk := source.file.read(CHUNK):
        if b"\0" in chunk:
            raise UnreadableFile(not_text(source))
        text = decoder.decode(chunk)
        if not text.isascii():
            escaped = len(re.findall(_ESCAPED, text))
            if escaped and not broken:
                line = lines + text.count("\n", 0, _first_escaped(text))
            broken += escaped
            valid += len(re.findall(r"[^\x00-\x7f]", text)) - escaped
        lines += text.count("\n")
    left = len(decoder.decode(b"", final=True))
    source.file.seek(0)
    return _Utf8(broken + left, line or lines, valid)


def _first_escaped(text: str) -> int:
    found = _ESCAPED.search(text)
    return found.start() if found else len(text)


def _utf16(head: bytes, source: Source) -> str:
    """UTF-16 without a byte order mark, told by its zero bytes; anything else is no text."""
    even, odd = head[::2].count(0), head[1::2].count(0)
    if odd > 0.4 * len(head) / 2 and even == 0:
        return "utf-16-le"
    if even > 0.4 * len(head) / 2 and odd == 0:
        return "utf-16-be"
    raise UnreadableFile(not_text(source))


def _single_byte(source: Source, head: bytes, found: _Utf8) -> str:
    control = sum(byte < 32 and byte not in b"\t\n\r\f" for byte in head)
    if control > 0.01 * len(head):
        raise UnreadableFile(not_text(source))
    if found.valid > found.broken / 10:
        raise UnreadableFile(
            f"{source.name!r} mixes encodings: {found.broken} bytes are not valid UTF-8, the first "
            f"in line {found.line}, while the rest is. Save it as UTF-8 and upload it again."
        )
    chunks = iter(lambda: source.file.read(CHUNK), b"")
    undefined = any(_UNDEFINED_1252.search(chunk) for chunk in chunks)
    source.file.seek(0)
    return "latin-1" if undefined else "cp1252"
