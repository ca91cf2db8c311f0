"""Learning a column of short texts: what is needed to make up others, without keeping any."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.data.patterns import Settings, Texts, learn_pattern
from core.data.texts.alphabet import Alphabet, common_characters, normalised
from core.data.texts.batch import maker_of
from core.data.texts.beside import Beside, Codes, Pairs, numbered, telling
from core.data.texts.guards import FEW, Guards
from core.data.texts.labels import Labelled
from core.data.texts.model import Keys, learn_model
from core.data.texts.trial import tried

LEAST = 200
"""Different texts that a column needs to have for a model of its own."""
MOST_TEXTS = 20_000
MOST_CHARACTERS = 1_000_000
_LONGEST = 1_000


def is_learnable(values: Sequence[str]) -> bool:
    """Whether a column has enough different texts, with characters that they share."""
    texts = list(_distinct(values).values())
    return len(texts) >= LEAST and bool(common_characters(texts[:LEAST], FEW))


def learn_texts(
    values: Sequence[str], besides: Sequence[Beside] = (), *, chosen: bool = False
) -> Settings:
    """What :func:`core.data.texts.make_texts` needs, as plain data that fits JSON.

    Texts that differ in case and spaces only are one. Of more than ``MOST_TEXTS`` different texts,
    or ``MOST_CHARACTERS``, so many are learned, taken evenly; none of the others is made either.

    Columns that are not :func:`is_learnable` get patterns and plain words alone.

    Parameters
    ----------
    besides
        Other columns of the same rows, one of which the texts may follow.
    chosen
        Whether the texts are to follow the first of them, however little it tells.
    """
    spare = learn_pattern(list(values))
    if not is_learnable(values):
        return {"model": "", "spare": spare}
    plain = [normalised(value) for value in values]
    texts = _distinct(values, plain)
    learned = {name: text[:_LONGEST] for name, text in _some(list(texts.items()))}
    said = list(learned.values())
    alphabet = Alphabet.of(common_characters(said, FEW))
    model, guards = learn_model(said, alphabet), Guards.learn(list(texts.values()), said)
    rows = _places(plain, learned)
    best = next(iter(besides), None) if chosen else telling(said, rows, besides)
    pairs = None if best is None else _Labelled.of(rows, best, said, len(texts))
    if pairs is None:
        pairs = _Labelled(said, np.zeros(len(said), dtype=np.uint64), {})
    labelled = Labelled.learn(pairs.texts, pairs.labels, alphabet) if pairs.follows else None
    whole: dict[str, Any] = {"model": model.to_dict(), "guards": guards.to_dict()}
    whole |= {"labelled": labelled.to_dict()} if labelled else {}
    maker = tried(
        maker_of(model, guards, labelled), [len(text) for text in pairs.texts], pairs.labels
    )
    found = {"longest": maker.longest, "shares": maker.shares, "accepted": maker.accepted}
    return {"model": json.dumps({**whole, **found}), "spare": spare, **pairs.follows}


@dataclass(frozen=True, slots=True)
class _Labelled:
    """Learned texts with the numbers of their labels, and what is told of the labels."""

    texts: Sequence[str]
    labels: Keys
    follows: Settings

    @classmethod
    def of(
        cls, rows: Codes, beside: Beside, texts: Sequence[str], distinct: int
    ) -> "_Labelled | None":
        """None where no label has enough texts; ``distinct`` is how many texts there are."""
        pairs = Pairs.of(rows, beside)
        numbers = numbered(pairs, len(beside.labels))
        count = int(numbers.max(initial=0))
        if not count:
            return None
        of_row = np.where(beside.codes >= 0, numbers[beside.codes], 0)
        own = np.unique(rows[rows >= 0] * (count + 1) + of_row[rows >= 0])
        step = max(1.0, len(own) / max(len(texts), MOST_TEXTS))
        some = own[np.arange(0, len(own), step).astype(np.int64)]
        follows = {
            "column": beside.name,
            "distinct": distinct,
            "labels": [beside.labels[place] for place in np.argsort(numbers)[-count:]],
            "rows": np.bincount(of_row, minlength=count + 1).tolist(),
            "texts": np.bincount(own % (count + 1), minlength=count + 1).tolist(),
        }
        said = [texts[place] for place in some // (count + 1)]
        return cls(said, (some % (count + 1)).astype(np.uint64), {"follows": follows})


def _places(plain: Sequence[str], learned: Mapping[str, str]) -> Codes:
    """Of each row the place of its text among those that are learned, or -1."""
    places = {name: place for place, name in enumerate(learned)}
    return np.array([places.get(name, -1) for name in plain], dtype=np.int64)


def numbers_of(settings: Settings, labels: Sequence[str] | Texts) -> Keys:
    """The numbers of rows' labels; nought for one that is not known, or of too few texts."""
    known = settings.get("follows", {}).get("labels", ())
    numbers = {label: place for place, label in enumerate(known, start=1)}
    return np.array([numbers.get(label, 0) for label in labels], dtype=np.uint64)


def guards_of(values: Sequence[str]) -> Guards:
    """What texts of others about the same may not hold; of any number of texts."""
    texts = _distinct(values)
    learned = [text[:_LONGEST] for _, text in _some(list(texts.items()))] if texts else []
    return Guards.learn(list(texts.values()), learned)


def _distinct(values: Sequence[str], plain: Sequence[str] | None = None) -> dict[str, str]:
    """Texts that say something, each once whatever its case and spaces, by what they compare as."""
    names = [normalised(value) for value in values] if plain is None else plain
    found = dict(zip(reversed(names), reversed(values), strict=True))
    return {name: found[name] for name in dict.fromkeys(names) if name}


def _some(texts: Sequence[tuple[str, str]]) -> Sequence[tuple[str, str]]:
    """As many as are learned, taken evenly."""
    mean = sum(min(len(text), _LONGEST) for _, text in texts) / len(texts)
    most = min(MOST_TEXTS, int(MOST_CHARACTERS / max(mean, 1.0)))
    step = max(1.0, len(texts) / most)
    places = dict.fromkeys(int(place * step) for place in range(int(len(texts) / step)))
    return [texts[place] for place in places]
