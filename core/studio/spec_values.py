"""What a run is to do: its specification, with the searches that a run may be."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from core.data.pipeline import Steps
from core.synthesis.asks import Ask, Fairness, Rule


class Purpose(StrEnum):
    """What a run makes.

    ``TABLES``: synthetic tables. ``AUGMENT``: extra rows only, with keys that no real row has.
    ``IMPUTE``: the real table with its missing cells filled; its rows are real, so that it is
    never released, and only those who may read the real rows may take it.
    ``SWEEP``: no tables, but how good they would be at several ε; see ``core.studio.sweep``.
    ``CONTEST``: synthetic tables by the best of several engines; see ``core.studio.contest``.
    """

    TABLES = "tables"
    AUGMENT = "augment"
    IMPUTE = "impute"
    SWEEP = "sweep"
    CONTEST = "contest"


@dataclass(frozen=True, slots=True)
class Sweep:
    """A search for the smallest ε that is good enough, for ``Purpose.SWEEP``.

    Attributes
    ----------
    epsilons
        The ε that are tried, each with a fit of its own.
    least_utility
        The utility to reach, 0 to 1: AUC of a model trained on synthetic rows, or R² where the
        target is a number.
    stand_in
        A finished private run whose synthetic rows are taken for the real ones, which costs
        nothing; "" for the real rows, which are charged to the budget.
    """

    epsilons: tuple[float, ...] = (0.3, 1.0, 3.0)
    least_utility: float = 0.8
    stand_in: str = ""


@dataclass(frozen=True, slots=True)
class Contest:
    """Several engines on the same rows, of which the best is kept, for ``Purpose.CONTEST``.

    Attributes
    ----------
    engines
        From two to five, none with a formal guarantee; each with its usual parameters, but for the
        engine of the run, which has the run's.
    taken_from
        An earlier run of the same contest that did not come to its end, whose finished candidates
        are taken over; "" for none.
    """

    engines: tuple[str, ...]
    taken_from: str = ""


@dataclass(frozen=True, slots=True)
class RunSpec:
    """What to do: which engine with which parameters, how many rows, which seed.

    Attributes
    ----------
    rows
        Rows of each table; tables not named get as many as the real ones have, and child tables
        follow their parents.
    target
        ``table.column`` for the utility score.
    model_of
        The run whose model is sampled again; nothing is fitted then.
    ask
        Conditions and target shares of one table's rows.
    rules
        By table: rules that every row keeps, as ``core.synthesis.asks.read_rules`` reads them.
    kept
        By table: further rules as values. None for those of the dataset, which are filled in when
        a run starts; an engine with a formal guarantee has none.
    preparation
        By table: steps that are carried out on the rows before they are learned. None for those of
        the dataset, which are filled in when a run starts; empty for none.
    fairness
        The dependence that is broken, and to what degree.
    copies
        How many times missing cells are filled, for ``Purpose.IMPUTE``.
    depth
        How the result is judged: ``full``, or ``quick`` without details and attacks.
    accepted
        Whether the warnings of a private run were acknowledged.
    public
        For engines with a formal guarantee: what is known of the table without looking at its
        rows, as ``core.privacy.public.public_from_dict`` reads it; None for nothing.
    sweep
        What a search for ε tries, for ``Purpose.SWEEP``.
    fallback
        The engines that the run goes on with, in this order, when one does not come through; each
        with its usual parameters. None for those that the data suggest, which are filled in when
        the run starts; empty for none, as with a formal guarantee.
    contest
        The engines that are tried, for ``Purpose.CONTEST``.
    """

    engine: str = "forest"
    params: Mapping[str, Any] = field(default_factory=dict)
    rows: Mapping[str, int] = field(default_factory=dict)
    seed: int = 1
    holdout: float = 0.2
    target: str | None = None
    model_of: str = ""
    purpose: Purpose = Purpose.TABLES
    ask: Ask | None = None
    rules: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    kept: Mapping[str, tuple[Rule, ...]] | None = None
    fairness: Fairness | None = None
    copies: int = 1
    depth: str = "full"
    accepted: bool = False
    public: Mapping[str, Any] | None = None
    sweep: Sweep | None = None
    preparation: Steps | None = None
    fallback: tuple[str, ...] | None = None
    contest: Contest | None = None
