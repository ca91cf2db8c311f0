"""What a differentially private run promised and kept, as one value that can be handed on.

It is made from the ledger of the run, never from the tables: nothing in it was computed from real
rows but through the noise that the ledger lists, apart from what is named as internal.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from core.data.pipeline import NamedSteps
from core.evaluation.codec import encode
from core.evaluation.dp_words import (
    INTERNAL,
    NOT_COVERED,
    PREPARED,
    LedgerLine,
    PurposeCost,
    line_of,
    purpose_costs,
)
from core.evaluation.sealing import sealed
from core.privacy.accountant import Spent, spent
from core.privacy.audit import AuditEvidence
from core.privacy.events import Event
from core.privacy.guarantee import ADJACENCY, ASSUMED_PUBLIC, Guarantee
from core.privacy.ledger import Ledger
from core.privacy.second import SecondOpinion, second_opinion
from core.privacy.words import in_words

VERSION = 1
NO_AUDIT = "this engine was not audited. Run python -m core dp-audit."


@dataclass(frozen=True, slots=True)
class Composition:
    """What all releases from a dataset cost together, for one privacy unit.

    Attributes
    ----------
    epsilon
        Composed from the events of all ledgers; ``simple_sum`` adds the promises up instead.
    runs
        Runs that count: those that came to their end, and those that stay spent.
    """

    unit: str
    runs: int
    epsilon: float
    simple_sum: float
    delta: float
    cap_epsilon: float
    cap_delta: float


@dataclass(frozen=True, slots=True)
class Origin:
    """Whence a report comes, and what is needed to do the same again.

    A hash of the real rows is not part of it: it was made without noise.
    """

    dataset: str
    run_id: str
    engine: str
    params: Mapping[str, Any]
    rows: Mapping[str, int]
    content_hash: str
    made_by: str
    made_at: datetime
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DpReport:
    """The promise of a run, what it was spent on, and what it does not cover.

    Attributes
    ----------
    ledger
        The itemised ledger as plain values, as :meth:`Ledger.to_dict` gives it.
    declared
        What was declared public by hand: by column a range or a code list.
    preparation
        The steps that were carried out on the rows before they were learned.
    """

    origin: Origin
    ledger: Mapping[str, Any]
    declared: Mapping[str, Any] = field(default_factory=dict)
    composition: Composition | None = None
    evidence: tuple[AuditEvidence, ...] = ()
    preparation: tuple[NamedSteps, ...] = ()

    @property
    def opened(self) -> Ledger:
        """The ledger as a value."""
        return Ledger.from_dict(self.ledger)

    @property
    def sentence(self) -> str:
        """The guarantee in a sentence."""
        promised = self.opened.guarantee
        name = f"(ε = {promised.epsilon:g}, δ = {promised.delta:g})-differentially private"
        if not self.check.is_kept:
            return f"The promise was not kept: the tables are not {name}, and are withheld."
        return f"The synthetic tables are {name}. {promised.sentence}"

    @property
    def unit(self) -> str:
        """Who is protected, in words."""
        promised = self.opened.guarantee
        if promised.person is None:
            return "One row: each row is taken for a person of its own."
        return (
            f"One person, told apart by the column {promised.person}, with up to "
            f"{promised.rows_per_person:,} rows; further rows were left out before anything else."
        )

    @property
    def spent(self) -> Spent:
        """The charges added up, as they were while the run went on."""
        return _spent(self._events, self.opened.guarantee.delta)

    @property
    def check(self) -> SecondOpinion:
        """The charges added up again, by other means."""
        return _checked(self._events, self.opened.guarantee)

    @property
    def check_sentence(self) -> str:
        """The outcome of that in words."""
        check = self.check
        found = "an ε that no way of adding up bounds"
        if check.epsilon is not None:
            found = f"ε = {check.epsilon:.4g}"
        figures = f"{found} of {check.asked:g} promised (by {check.method})"
        if check.is_kept:
            return f"Added up again by other means, the ledger amounts to at most {figures}."
        return f"More was spent than promised: {figures}. Nothing may be taken away."

    @property
    def _events(self) -> tuple[Event, ...]:
        return tuple(entry.event for entry in self.opened.entries)

    @property
    def lines(self) -> tuple[LedgerLine, ...]:
        """The charges in order, in words."""
        return tuple(line_of(entry) for entry in self.opened.entries)

    @property
    def purposes(self) -> tuple[PurposeCost, ...]:
        """What each purpose took, in the order of a run."""
        opened = self.opened
        return purpose_costs(opened.entries, opened.guarantee.delta)

    @property
    def public(self) -> tuple[str, ...]:
        """All that was assumed public, in words."""
        told = list(ASSUMED_PUBLIC)
        columns = self.declared.get("columns") or {}
        if self.declared.get("rows") or self.origin.params.get("rows"):
            told.append("the number of rows")
        if columns:
            told.append(f"declared ranges and code lists of {', '.join(map(str, columns))}")
        return tuple(told)

    @property
    def prepared(self) -> tuple[str, ...]:
        """The steps of preparation in words, a line for each kind and table; no values."""
        if not self.preparation:
            return ("None: no step was carried out on the rows before they were learned.",)
        return tuple(
            f"{one.table}: {one.title.lower()}, {one.steps:,} step{'s' * (one.steps != 1)} on "
            f"{', '.join(one.columns)}"
            for one in self.preparation
        )

    @property
    def findings(self) -> tuple[str, ...]:
        """What audits found in sentences, each with its ceiling; without any, why."""
        return tuple(one.sentence for one in self.evidence) or (f"Not measured: {NO_AUDIT}",)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, fit for JSON, with the hash of them all."""
        promised = self.opened.guarantee
        return sealed(
            {
                "kind": "differential privacy report",
                "version": VERSION,
                "guarantee": {
                    "epsilon": promised.epsilon,
                    "delta": promised.delta,
                    "rows_per_person": promised.rows_per_person,
                    "person": promised.person,
                    "adjacency": ADJACENCY,
                    "unit": self.unit,
                    "sentence": self.sentence,
                    "in_words": in_words(promised.epsilon, promised.delta),
                },
                "ledger": dict(self.ledger),
                "by_purpose": encode(self.purposes),
                "after_check": {**self.check.to_dict(), "sentence": self.check_sentence},
                "assumed_public": {"in_words": list(self.public), "declared": dict(self.declared)},
                "preparation": {
                    "steps": encode(self.preparation),
                    "in_words": list(self.prepared),
                    "cost": PREPARED,
                },
                "composition": encode(self.composition),
                "evidence": {
                    "audits": [one.to_dict() for one in self.evidence],
                    "in_words": list(self.findings),
                },
                "not_covered": list(NOT_COVERED),
                "internal": INTERNAL,
                "reproducibility": {
                    **encode(self.origin),
                    "made_at": self.origin.made_at.isoformat(),
                    "noise": "not reproducible: it is drawn without a seed, as the promise asks",
                },
            }
        )


@lru_cache(maxsize=64)
def _spent(events: tuple[Event, ...], delta: float) -> Spent:
    return spent(events, delta)


@lru_cache(maxsize=64)
def _checked(events: tuple[Event, ...], promised: Guarantee) -> SecondOpinion:
    return second_opinion(events, promised)
