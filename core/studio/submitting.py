"""How a specification becomes a queued run: checked, paid for, written down, made a task."""

from typing import Any

from core.data.pipeline import counted_kinds
from core.data.schema import Schema
from core.evaluation.policy import EvaluationPolicy
from core.governance.audit import as_many_as_fit
from core.governance.lineage import add_edge
from core.governance.thresholds import policy_of
from core.governance.usecase import Entry
from core.plugins import named_packages
from core.store.tables import DatasetRow, RunRow, new_id, now
from core.studio.attempts import attempt_of, failed_so_far
from core.studio.budget_checks import before_spending
from core.studio.context import Context, find
from core.studio.fallback import in_words
from core.studio.private_specs import account_of, claim_of, refuse_unaccepted, spends
from core.studio.spec_codec import spec_to_dict
from core.studio.specs import checked_spec, refuse_open
from core.studio.stored import output_schema
from core.studio.task import RunTask
from core.studio.values import Purpose, RunSpec, RunState
from core.studio.writing import access_for, asked_to_audit


def ready_to_start(context: Context, row: DatasetRow, spec: RunSpec) -> RunSpec:
    """The checked specification of a run that nothing stands against.

    Raises
    ------
    OverCap
        A private run would pass the cap of the dataset's budget.
    ReviewIncomplete
        While findings of the dataset are open.
    InvalidParameter
        With everything that is wrong with the specification, or warnings not accepted.
    """
    refuse_open(row)
    checked = checked_spec(context, row, spec)
    if spends(checked):
        refuse_unaccepted(row, checked, before_spending(context, row, checked))
    return checked


def new_run(row: DatasetRow, spec: RunSpec, who: str, retry_of: str = "") -> RunRow:
    """The row of a run that waits for a worker; it is not saved yet."""
    return RunRow(
        id=new_id(),
        project_id=row.project_id,
        dataset_id=row.id,
        spec=spec_to_dict(spec),
        state=RunState.QUEUED,
        progress={},
        result={},
        retry_of=retry_of,
        created_by=who,
        created_at=now(),
    )


def save_run(context: Context, row: DatasetRow, run: RunRow, spec: RunSpec, entry: Entry) -> None:
    """Save a run with its origin; what a private one may spend is reserved at the same moment.

    Raises
    ------
    NotFound
        The dataset was removed meanwhile.
    OverCap
        The run would pass the cap of the dataset's budget.
    """
    with context.database.session() as session:
        find(session, DatasetRow, row.id)
        if spends(spec):
            claim = claim_of(row, run.id, spec)
            context.spending.reserve(session, account_of(row, spec), claim, run.created_by)
            entry.details.update(epsilon=claim.epsilon, delta=claim.delta)
        session.add(run)
        origin = f"run:{spec.model_of}" if spec.model_of else f"dataset:{row.id}"
        add_edge(session, row.project_id, origin, f"run:{run.id}", _how(spec))
    entry.details.update(run=run.id, engine=spec.engine, seed=spec.seed)
    entry.details.update(_asked_in_words(spec))
    entry.details.update(asked_to_audit(context.settings, Schema.from_dict(row.schema), spec))


def task_of(context: Context, row: DatasetRow, run: RunRow) -> RunTask:
    """What a worker gets for the next attempt at a run."""
    spec = attempt_of(run)
    return RunTask(
        run_id=run.id,
        dataset_id=row.id,
        stored_schema=Schema.from_dict(row.stored_schema),
        schema=Schema.from_dict(row.schema),
        spec=spec,
        vault=context.vault.access,
        fit_seed=_fit_seed(context, run),
        policy=_policy(context, run.project_id),
        stand_in=_stand_in(context, spec),
        plugins=named_packages(context.settings.plugins),
        failed="" if spec.contest else in_words(failed_so_far(run.result), spec.engine),
        lost=tuple(failed_so_far(run.result)) if spec.contest else (),
        language=access_for(context.settings, Schema.from_dict(row.schema), spec),
    )


def _how(spec: RunSpec) -> str:
    """How a run came of its origin: by which engines, after how many steps of preparation."""
    engines = spec.engine
    if spec.contest is not None:
        engines = f"best of {', '.join(spec.contest.engines)}"
    how = "its model" if spec.model_of else engines
    if spec.preparation:
        how += f", {sum(map(len, spec.preparation.values()))} steps of preparation"
    return how


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


def _policy(context: Context, project_id: str) -> EvaluationPolicy:
    """What the project judges its runs by at this moment."""
    with context.database.reading() as session:
        return policy_of(session, project_id).policy


def _stand_in(context: Context, spec: RunSpec) -> Schema | None:
    """What the tables look like that a sweep takes for the real ones."""
    if spec.sweep is None or not spec.sweep.stand_in:
        return None
    return output_schema(context.run(spec.sweep.stand_in))


def _fit_seed(context: Context, run: RunRow) -> int | None:
    """The seed of the run whose model is sampled; None for a run with its own fit."""
    origin = run.spec.get("model_of")
    return int(context.run(origin).spec["seed"]) if origin else None
