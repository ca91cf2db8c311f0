"""Learning a column of short texts: what is needed to make up others, without keeping any."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from core.data.patterns import Settings, learn_pattern
from core.data.texts.alphabet import Alphabet, common_characters, normalised
from core.data.texts.batch import maker_of
from core.data.texts.guards import FEW, Guards
from core.data.texts.model import learn_model
from core.data.texts.trial import tried

LEAST = 200
"""Different texts that a column needs to have for a model of its own."""
MOST_TEXTS = 20_000
MOST_CHARACTERS = 1_000_000
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
    labels = np.zeros(len(learned), dtype=np.uint64)
    maker = tried(maker_of(model, guards), [len(text) for text in learned], labels)
    found = {"longest": maker.longest, "shares": maker.shares, "accepted": maker.accepted}
    return {"model": json.dumps({**whole, **found}), "spare": learn_pattern(list(values))}


def guards_of(values: Sequence[str]) -> Guards:
    """What texts of others about the same may not hold; of any number of texts."""
    texts = _distinct(values)
    return Guards.learn(texts, [text[:_LONGEST] for text in _some(texts)] if texts else [])


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
