"""A trial of a learned model: how long its contexts should be, and which lengths come too often."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from core.data.texts.batch import Maker
from core.data.texts.draw import drawn_texts
from core.data.texts.model import Floats, Keys, Model

TRIAL, FIRST = 2_000, 300
LEAST_TAKEN, LEAST_LABELLED = 1 / 3, 1 / 2
LEAST_ENDED = 1 / 4


def tried(maker: Maker, lengths: Sequence[int], labels: Keys) -> Maker:
    """The maker with what a trial shows.

    Long contexts repeat rare runs, so that texts become stuck where few texts are alike: where
    three of four do, shorter ones are used. Texts of lengths that come too often are taken less;
    at least a third of all is taken, and half where texts follow a label, even if lengths stay off
    then.

    Parameters
    ----------
    lengths
        Characters of the learned texts.
    labels
        Of each learned text the number of the label that it follows.
    """
    rng = np.random.default_rng(int.from_bytes(maker.guards.key, "little"))
    own = rng.choice(labels, TRIAL)
    longest = _longest(maker, own[:FIRST], rng)
    trial = [text for text in drawn_texts(maker, own, rng, longest) if text]
    made = _by_bucket(maker.model, [len(text) for text in trial])
    ratios, taken = _by_bucket(maker.model, lengths) / made, 0.0
    for scale in np.geomspace(1 / ratios.max(), 3.0, 50):
        shares = np.minimum(1.0, scale * ratios)
        taken = float(shares @ made)
        if taken >= (LEAST_LABELLED if maker.labelled else LEAST_TAKEN):
            break
    fresh = float(np.mean(~maker.guards.are_training(trial))) if trial else 0.0
    usable = max(taken * fresh * len(trial) / TRIAL, 0.05)
    return replace(maker, longest=longest, shares=tuple(shares.tolist()), accepted=usable)


def _longest(maker: Maker, labels: Keys, rng: np.random.Generator) -> int:
    """The longest contexts with which enough texts come to an end."""
    for longest in range(maker.model.longest, 1, -1):
        if np.mean([bool(t) for t in drawn_texts(maker, labels, rng, longest)]) >= LEAST_ENDED:
            return longest
    return 1


def _by_bucket(model: Model, lengths: Sequence[int]) -> Floats:
    """Shares of the buckets of length, of texts that say something."""
    places = np.searchsorted(model.edges, [size for size in lengths if size], side="right")
    counts = np.bincount(places, minlength=len(model.edges) + 1) + 1.0
    return np.asarray(counts / counts.sum())
