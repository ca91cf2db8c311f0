"""What becomes of a job's messages: rows for what must last, memory for what only moves.

Called from the pool's threads, in order for each run.
"""

import logging
import threading
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from core.errors import StorageError
from core.jobs import Cancelled, Failed, Finished, Message, Reported, Started
from core.store.tables import RunRow, now
from core.studio.context import Context, find
from core.studio.stored import log_path, run_folder
from core.studio.values import Run, RunProgress, RunState

logger = logging.getLogger(__name__)
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
        self._keep_files(run_id, state, log)
        with self._lock:
            last = self._live.get(run_id, RunProgress())
        changes = {"state": state, "ended_at": now(), "progress": asdict(last), **fields}
        row = self._update(run_id, changes)
        with self._lock:
            self._live.pop(run_id, None)
        self._context.guard.record(
            "run.end", resource=f"run:{run_id}", project_id=row.project_id, state=str(state)
        )

    def _keep_files(self, run_id: str, state: RunState, log: str) -> None:
        """Keep the log, and what the run made only if it came to its end.

        A disk that takes no log must not leave the run without its ending.
        """
        try:
            if state is not RunState.DONE:
                self._context.vault.remove(run_folder(run_id))
            self._context.vault.write_blob(log_path(run_id), log.encode())
        except StorageError as error:
            logger.error("run %s: its log is lost: %s", run_id, error)

    def _update(self, run_id: str, changes: Mapping[str, Any]) -> RunRow:
        with self._context.database.session() as session:
            row = find(session, RunRow, run_id)
            for name, value in changes.items():
                setattr(row, name, value)
            return row
