"""JSON lines: a record a line, read twice in blocks whatever the size of the file.

Lines that are no records are counted, listed by line and reason, and kept aside.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import duckdb
import pyarrow as pa

from core.data.archive import Budget, Source
from core.data.duck import calculate
from core.data.encodings import decoded, find_encoding
from core.data.json_evidence import JsonEvidence
from core.data.jsons import are_lines, raw_records
from core.data.kept_aside import AsideRow, notes_of
from core.data.names import table_name
from core.data.records import BLOCK, TextBlock, row_blocks
from core.data.scratch import scratch
from core.data.sniff import Dialect, ReadOptions
from core.data.streamed import AsideSink, beginning
from core.data.typed_stream import TypedStream
from core.errors import UnreadableFile
from core.progress import Progress

_LOOK = 1 << 20
_PLAIN = Dialect(",", "", "", 0, 1)
_REASONS = (
    "CASE WHEN trim(x, ' \t\r') IN ('', 'null') THEN '' "
    "WHEN NOT json_valid(x) THEN 'are not valid JSON' "
    "WHEN json_type(x) <> 'OBJECT' THEN 'are no records in braces' "
    "WHEN len(list_distinct(json_keys(x))) < len(json_keys(x)) THEN 'have a key twice' "
    "ELSE '' END"
)

_HAS_KEYS = "CASE WHEN json_valid(x) THEN len(json_keys(x)) > 0 ELSE false END"


@dataclass(slots=True)
class _Lines:
    source: Source
    encoding: str
    progress: Progress
    aside: AsideSink
    notes: list[str] = field(default_factory=list)

    def read(self, turn: int) -> Iterator[pa.Table]:
        """The records in blocks; the first time, what cannot be read goes aside."""
        total, rows = max(self.source.total, 1), 0
        counts: Counter[str] = Counter()
        first: dict[str, int] = {}
        for block in row_blocks(decoded(self.source, self.encoding), _PLAIN, BLOCK):
            table, rejected = _parsed(block, self.source)
            for row in rejected:
                counts[row.reason] += 1
                first.setdefault(row.reason, row.line)
            if rejected and turn == 0:
                self.aside(rejected)
            if table is not None:
                rows += table.num_rows
                yield table
            done = turn * total + min(self.source.done, total)
            said = f"{self.source.name}: {'reading' if turn else 'looking'}"
            self.progress.step(done, 2 * total, said)
        if turn == 0:
            self._tell(counts, first, rows)

    def _tell(self, counts: Counter[str], first: dict[str, int], rows: int) -> None:
        words = notes_of(counts, first)
        if counts.total() > rows:
            raise UnreadableFile(
                f"{self.source.name!r} has mostly lines that are no JSON records: "
                + "; ".join(words) + ". Write each record on a line of its own."
            )  # fmt: skip
        self.notes.extend(f"{word}." for word in words)


def open_json_lines(
    source: Source, budget: Budget, progress: Progress, aside: AsideSink
) -> TypedStream | None:
    """A file of JSON lines, to be read in blocks; None when it holds JSON of another layout.

    Raises
    ------
    UnreadableFile
        When it is no text.
    """
    encoding = find_encoding(source, ReadOptions())
    if not are_lines(beginning(source, encoding, _LOOK).lstrip()):
        return None
    lines = _Lines(source, encoding, progress, aside)
    return TypedStream(
        table_name(source.stem),
        repr(source.name),
        lines.read,
        lambda name: JsonEvidence(),
        budget.limits,
        leading=lines.notes,
    )


def _parsed(block: TextBlock, source: Source) -> tuple[pa.Table | None, list[AsideRow]]:
    """The records of a block, if there are any, and the lines that hold none."""
    if not block.text.strip():
        return None, []
    try:
        return _records(block.text), []
    except duckdb.Error:
        good, rejected = _sorted(block)
    if not good:
        return None, rejected
    try:
        return _records(b"\n".join(good)), rejected
    except duckdb.Error as error:
        raise UnreadableFile(
            f"{source.name!r} is not valid JSON near line {block.first_line}. Write each record "
            "on a line of its own."
        ) from error


def _records(text: bytes) -> pa.Table:
    with scratch() as file:
        file.write(text)
        return raw_records(file, "newline_delimited")


def _sorted(block: TextBlock) -> tuple[list[bytes], list[AsideRow]]:
    """Lines that hold a record, and the others with what is wrong with them."""
    texts = [line.decode("utf-8", "replace") for line in block.text.split(b"\n")]
    cells = pa.array(texts, pa.string())
    reasons = calculate(_REASONS, cells, {}).to_pylist()
    bare = calculate(_HAS_KEYS, cells, {}).to_pylist()
    if not any(has and not why for has, why in zip(bare, reasons, strict=True)):
        reasons = [why or ("hold no values" if text.strip() else "")
                   for why, text in zip(reasons, texts, strict=True)]  # fmt: skip
    good = [text.encode() for text, why in zip(texts, reasons, strict=True) if not why]
    rejected = [
        AsideRow(block.first_line + place, why, text)
        for place, (text, why) in enumerate(zip(texts, reasons, strict=True))
        if why
    ]
    return [line for line in good if line.strip()], rejected
