"""What engines over noisy cells are from outside: fit once through the ledger, then sample.

:class:`CellEngine` holds for every engine that sees a table as cells of a domain;
:class:`MarginalEngine` for those whose model is fitted to noisy counts.
"""

from abc import ABC, abstractmethod
from typing import ClassVar, Generic, Protocol, Self, TypeVar

import numpy as np
import pandas as pd

from core.data.schema import Table
from core.errors import InvalidInput
from core.privacy.domain import Domain
from core.progress import Progress
from core.synthesis.marginals.adaptive import Told
from core.synthesis.marginals.fitted import FittedCells
from core.synthesis.marginals.learn import Cells, open_cells
from core.synthesis.marginals.model import GraphicalModel
from core.synthesis.protocol import PrivateFit, PrivateParams

Params = TypeVar("Params", bound=PrivateParams)


class Fitted(Protocol):
    """A fitted model over cells; noisy and public figures only."""

    @property
    def domain(self) -> Domain:
        """The cells of each column."""

    def sample(self, rows: int, rng: np.random.Generator) -> pd.DataFrame:
        """Rows with values drawn inside their cells."""

    def dump(self) -> bytes:
        """The model as bytes, without pickle."""

    @classmethod
    def load(cls, blob: bytes) -> Self:
        """The inverse of :meth:`dump`; raises ``InvalidInput`` for other bytes."""


class CellEngine(ABC, Generic[Params]):
    """An engine over the cells of a domain; subclasses say how the rest of the budget is spent."""

    most_groups: ClassVar[int] = 24
    made: ClassVar[type[Fitted]]

    def __init__(self, params: Params | None = None) -> None:
        self._params = params
        self._fitted: Fitted | None = None

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
        self._fitted = self._learn(cells, self._params, rng, progress)
        progress.step(100, 100, "budget spent")

    @abstractmethod
    def _learn(
        self, cells: Cells, params: Params, rng: np.random.Generator, progress: Progress
    ) -> Fitted:
        """Spend what is left of the budget on a model of the cells; progress is out of 100."""

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
        made._fitted = cls.made.load(blob)
        return made

    def _known(self) -> Fitted:
        if self._fitted is None:
            raise InvalidInput("This engine has not been fitted. Call `fit` first.")
        return self._fitted


def telling(progress: Progress) -> Told:
    """What hears the share of the budget that was spent, and reports it."""

    def told(share: float) -> None:
        progress.step(round(100 * share), 100, "measuring")

    return told


class MarginalEngine(CellEngine[Params]):
    """A model of noisy counts; subclasses say which sets of columns are measured."""

    made = FittedCells

    def _learn(
        self, cells: Cells, params: Params, rng: np.random.Generator, progress: Progress
    ) -> FittedCells:
        return cells.fitted(self._model(cells, params, rng, telling(progress)))

    @abstractmethod
    def _model(
        self, cells: Cells, params: Params, rng: np.random.Generator, told: Told
    ) -> GraphicalModel:
        """Spend what is left of the budget on a model of the cells."""
