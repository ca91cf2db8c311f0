"""What is remembered of a column while its cells go by, enough to settle its type at the end.

Whether a column holds numbers, dates or words depends on the shapes of its cells and on few values
of each shape: the smallest and largest, and those with the largest day, month or hour. They are
kept, and tried in the end as if they were the column. How often words repeat is counted for all of
them, or for an even share of them chosen by their hash.
"""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from core.data.arrows import fits, mask
from core.data.duck import calculation
from core.data.infer import MARKERS, Hints, Inferred, infer_cells
from core.data.numbers import NUMBER, matches

_MOST_SHAPES = 200
_MOST_HASHES = 200_000
_GROUPS = 7
_LOOK = 200
_FIRST = 1000
_DAYS = 30
_PLAIN = r"^-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,20})?$"
_DIGITS, _NINES = "0123456789", "9" * 10
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_TYPICAL = (
    "WITH s AS (SELECT x, translate(x, $from, $to) AS shape, "
    "regexp_extract_all(x, '[0-9]{1,9}') AS g FROM cells), "
    "k AS (SELECT shape FROM s GROUP BY shape ORDER BY count(*) DESC, shape LIMIT "
    f"{_MOST_SHAPES}) "
    "SELECT DISTINCT unnest([min(x), max(x), "
    + ", ".join(f"arg_max(x, TRY_CAST(g[{i}] AS INTEGER))" for i in range(1, _GROUPS + 1))
    + "]) AS y FROM s SEMI JOIN k USING (shape) GROUP BY shape ORDER BY y"
)


@dataclass(slots=True)
class Repeats:
    """How often values occur, of all of them or of those whose hash is a multiple of ``step``."""

    step: int = 1
    hashes: npt.NDArray[np.uint64] = field(default_factory=lambda: np.zeros(0, np.uint64))
    counts: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))

    def add(self, words: pa.Array, counts: npt.NDArray[np.int64]) -> None:
        """Count distinct words of a block."""
        values = pd.util.hash_array(words.to_numpy(zero_copy_only=False), categorize=False)
        chosen = values % np.uint64(self.step) == 0
        hashes = np.concatenate((self.hashes, values[chosen]))
        both = np.concatenate((self.counts, counts[chosen]))
        self.hashes, places = np.unique(hashes, return_inverse=True)
        self.counts = np.bincount(places, both, len(self.hashes)).astype(np.int64)
        while len(self.hashes) > _MOST_HASHES:
            self.step *= 2
            kept = self.hashes % np.uint64(self.step) == 0
            self.hashes, self.counts = self.hashes[kept], self.counts[kept]


@dataclass(slots=True)
class Evidence:
    """One column's evidence; blocks of distinct cells are added in turn.

    Attributes
    ----------
    marks
        How often each marker of a missing value occurs, and the empty cell.
    blanks
        How often cells of nothing but spaces occur.
    typical
        Cells of every shape, until ``is_text`` is sure.
    numbers
        Rows that hold a number, in blocks of which most do.
    """

    name: str
    hints: Hints
    marks: Counter[str] = field(default_factory=Counter)
    blanks: Counter[str] = field(default_factory=Counter)
    typical: set[str] = field(default_factory=set)
    numbers: int = 0
    repeats: Repeats = field(default_factory=Repeats)
    rows: int = 0
    is_text: bool = False

    def add(self, cells: pa.ChunkedArray) -> None:
        """Look at the next cells; null is an empty one."""
        words, counts, _ = distinct_cells(cells)
        self.rows += int(counts.sum())
        marked = mask(pc.is_in(words, value_set=_markers(words.type)))
        _count(self.marks, words, counts, marked)
        core, rest = words.filter(pa.array(~marked)), counts[~marked]
        if not len(core):
            return
        blank = mask(pc.equal(pc.utf8_trim_whitespace(core), ""))
        _count(self.blanks, core, rest, blank)
        self.repeats.add(core, rest)
        if 2 * (pc.sum(fits(core[:_LOOK], NUMBER)).as_py() or 0) >= len(core[:_LOOK]):
            self.numbers += int(rest[mask(fits(core, NUMBER))].sum())
        if not self.is_text:
            self._look(core)

    def admit(self, cells: pa.Array) -> None:
        """Add cells that did not fit what was settled."""
        self.typical.update(cells.to_pylist())

    def settle(self) -> Inferred | None:
        """The column as its evidence has it, or None when it holds words."""
        if self.is_text or not self.typical:
            return None
        words = pa.array(sorted(self.typical), pa.string())
        return infer_cells(self.name, words, self.marks, self.hints)

    def _look(self, core: pa.Array) -> None:
        if matches(core, _PLAIN):
            self.typical.update(_lengths(core))
            return
        for part in (core[:_FIRST], core[_FIRST:]):
            self.typical.update(_typical(part) if len(part) else ())
            if len(self.typical) > 2 and self.settle() is None:
                self.is_text, self.typical = True, set()
                return


def distinct_cells(
    cells: pa.ChunkedArray,
) -> tuple[pa.Array, npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Distinct cells with null as an empty one, how often each occurs, and each row's one."""
    encoded = pc.fill_null(cells, "").combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    codes = encoded.indices.to_numpy(zero_copy_only=False).astype("int64")
    return encoded.dictionary, np.bincount(codes, minlength=len(encoded.dictionary)), codes


def _lengths(core: pa.Array) -> list[str]:
    """Numbers without an exponent: one for each count of digits before and behind the point.

    Of numbers of eight digits, which may be dates, some more.
    """
    lengths = pc.utf8_length(core).to_numpy().astype(np.int64)
    points = pc.find_substring(core, ".").to_numpy().astype(np.int64)
    _, places = np.unique(lengths * 1000 + points, return_index=True)
    found = list(core.take(pa.array(places)).to_pylist())
    return found + (core[:_DAYS].to_pylist() if 8 in lengths[:_DAYS] else [])


def _count(
    into: Counter[str],
    words: pa.Array,
    counts: npt.NDArray[np.int64],
    chosen: npt.NDArray[np.bool_],
) -> None:
    for word, count in zip(
        words.filter(pa.array(chosen)).to_pylist(), counts[chosen].tolist(), strict=True
    ):
        into[word] += count


def _typical(core: pa.Array) -> list[str]:
    """Cells of each frequent shape: the ends, and those with the largest parts."""
    values = {"from": _DIGITS + _LETTERS, "to": _NINES + "a" * len(_LETTERS)}
    return [str(word) for word in calculation(_TYPICAL, core, values) if word is not None]


def _markers(kind: pa.DataType) -> pa.Array:
    return pa.array(sorted(MARKERS | {""}), kind)
