"""What is known of each training row, and what the network is asked of it.

A row is cut at a random place of an order of its tokens: what comes before is known, what comes
after is asked for. In most rows that is the drawing order, so that the network is best at what it
will do most; in the others any order, so that it can draw given any columns. Rows are weighted so
that the sum estimates the surprise of a whole row (Uria, Murray and Larochelle, ICML 2014); rows in
the drawing order mostly count the token right after the cut.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.synthesis.tabular_ar.network import Shape

Rows = npt.NDArray[np.int64]

_REST = 0.3


@dataclass(frozen=True, slots=True)
class Contexts:
    """What is known of some rows.

    Attributes
    ----------
    known
        Whether a value's class is known (rows x columns).
    whole
        Whether all of the value is known; less than ``known`` where the slot is asked for.
    weights
        Weight of each column's class in the loss.
    next
        The column of the token after the cut.
    slot
        Whether that token is the column's second.
    """

    known: Any
    whole: Any
    weights: Any
    next: Any
    slot: Any


@dataclass(frozen=True, slots=True)
class Asker:
    """Draws contexts for the tokens of the columns from ``given`` on."""

    shape: Shape
    given: int
    any_order: float

    @property
    def tokens(self) -> int:
        """Tokens of a row that are learned."""
        return self.shape.columns - self.given + len(self._split)

    @property
    def _split(self) -> tuple[int, ...]:
        return tuple(place for place in self.shape.split if place >= self.given)

    def draw(self, rows: int, generator: Any, device: str) -> Contexts:
        """Contexts of ``rows`` rows."""
        import torch

        own, count = self.shape.columns - self.given, self.tokens
        drawn = {"generator": generator, "device": device}
        shuffled = torch.rand(rows, own, **drawn).argsort(dim=1).argsort(dim=1)
        free = torch.rand(rows, 1, **drawn) < self.any_order
        place = torch.where(free, shuffled, torch.arange(own, device=device))
        columns = torch.tensor([*range(own), *(p - self.given for p in self._split)], device=device)
        token = torch.randint(0, count, (rows,), **drawn)
        asked, slot = columns[token], token >= own
        cut = place.gather(1, asked[:, None])
        before, at = place < cut, place == cut
        known = before | (at & slot[:, None])
        left = (~known).sum(dim=1, keepdim=True).clamp(min=1)
        rest = torch.where(free, 1.0, _REST)
        weights = (~known) * rest * count / left + (at & ~known) * (1 - rest) * count
        return Contexts(
            self._beside(known, True),
            self._beside(before, True),
            self._beside(weights.float(), 0.0),
            asked + self.given,
            slot,
        )

    def _beside(self, values: Any, given: float) -> Any:
        """The columns that will be given, before the others."""
        import torch

        around = torch.full((len(values), self.given), given, dtype=values.dtype)
        return torch.cat([around.to(values.device), values], dim=1)


def held_out_rows(rows: int, rng: np.random.Generator) -> tuple[Rows, Rows]:
    """Rows to judge by, a tenth and at most 2,000, and the rows to train on."""
    order = rng.permutation(rows)
    held = min(rows // 10, 2_000)
    return order[:held], order[held:]
