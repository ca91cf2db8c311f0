"""A fitted model of cells: what it keeps, how rows are drawn from it, and its bytes."""

import io
import json
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.errors import InvalidInput
from core.privacy.domain import Domain
from core.synthesis.marginals.compress import Grouped
from core.synthesis.marginals.sample import sample_codes
from core.synthesis.marginals.tree import JunctionTree, junction_tree

Floats = npt.NDArray[np.float64]

VERSION = 1


@dataclass(frozen=True, slots=True)
class FittedCells:
    """All that a model of marginals keeps: noisy or public figures, nothing of a row.

    Attributes
    ----------
    domain
        The cells of each column.
    groups
        How cells are grouped in the model.
    cliques
        Expected counts of the groups of each clique of ``tree``.
    """

    domain: Domain
    groups: tuple[Grouped, ...]
    tree: JunctionTree
    cliques: tuple[Floats, ...]

    def sample(self, rows: int, rng: np.random.Generator) -> pd.DataFrame:
        """Rows with values drawn inside their cells."""
        grouped = sample_codes(self.tree, self.cliques, rows, rng)
        codes = [
            group.cells(grouped[:, i].astype(np.int64), rng) for i, group in enumerate(self.groups)
        ]
        stacked = np.stack(codes, axis=1) if codes else np.zeros((rows, 0), np.int64)
        return self.domain.decode(stacked.astype(np.int32), rng)

    def dump(self) -> bytes:
        """JSON and arrays, without pickle."""
        arrays: dict[str, npt.NDArray[Any]] = {}
        for i, group in enumerate(self.groups):
            arrays |= {
                f"group{i}": group.group,
                f"weight{i}": group.weight,
                f"counts{i}": group.counts,
                f"sigma{i}": group.sigma,
            }
        arrays |= {f"clique{i}": counts for i, counts in enumerate(self.cliques)}
        about = {
            "version": VERSION,
            "domain": self.domain.to_dict(),
            "sizes": self.tree.sizes,
            "cliques": self.tree.cliques,
        }
        arrays["about"] = np.frombuffer(json.dumps(about).encode(), np.uint8)
        stream = io.BytesIO()
        np.savez_compressed(stream, allow_pickle=False, **arrays)
        return stream.getvalue()

    @classmethod
    def load(cls, blob: bytes) -> Self:
        """The inverse of :meth:`dump`; raises ``InvalidInput`` for other bytes."""
        try:
            with np.load(io.BytesIO(blob), allow_pickle=False) as arrays:
                return cls._from_arrays({name: arrays[name] for name in arrays.files})
        except (KeyError, ValueError, OSError, EOFError) as error:
            raise InvalidInput("These bytes are no model of noisy counts.") from error

    @classmethod
    def _from_arrays(cls, arrays: dict[str, npt.NDArray[Any]]) -> Self:
        about = json.loads(arrays["about"].tobytes())
        if about["version"] != VERSION:
            raise InvalidInput(f"This model is of version {about['version']}, not {VERSION}.")
        domain = Domain.from_dict(about["domain"])
        names = ("group", "weight", "counts", "sigma")
        groups = [
            Grouped(*(arrays[f"{name}{i}"] for name in names)) for i in range(len(domain.columns))
        ]
        sets = [tuple(clique) for clique in about["cliques"]]
        tree = junction_tree(about["sizes"], sets)
        held = {columns: arrays[f"clique{i}"] for i, columns in enumerate(sets)}
        return cls(domain, tuple(groups), tree, tuple(held[c] for c in tree.cliques))
