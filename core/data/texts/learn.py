"""Learning a column of short texts: what is needed to make up others, without keeping any."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from core.data.patterns import Settings, learn_pattern
from core.data.texts.alphabet import Alphabet, common_characters, normalised
from core.data.texts.draw import drawn_texts, maker_of
from core.data.texts.guards import FEW, Guards
from core.data.texts.model import Floats, Model, learn_model

LEAST = 200
"""Different texts that a column needs to have for a model of its own."""
MOST_TEXTS = 20_000
MOST_CHARACTERS = 1_000_000
TRIAL = 2_000
LEAST_TAKEN = 1 / 3
_LONGEST = 1_000


def is_learnable(values: Sequence[str]) -> bool:
    """Whether a column has enough different texts, with characters that they share."""
    texts = _distinct(values)
    return len(texts) >= LEAST and bool(common_characters(texts[:LEAST], FEW))


def learn_texts(values: Sequence[str]) -> Settings:
    """What :func:`core.data.texts.make_texts` needs, as plain data that fits JSON.

    Texts that differ in case and spaces only are one. Of more than ``MOST_TEXTS`` different texts,
    or ``MOST_CHARACTERS``, so many are learned, taken evenly; none of the others is made either.

    Columns that are not :func:`is_learnable` get patterns and plain words alone.
    """
    if not is_learnable(values):
        return {"model": "", "spare": learn_pattern(list(values))}
    texts = _distinct(values)
    learned = [text[:_LONGEST] for text in _some(texts)]
    alphabet = Alphabet.of(common_characters(learned, FEW))
    model, guards = learn_model(learned, alphabet), Guards.learn(texts, learned)
    whole = {"model": model.to_dict(), "guards": guards.to_dict()}
    tried = _tried(model, guards, [len(text) for text in learned])
    return {"model": json.dumps({**whole, **tried}), "spare": learn_pattern(list(values))}


def guards_of(values: Sequence[str]) -> Guards:
    """What texts of others about the same may not hold; of any number of texts."""
    texts = _distinct(values)
    return Guards.learn(texts, [text[:_LONGEST] for text in _some(texts)] if texts else [])


def _tried(model: Model, guards: Guards, lengths: Sequence[int]) -> dict[str, Any]:
    """What a trial shows: the longest context to use, and what share to take of each length.

    Long contexts repeat rare runs, so that most texts become stuck where few texts are alike: then
    shorter ones are used. Texts of lengths that come too often are taken less; at least a third of
    all is taken, even if lengths stay off then.
    """
    rng, maker = (
        np.random.default_rng(int.from_bytes(guards.key, "little")),
        maker_of(model, guards),
    )
    for longest in range(model.longest, 0, -1):
        trial = [len(text) for text in drawn_texts(maker, TRIAL, rng, longest)]
        if sum(size > 0 for size in trial) >= TRIAL / 2:
            break
    made, wanted = _by_bucket(model, trial), _by_bucket(model, lengths)
    ratios, taken = wanted / made, 0.0
    for scale in np.geomspace(1 / ratios.max(), 3.0, 50):
        shares = np.minimum(1.0, scale * ratios)
        taken = float(shares @ made)
        if taken >= LEAST_TAKEN:
            break
    return {"longest": longest, "shares": shares.tolist(), "accepted": taken}


def _by_bucket(model: Model, lengths: Sequence[int]) -> Floats:
    """Shares of the buckets of length, of texts that say something."""
    places = np.searchsorted(model.edges, [size for size in lengths if size], side="right")
    counts = np.bincount(places, minlength=len(model.edges) + 1) + 1.0
    return np.asarray(counts / counts.sum())


def _distinct(values: Sequence[str]) -> list[str]:
    """Texts that say something, each once whatever its case and spaces."""
    found = {normalised(value): value for value in reversed(values)}
    return [value for plain, value in reversed(found.items()) if plain]


def _some(texts: Sequence[str]) -> Sequence[str]:
    """As many as are learned, taken evenly."""
    mean = sum(min(len(text), _LONGEST) for text in texts) / len(texts)
    most = min(MOST_TEXTS, int(MOST_CHARACTERS / max(mean, 1.0)))
    step = max(1.0, len(texts) / most)
    places = dict.fromkeys(int(place * step) for place in range(int(len(texts) / step)))
    return [texts[place] for place in places]
