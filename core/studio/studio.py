"""The open studio of one process: its parts put together, recovered and closed."""

import logging
import shutil
from typing import Any, Self

from core.data.vault import Vault
from core.errors import StudioError
from core.governance.audit import AuditTrail
from core.governance.budgets import Cap
from core.governance.spending import Spending
from core.governance.usecase import SYSTEM, Guard
from core.jobs import JobPool
from core.keys import Keys
from core.plugins import Plugin, load_plugins, named_packages
from core.settings import GIB, Settings
from core.store.database import open_database
from core.store.tables import DatasetRow, RunRow, now
from core.studio.audit import Audit
from core.studio.blueprints import Blueprints
from core.studio.budgets import Budgets
from core.studio.connections import Connections
from core.studio.contests import Contests
from core.studio.context import Context
from core.studio.datasets import Datasets
from core.studio.dp_reports import DpReports
from core.studio.imports import Imports
from core.studio.installation import Installation, plugins_told
from core.studio.people import People
from core.studio.policies import Policies
from core.studio.preparing import Preparing
from core.studio.progress import RunEvents
from core.studio.projects import Projects
from core.studio.recovery import clear_leftovers, interrupt_unfinished
from core.studio.releases import Releases
from core.studio.remote import RemoteFiles
from core.studio.rules import Rules
from core.studio.runs import Runs
from core.studio.schemas import Schemas
from core.studio.sweeps import Sweeps
from core.studio.texts import Texts
from core.studio.uploads import Uploads
from core.studio.values import RunState

logger = logging.getLogger(__name__)
LEAST_FREE_GIB = 1.0


class Studio:
    """All use cases over one workspace; made by :meth:`open`."""

    def __init__(
        self,
        context: Context,
        pool: JobPool,
        events: RunEvents,
        plugins: tuple[Plugin, ...] = (),
    ) -> None:
        self._context = context
        self._pool = pool
        self.people = People(context)
        self.projects = Projects(context)
        self.datasets = Datasets(context)
        self.imports = Imports(context)
        self.uploads = Uploads(context, self.imports)
        self.connections = Connections(context, self.imports)
        self.remote = RemoteFiles(context, self.imports)
        self.runs = Runs(context, pool, events)
        self.releases = Releases(context)
        self.audit = Audit(context)
        self.policies = Policies(context)
        self.blueprints = Blueprints(context)
        self.budgets = Budgets(context)
        self.sweeps = Sweeps(context, self.runs)
        self.contests = Contests(context, self.runs)
        self.dp_reports = DpReports(context, self.budgets)
        self.rules = Rules(context)
        self.preparing = Preparing(context)
        self.schemas = Schemas(context)
        self.texts = Texts(context)
        self.installation = Installation(context, plugins)

    @classmethod
    def open(cls, settings: Settings) -> Self:
        """Open the workspace, say which runs were interrupted, and take up those that waited.

        Raises
        ------
        WorkspaceLocked
            Another process holds the workspace.
        IntegrityError
            The key does not fit the workspace.
        """
        keys = Keys.from_settings(settings)
        database = open_database(settings, keys)
        try:
            vault = Vault(settings.home / "vault", keys)
            trail = AuditTrail(database, keys)
            cap = Cap(settings.budget_epsilon, settings.budget_delta)
            spending = Spending(trail, keys, cap)
            guard = Guard(database, trail)
            context = Context(settings, keys, database, vault, guard, spending)
            clear_leftovers(context)
        except BaseException:
            database.close()
            raise
        events = RunEvents(context)
        pool = JobPool(
            settings.workers,
            settings.job_memory_gib * GIB,
            settings.job_hours * 3600,
            events,
            before_start=events.starting,
        )
        plugins = load_plugins(named_packages(settings.plugins))
        studio = cls(context, pool, events, plugins)
        guard.record("system.start", **plugins_told(plugins))
        studio.uploads.sweep()
        studio._take_up()
        return studio

    def close(self) -> None:
        """End running jobs, write everything down and let the workspace go."""
        self._pool.close()
        self.imports.close()
        try:
            interrupt_unfinished(self._context)
            self._context.guard.record("system.stop")
        finally:
            self._context.database.close()

    def health(self) -> dict[str, Any]:
        """State of database, vault, pool and disk; ``ok`` when all are well."""
        parts = {
            "database": _checked(self._context.database.check),
            "vault": _checked(self._context.vault.check),
            "pool": self._pool.state(),
            "disk": self._disk(),
        }
        return {"ok": all(part["ok"] for part in parts.values()), **parts}

    def _disk(self) -> dict[str, Any]:
        free = shutil.disk_usage(self._context.settings.home).free / GIB
        return {"ok": free >= LEAST_FREE_GIB, "free_gib": round(free, 1)}

    def _take_up(self) -> None:
        """Queue again what only waited when the process before ended."""
        for run_id in interrupt_unfinished(self._context):
            run = self._context.run(run_id)
            with self._context.database.reading() as session:
                dataset = session.get(DatasetRow, run.dataset_id)
            if dataset is None:
                self._give_up(run)
            else:
                self.runs.enqueue(dataset, run)

    def _give_up(self, run: RunRow) -> None:
        with self._context.database.session() as session:
            row = session.get(RunRow, run.id)
            if row is not None:
                row.state, row.ended_at = RunState.INTERRUPTED, now()
                row.error = "The dataset of this run was removed before it could start."
                self._context.spending.keep(session, row.id, row.error, SYSTEM)


def _checked(check: Any) -> dict[str, Any]:
    try:
        check()
    except (StudioError, OSError) as error:
        logger.error("health: %s", type(error).__name__)
        return {"ok": False, "problem": type(error).__name__}
    return {"ok": True}
