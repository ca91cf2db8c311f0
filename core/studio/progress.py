"""What becomes of a job's messages: rows for what must last, memory for what only moves.

Called from the pool's threads, in order for each run.
"""

import threading
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import select

from core.jobs import Cancelled, Failed, Finished, Message, Reported, Started
from core.store.tables import RunRow, now
from core.studio.context import Context, find
from core.studio.stored import log_path
from core.studio.values import Run, RunProgress, RunState

MOST_HISTORY = 2_000


class RunEvents:
    """Takes the messages of all runs and remembers the last progress of each."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._lock = threading.Lock()
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
                self._end(run_id, RunState.FAILED, message.log, error=message.message)
            case Cancelled():
                self._end(run_id, RunState.CANCELLED, message.log)

    def watched(self, run: Run) -> Run:
        """The run with its last progress, if it is under way."""
        with self._lock:
            live = self._live.get(run.id)
        return replace(run, progress=live) if live and not run.state.is_over else run

    def _report(self, run_id: str, message: Reported) -> None:
        with self._lock:
            before = self._live.get(run_id, RunProgress())
            history = (*before.history, *message.values)[-MOST_HISTORY:]
            self._live[run_id] = RunProgress(
                stage=message.stage,
                done=message.done,
                total=message.total,
                note=message.note,
                memory_mb=message.memory_mb,
                history=history,
            )
        if message.stage != before.stage:
            self._update(run_id, {"stage": message.stage})

    def _end(self, run_id: str, state: RunState, log: str, **fields: Any) -> None:
        self._context.vault.write_blob(log_path(run_id), log.encode())
        with self._lock:
            last = self._live.get(run_id, RunProgress())
        changes = {"state": state, "ended_at": now(), "progress": asdict(last), **fields}
        row = self._update(run_id, changes)
        with self._lock:
            self._live.pop(run_id, None)
        self._context.guard.record(
            "run.end", resource=f"run:{run_id}", project_id=row.project_id, state=str(state)
        )

    def _update(self, run_id: str, changes: Mapping[str, Any]) -> RunRow:
        with self._context.database.session() as session:
            row = find(session, RunRow, run_id)
            for name, value in changes.items():
                setattr(row, name, value)
            return row


def interrupt_unfinished(context: Context) -> list[str]:
    """After a start: runs that were under way say so; ids of those that were only queued.

    A process that ended in the middle of a run leaves the row at ``running``. What it had written
    to the vault stays; the run can be started again with the same specification.
    """
    with context.database.session() as session:
        under_way = list(session.scalars(select(RunRow).where(RunRow.state == RunState.RUNNING)))
        for row in under_way:
            row.state = RunState.INTERRUPTED
            row.ended_at = now()
            row.error = (
                "The studio stopped while this run was under way. Nothing that had finished is "
                "lost. Run it again."
            )
        query = select(RunRow).where(RunRow.state == RunState.QUEUED).order_by(RunRow.created_at)
        queued = [row.id for row in session.scalars(query)]
    for row in under_way:
        context.guard.record(
            "run.end",
            resource=f"run:{row.id}",
            project_id=row.project_id,
            state=str(RunState.INTERRUPTED),
        )
    return queued
