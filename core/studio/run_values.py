"""A run: where it is, how far it has come, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from core.studio.spec_values import Purpose, RunSpec


class RunState(StrEnum):
    """Where a run is. ``INTERRUPTED``: the server ended while it ran."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen to the run."""
        return self not in {RunState.QUEUED, RunState.RUNNING}


@dataclass(frozen=True, slots=True)
class RunProgress:
    """The last report of a run's worker.

    ``history`` holds the plotted figures (``epoch``, losses) in order; ``memory_mb`` is resident
    memory of the worker process. ``epsilon_spent`` is the ε that a private run has spent so far.
    """

    stage: str = ""
    done: float = 0.0
    total: float = 0.0
    note: str = ""
    memory_mb: float = 0.0
    history: tuple[Mapping[str, float], ...] = ()
    epsilon_spent: float | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """One execution of a :class:`RunSpec`.

    ``result`` has ``rows`` by table, ``fit_s``, ``sample_s``, ``evaluate_s``, ``cpu_s`` and
    ``peak_mb`` once the run is done. A private run's has ``privacy``: ``guarantee``,
    ``assumed_public``, ``declared`` (the public schema), ``covers``, ``ledger``, ``by_purpose`` and
    ``check``, the outcome of adding its events up again. Where another engine than the asked one
    made the rows, ``engine`` and ``params`` say which, and ``failed`` what did not come through.
    """

    id: str
    project_id: str
    dataset_id: str
    spec: RunSpec
    state: RunState
    progress: RunProgress
    result: Mapping[str, Any]
    error: str
    retry_of: str
    created_by: str
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None

    @property
    def is_judged(self) -> bool:
        """Whether there are synthetic tables with a report; filled real tables have none."""
        judged = self.spec.purpose in {Purpose.TABLES, Purpose.AUGMENT, Purpose.CONTEST}
        return self.state is RunState.DONE and judged and not self.is_withheld

    @property
    def made_by(self) -> RunSpec:
        """The specification with the engine and parameters that really made the rows."""
        return made_by(self.spec, self.result)

    @property
    def again(self) -> RunSpec:
        """The specification that samples this run's model once more, with the next seed."""
        before = self.made_by
        return replace(
            before,
            purpose=Purpose.TABLES if before.contest else before.purpose,
            contest=None,
            fallback=(),
            seed=before.seed + 1,
            model_of=before.model_of or self.id,
        )

    @property
    def is_withheld(self) -> bool:
        """Whether more ε was spent than asked: nothing of the run is given out."""
        return bool(self.result.get("privacy", {}).get("withheld"))


def made_by(spec: RunSpec, result: Mapping[str, Any]) -> RunSpec:
    """A specification with the engine and parameters that, by its result, made the rows."""
    if "engine" not in result:
        return spec
    return replace(spec, engine=result["engine"], params=result["params"])
