"""Noise that is recorded, played again, made smaller or left out: for audits only.

Nothing that makes a release imports this. It stands in for the source of ``core.privacy.noise`` and
for the step in which Opacus adds noise to a sum of gradients; it is for one thread at a time.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

import numpy as np

from core.errors import StudioError
from core.privacy import noise

Draw = Callable[..., Any]


class Diverged(StudioError):
    """A replay asked for other noise than was recorded: something else depends on a person."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """One call for noise.

    Attributes
    ----------
    kind
        ``gaussian``, ``laplace``, ``selection``, ``labels`` or ``training``.
    true
        What the noise was added to; of labels, their counts by label.
    scale
        Of the noise; of training, its standard deviation over the clipping norm.
    out
        What came out.
    threshold
        Of labels: the least noisy count that is shown.
    """

    kind: str
    true: Any
    scale: float
    out: Any
    threshold: int = 0


@dataclass(slots=True)
class Tape:
    """All noise of a run, in order; see :meth:`recording` and :meth:`replaying`.

    Attributes
    ----------
    training
        Whether steps of Opacus are on it too; that imports torch.
    """

    training: bool = False
    draws: list[Drawn] = field(default_factory=list)
    _frozen: "Tape | None" = None
    _within: list[float] | None = None

    @contextmanager
    def recording(self) -> Iterator["Tape"]:
        """Keep all noise that is drawn inside."""
        with _instead(self._counted, self._picked, self._labelled, self._stepped, self.training):
            yield self

    @contextmanager
    def replaying(self) -> Iterator["Tape"]:
        """Give out this tape's noisy values inside; yields the tape of what asked for them.

        Raises
        ------
        Diverged
            When other noise is asked for than was recorded, or less of it.
        """
        again = Tape(self.training, _frozen=self)
        with again.recording():
            yield again
        if len(again.draws) < len(self.draws):
            raise Diverged(
                f"Draw {len(again.draws) + 1} of {len(self.draws)} was not asked for again."
            )

    def _keep(self, kind: str, true: Any, scale: float, draw: Draw, **more: int) -> Any:
        out = draw() if self._frozen is None else self._again(kind, true, scale)
        self.draws.append(Drawn(kind, true, scale, out, **more))
        return out

    def _again(self, kind: str, true: Any, scale: float) -> Any:
        place = len(self.draws)
        old = (
            self._frozen.draws[place] if self._frozen and place < len(self._frozen.draws) else None
        )
        if old is None or old.kind != kind:
            raise Diverged(f"Draw {place + 1} of noise ({kind}) was not there before.")
        if kind != "labels" and _shape(old.true) != _shape(true):
            raise Diverged(f"Draw {place + 1} ({kind}) has another number of values than before.")
        if not np.isclose(old.scale, scale, rtol=1e-12):
            raise Diverged(f"Draw {place + 1} ({kind}) has another scale than before.")
        return old.out

    def _counted(self, draw: Draw, kind: str, counts: Sequence[int], scale: float) -> Any:
        if self._within is not None:
            self._within.append(scale)
            return draw(counts, scale)
        true = np.array(counts, np.int64)
        return self._keep(kind, true, scale, lambda: draw(counts, scale))

    def _picked(self, draw: Draw, scores: Sequence[float], scale: float) -> int:
        true = np.array(scores, np.float64)
        picked: int = self._keep("selection", true, scale, lambda: draw(scores, scale))
        return picked

    def _labelled(
        self, draw: Draw, counts: Mapping[str, int], sigma: float, threshold: int
    ) -> dict[str, int]:
        self._within = []
        try:
            found: dict[str, int] = draw(counts, sigma, threshold)
        finally:
            (scale,), self._within = self._within or [0.0], None
        true = dict(counts)
        shown: dict[str, int] = self._keep(
            "labels", true, scale, lambda: found, threshold=threshold
        )
        return dict(shown)

    def _stepped(self, draw: Draw, optimizer: Any) -> None:
        """One step of Opacus: the clipped sums before, the noisy ones after."""
        sums = [p.summed_grad.detach().clone() for p in optimizer.params]

        def add() -> list[Any]:
            draw(optimizer)
            return [p.grad.detach().clone() for p in optimizer.params]

        frozen = self._frozen is not None
        noisy = self._keep("training", sums, float(optimizer.noise_multiplier), add)
        if frozen:
            draw(optimizer)
            for parameter, values in zip(optimizer.params, noisy, strict=True):
                parameter.grad = values.clone()


@contextmanager
def without_noise(*, training: bool = False) -> Iterator[None]:
    """No noise inside: every value is the true one. What an audit must notice."""
    with noise_shrunk(0.0, training=training):
        yield


@contextmanager
def noise_shrunk(share: float, *, training: bool = False) -> Iterator[None]:
    """Only ``share`` of the noise inside that the ledger is charged for: a sham."""

    def counted(draw: Draw, kind: str, counts: Sequence[int], scale: float) -> Any:
        return draw(counts, share * scale) if share else list(counts)

    def picked(draw: Draw, scores: Sequence[float], scale: float) -> int:
        best: int = draw(scores, share * scale) if share else int(np.argmax(scores))
        return best

    def stepped(draw: Draw, optimizer: Any) -> None:
        before = optimizer.noise_multiplier
        optimizer.noise_multiplier = share * before
        try:
            draw(optimizer)
        finally:
            optimizer.noise_multiplier = before

    def labelled(draw: Draw, *args: Any) -> dict[str, int]:
        shown: dict[str, int] = draw(*args)
        return shown

    with _instead(counted, picked, labelled, stepped, training):
        yield


@contextmanager
def _instead(
    counted: Draw, picked: Draw, labelled: Draw, stepped: Draw, training: bool
) -> Iterator[None]:
    """These in place of what draws noise; each is given what it stands in for, and its call."""
    real, shown = noise._opendp(), noise._shown_labels

    class Source:
        """The source as ``core.privacy.noise`` uses it."""

        def gaussian(self, counts: Sequence[int], sigma: float) -> Any:
            return counted(real.gaussian, "gaussian", counts, sigma)

        def laplace(self, counts: Sequence[int], scale: float) -> Any:
            return counted(real.laplace, "laplace", counts, scale)

        def noisy_max(self, scores: Sequence[float], scale: float) -> int:
            best: int = picked(real.noisy_max, scores, scale)
            return best

    with ExitStack() as stack:
        stack.enter_context(patch.object(noise, "_opendp", Source))
        stack.enter_context(
            patch.object(noise, "_shown_labels", lambda *args: labelled(shown, *args))
        )
        if training:
            for kind in _noisy_optimizers():
                stack.enter_context(patch.object(kind, "add_noise", _step_by(stepped, kind)))
        yield


def _noisy_optimizers() -> tuple[Any, ...]:
    """Opacus' optimizers of one process, each with its own way of adding noise."""
    from opacus.optimizers import DPOptimizer, DPOptimizerFastGradientClipping

    return DPOptimizer, DPOptimizerFastGradientClipping


def _step_by(stepped: Draw, kind: Any) -> Draw:
    """The method that goes in place of an optimizer's ``add_noise``."""
    add = kind.add_noise
    return lambda own: stepped(add, own)


def _shape(true: Any) -> Any:
    return [tuple(part.shape) for part in true] if isinstance(true, list) else true.shape
