"""A studio whose answers a test decides, for states that are hard to bring about.

It stands in for the parts of the Studio that the generate and jobs pages use, and writes down what
was asked of it in ``asked``.
"""

from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace

import pandas as pd
from streamlit.testing.v1 import AppTest

from app.resources import RESOURCES
from app.session import PROJECT_KEY, TOKEN_KEY
from core.data.pipeline import public_steps
from core.data.schema import Action, Column, ColumnType, Relationship, Role, Schema, Table
from core.errors import Conflict, InvalidParameter, NotFound
from core.governance.policy import Actor, UserRole
from core.governance.values import Project
from core.privacy.guards import Recommendation, Valid, Wanted
from core.settings import Settings
from core.studio.budgets import Budget, PrivateCheck
from core.studio.contests import ContestOutcome
from core.studio.preparing import Pipeline
from core.studio.route_reasons import Reason
from core.studio.routing import Candidate, Route
from core.studio.rule_values import RuleSet
from core.studio.values import (
    Askable,
    Dataset,
    Estimate,
    Offer,
    Run,
    RunProgress,
    RunSpec,
    RunState,
)
from core.synthesis.params import param
from core.synthesis.protocol import EngineInfo, PrivateParams
from tests.app.harness import ROOT, TIMEOUT_S, texts

NOW = datetime.now(UTC).replace(tzinfo=None)
PROJECT = Project("p1", "Retail bank", "finance", "ada", NOW)


@dataclass(frozen=True, slots=True)
class ForestParams:
    min_leaf: int = param(10, "Smallest leaf", "Rows that are pooled.", low=5, high=1000)
    caution: float = param(0.0, "Caution", "How sure.", low=-10.0, high=100.0)
    protect_rare: int = param(5, "Protect rare values", "How rare.", low=1, high=1000)
    corrections: int = param(30, "Rounds of correction", "Trees over whole rows.", low=0, high=200)
    rate: float = param(2e-4, "Rate", "Step size.", low=1e-6, high=0.1)
    exact: bool = param(False, "Exact", "Whether to be exact.")
    mode: str = param("fast", "Mode", "How.", choices=("fast", "slow"))
    depth: int = param(8, "Depth", "For experts.", low=1, high=30, advanced=True)


@dataclass(frozen=True, slots=True)
class NoParams:
    pass


def engine(name: str, title: str, params: type, presets: dict, **more) -> EngineInfo:
    texts = ("A summary.", "mixed tables.", "images.", "free to use")
    return EngineInfo(name, title, *texts, params, make=None, load=None, presets=presets, **more)


FOREST_PRESETS = {"balanced": {}, "best": {"rate": 1e-3, "depth": 12}}
ENGINES = [
    engine("forest", "Forest", ForestParams, FOREST_PRESETS, takes_context=True),
    engine(
        "copula",
        "Gaussian copula",
        NoParams,
        {"quick look": {}, "balanced": {}},
        figures={"generator_loss": "what it tries to lower."},
    ),
    engine("aim", "AIM", PrivateParams, {"balanced": {}}, formal_guarantee=True),
]


def dataset(key: str = "d1", *, is_open: bool = False) -> Dataset:
    customers = Table(
        "customers",
        (
            Column("id", ColumnType.INTEGER, action=Action.KEEP),
            Column("email", ColumnType.TEXT, action=Action.REPLACE),
            Column("income", ColumnType.NUMBER, action=Action.KEEP),
            Column("churn", ColumnType.BOOLEAN, action=Action.KEEP),
        ),
        "id",
    )
    orders = Table("orders", (Column("customer", ColumnType.INTEGER, action=Action.KEEP),))
    return Dataset(
        id=key,
        project_id=PROJECT.id,
        name="Customers",
        sources=("customers.csv",),
        content_hash="0" * 64,
        table_rows={"customers": 1200, "orders": 5000},
        schema=Schema(
            (customers, orders), (Relationship("customers", "id", "orders", "customer"),)
        ),
        notes=(),
        open_columns=(("customers", "email"),) if is_open else (),
        reviewed_at=None if is_open else NOW,
        created_by="ada",
        created_at=NOW,
    )


def people(key: str = "d1") -> Dataset:
    """One table with a column of each kind that can be asked of."""
    kinds = {
        "id": (ColumnType.INTEGER, Role.PLAIN),
        "age": (ColumnType.INTEGER, Role.QUASI_IDENTIFIER),
        "income": (ColumnType.NUMBER, Role.PLAIN),
        "region": (ColumnType.CATEGORY, Role.PLAIN),
        "sex": (ColumnType.CATEGORY, Role.SENSITIVE),
        "outcome": (ColumnType.BOOLEAN, Role.PLAIN),
        "joined": (ColumnType.DATE, Role.PLAIN),
        "woke": (ColumnType.TIME, Role.PLAIN),
    }
    columns = tuple(Column(n, t, r, action=Action.KEEP) for n, (t, r) in kinds.items())
    schema = Schema((Table("people", columns, "id"),))
    return replace(dataset(key), schema=schema, table_rows={"people": 1200})


def offers(**shares: float) -> tuple[Offer, ...]:
    return tuple(Offer(value, round(share * 1200), share) for value, share in shares.items())


ASKABLE = {
    "people": (
        Askable("age", ColumnType.INTEGER, low=18.0, high=90.0),
        Askable("income", ColumnType.NUMBER, low=0.0, high=84_300.5, missing=0.1),
        Askable(
            "region",
            ColumnType.CATEGORY,
            offers(north=0.5, south=0.3, **{"[east](x)": 0.1}),
            others=0.05,
            missing=0.05,
        ),
        Askable("sex", ColumnType.CATEGORY, offers(F=0.6, M=0.4)),
        Askable("outcome", ColumnType.BOOLEAN, offers(no=0.9, yes=0.1)),
        Askable("joined", ColumnType.DATE, low=date(2015, 1, 1), high=date(2024, 12, 31)),
        Askable("woke", ColumnType.TIME, low=time(4, 30), high=time(11)),
    )
}


def run(key: str, state: RunState, minutes_ago: float = 1.0, **changes: object) -> Run:
    now = datetime.now(UTC).replace(tzinfo=None)
    began = now - timedelta(minutes=minutes_ago)
    is_started = state not in {RunState.QUEUED}
    made = Run(
        id=key,
        project_id=PROJECT.id,
        dataset_id="d1",
        spec=RunSpec("forest", {}, {"customers": 1200}),
        state=state,
        progress=RunProgress(),
        result={"rows": {"customers": 1200}, "peak_mb": 512.0} if state is RunState.DONE else {},
        error="Column `age` has no values." if state is RunState.FAILED else "",
        retry_of="",
        created_by="ada",
        created_at=began,
        started_at=began if is_started else None,
        ended_at=now if state.is_over else None,
    )
    return replace(made, **changes)


EXPECTED = Estimate(75.0, "from 3 past runs of this engine here")


@dataclass
class FakeRuns:
    """Runs as a test wants them."""

    known: list[Run] = field(default_factory=list)
    asked: list[tuple] = field(default_factory=list)
    estimated: list[RunSpec] = field(default_factory=list)
    refuse: Exception | None = None
    expected: Estimate = EXPECTED
    can_be_asked: Mapping[str, tuple[Askable, ...]] = field(default_factory=dict)

    def engines(self):
        return ENGINES

    def route(self, actor, dataset_id, spec=None):
        cost = Estimate(75.0, "from 3 past runs of this engine here", 300.0)
        forest = Candidate("forest", (Reason("It handles 1,200 rows.", 1.0),), cost=cost)
        copula = Candidate("copula", (Reason("It loses what rows share.", -1.0),), cost=cost)
        aim = Candidate("aim", is_guaranteed=True, cost=cost)
        return Route((forest, copula, aim), "1,200 rows of mixed columns")

    def estimate(self, actor, dataset_id, spec):
        self.estimated.append(spec)
        return self.expected

    def preview(self, actor, dataset_id, spec):
        self._ask("preview", dataset_id, spec)
        return {"customers": pd.DataFrame({"income": [1.0, 2.0]})}

    def askable(self, actor, dataset_id):
        return self.can_be_asked

    def submit(self, actor, dataset_id, spec):
        self._ask("submit", dataset_id, spec)
        return self._add(run("new", RunState.QUEUED, spec=spec))

    def list(self, actor, project_id):
        return list(self.known)

    active = lambda self, actor: list(self.known)  # noqa: E731

    def get(self, actor, run_id):
        found = next((known for known in self.known if known.id == run_id), None)
        if found is None:
            raise NotFound("There is no such run.")
        return found

    def cancel(self, actor, run_id):
        self._ask("cancel", run_id)

    def retry(self, actor, run_id):
        self._ask("retry", run_id)
        return self._add(run("again", RunState.QUEUED, retry_of=run_id))

    def clone(self, actor, run_id, **changes):
        return replace(self.get(actor, run_id).spec, **{"model_of": "", **changes})

    def sample_again(self, actor, run_id, rows=None, seed=None, ask=None):
        self._ask("sample_again", run_id, rows, seed, ask)
        return self._add(run("more", RunState.QUEUED))

    def log(self, actor, run_id):
        return "stage fit"

    def _ask(self, *what):
        self.asked.append(what)
        if self.refuse:
            raise self.refuse

    def _add(self, made):
        self.known.insert(0, made)
        return made


VALID = {
    "epsilon": Valid(0.001, 100.0, 0.1, 10.0, "Noise."),
    "delta": Valid(0.0, 1 / 1200, 0.0, 1 / 2400, "One person."),
    "rows_per_person": Valid(1, 24, 1, 10, "Noise grows."),
}
RECOMMENDED = Recommendation(Wanted(3.0, 1e-5), "aim", ("Few rows.",))


def private_check(spec: RunSpec, **changes: object) -> PrivateCheck:
    """What a check says of a run on a dataset of which ε = 1 of 10 is spent."""
    epsilon = float(spec.params["epsilon"])
    after = (1 + epsilon**2) ** 0.5
    made = PrivateCheck(
        remarks=(),
        ranges=VALID,
        changes=(),
        recommended=RECOMMENDED,
        would_spend=epsilon,
        spent_before=1.0,
        spent_after=after,
        cap=10.0,
        is_within=after <= 10,
        in_words="Words.",
        band="strong",
    )
    return replace(made, **changes)


@dataclass
class FakeBudgets:
    """Budgets as a test wants them; ``changes`` go into each check."""

    known: tuple[Budget, ...] = (Budget("d1", "", 10.0, 1e-4, 0.0, 0.0, 10.0, (), {}),)
    changes: Mapping[str, object] = field(default_factory=dict)
    checked: list[RunSpec] = field(default_factory=list)
    caps: list[tuple] = field(default_factory=list)

    def of(self, actor, dataset_id):
        return self.known

    def check(self, actor, dataset_id, spec):
        self.checked.append(spec)
        return private_check(spec, **self.changes)

    def set_cap(self, actor, dataset_id, unit, epsilon, delta, why):
        if not why:
            raise InvalidParameter("Give a reason.")
        self.caps.append((dataset_id, unit, epsilon, delta, why))


@dataclass
class FakeContests:
    """Contests as a test wants them."""

    runs: FakeRuns
    outcome: ContestOutcome | None = None

    def submit(self, actor, dataset_id, spec, engines=()):
        self.runs._ask("contest", dataset_id, spec, engines)
        return self.runs.submit(actor, dataset_id, spec)

    def get(self, actor, run_id):
        return self.outcome


@dataclass
class FakeStudio:
    """What the pages get from ``app.resources.studio``."""

    role: UserRole = UserRole.GENERAL
    known: list[Dataset] = field(default_factory=lambda: [dataset()])
    runs: FakeRuns = field(default_factory=FakeRuns)
    gaps: tuple[str, ...] = ("income",)
    budgets: FakeBudgets = field(default_factory=FakeBudgets)
    prepared: Pipeline = field(default_factory=Pipeline)
    ruled: RuleSet = field(default_factory=lambda: RuleSet({}, 0))

    def __post_init__(self):
        self.actor = Actor("u1", "ada", "Ada", self.role, "test")
        self.people = SimpleNamespace(actor=lambda token, origin: self.actor)
        self.projects = SimpleNamespace(list=lambda actor: [PROJECT], mine=lambda actor: [PROJECT])
        self.releases = SimpleNamespace(get=None)
        self.contests = FakeContests(self.runs)
        self.rules = SimpleNamespace(get=lambda actor, key: self.ruled)
        self.preparing = SimpleNamespace(
            get=lambda actor, key: self.prepared, public_part=public_steps
        )
        nothing = SimpleNamespace(list=lambda actor, project_id: [])
        self.imports = self.uploads = self.connections = nothing
        self.texts = SimpleNamespace(possible=lambda table: (), left_out=lambda table: ())
        self.installation = SimpleNamespace(endings=lambda: (), plugins=lambda actor: ())
        self.datasets = SimpleNamespace(
            list=lambda actor, project_id: self.known,
            get=self.dataset,
            stages=lambda actor, project_id: {},
            samples=lambda: [],
            profile=self.profile,
        )

    def dataset(self, actor, key):
        found = next((known for known in self.known if known.id == key), None)
        if found is None:
            raise NotFound("There is no such dataset.")
        return found

    def profile(self, actor, key):
        """A profile that knows only which columns have gaps."""
        tables = self.dataset(actor, key).schema.tables
        return {
            table.name: SimpleNamespace(
                columns=[
                    SimpleNamespace(
                        name=column.name, rows=100, missing=10 * (column.name in self.gaps)
                    )
                    for column in table.columns
                ]
            )
            for table in tables
        }

    def refuse_next(self):
        self.runs.refuse = Conflict("This run has ended already.")

    def close(self): ...

    def app(self, page: str, **query: str) -> AppTest:
        """Open a page of the app on this studio."""
        app = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=TIMEOUT_S)
        app.session_state[TOKEN_KEY] = "token"
        app.session_state[PROJECT_KEY] = PROJECT.id
        app.run()
        for name, value in query.items():
            app.query_params[name] = value
        return app.switch_page(str(ROOT / "pages" / f"{page}.py")).run()


@contextmanager
def installed(studio: FakeStudio):
    """Let ``app.resources.studio`` give this studio for a while."""
    RESOURCES.close()
    RESOURCES._studio, RESOURCES._settings = studio, Settings()
    try:
        yield studio
    finally:
        RESOURCES.close()


def start(studio: FakeStudio, app: AppTest) -> RunSpec:
    """Press the generate page's button and return what was submitted."""
    assert not app.button(key="generate_start").disabled, texts(app)
    app.button(key="generate_start").click().run()
    assert not app.exception
    return next(what[2] for what in studio.runs.asked if what[0] == "submit")
