"""A variational autoencoder of rows of cells (TVAE), every gradient of which is private.

Kingma and Welling, "Auto-encoding variational Bayes" (2014), for tables as in Xu et al. (2019):
the encoder turns a row's cells into a normal distribution of a few numbers, the decoder those
back into a chance for each cell of each column. Both learn through noisy gradients alone. The
decoder starts where each column has its noisy counts, so that only dependences are to be learned,
and what is kept is the mean of the last steps, which is free.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from core.synthesis.neural.decoder import Decoder
from core.synthesis.neural.engine import Training
from core.synthesis.neural.layers import layer_of, linear, one_hot, pace, start_from, tensor
from core.synthesis.neural.training import Codes, PrivateSteps

_SPREAD = (-6.0, 2.0)
_START = 0.3
_AFTER = 50


@dataclass(frozen=True, slots=True)
class VaeShape:
    """Widths of the network and how it learns.

    Attributes
    ----------
    latent, hidden
        Numbers that a row is encoded in; width of the hidden layer of either half.
    rate
        Highest step size of Adam: reached after a few steps, it falls to zero over the last half.
    kept
        Weight of the past in the mean of the steps that is kept.
    """

    latent: int
    hidden: int
    rate: float
    kept: float = 0.95


def vae_network(cells: int, shape: VaeShape) -> Any:
    """Encoder and decoder, weights still to be set; no layer that mixes rows.

    From rows and noise of the codes to the logits of all cells, and mean and logarithm of the
    variance of each code.
    """
    import torch

    class Vae(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.encoder = linear(cells, shape.hidden)
            self.code = linear(shape.hidden, 2 * shape.latent)
            self.decoder = linear(shape.latent, shape.hidden)
            self.logits = linear(shape.hidden, cells)

        def forward(self, rows: Any, noise: Any) -> tuple[Any, Any, Any]:
            code = self.code(torch.tanh(self.encoder(rows)))
            mean, spread = code[:, : shape.latent], code[:, shape.latent :].clamp(*_SPREAD)
            numbers = mean + noise * torch.exp(spread / 2)
            return self.logits(torch.tanh(self.decoder(numbers))), mean, spread

    return Vae()


def train_vae(training: Training, shape: VaeShape) -> Decoder:
    """The decoder after all steps of the plan.

    Raises
    ------
    BudgetExceeded
        When the ledger refuses the plan; nothing was drawn.
    """
    import torch

    plan, sizes, shares = training.plan, training.sizes, training.shares
    network = vae_network(sum(sizes), shape)
    start_from(network, training.rng)
    with torch.no_grad():
        network.logits.weight.mul_(_START)
        network.logits.bias.copy_(tensor(np.log(np.concatenate(shares))))
    adam = torch.optim.Adam(network.parameters(), lr=shape.rate)
    steps = PrivateSteps(plan, network, adam, rows=training.rows, ledger=training.ledger)
    mean = {name: value.clone() for name, value in network.state_dict().items()}

    def loss(module: Any, codes: Codes, secret: Any) -> Any:
        noise = torch.randn(len(codes), shape.latent, generator=secret)
        logits, centre, spread = module(one_hot(codes, sizes), noise)
        far = 0.5 * (centre**2 + spread.exp() - 1 - spread).sum(dim=1)
        return far + _surprise(logits, codes, sizes)

    for step in range(plan.steps):
        adam.param_groups[0]["lr"] = shape.rate * pace(step, plan.steps)
        steps.step(training.codes, loss)
        kept = shape.kept if step >= _AFTER else 0.0
        for name, value in network.state_dict().items():
            mean[name].mul_(kept).add_(value, alpha=1 - kept)
        training.told(steps.done)
    return Decoder(sizes, tuple(layer_of(mean, name) for name in ("decoder", "logits")))


def _surprise(logits: Any, codes: Codes, sizes: tuple[int, ...]) -> Any:
    """For each row, minus the logarithm of the chance of its cells."""
    import torch

    total = torch.zeros(len(codes))
    wanted = torch.from_numpy(codes.astype(np.int64))
    for column, (start, end) in enumerate(pairwise(np.cumsum([0, *sizes]))):
        own = torch.log_softmax(logits[:, start:end], dim=1)
        total = total - own.gather(1, wanted[:, column : column + 1]).squeeze(1)
    return total
