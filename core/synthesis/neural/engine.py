"""What the trained private engines share: parameters, what they learn with, live progress."""

from abc import abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from core.privacy.ledger import Ledger
from core.progress import Progress
from core.synthesis.marginals.engine import CellEngine
from core.synthesis.marginals.learn import Cells
from core.synthesis.neural.decoder import Decoder, FittedDecoder, Floats, shares_of
from core.synthesis.neural.training import Codes, Plan, plan_training
from core.synthesis.params import param
from core.synthesis.protocol import PrivateParams

_COUNTING = 0.15
_REPORTS = 100

Params = TypeVar("Params", bound="TrainedParams")


@dataclass(frozen=True, slots=True)
class TrainedParams(PrivateParams):
    """Parameters of every engine that is trained by noisy steps."""

    steps: int = param(
        600,
        "Training steps",
        "More steps go further, each through more noise.",
        low=10,
        high=100_000,
    )
    sample_share: float = param(
        0.1,
        "Share of rows in a step",
        "Chance with which a row is in a step's sample. Larger takes longer and gains little.",
        low=0.001,
        high=1.0,
        advanced=True,
    )
    hidden_width: int = param(
        128,
        "Layer width",
        "Width of the hidden layers. More can hold more, and takes more noise.",
        low=4,
        high=1_024,
        advanced=True,
    )
    clip: float = param(
        1.0,
        "Bound on a row's gradient",
        "Longer gradients are cut to this length.",
        low=1e-3,
        high=1e3,
        advanced=True,
    )


@dataclass(frozen=True, slots=True)
class Training:
    """What a network is trained with.

    Attributes
    ----------
    codes
        True rows by columns, for private steps alone.
    shares
        Noisy share of each cell of each column.
    plan
        What is settled of the training.
    rows
        Noisy or public number of rows.
    rng
        For first weights, and what else has nothing to do with rows.
    told
        Hears how many steps are done.
    """

    codes: Codes
    shares: list[Floats]
    plan: Plan
    rows: float
    ledger: Ledger
    rng: np.random.Generator
    told: Callable[[int], None]

    @property
    def sizes(self) -> tuple[int, ...]:
        """Cells of each column."""
        return tuple(len(share) for share in self.shares)


class TrainedEngine(CellEngine[Params]):
    """An engine that trains a network on cells; subclasses say which."""

    made = FittedDecoder

    def _learn(
        self, cells: Cells, params: Params, rng: np.random.Generator, progress: Progress
    ) -> FittedDecoder:
        ledger, shares = cells.private.ledger, shares_of(cells.counted_again(_COUNTING))
        plan = plan_training(ledger, params.sample_share, params.steps, params.clip)
        first, after = rng.spawn(2)
        told = _telling(plan.steps, ledger, progress)
        training = Training(cells.codes, shares, plan, cells.rows, ledger, first, told)
        with _one_thread():
            decoder = self._train(params, training)
        return FittedDecoder(cells.grouped, decoder.toward(shares, after))

    @abstractmethod
    def _train(self, params: Params, training: Training) -> Decoder:
        """The decoder after all steps of the plan."""


def _telling(steps: int, ledger: Ledger, progress: Progress) -> Callable[[int], None]:
    """What hears of steps done and reports them, with the ε that is charged and never a loss.

    The ε is that of the ledger, where all steps are charged before the first.
    """
    every = max(steps // _REPORTS, 1)
    figures: dict[str, float] = {}

    def told(done: int) -> None:
        if not figures:
            figures["epsilon_spent"] = ledger.spent().epsilon
        if done % every == 0 or done == steps:
            progress.step(100 * done / steps, 100, f"step {done:,} of {steps:,}", figures)

    return told


@contextmanager
def _one_thread() -> Iterator[None]:
    """Sums over several threads would differ in their last digits with the number of cores."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
