"""What the trained private engines share from outside: parameters, threads, live progress."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from core.privacy.ledger import Ledger
from core.progress import Progress
from core.synthesis.params import param
from core.synthesis.protocol import PrivateParams

COUNTING = 0.15
_REPORTS = 100

Made = TypeVar("Made")


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
        high=0.5,
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

    def batch(self, rows: float) -> int:
        """Rows of a step to be expected."""
        return max(round(self.sample_share * rows), 1)


def with_steps(
    train: Callable[[Callable[[int], None]], Made], steps: int, ledger: Ledger, progress: Progress
) -> Made:
    """What ``train`` gives, on one thread, with steps done and ε charged told as it goes.

    ``train`` is given what it tells the number of steps done. The ε is that of the ledger, where
    all steps were charged before the first.
    """
    every = max(steps // _REPORTS, 1)
    figures: dict[str, float] = {}

    def told(done: int) -> None:
        if not figures:
            figures["epsilon_spent"] = ledger.spent().epsilon
        if done % every == 0 or done == steps:
            progress.step(100 * done / steps, 100, f"step {done:,} of {steps:,}", figures)

    with _one_thread():
        return train(told)


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
