"""Use cases of runs: what to take, how long it takes, start, watch, stop, read the result.

What goes before a run stands in ``core.studio.advice``, how it is queued in
``core.studio.submitting``, and what is read of its result in ``core.studio.results``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
from sqlalchemy import select

from core.errors import Conflict, InvalidParameter
from core.evaluation import Report
from core.governance.policy import Actor
from core.governance.projects import projects_of
from core.jobs import JobRunner
from core.store.tables import DatasetRow, RunRow
from core.studio import results
from core.studio.advice import Advice
from core.studio.comparison import Comparison
from core.studio.context import Context, find, to_run
from core.studio.downloads import Download
from core.studio.execute import execute_run
from core.studio.preview import PREVIEW_ENGINES, preview
from core.studio.progress import RunEvents
from core.studio.recovery import interrupt
from core.studio.route_reasons import Wanted
from core.studio.routing import Route
from core.studio.spec_codec import spec_from_dict
from core.studio.specs import checked_spec, refuse_open
from core.studio.stored import ACTIVE, output_schema
from core.studio.submitting import new_run, ready_to_start, save_run, task_of
from core.studio.values import Askable, Estimate, Run, RunSpec, RunState, Suggestion
from core.synthesis.asks import Ask
from core.synthesis.protocol import EngineInfo

__all__ = ["PREVIEW_ENGINES", "Runs"]

SHOWN_ACTIVE = 10


class Runs:
    """Runs of a project; every call checks the policy and writes an audit entry."""

    def __init__(self, context: Context, pool: JobRunner, events: RunEvents) -> None:
        self._context = context
        self._pool = pool
        self._events = events
        self._advice = Advice(context)
        events.queue_again = self._queue_again

    def engines(self) -> Sequence[EngineInfo]:
        """The engines that a run may take, those with a formal guarantee among them."""
        return self._advice.engines()

    def suggest(self, actor: Actor, dataset_id: str, *, private: bool = False) -> Suggestion:
        """Which engine fits a dataset, and why; ``private``: with a formal guarantee.

        Raises ``InvalidInput`` where a guarantee is wanted for several tables.
        """
        return self._advice.suggest(actor, dataset_id, private=private)

    def route(
        self,
        actor: Actor,
        dataset_id: str,
        spec: RunSpec | None = None,
        *,
        private: bool = False,
        seconds: float = 0.0,
    ) -> Route:
        """Every engine for a dataset in order, with what speaks for and against it and its cost.

        Parameters
        ----------
        spec
            What is asked beyond the rows; its engine and parameters do not matter.
        private
            Whether a formal guarantee is wanted; of one table only.
        seconds
            The time allowed; 0 for any.
        """
        wanted = Wanted(private, seconds)
        return self._advice.route(actor, dataset_id, spec or RunSpec(), wanted)

    def askable(self, actor: Actor, dataset_id: str) -> Mapping[str, tuple[Askable, ...]]:
        """By table, the columns of which something can be asked, with values to choose from.

        Tables that follow others are not among them.
        """
        return self._advice.askable(actor, dataset_id)

    def estimate(self, actor: Actor, dataset_id: str, spec: RunSpec) -> Estimate:
        """How long a run will take and how much memory, and what the figures rest on.

        From past runs on this installation, else from small tables measured on this machine.
        """
        return self._advice.estimate(actor, dataset_id, spec)

    def preview(self, actor: Actor, dataset_id: str, spec: RunSpec) -> dict[str, pd.DataFrame]:
        """Up to 1,000 synthetic rows a table from a fit on at most 5,000 real ones, at once.

        Raises
        ------
        InvalidInput
            For engines that cannot be fitted within seconds.
        """
        row = self._context.dataset(dataset_id)
        with self._context.about(actor, "run.preview", row) as entry:
            entry.details["engine"] = spec.engine
            refuse_open(row)
            checked = checked_spec(self._context, row, spec)
            return preview(self._context, row, checked)

    def submit(self, actor: Actor, dataset_id: str, spec: RunSpec, retry_of: str = "") -> Run:
        """Queue a run; a private one is taken off the dataset's budget at the same moment.

        Raises what :func:`core.studio.submitting.ready_to_start` raises.
        """
        row = self._context.dataset(dataset_id)
        with self._context.about(actor, "run.submit", row) as entry:
            checked = ready_to_start(self._context, row, spec)
            run = new_run(row, checked, actor.username, retry_of)
            save_run(self._context, row, run, checked, entry)
            self.enqueue(row, run)
            return to_run(run)

    def enqueue(self, row: DatasetRow, run: RunRow) -> None:
        """Hand a queued run to the pool; also how a restart takes up what was waiting."""
        self._pool.submit(run.id, execute_run, task_of(self._context, row, run))

    def _queue_again(self, run: RunRow) -> None:
        with self._context.database.reading() as session:
            row = find(session, DatasetRow, run.dataset_id)
        self.enqueue(row, run)

    def list(self, actor: Actor, project_id: str) -> Sequence[Run]:
        """The project's runs, newest first."""
        with (
            self._context.about_project(actor, "run.list", project_id),
            self._context.database.reading() as session,
        ):
            query = select(RunRow).where(RunRow.project_id == project_id)
            rows = list(session.scalars(query.order_by(RunRow.created_at.desc())))
        return [self._events.watched(to_run(row)) for row in rows]

    def active(self, actor: Actor) -> Sequence[Run]:
        """Queued and running runs of the actor's projects, then the last that ended."""
        with (
            self._context.guard.use_case(actor, "run.active"),
            self._context.database.reading() as session,
        ):
            ids = [project.id for project in projects_of(session, actor.user_id)]
            query = select(RunRow).where(RunRow.project_id.in_(ids))
            under_way = list(session.scalars(query.where(RunRow.state.in_(ACTIVE))))
            ended = query.where(RunRow.state.not_in(ACTIVE)).order_by(RunRow.ended_at.desc())
            rows = under_way + list(session.scalars(ended.limit(SHOWN_ACTIVE)))
        return [self._events.watched(to_run(row)) for row in rows]

    def get(self, actor: Actor, run_id: str) -> Run:
        """One run, with the worker's last report while it runs."""
        row = self._context.run(run_id)
        with self._context.about(actor, "run.get", row):
            return self._events.watched(to_run(row))

    def cancel(self, actor: Actor, run_id: str) -> None:
        """Stop a run; its process is gone within two seconds."""
        row = self._context.run(run_id)
        with self._context.about(actor, "run.cancel", row):
            if RunState(row.state).is_over:
                raise Conflict("This run has ended already, so there is nothing to cancel.")
            if not self._pool.cancel(run_id):
                self._end_if_forgotten(run_id)

    def retry(self, actor: Actor, run_id: str) -> Run:
        """Run the same specification again as a new run; a contest keeps finished candidates."""
        row = self._context.run(run_id)
        with self._context.about(actor, "run.retry", row):
            if not RunState(row.state).is_over:
                raise Conflict("This run has not ended yet. Cancel it first, or wait.")
            spec = spec_from_dict(row.spec)
            if spec.contest is not None:
                spec = replace(spec, contest=replace(spec.contest, taken_from=run_id))
            return self.submit(actor, row.dataset_id, spec, retry_of=run_id)

    def clone(self, actor: Actor, run_id: str, **changes: Any) -> RunSpec:
        """The specification of a run with some fields changed, to start another one from.

        The new run fits a model of its own. Nothing is checked until it is estimated or submitted.
        Its engine is the one that was asked for, also where another one made the rows.

        Raises
        ------
        InvalidParameter
            When a change names no field of :class:`RunSpec`.
        """
        row = self._context.run(run_id)
        with self._context.about(actor, "run.clone", row):
            unknown = sorted(changes.keys() - RunSpec.__dataclass_fields__.keys())
            if unknown:
                raise InvalidParameter(f"A run has no {', '.join(unknown)} to change.", unknown)
            return replace(spec_from_dict(row.spec), **{"model_of": "", **changes})

    def sample_again(
        self,
        actor: Actor,
        run_id: str,
        rows: Mapping[str, int] | None = None,
        seed: int | None = None,
        ask: Ask | None = None,
    ) -> Run:
        """Sample the model of a finished run again, with other sizes or another seed, as a new run.

        Nothing is fitted; the new rows are judged like the first ones, against the same holdout.
        A broken dependence stays broken, and rules are kept.

        Parameters
        ----------
        rows
            Rows of root tables; those not named get as many as the real ones have.
        seed
            Another one gives other rows; by default one more than that of the run.
        ask
            Conditions and shares of the new rows; None for none. Of the columns that the run was
            fitted to be asked of, rows are made as asked; of others, rows are drawn until enough
            fit, and the run fails with a clear error where that is hopeless.

        Raises
        ------
        Conflict
            The run has no result.
        InvalidParameter
            With everything that is wrong with the ask, the rows or the seed.
        """
        row = self._context.run(run_id)
        with self._context.about(actor, "run.sample_again", row):
            output_schema(row)
            again = to_run(row).again
            chosen = again.seed if seed is None else seed
            spec = replace(again, rows=dict(rows or {}), seed=chosen, ask=ask)
            return self.submit(actor, row.dataset_id, spec)

    def filled(self, actor: Actor, run_id: str, format: str, copy: int = 1) -> Download:
        """A real dataset with its missing cells filled; see :func:`core.studio.results.filled`."""
        return results.filled(self._context, actor, run_id, format, copy)

    def log(self, actor: Actor, run_id: str) -> str:
        """The job's log: stages, timings and where it failed; never a value of a table."""
        return results.log(self._context, actor, run_id)

    def report(self, actor: Actor, run_id: str) -> Report:
        """The evaluation of a finished run."""
        return results.report(self._context, actor, run_id)

    def report_pdf(self, actor: Actor, run_id: str) -> bytes:
        """The evaluation of a finished run as a PDF for people."""
        return results.as_pdf(self._context, actor, run_id)

    def report_json(self, actor: Actor, run_id: str) -> bytes:
        """The evaluation of a finished run as JSON; see :func:`core.studio.results.as_json`."""
        return results.as_json(self._context, actor, run_id)

    def compare(self, actor: Actor, run_ids: Sequence[str]) -> Comparison:
        """Two to five finished runs of one dataset side by side."""
        return results.compared(self._context, actor, run_ids)

    def synthetic(self, actor: Actor, run_id: str, table: str, limit: int = 100) -> pd.DataFrame:
        """The first synthetic rows of a table."""
        return results.first_rows(self._context, actor, run_id, table, limit)

    def _end_if_forgotten(self, run_id: str) -> None:
        """End a run that no worker has, because its ending could not be written down."""
        with self._context.database.session() as session:
            row = find(session, RunRow, run_id)
            if row.state != RunState.RUNNING or run_id in self._pool.running():
                raise Conflict("This run is just starting or ending. Look again in a moment.")
            interrupt(self._context, session, row)
