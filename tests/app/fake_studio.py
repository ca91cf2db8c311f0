"""A studio whose answers a test decides, for states that are hard to bring about.

It stands in for the parts of the Studio that the generate and jobs pages use, and writes down what
was asked of it in ``asked``.
"""

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pandas as pd
from streamlit.testing.v1 import AppTest

from app.resources import RESOURCES
from app.session import PROJECT_KEY, TOKEN_KEY
from core.data.schema import Action, Column, ColumnType, Relationship, Schema, Table
from core.errors import Conflict, NotFound
from core.governance.policy import Actor, UserRole
from core.governance.values import Project
from core.settings import Settings
from core.studio.values import Dataset, Estimate, Run, RunProgress, RunSpec, RunState, Suggestion
from core.synthesis.params import param
from core.synthesis.protocol import EngineInfo
from tests.app.harness import ROOT, TIMEOUT_S

NOW = datetime.now(UTC).replace(tzinfo=None)
PROJECT = Project("p1", "Retail bank", "finance", "ada", NOW)


@dataclass(frozen=True, slots=True)
class ForestParams:
    leaf: int = param(20, "Smallest leaf", "Rows that are pooled.", low=5, high=1000)
    rate: float = param(2e-4, "Rate", "Step size.", low=1e-6, high=0.1)
    exact: bool = param(False, "Exact", "Whether to be exact.")
    mode: str = param("fast", "Mode", "How.", choices=("fast", "slow"))
    depth: int = param(8, "Depth", "For experts.", low=1, high=30, advanced=True)


@dataclass(frozen=True, slots=True)
class NoParams:
    pass


def engine(name: str, title: str, params: type, presets: dict) -> EngineInfo:
    texts = ("A summary.", "mixed tables.", "images.", "free to use")
    return EngineInfo(name, title, *texts, params, make=None, load=None, presets=presets)


ENGINES = [
    engine("forest", "Forest", ForestParams, {"balanced": {}, "best": {"leaf": 7, "depth": 12}}),
    engine("copula", "Gaussian copula", NoParams, {"quick look": {}, "balanced": {}}),
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


@dataclass
class FakeRuns:
    """Runs as a test wants them."""

    known: list[Run] = field(default_factory=list)
    asked: list[tuple] = field(default_factory=list)
    refuse: Exception | None = None

    def engines(self):
        return ENGINES

    def suggest(self, actor, dataset_id):
        return Suggestion("forest", "1,200 rows of mixed columns.")

    def estimate(self, actor, dataset_id, spec):
        return Estimate(75.0, "from 3 past runs of this engine here")

    def preview(self, actor, dataset_id, spec):
        self._ask("preview", dataset_id, spec)
        return {"customers": pd.DataFrame({"income": [1.0, 2.0]})}

    def submit(self, actor, dataset_id, spec):
        self._ask("submit", dataset_id, spec)
        return self._add(run("new", RunState.QUEUED, spec=spec))

    def list(self, actor, project_id):
        return list(self.known)

    active = lambda self, actor: list(self.known)  # noqa: E731

    def get(self, actor, run_id):
        return next(known for known in self.known if known.id == run_id)

    def cancel(self, actor, run_id):
        self._ask("cancel", run_id)

    def retry(self, actor, run_id):
        self._ask("retry", run_id)
        return self._add(run("again", RunState.QUEUED, retry_of=run_id))

    def log(self, actor, run_id):
        return "stage fit"

    def _ask(self, *what):
        self.asked.append(what)
        if self.refuse:
            raise self.refuse

    def _add(self, made):
        self.known.insert(0, made)
        return made


@dataclass
class FakeStudio:
    """What the pages get from ``app.resources.studio``."""

    role: UserRole = UserRole.GENERAL
    known: list[Dataset] = field(default_factory=lambda: [dataset()])
    runs: FakeRuns = field(default_factory=FakeRuns)

    def __post_init__(self):
        self.actor = Actor("u1", "ada", "Ada", self.role, "test")
        self.people = SimpleNamespace(actor=lambda token, origin: self.actor)
        self.projects = SimpleNamespace(list=lambda actor: [PROJECT], mine=lambda actor: [PROJECT])
        self.releases = SimpleNamespace(get=None)
        self.datasets = SimpleNamespace(
            list=lambda actor, project_id: self.known,
            get=self.dataset,
            stages=lambda actor, project_id: {},
            samples=lambda: [],
        )

    def dataset(self, actor, key):
        found = next((known for known in self.known if known.id == key), None)
        if found is None:
            raise NotFound("There is no such dataset.")
        return found

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
