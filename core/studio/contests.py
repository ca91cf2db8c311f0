"""Use cases of contests: try several engines on a dataset and keep the best; see how it goes.

A contest is a run of ``Purpose.CONTEST``: it is queued, watched, cancelled and judged like the
others, and its tables are those of the engine that won. See ``core.studio.contest``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.evaluation.codec import decode
from core.governance.policy import Actor
from core.store.tables import RunRow
from core.studio.attempts import failed_so_far
from core.studio.candidates import WEIGHTS, Tried, ranked
from core.studio.contest_files import read_candidates
from core.studio.context import Context, to_run
from core.studio.runs import Runs
from core.studio.stored import refuse_single
from core.studio.values import Contest, Purpose, Run, RunSpec

__all__ = ["USUAL", "WEIGHTS", "ContestOutcome", "Contests", "Tried"]

USUAL = 3


@dataclass(frozen=True, slots=True)
class ContestOutcome:
    """A contest and how far it came.

    Attributes
    ----------
    tried
        Finished candidates, the best first so far.
    failed
        Those that did not come through, by engine, and why.
    waiting
        Those that are not finished, in order; the first is at work while the run is under way.
    winner, why
        The engine that was kept, and why; empty until the run is done.
    """

    run: Run
    tried: tuple[Tried, ...]
    failed: Mapping[str, str]
    waiting: tuple[str, ...]
    winner: str = ""
    why: str = ""


class Contests:
    """Contests of engines; every call checks the policy and writes an audit entry."""

    def __init__(self, context: Context, runs: Runs) -> None:
        self._context = context
        self._runs = runs

    def submit(
        self, actor: Actor, dataset_id: str, spec: RunSpec, engines: Sequence[str] = ()
    ) -> Run:
        """Queue a contest.

        Parameters
        ----------
        spec
            What the run is to do; ``core.studio.runs.Runs.estimate`` takes it with its contest.
        engines
            From two to five without a formal guarantee; by default the first three that the data
            suggest.

        Raises
        ------
        InvalidParameter
            With everything that is wrong with the specification.
        """
        row = self._context.dataset(dataset_id)
        with self._context.about(actor, "contest.submit", row) as entry:
            chosen = tuple(engines) or self._runs.route(actor, dataset_id, spec).best(USUAL)
            entry.details["engines"] = list(chosen)
            run = self._runs.submit(actor, dataset_id, as_contest(spec, chosen))
            entry.details["run"] = run.id
            return run

    def get(self, actor: Actor, run_id: str) -> ContestOutcome:
        """A contest and its candidates, also while it is under way or after it was broken off.

        Raises
        ------
        Conflict
            The run is no contest.
        """
        row = self._context.run(run_id)
        with self._context.about(actor, "contest.get", row):
            refuse_single(row, Purpose.CONTEST)
            return self._outcome(row)

    def _outcome(self, row: RunRow) -> ContestOutcome:
        run, told = to_run(row), row.result.get("contest", {})
        contest = run.spec.contest or Contest(())
        tried = self._tried(row, told)
        failed = {
            one["engine"]: one["why"] for one in told.get("failed", failed_so_far(row.result))
        }
        over = {*failed, *(one.engine for one in tried)}
        waiting = () if told else tuple(name for name in contest.engines if name not in over)
        return ContestOutcome(
            run, tried, failed, waiting, told.get("winner", ""), told.get("why", "")
        )

    def _tried(self, row: RunRow, told: Mapping[str, Any]) -> tuple[Tried, ...]:
        if told:
            return tuple(decode(Tried, one) for one in told["candidates"])
        return tuple(ranked(list(read_candidates(self._context.vault, row.id).values())))


def as_contest(spec: RunSpec, engines: Sequence[str]) -> RunSpec:
    """The specification of a contest of these engines; the run's own has the run's parameters."""
    chosen = tuple(engines)
    if spec.engine not in chosen and chosen:
        spec = replace(spec, engine=chosen[0], params={})
    return replace(spec, purpose=Purpose.CONTEST, contest=Contest(chosen), fallback=(), sweep=None)
