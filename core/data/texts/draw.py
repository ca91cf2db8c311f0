"""Making texts: in rounds, until each row has one that may be given out.

A text that equals a training text, or is there already, is made again; what is left after some
rounds is made of plain words or letters without the model.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np

from core.data.patterns import Texts, make_pattern
from core.data.texts.batch import Batch, Maker, maker_of
from core.data.texts.guards import Guards
from core.data.texts.labels import Labelled
from core.data.texts.levels import Flags, Rows
from core.data.texts.model import Keys, Model

_PATIENCE = 4
_ROUNDS = 12
_AT_ONCE = 8_192


def make_texts(
    settings: Mapping[str, Any],
    size: int,
    rng: np.random.Generator,
    *,
    distinct: bool = False,
    labels: Keys | None = None,
) -> Texts:
    """Texts in the style of a column, none of them a training text.

    Parameters
    ----------
    settings
        From :func:`core.data.texts.learn_texts`.
    distinct
        Whether all are to differ.
    labels
        Of each text the number of the label that it follows; nought for none.
    """
    if not settings["model"]:
        return make_pattern(settings["spare"], size, rng, unique=distinct)
    maker = _opened(settings["model"])
    own = np.zeros(size, dtype=np.uint64) if labels is None else labels
    made = np.full(size, "", dtype=object)
    left: Rows = np.arange(size)
    seen: set[str] = set()
    for turn in range(_ROUNDS):
        if not len(left):
            return made
        longest = max(1, maker.longest - max(0, turn - _PATIENCE))
        wanted = np.resize(own[left], int(len(left) / maker.accepted) + 1)
        drawn = np.array(drawn_texts(maker, wanted, rng, longest), dtype=object)
        good = np.flatnonzero(_are_good(maker, drawn, rng))
        good = _first_seen(drawn, good, seen) if distinct else good
        rows, taken = _matched(own[left], wanted[good])
        made[left[rows]] = drawn[good[taken]]
        seen.update(made[left[rows]] if distinct else ())
        left = np.delete(left, rows)
    made[left] = make_pattern(settings["spare"], len(left), rng, unique=distinct)
    return made


def _matched(wanted: Keys, there: Keys) -> tuple[Rows, Rows]:
    """Pairs of equal labels, each place at most once: places in both, the first ones first."""
    sides = [np.argsort(labels, kind="stable") for labels in (wanted, there)]
    ranks = [
        np.arange(len(own)) - np.searchsorted(labels[own], labels[own])
        for own, labels in zip(sides, (wanted, there), strict=True)
    ]
    keys = [
        labels[own] << np.uint64(32) | rank.astype(np.uint64)
        for own, labels, rank in zip(sides, (wanted, there), ranks, strict=True)
    ]
    _, one, other = np.intersect1d(keys[0], keys[1], assume_unique=True, return_indices=True)
    return sides[0][one], sides[1][other]


def _first_seen(drawn: Texts, good: Rows, seen: set[str]) -> Rows:
    """Of the good ones those that are new, each text once."""
    firsts = {drawn[place]: place for place in reversed(good.tolist()) if drawn[place] not in seen}
    return np.array(sorted(firsts.values()), dtype=np.intp)


def _are_good(maker: Maker, drawn: Texts, rng: np.random.Generator) -> Flags:
    """Those that are no training text, in the shares that lengths have in the column."""
    lengths = np.array([len(text) for text in drawn])
    shares = np.array(maker.shares)[np.searchsorted(maker.model.edges, lengths, side="right")]
    good = ~maker.guards.are_training(drawn.tolist()) & (rng.random(len(drawn)) < shares)
    return np.asarray(good & [bool(text.strip()) for text in drawn])


@lru_cache(maxsize=8)
def _opened(blob: str) -> Maker:
    data = json.loads(blob)
    model, guards = Model.from_dict(data["model"]), Guards.from_dict(data["guards"])
    bits = model.alphabet.bits
    labelled = Labelled.from_dict(data["labelled"], bits) if "labelled" in data else None
    return replace(
        maker_of(model, guards, labelled),
        longest=data["longest"],
        shares=tuple(data["shares"]),
        accepted=data["accepted"],
    )


def drawn_texts(maker: Maker, labels: Keys, rng: np.random.Generator, longest: int) -> list[str]:
    """A text for each label; empty where one became stuck."""
    texts: list[str] = []
    for start in range(0, len(labels), _AT_ONCE):
        texts.extend(Batch(maker, labels[start : start + _AT_ONCE], longest).run(rng))
    return texts
