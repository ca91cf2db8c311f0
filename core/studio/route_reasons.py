"""What speaks for and against an engine on given tables, each reason with a weight.

What is known of an engine before it sees a table stands in ``CHARACTERS``, from the benchmarks of
``bench/engines.py``; engines of outside packages are not among them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from core.data.profile import TableProfile
from core.data.schema import Action, ColumnType, Schema
from core.studio.values import Estimate, Purpose, RunSpec
from core.synthesis.protocol import EngineInfo

FEW_ROWS, MANY_ROWS = 200, 20_000
NEURAL_ROWS = 2_000
MANY_LABELS = 100
SLOW_S = 60.0


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that speaks for an engine, or against it where ``weight`` is below 0."""

    text: str
    weight: float


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
    "forest": Character("It comes as close as any to mixed tables, in seconds.", 3.0),
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


def reasons_of(
    info: EngineInfo, data: Data, wanted: Wanted, cost: Estimate | None, quickest: float
) -> tuple[Reason, ...]:
    """All reasons, the weightiest first; ``quickest`` is the least time of any engine here."""
    character = CHARACTERS.get(info.name, UNKNOWN)
    found = [
        Reason(character.said, character.weight),
        *_of_size(info, character, data),
        *_of_tables(info, data),
        *_of_asked(info, data),
        *(_of_cost(cost, quickest, wanted) if cost is not None else ()),
    ]
    if info.formal_guarantee and not wanted.private:
        found.append(Reason("Its noise costs closeness, and a run spends of the budget.", -3.0))
    return tuple(sorted(found, key=lambda reason: -abs(reason.weight)))


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


def why_not(info: EngineInfo, data: Data) -> str:
    """Why an engine cannot do what is asked; empty when it can."""
    if info.formal_guarantee and data.tables != 1:
        return "A guarantee over several tables is not offered."
    if info.formal_guarantee and (data.is_filling or data.is_fair or data.rules):
        return "It learns within a budget: no rules, no fairness, no filled cells beside it."
    if data.is_filling and not info.takes_context:
        return "It cannot fill cells given others."
    return ""
