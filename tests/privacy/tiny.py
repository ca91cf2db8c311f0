"""The smallest engine with a formal guarantee: independent noisy marginals."""

import json
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.privacy.domain import Domain
from core.synthesis.protocol import EngineInfo, PrivateFit, PrivateParams


@dataclass(frozen=True, slots=True)
class TinyParams(PrivateParams):
    """As every private engine's."""


class Tiny:
    """Each column on its own, all of the budget for its cells and counts."""

    def __init__(self, params: TinyParams) -> None:
        self.domain: Domain | None = None
        self.order: tuple[str, ...] = ()
        self.learned: pd.DataFrame | None = None

    @property
    def rows(self) -> int:
        return int(self.domain.rows)

    def fit(self, frame, table, *, rng, progress, private: PrivateFit, context=()) -> None:
        progress.step(0, 1, "counting")
        self.learned = frame
        self.domain = private.domain(frame, table, private.rho(table))

    def sample(self, rows, *, rng, progress, given=None) -> pd.DataFrame:
        codes = np.zeros((rows, len(self.domain.columns)), np.int32)
        for i, column in enumerate(self.domain.columns):
            weights = np.maximum(column.counts, 0) + 1e-9
            codes[:, i] = rng.choice(column.cells, size=rows, p=weights / weights.sum())
        return self.domain.decode(codes, rng)

    def dump(self) -> bytes:
        return json.dumps(self.domain.to_dict()).encode()

    @classmethod
    def load(cls, blob: bytes):
        made = cls(TinyParams())
        made.domain = Domain.from_dict(json.loads(blob))
        return made


INFO = EngineInfo(
    name="tiny",
    title="Independent marginals",
    summary="For tests.",
    good_at="Tests.",
    not_for="Anything else.",
    licence="none",
    params=TinyParams,
    make=Tiny,
    load=Tiny.load,
    presets={"quick look": {}, "balanced": {}, "best": {}},
    formal_guarantee=True,
)
