"""Broken engines with which audits are audited: each says that it keeps a promise and does not.

They are made here and nowhere else, and are never registered.

- ``sigma``: a fifth of the noise that the ledger is charged for.
- ``categories``: the list of categories is read from the rows and called public.
- ``sampling``: steps take as many rows of each category, the ledger is charged for a fair sample.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data.schema import ColumnType, Table
from core.errors import InvalidInput
from core.privacy.accountant import least_noise
from core.privacy.audit.tape import noise_shrunk
from core.privacy.domain import Domain, label_domain
from core.privacy.events import SampledGaussian
from core.privacy.guarantee import Guarantee
from core.privacy.ledger import Ledger
from core.privacy.noise import gaussian_counts
from core.privacy.public import PublicColumn, PublicTable
from core.progress import Progress
from core.synthesis.dp_audit.released import Audited
from core.synthesis.protocol import EngineInfo, PrivateFit, PrivateParams

_SHRUNK = 0.2
_SHARE = 0.1
_STEPS = 20
_ROOM = 1.2


def shrunk(audited: Audited) -> Audited:
    """The engine with a fifth of its noise."""
    return replace(audited, around=lambda: noise_shrunk(_SHRUNK, training=audited.trains))


def free_categories(audited: Audited) -> Audited:
    """The engine with categories that were read from the rows."""
    (table,) = audited.schema.tables
    labelled = [c.name for c in table.columns if c.type is ColumnType.CATEGORY]

    def read(frame: pd.DataFrame) -> PublicTable:
        found = {
            name: PublicColumn(name, values=tuple(sorted(frame[name].dropna().unique())))
            for name in labelled
        }
        return PublicTable(found)

    return replace(audited, public_of=read)


def by_category(audited: Audited) -> Audited:
    """An engine of sampled sums whose samples take as many rows of each category."""
    return replace(audited, info=replace(TALLY, make=lambda params: Tally(params, fair=False)))


SHAMS: dict[str, Callable[[Audited], Audited]] = {
    "sigma": shrunk,
    "categories": free_categories,
    "sampling": by_category,
}


@dataclass(slots=True)
class Tally:
    """Sums of sampled rows over the cells of declared columns, as private training has them.

    With ``fair`` each row is in a step's sample with the chance that is charged; else a category
    of the first column is drawn for each place of the sample, and then one of its rows.
    """

    params: PrivateParams
    fair: bool = True
    _domain: Domain | None = None
    _counts: npt.NDArray[np.float64] | None = None

    @property
    def rows(self) -> int:
        """The number of rows, by the noisy sums."""
        return 0 if self._counts is None else max(round(self._counts.sum()), 1)

    def fit(
        self,
        frame: pd.DataFrame,
        table: Table,
        *,
        rng: np.random.Generator,
        progress: Progress,
        private: PrivateFit,
        context: tuple[str, ...] = (),
    ) -> None:
        """Add up noisy sums of samples; every column must be a declared one of labels."""
        public = private.public.columns if private.public else {}
        if not all(name in public and public[name].values for name in table.names):
            raise InvalidInput("This mechanism takes columns with declared code lists only.")
        columns = tuple(
            label_domain(c, public[c.name].values, missing=False) for c in table.columns
        )
        domain = self._domain = Domain(columns, 1.0)
        codes = np.ravel_multi_index(tuple(domain.encode(frame).T), domain.sizes)
        sums = self._sums(domain.encode(frame)[:, 0], codes, int(np.prod(domain.sizes)), rng)
        guarantee = private.ledger.guarantee
        multiplier = _multiplier(guarantee.epsilon, guarantee.delta)
        event = SampledGaussian(_SHARE, multiplier, _STEPS)
        private.ledger.charge("training", f"{_STEPS} sums", event)
        noisy = _noised(np.stack(sums), multiplier).sum(axis=0) / (_SHARE * _STEPS)
        self._counts = np.maximum(noisy, 0.0)

    def _sums(
        self, category: npt.NDArray[np.int32], codes: npt.NDArray[np.int64], cells: int, rng: Any
    ) -> list[npt.NDArray[np.int64]]:
        """Rows of each step's sample in each cell."""
        groups = [np.flatnonzero(category == label) for label in np.unique(category)]
        found = []
        for _ in range(_STEPS):
            taken = rng.random(len(codes)) < _SHARE
            sample = np.flatnonzero(taken)
            if not self.fair:
                drawn = rng.integers(0, len(groups), int(taken.sum()))
                sample = np.array([rng.choice(groups[group]) for group in drawn], np.int64)
            found.append(np.bincount(codes[sample], minlength=cells).astype(np.int64))
        return found

    def sample(
        self,
        rows: int,
        *,
        rng: np.random.Generator,
        progress: Progress,
        given: pd.DataFrame | None = None,
    ) -> pd.DataFrame:
        """Rows in proportion to the noisy counts of their cells."""
        if self._domain is None or self._counts is None:
            raise InvalidInput("This mechanism has not been fitted. Call `fit` first.")
        weights = self._counts + 1e-9
        cells = rng.choice(len(weights), size=rows, p=weights / weights.sum())
        codes = np.stack(np.unravel_index(cells, self._domain.sizes), axis=1)
        return self._domain.decode(codes.astype(np.int32), rng)

    def dump(self) -> bytes:
        """The noisy counts."""
        return b"" if self._counts is None else self._counts.tobytes()


def _noised(sums: npt.NDArray[np.int64], multiplier: float) -> npt.NDArray[np.float64]:
    """Noise for all steps; they were charged at once, so that this ledger is no limit."""
    free = Ledger(Guarantee(1e6, 1e-5))
    return gaussian_counts(sums, multiplier, free, "training", "steps").astype(np.float64)


@lru_cache(maxsize=16)
def _multiplier(epsilon: float, delta: float) -> float:
    """Enough noise, with room to spare, so that the quicker way of accounting says so too."""
    least = least_noise(lambda noise: [SampledGaussian(_SHARE, noise, _STEPS)], epsilon, delta)
    return _ROOM * least


def _not_kept(blob: bytes) -> Tally:
    raise InvalidInput("This mechanism is for audits; its models are not kept.")


TALLY = EngineInfo(
    name="tally",
    title="Sampled sums",
    summary="A mechanism of audits.",
    good_at="showing what an audit sees",
    not_for="making releases",
    licence="our own",
    params=PrivateParams,
    make=Tally,
    load=_not_kept,
    presets={"quick look": {}, "balanced": {}, "best": {}},
    formal_guarantee=True,
)
