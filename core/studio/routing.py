"""Which engine to take for a dataset, and why: all of them in an order, with what speaks for each.

Every reason has a weight, and the order is that of their sums: what is known of an engine from the
benchmarks of ``bench/engines.py``, how it fits these tables and what is asked of them, and what it
would cost here. An engine that cannot do what is asked says why and stands last. An engine with a
formal guarantee is only ever compared with others that have one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.data.schema import Schema
from core.errors import InvalidInput
from core.privacy.guards import recommend
from core.privacy.public import PublicTable
from core.studio.route_reasons import (
    ANYTHING,
    Data,
    Reason,
    Wanted,
    data_of,
    reasons_of,
    why_not,
)
from core.studio.values import Estimate, Purpose, RunSpec, Suggestion
from core.synthesis.params import build, to_dict
from core.synthesis.private import facts_of
from core.synthesis.protocol import EngineInfo, PrivateParams

MOST_FALLBACKS = 2


@dataclass(frozen=True, slots=True)
class Candidate:
    """An engine as the router sees it for one dataset.

    Attributes
    ----------
    reasons
        The weightiest first.
    why_not
        Why it cannot do what is asked; empty when it can.
    cost
        What a run with its usual parameters would take here; None where nobody asked.
    is_guaranteed
        Whether it gives a formal guarantee.
    """

    engine: str
    reasons: tuple[Reason, ...] = ()
    why_not: str = ""
    cost: Estimate | None = None
    is_guaranteed: bool = False

    @property
    def score(self) -> float:
        """The sum of the reasons' weights."""
        return sum(reason.weight for reason in self.reasons)

    @property
    def pros(self) -> tuple[str, ...]:
        """What speaks for it."""
        return tuple(reason.text for reason in self.reasons if reason.weight >= 0)

    @property
    def cons(self) -> tuple[str, ...]:
        """What speaks against it."""
        return tuple(reason.text for reason in self.reasons if reason.weight < 0)

    @property
    def is_affordable(self) -> bool:
        """Whether it would fit into the memory of a job, as far as that can be told."""
        return self.cost is None or not self.cost.exceeds


@dataclass(frozen=True, slots=True)
class Route:
    """The engines for a dataset, the suggested one first; those that cannot do it last.

    ``facts`` says in a few words what the order rests on.
    """

    candidates: tuple[Candidate, ...]
    facts: str

    @property
    def first(self) -> Candidate:
        """The engine that is suggested."""
        return self.candidates[0]

    @property
    def suggestion(self) -> Suggestion:
        """The first engine, and why, in a sentence or two."""
        why = " ".join(self.first.pros[:2])
        return Suggestion(self.first.engine, f"{self.facts}: {why[:1].lower()}{why[1:]}")

    def fallback(self, engine: str) -> tuple[str, ...]:
        """What to go on with, in this order, should an engine fail.

        Nothing for an engine with a formal guarantee: it is never swapped for one without, and a
        second fit would be charged again.
        """
        known = {one.engine: one for one in self.candidates}
        if engine not in known or known[engine].is_guaranteed:
            return ()
        return tuple(name for name in self._able if name != engine)[:MOST_FALLBACKS]

    def best(self, count: int) -> tuple[str, ...]:
        """The first so many engines without a guarantee, to try one after another."""
        return self._able[:count]

    @property
    def _able(self) -> tuple[str, ...]:
        """Engines without a guarantee that can do what is asked in the memory that there is."""
        return tuple(
            one.engine
            for one in self.candidates
            if not one.is_guaranteed and not one.why_not and one.is_affordable
        )


def route(
    data: Data,
    engines: Sequence[EngineInfo],
    wanted: Wanted = ANYTHING,
    costs: Mapping[str, Estimate] | None = None,
) -> Route:
    """The engines in order; engines without a guarantee only where none is wanted.

    Raises
    ------
    InvalidInput
        A guarantee is wanted, and there are several tables or no engine that gives one.
    """
    refuse_unguaranteed(data, engines, wanted)
    known = costs or {}
    quickest = min((cost.seconds for cost in known.values()), default=0.0)
    found = [
        Candidate(
            info.name,
            reasons_of(info, data, wanted, known.get(info.name), quickest),
            why_not(info, data),
            known.get(info.name),
            info.formal_guarantee,
        )
        for info in engines
        if info.formal_guarantee or not wanted.private
    ]
    found.sort(key=lambda one: (bool(one.why_not), one.is_guaranteed != wanted.private, -one.score))
    return Route(tuple(found), data.in_words)


def refuse_unguaranteed(data: Data, engines: Sequence[EngineInfo], wanted: Wanted) -> None:
    """Raise ``InvalidInput`` where a guarantee is wanted and cannot be had."""
    if not wanted.private:
        return
    if data.tables != 1:
        raise InvalidInput(
            f"A formal guarantee is offered for one table; this dataset has {data.tables}. "
            "Run them one by one, or join them."
        )
    if not any(info.formal_guarantee for info in engines):
        raise InvalidInput("No engine with a formal guarantee is installed here.")


def usual(info: EngineInfo) -> dict[str, Any]:
    """An engine's parameters where nobody chose any: its defaults."""
    return to_dict(build(info.params, {}))


def private_route(found: Route, schema: Schema, table_rows: Mapping[str, int]) -> Suggestion:
    """The suggestion where a guarantee is wanted, with the ε and δ to start from."""
    (table,) = schema.tables
    facts = facts_of(table, PrivateParams(), PublicTable(), table_rows[table.name])
    said = recommend(facts)
    start = f"Start from ε = {said.wanted.epsilon:g} and δ = {said.wanted.delta:g}."
    return Suggestion(found.first.engine, " ".join([start, *said.reasons]))


def usual_fallback(
    spec: RunSpec, schema: Schema, table_rows: Mapping[str, int], engines: Sequence[EngineInfo]
) -> tuple[str, ...]:
    """What a run goes on with where its specification does not say: by its data alone."""
    if spec.model_of or spec.purpose in {Purpose.SWEEP, Purpose.CONTEST}:
        return ()
    return route(data_of(schema, table_rows, spec), engines).fallback(spec.engine)
