"""The encoding of a text file, found from all of its bytes, and the file as UTF-8."""

import codecs
import re
from collections.abc import Iterator

from core.data.archive import Source
from core.data.sniff import CHUNK, ReadOptions
from core.errors import UnreadableFile

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"),
         (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip
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
    broken, valid = _not_utf8(source)
    return _single_byte(source, head, broken, valid) if broken else "utf-8"


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


def _not_utf8(source: Source) -> tuple[int, int]:
    """How many bytes are not UTF-8, and how many characters beyond ASCII are."""
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    broken = valid = 0
    while chunk := source.file.read(CHUNK):
        if b"\0" in chunk:
            raise UnreadableFile(not_text(source))
        text = decoder.decode(chunk)
        if not text.isascii():
            escaped = len(re.findall(r"[\udc80-\udcff]", text))
            broken += escaped
            valid += len(re.findall(r"[^\x00-\x7f]", text)) - escaped
    broken += len(decoder.decode(b"", final=True))
    source.file.seek(0)
    return broken, valid


def _utf16(head: bytes, source: Source) -> str:
    """UTF-16 without a byte order mark, told by its zero bytes; anything else is no text."""
    even, odd = head[::2].count(0), head[1::2].count(0)
    if odd > 0.4 * len(head) / 2 and even == 0:
        return "utf-16-le"
    if even > 0.4 * len(head) / 2 and odd == 0:
        return "utf-16-be"
    raise UnreadableFile(not_text(source))


def _single_byte(source: Source, head: bytes, broken: int, valid: int) -> str:
    control = sum(byte < 32 and byte not in b"\t\n\r\f" for byte in head)
    if control > 0.01 * len(head):
        raise UnreadableFile(not_text(source))
    if valid > broken / 10:
        raise UnreadableFile(
            f"{source.name!r} mixes encodings: {broken} bytes are not valid UTF-8, while the "
            "rest is. Save it as UTF-8 and upload it again."
        )
    chunks = iter(lambda: source.file.read(CHUNK), b"")
    undefined = any(_UNDEFINED_1252.search(chunk) for chunk in chunks)
    source.file.seek(0)
    return "latin-1" if undefined else "cp1252"
