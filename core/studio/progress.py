"""What becomes of a job's messages: rows for what must last, memory for what only moves.

Called from the pool's threads, in order for each run.
"""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy.orm import Session

from core.governance.lineage import add_edge
from core.governance.usecase import SYSTEM
from core.jobs import Cancelled, Failed, Finished, Message, Reported, Started
from core.store.tables import RunRow, now
from core.studio.attempts import after, completed, error_words, keep_log
from core.studio.context import Context, find
from core.studio.fallback import FAILED
from core.studio.history import extended
from core.studio.private_run import EPSILON_SPENT
from core.studio.recovery import RELEASED, STAYS_SPENT
from core.studio.values import Run, RunProgress, RunState
from core.studio.writing import told_to_audit

logger = logging.getLogger(__name__)
WITHHELD = (
    "Added up again after the run, its ledger amounts to more ε than was asked. Nothing of it is "
    "given out. Do not run it again before an administrator has looked into it."
)


class RunEvents:
    """Takes the messages of all runs and remembers the last progress of each.

    ``queue_again`` is called with a run whose next engine is to try; whoever has the pool sets it.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._lock = threading.Lock()
        self.queue_again: Callable[[RunRow], None] = lambda row: None
        self._live: dict[str, RunProgress] = {}

    def __call__(self, run_id: str, message: Message) -> None:
        """Take one message of a run."""
        match message:
            case Started():
                self._update(run_id, {"state": RunState.RUNNING, "started_at": now()})
            case Reported():
                self._report(run_id, message)
            case Finished():
                self._end(run_id, RunState.DONE, message.log, result=dict(message.result))
            case Failed():
                if not self._goes_on(run_id, message):
                    self._end(run_id, RunState.FAILED, message.log, error=message.message)
            case Cancelled():
                self._end(run_id, RunState.CANCELLED, message.log)

    def starting(self, run_id: str) -> None:
        """Write down that a run's process is about to be started; what it raises prevents that."""
        with self._context.database.session() as session:
            self._context.spending.start(session, run_id, SYSTEM)

    def watched(self, run: Run) -> Run:
        """The run with its last progress, if it is under way."""
        with self._lock:
            live = self._live.get(run.id)
        return replace(run, progress=live) if live and not run.state.is_over else run

    def _goes_on(self, run_id: str, message: Failed) -> bool:
        """Queue the run again for the next of its engines; False where it is to end."""
        with self._context.database.reading() as session:
            row = find(session, RunRow, run_id)
        failed = after(self._context.vault, row, message)
        if failed is None:
            return False
        keep_log(self._context.vault, row, message.log)
        with self._lock:
            self._live.pop(run_id, None)
        changes = {"state": RunState.QUEUED, "result": {FAILED: failed}, "started_at": None}
        row = self._update(run_id, changes)
        told = {name: failed[-1][name] for name in ("engine", "kind")}
        resource = f"run:{run_id}"
        self._context.guard.record(
            "run.fallback", resource=resource, project_id=row.project_id, **told
        )
        self.queue_again(row)
        return True

    def _report(self, run_id: str, message: Reported) -> None:
        with self._lock:
            before = self._live.get(run_id, RunProgress())
            spent, plotted = _spent_so_far(before.epsilon_spent, message.values)
            history = extended(before.history, plotted)
            self._live[run_id] = RunProgress(
                stage=message.stage,
                done=message.done,
                total=message.total,
                note=message.note,
                memory_mb=message.memory_mb,
                history=history,
                epsilon_spent=spent,
            )
        if message.stage != before.stage:
            self._update(run_id, {"stage": message.stage})

    def _end(self, run_id: str, state: RunState, log: str, **fields: Any) -> None:
        with self._context.database.reading() as session:
            before = find(session, RunRow, run_id)
        keep_log(self._context.vault, before, log, is_done=state is RunState.DONE)
        if state is RunState.DONE:
            fields["result"] = completed(before, fields["result"])
        elif state is RunState.FAILED:
            fields["error"] = error_words(before, fields["error"])
        with self._lock:
            last = self._live.get(run_id, RunProgress())
        changes = {"state": state, "ended_at": now(), "progress": asdict(last), **fields}
        row = self._settle(run_id, changes)
        with self._lock:
            self._live.pop(run_id, None)
        told = told_to_audit(row.result, has_asked=not row.spec.get("model_of"))
        self._context.guard.record(
            "run.end", resource=f"run:{run_id}", project_id=row.project_id, state=str(state), **told
        )

    def _settle(self, run_id: str, changes: Mapping[str, Any]) -> RunRow:
        """Write down how a run ended, and what that means for the budget, in one transaction."""
        spending, privacy = self._context.spending, changes.get("result", {}).get("privacy")
        with self._context.database.session() as session:
            row = self._change(session, run_id, changes)
            if changes["state"] is RunState.DONE:
                _name_maker(session, row)
                _name_writer(session, row)
                entries = privacy["ledger"]["entries"] if privacy else ()
                purposes = privacy["by_purpose"] if privacy else {}
                spending.commit(session, run_id, entries, purposes, SYSTEM)
            elif (
                changes["state"] is RunState.CANCELLED
                and row.started_at is None
                and spending.release(session, run_id, "cancelled before it started", SYSTEM)
            ):
                row.error = f"{row.error}{RELEASED}".strip()
            elif spending.keep(session, run_id, f"the run {changes['state']}", SYSTEM):
                row.error = f"{row.error}{STAYS_SPENT}".strip()
            if privacy and privacy["withheld"]:
                row.error = WITHHELD
        if privacy and privacy["withheld"]:
            told = {name: privacy["check"][name] for name in ("epsilon", "asked")}
            resource = f"run:{run_id}"
            self._context.guard.record(
                "budget.alert", resource=resource, project_id=row.project_id, **told
            )
            logger.error("run %s spent more ε than asked; its result is withheld", run_id)
        return row

    def _update(self, run_id: str, changes: Mapping[str, Any]) -> RunRow:
        with self._context.database.session() as session:
            return self._change(session, run_id, changes)

    def _change(self, session: Session, run_id: str, changes: Mapping[str, Any]) -> RunRow:
        row = find(session, RunRow, run_id)
        for name, value in changes.items():
            setattr(row, name, value)
        return row


def _name_maker(session: Session, row: RunRow) -> None:
    """Note the engine that made the rows, where it is not the one that was asked for."""
    if made := row.result.get("engine"):
        origin = f"dataset:{row.dataset_id}"
        add_edge(session, row.project_id, origin, f"run:{row.id}", f"made by {made}")


def _name_writer(session: Session, row: RunRow) -> None:
    """Note the language model that wrote texts of the rows, if one did."""
    if model := told_to_audit(row.result).get("language_model"):
        origin = f"dataset:{row.dataset_id}"
        add_edge(session, row.project_id, origin, f"run:{row.id}", f"texts written by {model}")


def _spent_so_far(
    before: float | None, values: Sequence[Mapping[str, float]]
) -> tuple[float | None, list[Mapping[str, float]]]:
    """The last ε that a job reported, and the other figures, which are plotted."""
    plotted: list[Mapping[str, float]] = []
    for figures in values:
        before = figures.get(EPSILON_SPENT, before)
        rest = {name: value for name, value in figures.items() if name != EPSILON_SPENT}
        plotted += [rest] if rest else []
    return before, plotted
