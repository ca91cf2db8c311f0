"""What every step of a run in its worker works with: the task, the vault, and random numbers."""

from dataclasses import dataclass, replace

import numpy as np

from core.data.vault import Vault
from core.progress import Progress
from core.studio.task import RunTask


@dataclass(frozen=True, slots=True)
class Streams:
    """The random numbers of each step: what concerns the fit by the seed of the fit."""

    split: np.random.Generator
    fit: np.random.Generator
    draw: np.random.Generator
    sample: np.random.Generator
    reference: np.random.Generator

    @classmethod
    def of(cls, task: RunTask) -> "Streams":
        """Those of a run's seed, and of the seed of the fit where its model was fitted before."""
        fit_seed = task.spec.seed if task.fit_seed is None else task.fit_seed
        split, fit, _, draw = np.random.default_rng(fit_seed).spawn(4)
        *_, sample, _, reference = np.random.default_rng(task.spec.seed).spawn(5)
        return cls(split, fit, draw, sample, reference)


@dataclass(frozen=True, slots=True)
class RunWork:
    """What every step of a run works with."""

    task: RunTask
    vault: Vault
    streams: Streams
    progress: Progress

    def afresh(self) -> "RunWork":
        """With random numbers of which none is drawn yet, as a run of its own has them."""
        return replace(self, streams=Streams.of(self.task))
