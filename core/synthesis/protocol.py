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
from core.progress import Progress


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
class EngineInfo:
    """What an engine is for; importing this never imports the engine's libraries.

    Attributes
    ----------
    make
        From an instance of ``params`` to an unfitted engine; imports what it needs.
    load
        From a dumped model to a fitted engine.
    presets
        Parameter values for ``quick look``, ``balanced`` and ``best``.
    seconds_per_cell
        First guess of fit time per row and column before this machine has measured its own.
    """

    name: str
    title: str
    summary: str
    good_at: str
    not_for: str
    licence: str
    params: type
    make: Callable[[Any], Engine]
    load: Callable[[bytes], Engine]
    presets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    takes_context: bool = False
    formal_guarantee: bool = False
    seconds_per_cell: float = 1e-6
