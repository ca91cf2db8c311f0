"""What the studio's use cases take and give: frozen values, never database rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

from core.data.pipeline import Steps
from core.data.schema import Action, Coarser, ColumnType, Role, Schema
from core.governance.values import AuditEntry, Edge, Member, Project
from core.studio.carried import CarriedOver
from core.synthesis.asks import Ask, Fairness, Rule

__all__ = [
    "Askable",
    "AuditEntry",
    "Contest",
    "Dataset",
    "Decision",
    "Edge",
    "Estimate",
    "Member",
    "Offer",
    "Project",
    "Purpose",
    "Release",
    "Run",
    "RunProgress",
    "RunSpec",
    "RunState",
    "Stage",
    "Suggestion",
    "Sweep",
]


class RunState(StrEnum):
    """Where a run is. ``INTERRUPTED``: the server ended while it ran."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen to the run."""
        return self not in {RunState.QUEUED, RunState.RUNNING}


class Stage(StrEnum):
    """How far a dataset has come; what Home shows."""

    REVIEW = "review"
    GENERATE = "generate"
    TRAINING = "training"
    RESULT = "result"
    RELEASED = "released"


@dataclass(frozen=True, slots=True)
class Dataset:
    """One version of real tables.

    ``notes`` is what reading had to say; ``open_columns`` lists ``(table, column)`` of columns
    for which no action was chosen yet. ``version_of`` is the id of the dataset that this one is a
    new version of, "" for none; ``carried`` is what was taken over from it.
    """

    id: str
    project_id: str
    name: str
    sources: tuple[str, ...]
    notes: tuple[str, ...]
    content_hash: str
    table_rows: Mapping[str, int]
    schema: Schema
    open_columns: tuple[tuple[str, str], ...]
    reviewed_at: datetime | None
    created_by: str
    created_at: datetime
    version_of: str = ""
    carried: CarriedOver | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided about one column in the review.

    ``coarser`` says how a column is generalised; None for what is usual.
    """

    table: str
    column: str
    type: ColumnType
    role: Role
    action: Action
    reason: str = ""
    coarser: Coarser | None = None


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


@dataclass(frozen=True, slots=True)
class RunProgress:
    """The last report of a run's worker.

    ``history`` holds the plotted figures (``epoch``, losses) in order; ``memory_mb`` is resident
    memory of the worker process. ``epsilon_spent`` is the ε that a private run has spent so far.
    """

    stage: str = ""
    done: float = 0.0
    total: float = 0.0
    note: str = ""
    memory_mb: float = 0.0
    history: tuple[Mapping[str, float], ...] = ()
    epsilon_spent: float | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """One execution of a :class:`RunSpec`.

    ``result`` has ``rows`` by table, ``fit_s``, ``sample_s``, ``evaluate_s``, ``cpu_s`` and
    ``peak_mb`` once the run is done. A private run's has ``privacy``: ``guarantee``,
    ``assumed_public``, ``declared`` (the public schema), ``covers``, ``ledger``, ``by_purpose`` and
    ``check``, the outcome of adding its events up again. Where another engine than the asked one
    made the rows, ``engine`` and ``params`` say which, and ``failed`` what did not come through.
    """

    id: str
    project_id: str
    dataset_id: str
    spec: RunSpec
    state: RunState
    progress: RunProgress
    result: Mapping[str, Any]
    error: str
    retry_of: str
    created_by: str
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None

    @property
    def is_judged(self) -> bool:
        """Whether there are synthetic tables with a report; filled real tables have none."""
        judged = self.spec.purpose in {Purpose.TABLES, Purpose.AUGMENT, Purpose.CONTEST}
        return self.state is RunState.DONE and judged and not self.is_withheld

    @property
    def made_by(self) -> RunSpec:
        """The specification with the engine and parameters that really made the rows."""
        return made_by(self.spec, self.result)

    @property
    def again(self) -> RunSpec:
        """The specification that samples this run's model once more, with the next seed."""
        before = self.made_by
        return replace(
            before,
            purpose=Purpose.TABLES if before.contest else before.purpose,
            contest=None,
            fallback=(),
            seed=before.seed + 1,
            model_of=before.model_of or self.id,
        )

    @property
    def is_withheld(self) -> bool:
        """Whether more ε was spent than asked: nothing of the run is given out."""
        return bool(self.result.get("privacy", {}).get("withheld"))


def made_by(spec: RunSpec, result: Mapping[str, Any]) -> RunSpec:
    """A specification with the engine and parameters that, by its result, made the rows."""
    if "engine" not in result:
        return spec
    return replace(spec, engine=result["engine"], params=result["params"])


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Which engine to take for a dataset, and why, in a sentence."""

    engine: str
    why: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A frequent value of a column, as a condition takes it, with its rows and share of all."""

    value: str | int
    rows: int
    share: float


@dataclass(frozen=True, slots=True)
class Askable:
    """A column of which conditions and shares can be asked, with what to choose from.

    Attributes
    ----------
    values
        The frequent values, at least five rows each, the most frequent first; of labels,
        booleans and whole numbers of at most 200 values. Empty where none may be shown.
    others
        Share of the rows with a value that is not among ``values``.
    low, high
        Where most of the values of a number, date or time lie: not the extremes, which may be
        one person's, but ends beyond which at least five rows are. None where there is no line,
        too few rows, or where no value may be shown. A range may be asked beyond them.
    missing
        Share of the rows without a value.
    """

    column: str
    type: ColumnType
    values: tuple[Offer, ...] = ()
    others: float = 0.0
    low: float | date | datetime | time | None = None
    high: float | date | datetime | time | None = None
    missing: float = 0.0

    @property
    def offers_values(self) -> bool:
        """Whether there are values to choose from."""
        return bool(self.values)

    @property
    def has_range(self) -> bool:
        """Whether a range can be asked of the column."""
        return self.type.is_numeric


@dataclass(frozen=True, slots=True)
class Estimate:
    """Expected seconds and peak memory of a run, and what the figures rest on.

    ``fit_s``, ``sample_s`` and ``evaluate_s`` make up ``seconds`` with the start of the worker.
    ``note`` warns of a run that will not fit into memory; it is empty otherwise. ``exceeds``:
    whether that is more than a job may use at all.
    """

    seconds: float
    basis: str
    memory_mb: float = 0.0
    fit_s: float = 0.0
    sample_s: float = 0.0
    evaluate_s: float = 0.0
    note: str = ""
    exceeds: bool = False


@dataclass(frozen=True, slots=True)
class Release:
    """A version of synthetic tables."""

    id: str
    project_id: str
    dataset_id: str
    run_id: str
    name: str
    version: int
    state: str
    content_hash: str
    notes: str
    created_by: str
    created_at: datetime
