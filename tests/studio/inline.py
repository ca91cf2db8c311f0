"""Runs carried out in this process, at once: for what a run makes, not for how it is run."""

import json
import pickle
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from core.errors import EngineFailed, JobCancelled, StudioError
from core.evaluation import evaluate
from core.evaluation.unmeasured import unmeasured
from core.jobs import Cancelled, Failed, Finished, OnEvent, Started
from core.studio import judging
from tests.studio.office import Office


class Stages:
    """Progress that remembers its stages and notes, and can be told to stop at a stage."""

    def __init__(self, stop_at: str = "") -> None:
        self.said: list[str] = []
        self._stop_at = stop_at

    def stage(self, name: str) -> None:
        self.said.append(name)
        if name == self._stop_at:
            raise JobCancelled

    def step(
        self, done: float, total: float, note: str = "", values: Mapping[str, float] | None = None
    ) -> None:
        assert 0 <= done <= total + 1e-9, (done, total, note)
        self.said.append(note)


class InlinePool:
    """Carries a job out when it is submitted; see :class:`core.jobs.JobRunner`.

    Unless ``judges`` is set, nothing is measured, which is most of a small run's time.
    """

    def __init__(self, on_event: OnEvent) -> None:
        self._on_event = on_event
        self.stop_at = ""
        self.judges = False

    def evaluate(self, train: Any, holdout: Any, synthetic: Any, schema: Any, **asked: Any) -> Any:
        if self.judges:
            return evaluate(train, holdout, synthetic, schema, **asked)
        return unmeasured(train, holdout, synthetic, schema, "Left out in this test.")

    def submit(self, job_id: str, function: Any, payload: Any) -> None:
        function, payload = pickle.loads(pickle.dumps((function, payload)))
        self._on_event(job_id, Started(0))
        stages = Stages(self.stop_at)
        try:
            result = json.loads(json.dumps(dict(function(payload, stages)), allow_nan=False))
        except JobCancelled:
            self._on_event(job_id, Cancelled("\n".join(stages.said)))
        except StudioError as error:
            kind = "engine" if isinstance(error, EngineFailed) else ""
            self._on_event(job_id, Failed(str(error), "\n".join(stages.said), kind))
        else:
            self._on_event(job_id, Finished(result, "\n".join(stages.said)))

    def cancel(self, job_id: str) -> bool:
        return False

    def queued(self) -> tuple[str, ...]:
        return ()

    def running(self) -> tuple[str, ...]:
        return ()


@contextmanager
def inline(office: Office) -> Iterator[InlinePool]:
    """Let the office's runs be carried out in this process for a while."""
    runs = office.studio.runs
    before, pool = runs._pool, InlinePool(runs._events)
    runs._pool = pool
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(judging, "evaluate", pool.evaluate)
        yield pool
    runs._pool = before
