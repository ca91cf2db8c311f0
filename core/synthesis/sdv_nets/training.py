"""Watching SDV's training loops: progress within an epoch, losses at its end, a stop at any batch.

The loops of ``ctgan`` take their iterator, transformer, sampler, loader and loss from names of
their module; those are replaced for as long as one training lasts.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from core.errors import InvalidParameter
from core.progress import Progress

DEVICES = ("auto", "cpu", "cuda")
MOST_POINTS = 500
_BETWEEN_LOOKS_S = 0.2


@dataclass(slots=True)
class Watch:
    """Tells how far a training is, and stops it when the progress raises.

    Attributes
    ----------
    epochs, batches
        Epochs in all, and calls of :meth:`tick` in one.
    losses
        The figures of the epoch that was just finished.
    """

    progress: Progress
    epochs: int
    batches: int
    losses: Callable[[], Mapping[str, float]] = dict
    _epoch: int = field(default=0, init=False)
    _seen: int = field(default=0, init=False)
    _looked: float = field(default=0.0, init=False)

    def coding(self, _: int, __: int, note: str) -> None:
        """A column is about to be coded, before the first epoch."""
        self.progress.step(0, self.epochs, note)

    def tick(self) -> None:
        """A batch begins."""
        self._seen += 1
        if time.monotonic() - self._looked >= _BETWEEN_LOOKS_S:
            share = min((self._seen - 1) / max(self.batches, 1), 1.0)
            self._say(min(self._epoch + share, self.epochs))

    def over(self, epochs: range, **_: Any) -> Iterator[int]:
        """In place of ``tqdm``: the epochs, with a report at the end of each."""
        every = -(-self.epochs // MOST_POINTS)
        for epoch in epochs:
            yield epoch
            self._epoch, self._seen = epoch + 1, 0
            figures = self.losses()
            is_told = self._epoch % every == 0 or self._epoch == self.epochs
            self._say(self._epoch, {"epoch": self._epoch, **figures} if is_told else None)

    def _say(self, done: float, values: Mapping[str, float] | None = None) -> None:
        self._looked = time.monotonic()
        note = f"epoch {min(int(done) + (values is None), self.epochs):,} of {self.epochs:,}"
        self.progress.step(done, self.epochs, note, values)


@contextmanager
def replaced(module: ModuleType, **names: Any) -> Iterator[None]:
    """Other values for names of a module, put back whatever happens."""
    before = {name: vars(module)[name] for name in names}
    vars(module).update(names)
    try:
        yield
    finally:
        vars(module).update(before)


def on_gpu(device: str) -> bool:
    """Whether to train on a GPU.

    Raises
    ------
    InvalidParameter
        A GPU was asked for, and there is none that torch can use.
    """
    import torch

    found = device != "cpu" and bool(torch.cuda.is_available())
    if device == "cuda" and not found:
        raise InvalidParameter(
            "`device` is cuda, but torch finds no GPU here. Give `auto` or `cpu`, or install the "
            "build of torch that fits the GPU."
        )
    return found
