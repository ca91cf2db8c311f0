"""What every engine is: a model of one table that can be fitted, sampled, dumped and loaded.

Engines see *prepared* canonical frames only: keys, free text and columns that a person decided
to drop or replace are taken out before and put back after by ``core.synthesis.synthesizer``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, Self

import numpy as np
import pandas as pd

from core.data.schema import Table
from core.privacy.discover import build_domain, rho_to_share
from core.privacy.domain import Domain
from core.privacy.guarantee import MOST_ROWS_PER_PERSON, Guarantee
from core.privacy.ledger import Ledger
from core.privacy.public import PublicTable
from core.progress import Progress
from core.synthesis.params import param


class Engine(Protocol):
    """A model of one table.

    The constructor takes the engine's parameter dataclass. The same frame, parameters and
    generator state give the same model and the same sample, whatever the number of cores.
    """

    def fit(
        self,
        frame: pd.DataFrame,
        table: Table,
        *,
        rng: np.random.Generator,
        progress: Progress,
        context: tuple[str, ...] = (),
    ) -> None:
        """Learn ``frame`` (n rows, the columns of ``table``, canonical dtypes; n ≥ 1).

        ``context`` names columns that will be given when sampling and are not to be generated;
        only engines whose ``EngineInfo.takes_context`` is true are passed any.
        """

    def sample(
        self,
        rows: int,
        *,
        rng: np.random.Generator,
        progress: Progress,
        given: pd.DataFrame | None = None,
    ) -> pd.DataFrame:
        """Draw ``rows`` rows with the columns, order and dtypes of the fitted table.

        ``given`` holds the context columns of each row (``rows`` rows), when there are any.
        """

    def dump(self) -> bytes:
        """The fitted model as bytes; see :meth:`load`."""

    @classmethod
    def load(cls, blob: bytes) -> Self:
        """A fitted model from :meth:`dump`'s bytes, on this machine or another."""


@dataclass(frozen=True, slots=True)
class PrivateParams:
    """What every engine with a formal guarantee is asked; engines' own parameters extend it."""

    epsilon: float = param(
        1.0,
        "ε",
        "How much the result may tell about one person; smaller is more private. At 1, an observer "
        "who thought somebody's presence as likely as not gets at most 73 % sure.",
        low=1e-4,
        high=1e4,
    )
    delta: float = param(
        1e-5,
        "δ",
        "Chance with which that bound may fail; has to be well below one over the number of rows.",
        low=1e-15,
        high=0.1,
    )
    rows_per_person: int = param(
        1,
        "Rows of one person",
        "A person may own so many rows; further ones are left out before anything else.",
        low=1,
        high=MOST_ROWS_PER_PERSON,
    )
    person: str = param(
        "",
        "Column of persons",
        "The column that tells persons apart; empty when each row is a person of its own.",
    )
    rows: int = param(
        0,
        "Number of rows, if public",
        "Give it where it may be known; with 0 it is estimated with noise.",
        low=0,
        high=10_000_000_000,
        advanced=True,
    )

    @property
    def guarantee(self) -> Guarantee:
        """The promise that these parameters make; raises ``InvalidParameter`` out of sense."""
        return Guarantee(self.epsilon, self.delta, self.rows_per_person, self.person or None)


@dataclass(frozen=True, slots=True)
class PrivateFit:
    """What an engine with a formal guarantee is given to learn with.

    The frame that comes with it was cut down to the rows that a person may own, and holds neither
    the person's column nor any that is made up. Nothing of it may be used but through ``ledger``.

    Attributes
    ----------
    ledger
        Where all is charged.
    public
        What is known without looking at the rows.
    rows
        The number of rows where it is public, else 0.
    """

    ledger: Ledger
    public: PublicTable | None = None
    rows: int = 0

    def rho(self, table: Table) -> float:
        """The budget ρ (half of μ²) that can be shared out for a table, its discovery included.

        Less than of the whole δ where labels have to be found: their thresholds spend some of it.
        """
        return rho_to_share(self.ledger.guarantee, table, self.public)

    def domain(self, frame: pd.DataFrame, table: Table, budget_rho: float) -> Domain:
        """The cells of a table's columns with noisy counts, for ``budget_rho`` at most."""
        return build_domain(frame, table, self.public, self.ledger, budget_rho, rows=self.rows)


class PrivateEngine(Protocol):
    """A model of one table with a formal guarantee; else as :class:`Engine`.

    Its parameters are a :class:`PrivateParams`. Apart from its noise it is deterministic.
    """

    @property
    def rows(self) -> int:
        """Of a fitted engine: the number of rows, noisy or public, never the true one."""

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
        """Learn ``frame``, which may have no rows, through the noise of ``private.ledger``."""


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """What an engine is for; importing this never imports the engine's libraries.

    Attributes
    ----------
    make
        From an instance of ``params`` to an unfitted :class:`Engine`, or :class:`PrivateEngine`
        where ``formal_guarantee`` is true; imports what it needs.
    load
        From a dumped model to a fitted engine.
    presets
        Parameter values for ``quick look``, ``balanced`` and ``best``.
    any_order
        Whether ``sample`` may be given any columns of each row, whatever was the context of the
        fit; only where ``takes_context`` is true.
    seconds_per_cell
        First guess of fit time per row and column before this machine has measured its own.
    figures
        What each figure means that the training reports as ``values`` of its progress, by name;
        they are drawn as curves over ``epoch``. Engines with a formal guarantee report none that
        were computed from rows.
    """

    name: str
    title: str
    summary: str
    good_at: str
    not_for: str
    licence: str
    params: type
    make: Callable[[Any], Any]
    load: Callable[[bytes], Any]
    presets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    takes_context: bool = False
    any_order: bool = False
    formal_guarantee: bool = False
    seconds_per_cell: float = 1e-6
    figures: Mapping[str, str] = field(default_factory=dict)
