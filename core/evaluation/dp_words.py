"""The words of a differential privacy report: purposes, mechanisms, and what is not covered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.privacy.events import (
    Event,
    Gaussian,
    GaussianThreshold,
    Laplace,
    SampledGaussian,
    Selection,
)
from core.privacy.ledger import Entry, by_purpose

PURPOSE_TITLES: Mapping[str, str] = {
    "rows": "Number of rows",
    "bounds": "Bounds of columns",
    "categories": "Categories",
    "selection": "Selection",
    "measurement": "Measurement",
    "training": "Training",
}
INTERNAL = (
    "The guarantee is about the synthetic tables and the model. Every measure that compares them "
    "with the real rows (similarity, utility, attacks, charts) is computed from real rows without "
    "noise: it is internal, and is not to be published with the tables."
)
PREPARED = (
    "Steps beside a guarantee change each cell by itself, as they were told to, and look at no "
    "other row: they cost nothing. How many cells they changed would be a count of real rows "
    "without noise, and is not told."
)
NOT_COVERED = (
    "What is true of people in general. A table may teach that a group has a higher risk, also to "
    "those who apply it to a person who never took part.",
    "Groups. For m persons together (a family, a company) the bound is m times ε.",
    "What was assumed public, above: it was taken as known and cost nothing.",
    "Other data of the same persons: other datasets, and other versions of this one, have budgets "
    "of their own.",
    "Choices made by people who saw the real rows: which engine, which ε, which public ranges.",
    "The real rows, the keys and the machine: who can read them needs no attack on the result.",
    "How long the run took and how much memory it used.",
)


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One charge of the ledger in words.

    Attributes
    ----------
    mechanism
        How the noise was drawn, with its parameter.
    """

    purpose: str
    about: str
    mechanism: str


@dataclass(frozen=True, slots=True)
class PurposeCost:
    """What one purpose took.

    Attributes
    ----------
    epsilon
        What its charges would cost by themselves; together all cost less than their sum.
    """

    purpose: str
    title: str
    charges: int
    epsilon: float


def line_of(entry: Entry) -> LedgerLine:
    """One entry in words."""
    return LedgerLine(entry.purpose, entry.about, mechanism(entry.event))


def mechanism(event: Event) -> str:
    """How an event drew its noise, with its parameter, in a few words."""
    match event:
        case Gaussian():
            return f"Gaussian noise of {event.noise_multiplier:.4g} × sensitivity"
        case Laplace():
            return f"Laplace noise of {event.noise_multiplier:.4g} × sensitivity"
        case Selection():
            return f"exponential mechanism, ε {event.epsilon:.4g}"
        case GaussianThreshold():
            return (
                f"Gaussian noise of {event.noise_multiplier:.4g} × sensitivity, shown above a "
                f"threshold, δ {event.delta:.2g}"
            )
        case SampledGaussian():
            return (
                f"{event.steps:,} steps, each of a random {event.sampling_probability:.3%} of the "
                f"persons, Gaussian noise of {event.noise_multiplier:.4g} × clipping norm"
            )


def purpose_costs(entries: Sequence[Entry], delta: float) -> tuple[PurposeCost, ...]:
    """What each purpose would cost by itself, in the order of a run."""
    costs = by_purpose(entries, delta)
    charges = [entry.purpose for entry in entries]
    return tuple(
        PurposeCost(name, title, charges.count(name), costs[name].epsilon)
        for name, title in PURPOSE_TITLES.items()
        if name in costs
    )
