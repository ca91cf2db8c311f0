"""Whether the ledger of a run says what was drawn: kind, number and scale of every noise."""

import math

import numpy as np

from core.privacy.audit.tape import Drawn, Tape
from core.privacy.events import (
    Event,
    Gaussian,
    GaussianThreshold,
    Laplace,
    SampledGaussian,
    Selection,
)
from core.privacy.ledger import Ledger
from core.privacy.noise import label_threshold

_KINDS = {
    Gaussian: "gaussian",
    Laplace: "laplace",
    Selection: "selection",
    GaussianThreshold: "labels",
    SampledGaussian: "training",
}
_CLOSE = 1e-9


def not_charged(ledger: Ledger, tape: Tape) -> list[str]:
    """Where the entries of a ledger and the noise of its run do not agree; empty if they do."""
    wrong: list[str] = []
    rest = list(tape.draws)
    for number, entry in enumerate(ledger.entries, 1):
        event = entry.event
        steps = event.steps if isinstance(event, SampledGaussian) else 1
        draws, rest = rest[:steps], rest[steps:]
        kind = _KINDS[type(event)]
        if len(draws) < steps or any(draw.kind != kind for draw in draws):
            return [f"Entry {number} of the ledger ({kind}) is not the noise that was drawn then."]
        rows = ledger.guarantee.rows_per_person
        if any(not _has_its_scale(event, draw, rows) for draw in draws):
            wrong.append(f"{number} ({entry.purpose})")
    found = [f"Less noise was drawn than charged: {_listed(wrong)}."] if wrong else []
    return found + ([f"{len(rest)} draws of noise were not charged."] if rest else [])


def _listed(entries: list[str]) -> str:
    """The first of these entries, and how many there are."""
    return f"entry {entries[0]}" + (f" and {len(entries) - 1} more" if entries[1:] else "")


def _has_its_scale(event: Event, draw: Drawn, rows: int) -> bool:
    """Whether noise is at least what was charged; of a selection its sensitivity is not known."""
    if isinstance(event, Selection):
        return draw.scale > 0
    enough = draw.scale >= event.noise_multiplier * rows * (1 - _CLOSE)
    if isinstance(event, GaussianThreshold):
        least = label_threshold(event.noise_multiplier, event.delta, rows)
        return enough and draw.threshold >= least
    return enough


def too_sensitive(ledger: Ledger, one: Tape, other: Tape) -> list[str]:
    """Draws in which a person changed more than the noise was charged for.

    Parameters
    ----------
    ledger
        Of either run.
    one, other
        Noise of a run with a person and of its replay without, in either order.
    """
    found = []
    draws = iter(zip(one.draws, other.draws, strict=False))
    for number, entry in enumerate(ledger.entries, 1):
        event = entry.event
        for _ in range(event.steps if isinstance(event, SampledGaussian) else 1):
            pair = next(draws, None)
            if pair is not None and _needed(event, *pair) > pair[0].scale * (1 + _CLOSE):
                found.append(f"{number} ({entry.purpose})")
    return [f"One person changes more than was charged: {_listed(found)}."] if found else []


def _needed(event: Event, one: Drawn, other: Drawn) -> float:
    """The scale that the noise must have for what a person changed."""
    if isinstance(event, SampledGaussian):
        return 0.0  # the replay draws another sample of persons
    if isinstance(event, GaussianThreshold):
        labels = sorted({*one.true, *other.true})
        change = [one.true.get(label, 0) - other.true.get(label, 0) for label in labels]
        return event.noise_multiplier * math.hypot(*change) if change else 0.0
    change = np.abs(np.asarray(one.true, float) - np.asarray(other.true, float))
    if isinstance(event, Selection):
        return 2 * float(change.max(initial=0.0)) / event.epsilon
    if isinstance(event, Laplace):
        return event.noise_multiplier * float(change.sum())
    return event.noise_multiplier * float(np.linalg.norm(change))
