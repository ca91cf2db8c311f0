"""Which engine to take for a dataset, and why: all of them in an order, with what speaks for each.

Every reason has a weight, and the order is that of their sums: what is known of an engine from the
benchmarks of ``bench/engines.py``, how it fits these tables and what is asked of them, and what it
would cost here. An engine that cannot do what is asked says why and stands last. An engine with a
formal guarantee is only ever compared with others that have one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.data.profile import TableProfile
from core.data.schema import Action, ColumnType, Schema
from core.errors import InvalidInput
from core.privacy.guards import recommend
from core.privacy.public import PublicTable
from core.studio.values import Estimate, Purpose, RunSpec, Suggestion
from core.synthesis.params import build, to_dict
from core.synthesis.private import facts_of
from core.synthesis.protocol import EngineInfo, PrivateParams

FEW_ROWS, MANY_ROWS = 200, 20_000
NEURAL_ROWS = 2_000
MANY_LABELS = 100
SLOW_S = 60.0
MOST_FALLBACKS = 2


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that speaks for an engine, or against it where ``weight`` is below 0."""

    text: str
    weight: float


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


@dataclass(frozen=True, slots=True)
class Data:
    """What the order rests on.

    Attributes
    ----------
    rows
        Of the largest table.
    columns, numbers
        Columns that are learned, and those of them that are numbers, dates or times.
    labels
        Columns of labels with more than ``MANY_LABELS`` different ones.
    ordered
        Tables of which a parent has several dated rows.
    rules
        Rules that every row is to keep.
    """

    rows: int
    columns: int
    numbers: int
    tables: int = 1
    labels: tuple[str, ...] = ()
    ordered: tuple[str, ...] = ()
    asked: int = 0
    rules: int = 0
    is_fair: bool = False
    is_filling: bool = False

    @property
    def in_words(self) -> str:
        """The main facts, as the beginning of a sentence."""
        said = f"{self.rows:,} rows, {self.numbers} of {self.columns} columns numbers or dates"
        return said if self.tables == 1 else f"{self.tables} related tables, the largest {said}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is wanted of the engine beside the rows: a guarantee, and done within so many seconds.

    ``seconds`` of 0 is any time.
    """

    private: bool = False
    seconds: float = 0.0


ANYTHING = Wanted()


@dataclass(frozen=True, slots=True)
class Character:
    """What is known of an engine before it sees a table.

    Attributes
    ----------
    said, weight
        The first reason for it.
    is_neural
        Whether it trains a network, which a small table does not feed.
    spreads
        Whether a label becomes a column of its own inside, so that many labels cost much.
    """

    said: str
    weight: float
    is_neural: bool = False
    spreads: bool = False


CHARACTERS: Mapping[str, Character] = {
    "forest": Character("It comes closest to mixed tables in the benchmarks, in seconds.", 3.0),
    "tabular_ar": Character(
        "It learns every column from any others, and gains with many rows.", 2.0, is_neural=True
    ),
    "copula": Character("It is fitted in seconds and has few parameters to learn.", 1.0),
    "tvae": Character("It learns what hangs together beyond pairs.", 0.8, True, True),
    "ctgan": Character("It learns what hangs together beyond pairs.", 0.7, True, True),
    "copulagan": Character("It learns what hangs together beyond pairs.", 0.6, True, True),
    "aim": Character("Of the engines with a guarantee it comes closest in the benchmarks.", 3.0),
    "mst": Character("It is fitted in seconds, also with many columns.", 2.0),
    "dp_vae": Character("A network that learns through noise: models trained on it do well.", 1.5),
    "dp_copula": Character("It spends its budget on pairs of columns only.", 1.0),
    "dp_ctgan": Character("It is what others compare with.", 0.5, True, True),
}
UNKNOWN = Character("It was added to this installation; the benchmarks do not know it.", 0.5)


def data_of(
    schema: Schema,
    table_rows: Mapping[str, int],
    spec: RunSpec,
    profiles: Mapping[str, TableProfile] | None = None,
) -> Data:
    """What the order rests on; without profiles, columns of many labels are not known."""
    learned = {
        table.name: [c for c in table.columns if c.action in {None, Action.KEEP}]
        for table in schema.tables
    }
    columns = [column for own in learned.values() for column in own]
    kept = (*spec.rules.values(), *(spec.kept or {}).values())
    return Data(
        rows=max(table_rows.values(), default=0),
        columns=len(columns),
        numbers=sum(column.type.is_numeric for column in columns),
        tables=len(schema.tables),
        labels=_many_labels(schema, profiles or {}),
        ordered=_ordered(schema, table_rows),
        asked=len(spec.ask.columns) if spec.ask is not None else 0,
        rules=sum(map(len, kept)),
        is_fair=spec.fairness is not None,
        is_filling=spec.purpose is Purpose.IMPUTE,
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
        _candidate(info, data, wanted, known.get(info.name), quickest)
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


def _many_labels(schema: Schema, profiles: Mapping[str, TableProfile]) -> tuple[str, ...]:
    kinds = {ColumnType.CATEGORY, ColumnType.TEXT}
    learned = {
        (table.name, column.name)
        for table in schema.tables
        for column in table.columns
        if column.type in kinds and column.action in {None, Action.KEEP}
    }
    return tuple(
        column.name
        for name, profile in profiles.items()
        for column in profile.columns
        if (name, column.name) in learned and column.distinct > MANY_LABELS
    )


def _ordered(schema: Schema, table_rows: Mapping[str, int]) -> tuple[str, ...]:
    moments = {ColumnType.DATE, ColumnType.DATETIME}
    dated = {t.name for t in schema.tables if any(c.type in moments for c in t.columns)}
    return tuple(
        dict.fromkeys(
            link.child
            for link in schema.relationships
            if link.child in dated and table_rows.get(link.child, 0) > table_rows[link.parent]
        )
    )


def _candidate(
    info: EngineInfo, data: Data, wanted: Wanted, cost: Estimate | None, quickest: float
) -> Candidate:
    character = CHARACTERS.get(info.name, UNKNOWN)
    reasons = [
        Reason(character.said, character.weight),
        *_of_size(info, character, data),
        *_of_tables(info, data),
        *_of_asked(info, data),
        *(_of_cost(cost, quickest, wanted) if cost is not None else ()),
    ]
    if info.formal_guarantee and not wanted.private:
        reasons.append(Reason("Its noise costs closeness, and a run spends of the budget.", -3.0))
    reasons.sort(key=lambda reason: -abs(reason.weight))
    return Candidate(info.name, tuple(reasons), _why_not(info, data), cost, info.formal_guarantee)


def _of_size(info: EngineInfo, character: Character, data: Data) -> list[Reason]:
    found = []
    if info.name == "copula" and data.rows < FEW_ROWS and data.numbers > data.columns / 2:
        said = f"Only {data.rows} rows, mostly numbers: so few parameters do not memorise rows."
        found.append(Reason(said, 3.0))
    if character.is_neural and data.rows < NEURAL_ROWS:
        said = f"A network has little to learn from {data.rows:,} rows."
        found.append(Reason(said, -1.5))
    if character.is_neural and data.rows >= MANY_ROWS and not info.formal_guarantee:
        found.append(Reason(f"{data.rows:,} rows are enough for a network.", 0.3))
    if character.spreads and data.labels:
        named = f"{len(data.labels)} columns have" if len(data.labels) > 1 else "A column has"
        said = f"{named} more than {MANY_LABELS} labels, of which it takes many together."
        found.append(Reason(said, -1.0))
    if info.name == "mst" and data.columns > MANY_LABELS:
        found.append(Reason(f"With {data.columns} columns it stays fast.", 2.0))
    return found


def _of_tables(info: EngineInfo, data: Data) -> list[Reason]:
    if data.tables == 1 or info.formal_guarantee:
        return []
    if not info.takes_context:
        said = "Keys stay valid, but what rows have in common with those they point to is lost."
        return [Reason(said, -2.0)]
    found = [
        Reason("It learns each table together with the rows it points to, keys stay valid.", 2.0)
    ]
    if data.ordered:
        said = "How a parent's dated rows follow each other is not learned by any engine here."
        found.append(Reason(said, -0.1))
    return found


def _of_asked(info: EngineInfo, data: Data) -> list[Reason]:
    if not data.asked:
        return []
    if info.takes_context:
        return [Reason("Rows are drawn as asked; none is thrown away.", 1.0)]
    return [Reason("Rows are drawn until enough fit what is asked, which may take long.", -1.0)]


def _of_cost(cost: Estimate, quickest: float, wanted: Wanted) -> list[Reason]:
    found = []
    if cost.exceeds:
        found.append(Reason("It would need more memory than one job may use.", -6.0))
    if wanted.seconds and cost.seconds > wanted.seconds:
        found.append(Reason("It would take longer than the time allowed.", -5.0))
    elif cost.seconds > max(SLOW_S, 10 * quickest):
        times = cost.seconds / max(quickest, 1.0)
        found.append(Reason(f"It takes {times:,.0f} times as long as the quickest.", -0.5))
    return found


def _why_not(info: EngineInfo, data: Data) -> str:
    if info.formal_guarantee and data.tables != 1:
        return "A guarantee over several tables is not offered."
    if info.formal_guarantee and (data.is_filling or data.is_fair or data.rules):
        return "It learns within a budget: no rules, no fairness, no filled cells beside it."
    if data.is_filling and not info.takes_context:
        return "It cannot fill cells given others."
    return ""
