"""Use cases of runs: what to take, how long it takes, start, watch, stop, read the result."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
import psutil
from sqlalchemy import select

from core.data.parts import read_parts
from core.data.pipeline import counted_kinds
from core.data.schema import Schema
from core.errors import Conflict, InvalidInput, InvalidParameter
from core.evaluation import Report
from core.evaluation.policy import EvaluationPolicy
from core.governance.audit import as_many_as_fit
from core.governance.lineage import add_edge
from core.governance.policy import Actor
from core.governance.projects import projects_of
from core.governance.thresholds import policy_of
from core.jobs import JobRunner
from core.jobs.processes import own_memory_mb
from core.plugins import named_packages
from core.store.tables import DatasetRow, RunRow, new_id, now
from core.studio.askable import askable
from core.studio.attempts import attempt_of, failed_so_far
from core.studio.budgets import before_spending
from core.studio.calibration import Calibration, KnownPaces
from core.studio.candidates import candidates_of
from core.studio.comparison import Comparison, checked_choice, compare_runs, refuse_mixed
from core.studio.context import Context, find, to_run
from core.studio.downloads import Download, packed
from core.studio.estimating import Room, estimate, together
from core.studio.execute import execute_run
from core.studio.fallback import in_words
from core.studio.preview import PREVIEW_ENGINES, preview
from core.studio.private_specs import account_of, claim_of, refuse_unaccepted, spends
from core.studio.progress import RunEvents
from core.studio.recovery import interrupt
from core.studio.reports import read_report, report_context, report_json
from core.studio.route_reasons import Wanted, data_of
from core.studio.routing import Route, private_route, refuse_unguaranteed, route, usual
from core.studio.spec_codec import spec_from_dict, spec_to_dict
from core.studio.specs import checked_spec, refuse_open
from core.studio.stored import (
    ACTIVE,
    FILLED,
    filled_path,
    log_path,
    output_schema,
    read_profile,
    read_synthetic,
)
from core.studio.task import RunTask
from core.studio.values import (
    Askable,
    Estimate,
    Purpose,
    Run,
    RunSpec,
    RunState,
    Suggestion,
)
from core.studio.work import planned
from core.synthesis.asks import Ask
from core.synthesis.protocol import EngineInfo
from core.synthesis.registry import ENGINES

__all__ = ["PREVIEW_ENGINES", "Runs"]

SHOWN_ACTIVE = 10
MOST_LOOKED_AT = 100


class Runs:
    """Runs of a project; every call checks the policy and writes an audit entry."""

    def __init__(self, context: Context, pool: JobRunner, events: RunEvents) -> None:
        self._context = context
        self._pool = pool
        self._events = events
        self._calibration = Calibration(context.vault)
        events.queue_again = self._queue_again

    def engines(self) -> Sequence[EngineInfo]:
        """The engines that a run may take, those with a formal guarantee among them."""
        return list(ENGINES.values())

    def suggest(self, actor: Actor, dataset_id: str, *, private: bool = False) -> Suggestion:
        """Which engine fits a dataset, and why; ``private``: with a formal guarantee.

        Raises
        ------
        InvalidInput
            A guarantee is wanted for several tables.
        """
        row = self._context.dataset(dataset_id)
        with self._context.about(actor, "run.suggest", row):
            found = self._routed(row, RunSpec(), Wanted(private))
            if private:
                return private_route(found, Schema.from_dict(row.schema), row.table_rows)
            return found.suggestion

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
            Whether a formal guarantee is wanted.
        seconds
            The time allowed; 0 for any.

        Raises
        ------
        InvalidInput
            A guarantee is wanted for several tables.
        """
        row = self._context.dataset(dataset_id)
        with self._context.about(actor, "run.suggest", row):
            return self._routed(row, spec or RunSpec(), Wanted(private, seconds))

    def _routed(self, row: DatasetRow, spec: RunSpec, wanted: Wanted) -> Route:
        engines = self.engines()
        profiles = {} if wanted.private else read_profile(self._context.vault, row.id)
        data = data_of(Schema.from_dict(row.schema), row.table_rows, spec, profiles)
        refuse_unguaranteed(data, engines, wanted)
        past = self._past()
        asked = {i.name: replace(spec, engine=i.name, params=usual(i)) for i in engines}
        known = self._calibration.known()
        costs = {name: self._expected(row, one, past, known) for name, one in asked.items()}
        return route(data, engines, wanted, costs)

    def askable(self, actor: Actor, dataset_id: str) -> Mapping[str, tuple[Askable, ...]]:
        """By table, the columns of which something can be asked, with values to choose from.

        From the stored profile; tables that follow others are not among them.
        """
        row = self._context.dataset(dataset_id)
        with self._context.about(actor, "run.askable", row):
            profiles = read_profile(self._context.vault, row.id)
            return askable(Schema.from_dict(row.schema), row.table_rows, profiles)

    def estimate(self, actor: Actor, dataset_id: str, spec: RunSpec) -> Estimate:
        """How long a run will take and how much memory, and what the figures rest on.

        From past runs on this installation, else from small tables measured on this machine.
        """
        row = self._context.dataset(dataset_id)
        with self._context.about(actor, "run.estimate", row):
            checked = checked_spec(self._context, row, spec)
            return self._expected(row, checked, self._past())

    def _past(self) -> Sequence[RunRow]:
        """The last finished runs of this installation."""
        with self._context.database.reading() as session:
            query = select(RunRow).where(RunRow.state == RunState.DONE)
            query = query.order_by(RunRow.ended_at.desc()).limit(MOST_LOOKED_AT)
            return list(session.scalars(query))

    def _expected(
        self,
        row: DatasetRow,
        spec: RunSpec,
        past: Sequence[RunRow],
        paces: KnownPaces | None = None,
    ) -> Estimate:
        if spec.contest is not None:
            each = [self._expected(row, one, past) for one in candidates_of(spec)]
            last = replace(spec, contest=None, purpose=Purpose.TABLES)
            return together(each, self._expected(row, last, past))
        work = planned(Schema.from_dict(row.schema), row.table_rows, spec)
        return estimate(work, spec, past, paces or self._calibration, self._room())

    def _room(self) -> Room:
        limit = self._context.settings.job_memory_gib * 1024
        return Room(own_memory_mb(), psutil.virtual_memory().available / 2**20, limit)

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

        Raises
        ------
        OverCap
            A private run would pass the cap of the dataset's budget.
        ReviewIncomplete
            While findings of the dataset are open.
        InvalidParameter
            With everything that is wrong with the specification.
        """
        row = self._context.dataset(dataset_id)
        with self._context.about(actor, "run.submit", row) as entry:
            refuse_open(row)
            checked = checked_spec(self._context, row, spec)
            if spends(checked):
                refuse_unaccepted(row, checked, before_spending(self._context, row, checked))
            run = RunRow(
                id=new_id(),
                project_id=row.project_id,
                dataset_id=row.id,
                spec=spec_to_dict(checked),
                state=RunState.QUEUED,
                progress={},
                result={},
                retry_of=retry_of,
                created_by=actor.username,
                created_at=now(),
            )
            with self._context.database.session() as session:
                find(session, DatasetRow, row.id)
                if spends(checked):
                    claim = claim_of(row, run.id, checked)
                    account = account_of(row, checked)
                    self._context.spending.reserve(session, account, claim, actor.username)
                    entry.details.update(epsilon=claim.epsilon, delta=claim.delta)
                session.add(run)
                origin = f"run:{spec.model_of}" if spec.model_of else f"dataset:{row.id}"
                how = "its model" if spec.model_of else _engines_in_words(checked)
                if checked.preparation:
                    how += f", {sum(map(len, checked.preparation.values()))} steps of preparation"
                add_edge(session, row.project_id, origin, f"run:{run.id}", how)
            entry.details.update(run=run.id, engine=checked.engine, seed=checked.seed)
            entry.details.update(_asked_in_words(checked))
            self.enqueue(row, run)
            return to_run(run)

    def enqueue(self, row: DatasetRow, run: RunRow) -> None:
        """Hand a queued run to the pool; also how a restart takes up what was waiting."""
        spec = attempt_of(run)
        task = RunTask(
            run_id=run.id,
            dataset_id=row.id,
            stored_schema=Schema.from_dict(row.stored_schema),
            schema=Schema.from_dict(row.schema),
            spec=spec,
            vault=self._context.vault.access,
            fit_seed=self._fit_seed(run),
            policy=self._policy(run.project_id),
            stand_in=self._stand_in(spec),
            plugins=named_packages(self._context.settings.plugins),
            failed="" if spec.contest else in_words(failed_so_far(run.result), spec.engine),
            lost=tuple(failed_so_far(run.result)) if spec.contest else (),
        )
        self._pool.submit(run.id, execute_run, task)

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
        """A real dataset with its missing cells filled, for those who may read the real rows.

        The audit entry is written before the first byte leaves. Only tables in which cells were
        filled are in it.

        Parameters
        ----------
        format
            One of ``core.data.write.FORMATS``.
        copy
            Which of the fillings, from 1.

        Raises
        ------
        Conflict
            The run filled nothing.
        InvalidInput
            There is no such copy or format.
        """
        row = self._context.run(run_id)
        with self._context.about(actor, "run.filled", row) as entry:
            entry.details.update(format=format, copy=copy)
            return _filled(self._context, row, format, copy).begun()

    def _policy(self, project_id: str) -> EvaluationPolicy:
        """What the project judges its runs by at this moment."""
        with self._context.database.reading() as session:
            return policy_of(session, project_id).policy

    def _stand_in(self, spec: RunSpec) -> Schema | None:
        """What the tables look like that a sweep takes for the real ones."""
        if spec.sweep is None or not spec.sweep.stand_in:
            return None
        return output_schema(self._context.run(spec.sweep.stand_in))

    def _fit_seed(self, run: RunRow) -> int | None:
        """The seed of the run whose model is sampled; None for a run with its own fit."""
        origin = run.spec.get("model_of")
        return int(self._context.run(origin).spec["seed"]) if origin else None

    def log(self, actor: Actor, run_id: str) -> str:
        """The job's log: stages, timings and where it failed; never a value of a table."""
        row = self._context.run(run_id)
        with self._context.about(actor, "run.log", row):
            if not self._context.vault.exists(log_path(run_id)):
                return ""
            return self._context.vault.read_blob(log_path(run_id)).decode()

    def report(self, actor: Actor, run_id: str) -> Report:
        """The evaluation of a finished run."""
        row = self._context.run(run_id)
        with self._context.about(actor, "run.report", row):
            return read_report(self._context, row)

    def report_pdf(self, actor: Actor, run_id: str) -> bytes:
        """The evaluation of a finished run as a PDF for people."""
        row = self._context.run(run_id)
        with self._context.about(actor, "run.report_pdf", row):
            from core.evaluation.pdf import render_pdf

            return render_pdf(read_report(self._context, row), report_context(self._context, row))

    def report_json(self, actor: Actor, run_id: str) -> bytes:
        """The evaluation of a finished run as JSON, by the published schema, with its hash."""
        row = self._context.run(run_id)
        with self._context.about(actor, "run.report_json", row):
            return report_json(self._context, row)

    def compare(self, actor: Actor, run_ids: Sequence[str]) -> Comparison:
        """Up to five finished runs of one dataset side by side.

        Raises
        ------
        InvalidInput
            Fewer than two or more than five runs, or runs of several datasets.
        Conflict
            A run has no result.
        """
        chosen = checked_choice(run_ids)
        rows = [self._context.run(run_id) for run_id in chosen]
        with self._context.about(actor, "run.compare", rows[0]) as entry:
            entry.details["runs"] = chosen
            refuse_mixed(rows)
            reports = [read_report(self._context, row) for row in rows]
            return compare_runs([to_run(row) for row in rows], reports)

    def synthetic(self, actor: Actor, run_id: str, table: str, limit: int = 100) -> pd.DataFrame:
        """The first synthetic rows of a table."""
        row = self._context.run(run_id)
        with self._context.about(actor, "run.synthetic", row):
            output = output_schema(row)
            output[table]
            return read_synthetic(self._context.vault, run_id, output, limit)[table]

    def _end_if_forgotten(self, run_id: str) -> None:
        """End a run that no worker has, because its ending could not be written down."""
        with self._context.database.session() as session:
            row = find(session, RunRow, run_id)
            if row.state != RunState.RUNNING or run_id in self._pool.running():
                raise Conflict("This run is just starting or ending. Look again in a moment.")
            interrupt(self._context, session, row)


def _filled(context: Context, row: RunRow, format: str, copy: int) -> Download:
    if FILLED not in row.result:
        raise Conflict("This run filled no missing cells, or has not come to its end.")
    said = row.result[FILLED]
    if not 1 <= copy <= said["copies"]:
        raise InvalidInput(f"`copy` must be from 1 to {said['copies']}. Got {copy}.")
    with context.database.reading() as session:
        if session.get(DatasetRow, row.dataset_id) is None:
            raise Conflict("The filled tables were removed together with their dataset.")
    schema = Schema.from_dict(said["schema"])
    tables = {
        name: read_parts(
            context.vault, filled_path(row.id, copy, schema.names.index(name)), schema[name]
        )
        for name in schema.names
        if name in said["cells"]
    }
    return packed(f"filled-{row.id[:8]}-{copy}", tables, schema, format)


def _engines_in_words(spec: RunSpec) -> str:
    """The engine that learns the rows, or all of which the best is to be kept."""
    return spec.engine if spec.contest is None else f"best of {', '.join(spec.contest.engines)}"


def _asked_in_words(spec: RunSpec) -> dict[str, Any]:
    """What the audit says of a run: which columns are asked of, and never a value."""
    said: dict[str, Any] = {}
    if spec.purpose is not Purpose.TABLES:
        said["purpose"] = str(spec.purpose)
    if spec.preparation:
        said["preparation"] = counted_kinds(spec.preparation)
    if spec.ask is not None:
        said["asked"] = as_many_as_fit(spec.ask.columns)
    if spec.rules or spec.kept:
        said["rules"] = sum(map(len, (*spec.rules.values(), *(spec.kept or {}).values())))
    if spec.fairness is not None:
        fairness = spec.fairness
        said["fairness"] = [n for n in (fairness.sensitive, fairness.target) if n is not None]
    return said
