"""Training rows as small codes, spread over one-hot columns only for the batch at hand.

SDV's own preparation holds every row one-hot in 64 bits: a million rows of fifteen columns with a
hundred codes each would be twelve gigabytes. Here a row is four bytes a code.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.synthesis.encoding import Array, Codes, Floats
from core.synthesis.sdv_nets.modes import Modes, fit_modes

Singles = npt.NDArray[np.float32]
Told = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class SpanInfo:
    """A run of a network's outputs, in the words that ``ctgan`` reads."""

    dim: int
    activation_fn: str


@dataclass(frozen=True, slots=True)
class Span:
    """The outputs of one plain column: one for each code; before them one for a number's place."""

    name: str
    codes: int
    modes: Modes | None = None

    @property
    def width(self) -> int:
        """Outputs in all."""
        return self.codes + (self.modes is not None)

    @property
    def info(self) -> list[SpanInfo]:
        """The same in ``ctgan``'s words."""
        codes = SpanInfo(self.codes, "softmax")
        return [codes] if self.modes is None else [SpanInfo(1, "tanh"), codes]


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the plain columns lie among a network's outputs."""

    spans: tuple[Span, ...]

    @property
    def width(self) -> int:
        """Outputs of all columns."""
        return sum(span.width for span in self.spans)

    @property
    def starts(self) -> list[int]:
        """Each column's first output."""
        return list(accumulate((span.width for span in self.spans[:-1]), initial=0))

    @property
    def code_starts(self) -> npt.NDArray[np.intp]:
        """The output of each column's first code."""
        has_place = [span.modes is not None for span in self.spans]
        return np.array(self.starts, dtype=np.intp) + has_place

    @property
    def places(self) -> list[int]:
        """The outputs that are places of numbers."""
        return [
            start
            for start, span in zip(self.starts, self.spans, strict=True)
            if span.modes is not None
        ]


@dataclass(slots=True)
class CodedRows:
    """All training rows: places of numbers (rows by numbers) and codes (rows by columns)."""

    layout: Layout
    places: Singles
    codes: npt.NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.codes)

    def spread(self, rows: Codes) -> Singles:
        """These rows with one output set for each code."""
        made = np.zeros((len(rows), self.layout.width), dtype=np.float32)
        made[:, self.layout.places] = self.places[rows]
        ones = self.layout.code_starts + self.codes[rows]
        made[np.arange(len(rows))[:, None], ones] = 1.0
        return made

    def astype(self, _: str) -> npt.NDArray[np.int64]:
        """Row numbers: what TVAE's training asks for once, and then only batches of."""
        return np.arange(len(self), dtype=np.int64)


def code_rows(
    plain: pd.DataFrame, most_modes: int, rng: np.random.Generator, told: Told
) -> CodedRows:
    """Plain columns as coded rows; ``told`` hears of each column before it is begun."""
    spans: list[Span] = []
    places, codes = [], np.empty((len(plain), len(plain.columns)), dtype=np.int32)
    for number, name in enumerate(plain):
        told(number, len(plain.columns), f"coding column {number + 1} of {len(plain.columns)}")
        values: Array = plain[name].to_numpy()
        if values.dtype.kind == "f":
            modes = fit_modes(values, most_modes, rng)
            place, codes[:, number] = modes.code(values, rng)
            places.append(place.astype(np.float32))
            spans.append(Span(str(name), len(modes.means), modes))
        else:
            codes[:, number] = values
            spans.append(Span(str(name), int(values.max()) + 1))
    stacked = np.column_stack(places) if places else np.zeros((len(plain), 0), np.float32)
    return CodedRows(Layout(tuple(spans)), stacked, codes)


@dataclass(slots=True)
class Prepared:
    """In place of ``ctgan``'s transformer: the rows are coded already."""

    rows: CodedRows

    @property
    def output_info_list(self) -> list[list[SpanInfo]]:
        """The layout in ``ctgan``'s words."""
        return [span.info for span in self.rows.layout.spans]

    @property
    def output_dimensions(self) -> int:
        """Outputs of all columns."""
        return self.rows.layout.width

    def fit(self, _: Any, __: Any = ()) -> None:
        """Nothing is left to learn."""

    def transform(self, _: Any) -> CodedRows:
        """The coded rows, whatever is given."""
        return self.rows


@dataclass(slots=True)
class Conditions:
    """In place of CTGAN's sampler: a code of some column for each row, and real rows that have it.

    The same distribution as SDV's, for a whole batch at once; section 4.3 of the paper on CTGAN.

    Attributes
    ----------
    balanced
        Codes are drawn by the logarithm of how often they occur, so that rare ones are learned.
    tick
        Called with each batch; what it raises ends the training.
    """

    rows: CodedRows
    balanced: bool
    rng: np.random.Generator
    tick: Callable[[], None]
    columns: npt.NDArray[np.intp] = field(init=False)
    counts: list[npt.NDArray[np.int64]] = field(init=False)
    _first: npt.NDArray[np.intp] = field(init=False)
    _ends: Floats = field(init=False)
    _order: npt.NDArray[np.int32] = field(init=False)
    _before: npt.NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        spans, codes = self.rows.layout.spans, self.rows.codes
        self.columns = np.array([n for n, s in enumerate(spans) if s.modes is None], dtype=np.intp)
        self.counts = [np.bincount(codes[:, n], minlength=spans[n].codes) for n in self.columns]
        sizes = [len(counts) for counts in self.counts]
        self._first = np.cumsum([0, *sizes])[:-1].astype(np.intp)
        self._ends = np.ones((len(sizes), max(sizes, default=0)))
        for row, counts in zip(self._ends, self.counts, strict=True):
            weights = np.log(counts + 1.0) if self.balanced else counts.astype(float)
            row[: len(counts) - 1] = np.cumsum(weights)[:-1] / weights.sum()
        order = [np.argsort(codes[:, n], kind="stable").astype(np.int32) for n in self.columns]
        self._order = np.array(order, dtype=np.int32).reshape(len(sizes), len(self.rows))
        before = [np.cumsum(counts) - counts for counts in self.counts]
        self._before = np.concatenate([*before, np.zeros(0, np.int64)])

    @property
    def shares(self) -> Floats:
        """How often each code occurs, all columns behind each other, each adding up to one."""
        parts = [counts / counts.sum() for counts in self.counts]
        return np.concatenate([*parts, np.zeros(0)])

    def dim_cond_vec(self) -> int:
        """Codes of all columns that rows can be asked by."""
        return sum(len(counts) for counts in self.counts)

    def sample_condvec(self, batch: int) -> tuple[Singles, Singles, Codes, Codes] | None:
        """One code for each row as ones and zeros, its column likewise, and both by number."""
        self.tick()
        if not len(self.columns):
            return None
        column = self.rng.integers(len(self.columns), size=batch)
        code = (self._ends[column] <= self.rng.random((batch, 1))).sum(axis=1)
        asked = np.zeros((batch, self.dim_cond_vec()), dtype=np.float32)
        mask = np.zeros((batch, len(self.columns)), dtype=np.float32)
        asked[np.arange(batch), self._first[column] + code] = 1
        mask[np.arange(batch), column] = 1
        return asked, mask, column, code

    def sample_data(
        self, _: CodedRows, batch: int, column: Codes | None, code: Codes | None
    ) -> Singles:
        """Real rows that have the asked codes, or any rows."""
        if column is None or code is None:
            return self.rows.spread(self.rng.integers(len(self.rows), size=batch))
        asked = self._first[column] + code
        held = np.concatenate(self.counts)[asked]
        place = self._before[asked] + (self.rng.random(batch) * held).astype(np.int64)
        return self.rows.spread(self._order[column, place].astype(np.intp))


@dataclass(slots=True)
class Batches:
    """In place of TVAE's loader: the rows in random order, spread batch by batch."""

    rows: CodedRows
    size: int
    rng: np.random.Generator
    tick: Callable[[], None]

    def __len__(self) -> int:
        return -(-len(self.rows) // self.size)

    def __iter__(self) -> Iterator[list[Any]]:
        import torch

        order = self.rng.permutation(len(self.rows))
        for start in range(0, len(order), self.size):
            self.tick()
            yield [torch.from_numpy(self.rows.spread(order[start : start + self.size]))]
