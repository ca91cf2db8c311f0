"""What the engines ``aim`` and ``mst`` are from outside: fit once through noise, then sample."""

from abc import ABC, abstractmethod
from typing import ClassVar, Generic, Self, TypeVar

import numpy as np
import pandas as pd

from core.data.schema import Table
from core.errors import InvalidInput
from core.progress import Progress
from core.synthesis.marginals.adaptive import Told
from core.synthesis.marginals.fitted import FittedCells
from core.synthesis.marginals.learn import Cells, open_cells
from core.synthesis.marginals.model import GraphicalModel
from core.synthesis.protocol import PrivateFit, PrivateParams

Params = TypeVar("Params", bound=PrivateParams)


class MarginalEngine(ABC, Generic[Params]):
    """A model of noisy counts; subclasses say which sets of columns are measured."""

    most_groups: ClassVar[int] = 32

    def __init__(self, params: Params | None = None) -> None:
        self._params = params
        self._fitted: FittedCells | None = None

    @property
    def rows(self) -> int:
        """Of a fitted engine: the number of rows, noisy or public, never the true one."""
        return round(self._known().domain.rows)

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
        """Learn ``frame`` through the noise of ``private.ledger``; all of the budget is spent."""
        progress.step(0, 100, "finding and counting cells")
        if self._params is None:
            raise InvalidInput("This engine was loaded, so that it can only be sampled.")
        cells = open_cells(frame, table, private, self.most_groups)

        def told(share: float) -> None:
            progress.step(round(100 * share), 100, "measuring")

        self._fitted = cells.fitted(self._model(cells, self._params, rng, told))
        progress.step(100, 100, "budget spent")

    @abstractmethod
    def _model(
        self, cells: Cells, params: Params, rng: np.random.Generator, told: Told
    ) -> GraphicalModel:
        """Spend what is left of the budget on a model of the cells."""

    def sample(
        self,
        rows: int,
        *,
        rng: np.random.Generator,
        progress: Progress,
        given: pd.DataFrame | None = None,
    ) -> pd.DataFrame:
        """Draw rows; free of charge, however many."""
        progress.step(0, rows, "drawing rows")
        made = self._known().sample(rows, rng)
        progress.step(rows, rows, "drawing rows")
        return made

    def dump(self) -> bytes:
        """The fitted model: noisy and public figures only."""
        return self._known().dump()

    @classmethod
    def load(cls, blob: bytes) -> Self:
        """A fitted engine from :meth:`dump`'s bytes."""
        made = cls()
        made._fitted = FittedCells.load(blob)
        return made

    def _known(self) -> FittedCells:
        if self._fitted is None:
            raise InvalidInput("This engine has not been fitted. Call `fit` first.")
        return self._fitted
