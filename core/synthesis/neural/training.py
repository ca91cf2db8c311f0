"""Private training (DP-SGD) with Opacus, paid for from the ledger before the first step.

Abadi et al., "Deep learning with differential privacy" (CCS 2016): each step takes a Poisson sample
of the rows, clips the gradient of each, adds Gaussian noise to their sum, and divides by the
expected size of the sample, which is public. How much noise follows from the budget that is left;
the number of steps is settled before, and no further step is possible. No loss is ever told.

A person of k rows changes a step's sum by k clipped gradients at most, and is in its sample with
chance ``1 - (1 - q)^k``: by joint convexity of the divergence over which of the rows are sampled,
a step costs at most as much as one that samples the person with that chance, all rows at once.
"""

import logging
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import numpy as np
import numpy.typing as npt

from core.privacy.accountant import least_noise
from core.privacy.events import Event, SampledGaussian
from core.privacy.guarantee import Guarantee
from core.privacy.ledger import BudgetExceeded, Ledger
from core.synthesis.neural.secret import poisson_sample, secret_generator, stir

Codes = npt.NDArray[np.int32]
Loss = Callable[[Any, Codes, Any], Any]

_ROWS_AT_ONCE = 4096


@dataclass(frozen=True, slots=True)
class Beside:
    """Losses of made-up rows, whose gradients are clipped and added to those of true rows.

    Attributes
    ----------
    losses
        Gets the network, and gives always as many numbers. Neither they nor their count may depend
        on any true row but through earlier steps, so that a person changes nothing of their sum.
    weight
        What each clipped gradient counts.
    """

    losses: Callable[[Any], Any]
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What is settled before training.

    Attributes
    ----------
    share
        Chance with which each row is in a step's sample.
    steps
        Number of steps.
    multiplier
        Standard deviation of the noise over what one person can change in a step's sum.
    clip
        Bound on the norm of a row's gradient.
    """

    share: float
    steps: int
    multiplier: float
    clip: float = 1.0

    def event(self, rows_per_person: int) -> SampledGaussian:
        """What the whole training costs."""
        person = self.share
        if rows_per_person > 1:
            person = 1 - (1 - self.share) ** rows_per_person
        return SampledGaussian(person, self.multiplier, self.steps)


def plan_training(ledger: Ledger, share: float, steps: int, clip: float = 1.0) -> Plan:
    """The plan with the least noise that what is left of the ledger's budget allows.

    Raises
    ------
    InvalidParameter
        When no noise is enough.
    """
    before = tuple(entry.event for entry in ledger.entries)
    return Plan(share, steps, _least_noise(before, ledger.guarantee, share, steps), clip)


@lru_cache(maxsize=64)
def _least_noise(before: tuple[Event, ...], promised: Guarantee, share: float, steps: int) -> float:
    """Kept, because it takes seconds and sweeps ask for the same again."""

    def events(noise: float) -> list[Event]:
        return [*before, Plan(share, steps, noise).event(promised.rows_per_person)]

    with _quiet_accounting():
        return least_noise(events, promised.epsilon, promised.delta)


class PrivateSteps:
    """Steps of private training of one network; charged to the ledger when it is made.

    Parameters
    ----------
    network
        A ``torch.nn.Module`` of linear layers that treats each row on its own.
    optimizer
        A torch optimizer of its parameters; sees noisy gradients only.
    rows
        Noisy or public number of rows.

    Raises
    ------
    BudgetExceeded
        When the ledger refuses; nothing was drawn.
    """

    def __init__(
        self, plan: Plan, network: Any, optimizer: Any, *, rows: float, ledger: Ledger
    ) -> None:
        from opacus.grad_sample import GradSampleModuleFastGradientClipping
        from opacus.optimizers import DPOptimizerFastGradientClipping

        persons = ledger.guarantee.rows_per_person
        about = f"{plan.steps} steps, each over {plan.share:.2%} of the rows"
        ledger.charge("training", about, plan.event(persons))
        self.plan, self.done = plan, 0
        self._generator = secret_generator()
        self._module = GradSampleModuleFastGradientClipping(
            network, max_grad_norm=plan.clip, use_ghost_clipping=True, loss_reduction="sum"
        )
        self._optimizer = DPOptimizerFastGradientClipping(
            optimizer,
            noise_multiplier=plan.multiplier * persons,
            max_grad_norm=plan.clip,
            expected_batch_size=max(plan.share * rows, 1.0),
            loss_reduction="mean",
            generator=self._generator,
            secure_mode=True,
        )

    def step(self, codes: Codes, loss: Loss, beside: Beside | None = None) -> None:
        """One step over a Poisson sample of ``codes`` (rows by columns).

        ``loss`` gets the network, some rows and a secret generator, and gives one number a row
        that depends on that row alone. What is given ``beside`` adds gradients that no row is in.

        Raises
        ------
        BudgetExceeded
            After the last step that was paid for; nothing was drawn.
        """
        if self.done >= self.plan.steps:
            raise BudgetExceeded(
                f"All {self.plan.steps} steps that were paid for are done. Nothing was drawn."
            )
        self.done += 1
        stir(self._generator)
        sample = poisson_sample(len(codes), self.plan.share)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Full backward hook", UserWarning)
            for start in range(0, len(sample), _ROWS_AT_ONCE):
                some = codes[sample[start : start + _ROWS_AT_ONCE]]
                self._add(partial(loss, self._module, some, self._generator))
            if beside is not None:
                self._add(partial(beside.losses, self._module), beside.weight)
            self._move()

    def _add(self, losses_of: Callable[[], Any], weight: float = 1.0) -> None:
        """Add the clipped gradients of some losses, each times ``weight``, to the step's sum."""
        self._module.enable_hooks()
        losses = losses_of()
        losses.sum().backward(retain_graph=True)
        scale = weight * self._module.get_clipping_coef().detach()
        self._optimizer.zero_grad()
        self._module.disable_hooks()
        (scale * losses).sum().backward()
        self._optimizer.signal_skip_step(do_skip=True)
        self._optimizer.step()
        self._optimizer.zero_grad()

    def _move(self) -> None:
        """Add noise to the sum, which may be empty, and let the optimizer move the network."""
        import torch

        for parameter in self._module.parameters():
            parameter.grad = torch.zeros_like(parameter)
        self._optimizer.signal_skip_step(do_skip=False)
        self._optimizer.step()
        self._optimizer.zero_grad()
        self._module.disable_hooks()


@contextmanager
def _quiet_accounting() -> Iterator[None]:
    """Without the accountant's notes on orders that it leaves out, which only loosens the bound."""
    logger = logging.getLogger("absl")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)
