"""A conditional generator and a discriminator (CTGAN), of which only the latter sees rows.

Xu and others, "Modeling tabular data using conditional GAN" (2019), trained like the private GAN
of Xie and others, "Differentially private generative adversarial network" (2018): the discriminator
learns true rows from made-up ones by private steps, and the generator learns from the discriminator
alone, which is free. Each made-up row is given one cell of one column as its condition, drawn by
the noisy counts, and is to have it. CTGAN looks up true rows by such a cell; here no row is ever
looked up: they come by chance, and the discriminator is not told the condition, as a true row would
have had to bring one.

Noise would make the weights of the discriminator wander off; a strong decay forgets it. The
generator starts at the noisy counts, and the mean of its last steps is kept.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from core.synthesis.neural.decoder import Decoder
from core.synthesis.neural.engine import Training
from core.synthesis.neural.layers import layer_of, linear, one_hot, pace, start_from, tensor
from core.synthesis.neural.training import Beside, Codes, PrivateSteps

_MADE = 2_048
_START = 0.3
_SOFTNESS = 0.7
_SLOPE = 0.2
_MOMENTS = (0.5, 0.99)

Rows = Callable[[], tuple[Any, Any]]


@dataclass(frozen=True, slots=True)
class GanShape:
    """Widths of the networks and how they learn.

    Attributes
    ----------
    latent, hidden
        Random numbers that a row is made from, beside its condition; width of the hidden layers.
    rates
        Highest step sizes of Adam: the generator's and the discriminator's.
    decay
        Share of the discriminator's weights that is forgotten in a step, over its step size.
    kept
        Weight of the past in the mean of the generator's steps that is kept.
    """

    latent: int
    hidden: int
    rates: tuple[float, float]
    decay: float = 2.0
    kept: float = 0.99


def gan_networks(cells: int, shape: GanShape) -> tuple[Any, Any]:
    """Generator and discriminator, weights still to be set; no layer that mixes rows.

    The one goes from random numbers and a condition to logits of all cells, the other from rows as
    ones and zeros to how real each looks.
    """
    import torch

    class Generator(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.hidden = linear(shape.latent + cells, shape.hidden)
            self.logits = linear(shape.hidden, cells)

        def forward(self, numbers: Any) -> Any:
            return self.logits(torch.tanh(self.hidden(numbers)))

    class Discriminator(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.hidden = linear(cells, shape.hidden)
            self.last = linear(shape.hidden, 1)

        def forward(self, rows: Any) -> Any:
            hidden = torch.nn.functional.leaky_relu(self.hidden(rows), _SLOPE)
            return self.last(hidden).squeeze(1)

    return Generator(), Discriminator()


def train_gan(training: Training, shape: GanShape) -> Decoder:
    """The generator after all steps of the plan.

    Raises
    ------
    BudgetExceeded
        When the ledger refuses the plan; nothing was drawn.
    """
    import torch

    plan, softplus = training.plan, torch.nn.functional.softplus
    generator, judge = _started(training, shape)
    slow = torch.optim.Adam(generator.parameters(), betas=_MOMENTS)
    noisy = torch.optim.AdamW(judge.parameters(), betas=_MOMENTS, weight_decay=shape.decay)
    steps = PrivateSteps(plan, judge, noisy, rows=training.rows, ledger=training.ledger)
    made = _maker(generator, training, shape)
    mean = {name: value.clone() for name, value in generator.state_dict().items()}

    def real(network: Any, codes: Codes, _: Any) -> Any:
        return softplus(-network(one_hot(codes, training.sizes)))

    def unreal(network: Any) -> Any:
        with torch.no_grad():
            rows, _ = made()
        return softplus(network(rows))

    beside = Beside(unreal, weight=max(plan.share * training.rows, 1.0) / _MADE)
    for step in range(plan.steps):
        for adam, rate in zip((slow, noisy), shape.rates, strict=True):
            adam.param_groups[0]["lr"] = rate * pace(step, plan.steps)
        steps.step(training.codes, real, beside)
        rows, missed = made()
        slow.zero_grad()
        (softplus(-judge(rows)) + missed).mean().backward()
        slow.step()
        kept = shape.kept if step >= 1 / (1 - shape.kept) else 0.0
        for name, value in generator.state_dict().items():
            mean[name].mul_(kept).add_(value, alpha=1 - kept)
        training.told(steps.done)
    layers = tuple(layer_of(mean, name) for name in ("hidden", "logits"))
    return Decoder(training.sizes, layers, tuple(training.shares))


def _started(training: Training, shape: GanShape) -> tuple[Any, Any]:
    """Both networks with their first weights; the generator's columns have their noisy counts."""
    import torch

    cells, columns = sum(training.sizes), len(training.sizes)
    generator, judge = gan_networks(cells, shape)
    start_from(generator, training.rng)
    start_from(judge, training.rng)
    width = shape.latent + cells
    with torch.no_grad():
        generator.hidden.weight[:, : shape.latent] *= (width / shape.latent) ** 0.5
        generator.hidden.weight[:, shape.latent :] *= width**0.5 / 2
        generator.logits.weight *= _START
        generator.logits.bias.copy_(tensor(np.log(np.concatenate(training.shares))))
        judge.hidden.weight *= (cells / columns) ** 0.5
    return generator, judge


def _maker(generator: Any, training: Training, shape: GanShape) -> Rows:
    """What makes up rows of ones and zeros, and tells how far each misses its condition.

    A row's cells are drawn by their chances (Gumbel), and gradients go through as if they were
    soft (straight through: Jang and others, 2017).
    """
    import torch

    sizes, draws = training.sizes, torch.Generator()
    draws.manual_seed(int(training.rng.integers(2**31)))
    conditions = tensor(np.concatenate(training.shares) / len(sizes))
    ends = list(pairwise(np.cumsum([0, *sizes])))

    def made() -> tuple[Any, Any]:
        drawn = torch.multinomial(conditions, _MADE, True, generator=draws)[:, None]
        given = torch.zeros(_MADE, len(conditions)).scatter_(1, drawn, 1.0)
        numbers = torch.randn(_MADE, shape.latent, generator=draws)
        logits = generator(torch.cat([numbers, given], dim=1))
        even = torch.rand(logits.shape, generator=draws).clamp(1e-6, 1 - 1e-6)
        moved = (logits - torch.log(-torch.log(even))) / _SOFTNESS
        rows = torch.cat([_straight_through(moved[:, a:b]) for a, b in ends], dim=1)
        sure = [torch.log_softmax(logits[:, a:b], dim=1) for a, b in ends]
        return rows, -(torch.cat(sure, dim=1) * given).sum(dim=1)

    return made


def _straight_through(logits: Any) -> Any:
    """One at the highest of each row and zero elsewhere; the gradients are those of softmax."""
    import torch

    soft = torch.softmax(logits, dim=1)
    top = torch.zeros_like(soft).scatter_(1, soft.argmax(dim=1, keepdim=True), 1.0)
    return top + soft - soft.detach()
