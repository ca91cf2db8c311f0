"""Use cases of differential privacy reports: what a private run promised, and how it was spent."""

import json
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from platform import python_version

from core.data.pipeline import named_steps
from core.errors import Conflict, NotFound, PermissionDenied
from core.evaluation.dp_report import Composition, DpReport, Origin
from core.governance.policy import Actor
from core.privacy.audit import evidence_for
from core.store.tables import DatasetRow, RunRow
from core.studio.budgets import Budget, Budgets
from core.studio.context import Context
from core.studio.spec_codec import spec_from_dict
from core.studio.values import RunState

PRIVACY = "privacy"
_LIBRARIES = ("opendp", "dp-accounting", "opacus", "numpy")


class DpReports:
    """Reports of private runs; every call checks the policy and writes an audit entry."""

    def __init__(self, context: Context, budgets: Budgets) -> None:
        self._context = context
        self._budgets = budgets

    def report(self, actor: Actor, run_id: str) -> DpReport:
        """The promise of a run, its itemised ledger, and what it does not cover.

        Raises
        ------
        Conflict
            The run has no result, or its engine gives no formal guarantee.
        """
        row = self._context.run(run_id)
        with self._context.about(actor, "run.dp_report", row):
            return self._report(actor, row)

    def pdf(self, actor: Actor, run_id: str) -> bytes:
        """The report as a PDF for people."""
        row = self._context.run(run_id)
        with self._context.about(actor, "run.dp_report_pdf", row):
            from core.evaluation.dp_report_pdf import render_dp_pdf

            return render_dp_pdf(self._report(actor, row))

    def json(self, actor: Actor, run_id: str) -> bytes:
        """The report as JSON, with its hash."""
        row = self._context.run(run_id)
        with self._context.about(actor, "run.dp_report_json", row):
            told = self._report(actor, row).to_dict()
            return json.dumps(told, indent=1, allow_nan=False, ensure_ascii=False).encode()

    def _report(self, actor: Actor, row: RunRow) -> DpReport:
        told = row.result.get(PRIVACY)
        if row.state != RunState.DONE or told is None:
            raise Conflict("This run gives no formal guarantee, or has not come to its end.")
        ledger = told["ledger"]
        return DpReport(
            self._origin(row),
            ledger,
            told.get("declared", {}),
            self._composition(actor, row, ledger["person"] or ""),
            evidence_for(row.spec["engine"]),
            named_steps(spec_from_dict(row.spec).preparation or {}),
        )

    def _origin(self, row: RunRow) -> Origin:
        with self._context.database.reading() as session:
            dataset = session.get(DatasetRow, row.dataset_id)
        return Origin(
            dataset=dataset.name if dataset else "(removed dataset)",
            run_id=row.id,
            engine=row.spec["engine"],
            params=row.spec["params"],
            rows=row.result["rows"],
            content_hash=row.result["content_hash"],
            made_by=row.created_by,
            made_at=row.ended_at or row.created_at,
            versions=versions(),
        )

    def _composition(self, actor: Actor, row: RunRow, unit: str) -> Composition | None:
        """What all runs on the dataset cost together; None once it was removed."""
        try:
            budgets = self._budgets.of(actor, row.dataset_id)
        except (NotFound, PermissionDenied):
            return None
        found = next((budget for budget in budgets if budget.unit == unit), None)
        return None if found is None or not found.entries else composition_of(found)


def composition_of(budget: Budget) -> Composition:
    """A budget as the report tells it."""
    return Composition(
        unit=budget.unit,
        runs=len(budget.entries),
        epsilon=budget.spent_epsilon,
        simple_sum=sum(entry.epsilon for entry in budget.entries),
        delta=budget.spent_delta,
        cap_epsilon=budget.cap_epsilon,
        cap_delta=budget.cap_delta,
    )


def versions() -> Mapping[str, str]:
    """Versions of what draws the noise and adds it up, by name."""
    found = {"python": python_version()}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
