"""Randomness that a guarantee rests on: fresh from the operating system, never from a seed.

Which rows a training step sees, the noise on its gradient, and random numbers that go with a row
must not be known to anyone: whoever knew the sample would undo what sampling adds to the noise.
"""

import os
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import StudioError

Places = npt.NDArray[np.int64]

_STATE_HEAD, _STATE_WORDS, _STATE_BYTES = 24, 624, 5056
_WORD = 2.0**64


def poisson_sample(rows: int, share: float) -> Places:
    """The rows of a sample that each row is in with chance ``share``, on its own."""
    drawn = np.frombuffer(os.urandom(8 * rows), np.uint64)
    return np.flatnonzero(drawn < share * _WORD) if share < 1 else np.arange(rows)


def secret_generator() -> Any:
    """A ``torch.Generator`` whose whole state comes from the operating system; see :func:`stir`.

    Seeding alone would not do: torch uses 32 bits of a seed on the CPU, few enough to try all.
    """
    import torch

    generator = torch.Generator()
    stir(generator)
    return generator


def stir(generator: Any) -> None:
    """Replace the generator's state by fresh bytes, so that nothing follows from earlier draws.

    The state is that of a Mersenne twister: a head (seed, words left until the next twist, the
    place of the next word), 624 words of 32 bits in slots of 64, and a spare normal number.
    """
    import torch

    state = generator.get_state().numpy().copy()
    if len(state) != _STATE_BYTES:
        raise StudioError(
            "This version of torch keeps its random state in another form, so that training noise "
            "would not be secret. Install the version in requirements.txt."
        )
    words = np.frombuffer(os.urandom(4 * _STATE_WORDS), np.uint32).astype(np.uint64)
    state[_STATE_HEAD + 8 * _STATE_WORDS :] = 0
    state[8:12] = np.frombuffer(np.int32(1).tobytes(), np.uint8)
    state[_STATE_HEAD : _STATE_HEAD + 8 * _STATE_WORDS] = words.view(np.uint8)
    generator.set_state(torch.from_numpy(state))
