"""A fitted model of cells: what it keeps, how rows are drawn from it, and its bytes."""

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.errors import InvalidInput
from core.privacy.domain import Codes, Domain
from core.synthesis.marginals.compress import Grouped
from core.synthesis.marginals.sample import sample_codes
from core.synthesis.marginals.tree import JunctionTree, junction_tree

Floats = npt.NDArray[np.float64]
Arrays = dict[str, npt.NDArray[Any]]

VERSION = 1
_PARTS = ("group", "weight", "counts", "sigma")


@dataclass(frozen=True, slots=True)
class GroupedDomain:
    """The cells of each column, and how they are grouped in a model: noisy or public figures."""

    domain: Domain
    groups: tuple[Grouped, ...]

    @property
    def sizes(self) -> tuple[int, ...]:
        """Groups of each column."""
        return tuple(group.size for group in self.groups)

    def values(self, grouped: Codes, rng: np.random.Generator) -> pd.DataFrame:
        """Rows of values for rows of groups, drawn inside groups and cells."""
        codes = [
            group.cells(grouped[:, i].astype(np.int64), rng) for i, group in enumerate(self.groups)
        ]
        stacked = np.stack(codes, axis=1) if codes else np.zeros((len(grouped), 0), np.int64)
        return self.domain.decode(stacked.astype(np.int32), rng)

    def pack(self, about: Mapping[str, Any], arrays: Arrays) -> bytes:
        """JSON and arrays of a model over these cells as bytes, without pickle."""
        own = {
            f"{part}{i}": getattr(group, part)
            for i, group in enumerate(self.groups)
            for part in _PARTS
        }
        told = {**about, "version": VERSION, "domain": self.domain.to_dict()}
        text = np.frombuffer(json.dumps(told).encode(), np.uint8)
        stream = io.BytesIO()
        np.savez_compressed(stream, allow_pickle=False, **own, **arrays, about=text)
        return stream.getvalue()

    @classmethod
    def unpack(cls, blob: bytes, what: str) -> tuple[Self, dict[str, Any], Arrays]:
        """The inverse of :meth:`pack`; raises ``InvalidInput`` for bytes that are no ``what``."""
        try:
            with np.load(io.BytesIO(blob), allow_pickle=False) as held:
                arrays = {name: held[name] for name in held.files}
            about = json.loads(arrays["about"].tobytes())
            if about["version"] != VERSION:
                raise InvalidInput(f"This model is of version {about['version']}, not {VERSION}.")
            domain = Domain.from_dict(about["domain"])
            columns = range(len(domain.columns))
            groups = [Grouped(*(arrays[f"{part}{i}"] for part in _PARTS)) for i in columns]
        except (KeyError, ValueError, OSError, EOFError) as error:
            raise InvalidInput(f"These bytes are no {what}.") from error
        return cls(domain, tuple(groups)), about, arrays


@dataclass(frozen=True, slots=True)
class FittedCells:
    """All that a model of marginals keeps: noisy or public figures, nothing of a row.

    Attributes
    ----------
    cells
        The cells of each column and their groups.
    cliques
        Expected counts of the groups of each clique of ``tree``.
    """

    cells: GroupedDomain
    tree: JunctionTree
    cliques: tuple[Floats, ...]

    @property
    def domain(self) -> Domain:
        """The cells of each column."""
        return self.cells.domain

    def sample(self, rows: int, rng: np.random.Generator) -> pd.DataFrame:
        """Rows with values drawn inside their cells."""
        return self.cells.values(sample_codes(self.tree, self.cliques, rows, rng), rng)

    def dump(self) -> bytes:
        """JSON and arrays, without pickle."""
        arrays: Arrays = {f"clique{i}": counts for i, counts in enumerate(self.cliques)}
        return self.cells.pack({"sizes": self.tree.sizes, "cliques": self.tree.cliques}, arrays)

    @classmethod
    def load(cls, blob: bytes) -> Self:
        """The inverse of :meth:`dump`; raises ``InvalidInput`` for other bytes."""
        what = "model of noisy counts"
        cells, about, arrays = GroupedDomain.unpack(blob, what)
        try:
            sets: Sequence[tuple[int, ...]] = [tuple(clique) for clique in about["cliques"]]
            tree = junction_tree(about["sizes"], sets)
            held = {columns: arrays[f"clique{i}"] for i, columns in enumerate(sets)}
        except KeyError as error:
            raise InvalidInput(f"These bytes are no {what}.") from error
        return cls(cells, tree, tuple(held[c] for c in tree.cliques))
