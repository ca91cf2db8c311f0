"""What the trained networks are built from: layers, first weights, rows of ones and zeros, pace."""

from typing import Any

import numpy as np
import numpy.typing as npt

from core.synthesis.neural.decoder import Layer
from core.synthesis.neural.training import Codes

_WARM = 20


def linear(inputs: int, outputs: int) -> Any:
    """A linear layer whose weights are still to be set, for which torch draws no numbers."""
    from torch import nn

    return nn.utils.skip_init(nn.Linear, inputs, outputs)


def start_from(network: Any, rng: np.random.Generator) -> None:
    """First weights from ``rng``: even within one over the root of the number of inputs."""
    import torch

    with torch.no_grad():
        for parameter in network.parameters():
            if parameter.ndim == 2:
                bound = parameter.shape[1] ** -0.5
                parameter.copy_(tensor(rng.uniform(-bound, bound, tuple(parameter.shape))))
            else:
                parameter.zero_()


def one_hot(codes: Codes, sizes: tuple[int, ...]) -> Any:
    """Rows by all cells: one where a row has the cell."""
    import torch

    places = torch.from_numpy(codes.astype(np.int64) + np.cumsum([0, *sizes[:-1]]))
    return torch.zeros(len(codes), sum(sizes)).scatter_(1, places, 1.0)


def pace(step: int, steps: int) -> float:
    """Share of the highest step size at a step."""
    return min(1.0, (step + 1) / _WARM, 2 * (1 - step / steps))


def layer_of(state: dict[str, Any], name: str) -> Layer:
    """Weights and bias of one layer of a network's state."""
    weights, bias = (state[f"{name}.{part}"].numpy() for part in ("weight", "bias"))
    return weights.astype(np.float64), bias.astype(np.float64)


def tensor(values: npt.NDArray[np.float64]) -> Any:
    """As torch has numbers."""
    import torch

    return torch.from_numpy(values.astype(np.float32))
