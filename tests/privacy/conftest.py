"""What the tests of privacy share: a tiny private engine, and noise that is recorded or frozen."""

from dataclasses import dataclass, field

import numpy as np
import pytest

from core.privacy import noise
from core.privacy.discover import labels
from core.synthesis import registry
from tests.privacy import tiny


@pytest.fixture
def tiny_engine(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setitem(registry.ENGINES, "tiny", tiny.INFO)
    return "tiny"


@dataclass
class Tape:
    """Noisy values as they were drawn; played again, they come in the same order and form.

    Of labels that have to be found, what was shown is kept: how many noisy values that took
    depends on the rows, and is covered by δ.
    """

    values: list = field(default_factory=list)
    true: list = field(default_factory=list)
    place: int | None = None

    def rewind(self) -> None:
        self.place = 0

    def pass_on(self, draw, counts, scale):
        self.true.append(np.asarray(counts).copy())
        if self.place is None:
            self.values.append(draw(counts, scale))
            return self.values[-1]
        kept = self.next()
        assert len(kept) == len(counts), "the number of noisy values depends on a person"
        return kept

    def next(self):
        self.place += 1
        return self.values[self.place - 1]

    def labels(self, find, *args):
        """Found labels, recorded as a whole; found again, they are paid for as before."""
        place, self.place = self.place, None
        shown = find(*args)
        del self.values[-1:], self.true[-1:]
        self.place = place
        if place is not None:
            return self.next()
        self.values.append(shown)
        return shown


@pytest.fixture
def tape(monkeypatch: pytest.MonkeyPatch) -> Tape:
    """Records all noisy counts, or gives back the recorded ones instead of those of the rows."""
    tape = Tape()
    for name in ("_discrete_gaussian", "_discrete_laplace"):
        draw = getattr(noise, name)
        monkeypatch.setattr(
            noise, name, lambda counts, scale, draw=draw: tape.pass_on(draw, counts, scale)
        )
    find = labels.known_labels
    monkeypatch.setattr(labels, "known_labels", lambda *args: tape.labels(find, *args))
    return tape


@pytest.fixture
def no_noise(monkeypatch: pytest.MonkeyPatch) -> None:
    """Noise switched off, for tests of what is counted."""
    for name in ("_discrete_gaussian", "_discrete_laplace"):
        monkeypatch.setattr(noise, name, lambda counts, scale: np.asarray(counts, np.int64))
