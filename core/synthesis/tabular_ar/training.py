"""Training: steps of Adam on rows of which some columns are known, ended by held-out rows.

A tenth of the rows (2,000 at most) is never trained on. After each epoch the mean of the last
steps' weights is judged on them, always with the same columns known; the best such mean is kept,
and training ends when there was no gain for some epochs. So what holds for the training rows alone
is not learned for long.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.progress import Progress
from core.synthesis.tabular_ar.columns import Field, Float32, Taken, scale_of
from core.synthesis.tabular_ar.contexts import Asker, Contexts, held_out_rows
from core.synthesis.tabular_ar.network import (
    Shape,
    Weights,
    first_weights,
    hidden,
    logits,
    slot_biases,
)
from core.synthesis.tabular_ar.recipe import Recipe
from core.synthesis.tabular_ar.sharing import Sharing, sharing_of

_STEPS_AN_EPOCH = 40
_FEWEST_ROWS = 16
_WARM = 50
_LAST = 0.03
_KEPT = 0.998
_DECAY = 0.01
_STEEPEST = 5.0
_TIMES = 6
_REPORT = 10


@dataclass(frozen=True, slots=True)
class Tokens:
    """Training rows as tensors on a device.

    Attributes
    ----------
    classes, slots
        First and second token of each value (rows x columns).
    numbers
        Features of the columns of numbers (rows x features).
    """

    classes: Any
    slots: Any
    numbers: Any


def tokens_of_rows(taken: Taken, shape: Shape, device: str) -> Tokens:
    """What the network reads of the rows."""
    import torch

    fields, cell = taken.fields, taken.cell
    classes = np.stack([f.cells.group[c] for f, c in zip(fields, cell.T, strict=True)], axis=1)
    slots = np.stack([f.slot[c] for f, c in zip(fields, cell.T, strict=True)], axis=1)
    features = [scale_of(fields[p].cells).features(taken.numbers[p]) for p in shape.numbers]
    numbers = np.concatenate(features, axis=1) if features else np.zeros((len(cell), 0), "f4")
    made = [torch.from_numpy(part).to(device) for part in (classes, slots, numbers)]
    return Tokens(*made)


class Learning:
    """The loss of rows under contexts; holds what does not change while training."""

    def __init__(
        self, taken: Taken, shape: Shape, given: int, device: str, shares: bool = False
    ) -> None:
        import torch

        self.shape, self.given, self.device = shape, given, device
        self.sharing = sharing_of(taken.fields, shape, device) if shares else Sharing({})
        self.tokens = tokens_of_rows(taken, shape, device)
        starts = torch.from_numpy(shape.starts)
        self._starts = starts[:-1].to(device)
        self._unknown = (starts[-1] + torch.arange(shape.columns)).to(device)
        self._owners = torch.tensor([p for p in shape.numbers for _ in range(2)], device=device)
        biases = slot_biases(taken.fields, shape)
        self._biases = {p: torch.from_numpy(b).to(device) for p, b in biases.items()}

    def losses(self, weights: Weights, rows: Any, contexts: Contexts, dropout: float = 0.0) -> Any:
        """Estimated surprise of each row in nats, by its weighted tokens."""
        out = self._outputs(weights, rows, contexts, dropout)
        total = self._slot_losses(out, rows, contexts)
        for place in range(self.given, self.shape.columns):
            total = total + contexts.weights[:, place] * self._surprise(out, rows, place)
        return total

    def next_losses(self, weights: Weights, rows: Any, contexts: Contexts) -> Any:
        """Surprise of the one token after the cut, in nats."""
        import torch

        out = self._outputs(weights, rows, contexts, 0.0)
        all_ = [self._surprise(out, rows, p) for p in range(self.given, self.shape.columns)]
        asked = torch.stack(all_, dim=1).gather(1, contexts.next[:, None] - self.given).squeeze(1)
        return torch.where(contexts.slot, 0.0, asked) + self._slot_losses(out, rows, contexts, 1.0)

    def _outputs(self, weights: Weights, rows: Any, contexts: Contexts, dropout: float) -> Any:
        import torch

        weights = self.sharing.of(weights)
        classes = self.tokens.classes[rows].long()
        ids = torch.where(contexts.known, classes + self._starts, self._unknown)
        numbers = self.tokens.numbers[rows]
        if self.shape.numbers:
            numbers = numbers * contexts.whole[:, self._owners]
        return logits(weights, hidden(weights, self.shape, ids, numbers, dropout))

    def _surprise(self, out: Any, rows: Any, place: int) -> Any:
        from torch.nn import functional as f

        start, stop = self.shape.starts[place : place + 2]
        wanted = self.tokens.classes[rows, place].long()
        return f.cross_entropy(out[:, start:stop], wanted, reduction="none")

    def _slot_losses(
        self, out: Any, rows: Any, contexts: Contexts, weight: float | None = None
    ) -> Any:
        import torch
        from torch.nn import functional as f

        total = torch.zeros(len(rows), device=self.device)
        weight = float(Asker(self.shape, self.given, 0).tokens) if weight is None else weight
        for place, start in self.shape.slot_starts.items():
            asked = (contexts.slot & (contexts.next == place)).nonzero().squeeze(1)
            if place >= self.given and len(asked):
                classes = self.tokens.classes[rows[asked], place].long()
                own = out[asked, start : start + self.shape.slots[place]]
                wanted = self.tokens.slots[rows[asked], place].long()
                loss = f.cross_entropy(own + self._biases[place][classes], wanted, reduction="none")
                total = total.index_put((asked,), weight * loss)
        return total


class Training:
    """One training of a network; see the module's text."""

    def __init__(
        self, learning: Learning, params: Recipe, rows: int, rng: np.random.Generator
    ) -> None:
        self.learning, self.params, self.rng = learning, params, rng
        held, self.rows = held_out_rows(rows, rng)
        self.asker = Asker(learning.shape, learning.given, params.any_order)
        size = max(_FEWEST_ROWS, len(self.rows) // _STEPS_AN_EPOCH)
        self.size = min(params.batch_size, size, len(self.rows))
        self.steps = max(len(self.rows) // self.size, 1)
        self._held = _Held(learning, self.asker, held)

    def run(self, fields: tuple[Field, ...], progress: Progress) -> dict[str, Float32]:
        """The best weights of the training."""
        import torch

        device = self.learning.device
        first = first_weights(self.learning.shape, fields, self.rng)
        moved = {name: torch.from_numpy(value).to(device) for name, value in first.items()}
        weights = {name: value.requires_grad_() for name, value in moved.items()}
        state = _State(weights, self.params, self.steps)
        best, lowest, since = state.copied_mean(), self._held.surprise(state.mean), 0
        end = time.monotonic() + (60 * self.params.minutes or np.inf)
        for epoch in range(1, self.params.epochs + 1):
            trained = self._epoch(state, epoch, progress, end)
            surprise = self._held.surprise(state.mean)
            since = since + 1 if surprise >= lowest else 0
            if since == 0:
                best, lowest = state.copied_mean(), surprise
            is_over = since >= self.params.patience or time.monotonic() > end
            self._tell(progress, epoch, trained, surprise, is_over)
            if is_over:
                break
        return {name: value.cpu().numpy() for name, value in self.learning.sharing.of(best).items()}

    def _epoch(self, state: "_State", epoch: int, progress: Progress, end: float) -> float:
        """Train on all rows once; the mean loss of its steps."""
        import torch

        learning, generator = self.learning, state.generator(self.rng, self.learning.device)
        order = torch.from_numpy(self.rng.permutation(self.rows)).to(learning.device)
        sums, done = torch.zeros((), device=learning.device), 0
        for step in range(self.steps):
            rows = order[step * self.size : (step + 1) * self.size]
            contexts = self.asker.draw(len(rows), generator, learning.device)
            losses = learning.losses(state.weights, rows, contexts, self.params.dropout)
            sums += state.step(losses.mean() / self.asker.tokens)
            done += 1
            if step % _REPORT == 0 and step:
                total, so_far = self.params.epochs, epoch - 1 + step / self.steps
                progress.step(so_far, total, f"epoch {epoch} of at most {total}")
            if time.monotonic() > end:
                break
        return float(sums) * self.asker.tokens / done

    def _tell(
        self, progress: Progress, epoch: int, trained: float, surprise: float, is_over: bool
    ) -> None:
        total = self.params.epochs
        values = {"epoch": float(epoch), "loss": trained}
        if np.isfinite(surprise):
            values["held_out"] = surprise
        note = f"epoch {epoch} of at most {total}"
        progress.step(epoch, total, note, values)
        if is_over and epoch < total:
            progress.step(total, total, f"ended after epoch {epoch}")


class _State:
    """Weights that are trained, and the mean of their last steps."""

    def __init__(self, weights: dict[str, Any], params: Recipe, steps: int) -> None:
        import torch

        self.weights, self.params, self.steps = weights, params, steps * params.epochs
        self.mean = {name: value.detach().clone() for name, value in weights.items()}
        self.done = 0
        plain = [value for value in weights.values() if value.ndim < 2]
        tables = [value for value in weights.values() if value.ndim == 2]
        groups = [{"params": tables, "weight_decay": _DECAY}, {"params": plain, "weight_decay": 0}]
        self._adam = torch.optim.AdamW(groups, lr=params.rate, fused=True)

    def generator(self, rng: np.random.Generator, device: str) -> Any:
        """A generator on the device, seeded anew."""
        import torch

        return torch.Generator(device).manual_seed(int(rng.integers(2**62)))

    def copied_mean(self) -> dict[str, Any]:
        """The mean weights."""
        return {name: value.clone() for name, value in self.mean.items()}

    def step(self, loss: Any) -> Any:
        """One step of Adam down the loss, which is returned."""
        import torch

        down = 0.5 * (1 + np.cos(np.pi * self.done / self.steps)) * (1 - _LAST) + _LAST
        for group in self._adam.param_groups:
            group["lr"] = self.params.rate * min(1.0, (self.done + 1) / _WARM) * down
        self._adam.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(list(self.weights.values()), _STEEPEST)
        self._adam.step()
        self.done += 1
        kept = min(_KEPT, (1 + self.done) / (10 + self.done))
        with torch.no_grad():
            torch._foreach_lerp_(list(self.mean.values()), list(self.weights.values()), 1 - kept)
        return loss.detach()


class _Held:
    """Held-out rows with what is known of them, always the same."""

    def __init__(self, learning: Learning, asker: Asker, held: npt.NDArray[np.int64]) -> None:
        import torch

        self._learning, self._tokens = learning, asker.tokens
        self._rows = torch.from_numpy(held).to(learning.device)
        generator = torch.Generator(learning.device).manual_seed(0)
        self._contexts = list(_contexts(asker, len(held), generator, learning.device))

    def surprise(self, weights: Weights) -> float:
        """Estimated mean surprise of a held-out row in nats; infinite without held-out rows."""
        import torch

        if not len(self._rows):
            return float("inf")
        with torch.no_grad():
            found = [
                self._learning.next_losses(weights, self._rows, contexts).mean()
                for contexts in self._contexts
            ]
        return float(torch.stack(found).mean()) * self._tokens


def _contexts(asker: Asker, rows: int, generator: Any, device: str) -> Iterator[Contexts]:
    for _ in range(_TIMES):
        yield asker.draw(rows, generator, device)
