"""An engine that is looked at, what is drawn from it, and how a check says what is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from core.data.schema import Table
from core.errors import JobCancelled
from core.privacy.ledger import Ledger
from core.progress import Progress, SilentProgress
from core.synthesis.conformance.tables import declared
from core.synthesis.params import build
from core.synthesis.protocol import Engine, EngineInfo, PrivateFit


@dataclass(frozen=True, slots=True)
class Candidate:
    """An engine that is looked at.

    Attributes
    ----------
    params
        Parameters under which it is quick; its defaults where none are named.
    """

    info: EngineInfo
    params: Mapping[str, Any] = field(default_factory=dict)

    def make(self) -> Engine:
        """A new engine that has learned nothing."""
        engine: Engine = self.info.make(build(self.info.params, self.params))
        return engine

    def fitted(
        self, frame: pd.DataFrame, table: Table, seed: int = 1, progress: Progress | None = None
    ) -> Engine:
        """An engine that has learned ``frame``."""
        engine = self.make()
        learning: dict[str, Any] = {
            "rng": np.random.default_rng(seed),
            "progress": progress or SilentProgress(),
        }
        if self.info.formal_guarantee:
            learning["private"] = PrivateFit(self.ledger(), declared(table))
        engine.fit(frame, table, **learning)
        return engine

    def ledger(self) -> Ledger:
        """An empty ledger of what an engine with a formal guarantee promises."""
        return Ledger(build(self.info.params, self.params).guarantee)


@dataclass(slots=True)
class Recorder:
    """Progress that keeps what was reported, and stops the work after step ``stop``."""

    stop: int | None = None
    steps: list[tuple[float, float]] = field(default_factory=list)

    def stage(self, name: str) -> None:
        """Stages are not kept."""

    def step(
        self, done: float, total: float, note: str = "", values: Mapping[str, float] | None = None
    ) -> None:
        """Keep a step; raises ``JobCancelled`` when it is the one to stop at."""
        self.steps.append((done, total))
        if self.stop is not None and len(self.steps) > self.stop:
            raise JobCancelled("Stopped by the check.")


def drawn(
    engine: Engine, rows: int, seed: int = 2, progress: Progress | None = None
) -> pd.DataFrame:
    """Rows of a fitted engine."""
    rng = np.random.default_rng(seed)
    return engine.sample(rows, rng=rng, progress=progress or SilentProgress())


def holds(is_true: Any, what: str) -> None:
    """Say what is wrong where it does not hold; raises ``AssertionError``."""
    if not bool(is_true):
        raise AssertionError(what)


def has_the_form_of(sample: pd.DataFrame, frame: pd.DataFrame, rows: int) -> None:
    """As many rows as asked for, with the columns, order and dtypes of the frame."""
    holds(list(sample.columns) == list(frame.columns), "The columns or their order differ.")
    holds(sample.dtypes.to_dict() == frame.dtypes.to_dict(), "The dtypes differ.")
    holds(len(sample) == rows, f"{rows} rows were asked for, {len(sample)} came.")
