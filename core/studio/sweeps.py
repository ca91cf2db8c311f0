"""Use cases of the search for ε: what it costs, start it, read what came of it.

A sweep is a run of ``Purpose.SWEEP``: it is queued, watched and cancelled like the others
(``studio.runs.get``, ``.cancel``, ``.active``), and has no tables and no report.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select

from core.evaluation.codec import decode
from core.governance.budgets import Account, Cap, fits
from core.governance.policy import Actor
from core.privacy.accountant import spent
from core.privacy.budget import Use, compose
from core.privacy.events import Gaussian
from core.privacy.gaussian import multiplier_of, rho_of
from core.store.tables import RunRow
from core.studio.context import Context, to_run
from core.studio.private_specs import account_of, claim_of, spends
from core.studio.runs import Runs
from core.studio.specs import checked_spec
from core.studio.stored import refuse_single
from core.studio.sweep import SweepPoint
from core.studio.values import Purpose, Run, RunSpec, Sweep

__all__ = ["SweepCost", "SweepOutcome", "SweepPoint", "Sweeps", "composed"]


@dataclass(frozen=True, slots=True)
class SweepCost:
    """What a sweep takes of the budget, before it starts.

    Attributes
    ----------
    reserves_epsilon, reserves_delta
        Taken while it runs, and for good if it does not come to its end: the sums over its fits.
    composed_epsilon
        About what its fits cost together at most once they have ended, at ``reserves_delta``.
    left_epsilon
        Left of the budget before it starts.
    is_free
        Whether it is fitted to a stand-in, and takes nothing.
    """

    reserves_epsilon: float
    reserves_delta: float
    composed_epsilon: float
    left_epsilon: float
    is_within: bool
    is_free: bool

    @property
    def in_words(self) -> str:
        """The cost in a sentence."""
        if self.is_free:
            return "Free: it is fitted to rows that an earlier private run made."
        return (
            f"It takes ε = {self.reserves_epsilon:.3g} of the {self.left_epsilon:.3g} that are "
            f"left while it runs. Once it has ended, its fits together count for at "
            f"most about {self.composed_epsilon:.3g}."
        )


@dataclass(frozen=True, slots=True)
class SweepOutcome:
    """A sweep and what came of it.

    ``points``: the curve, by ε, empty until the run is done. ``chosen``: the smallest ε whose
    utility is at least ``least_utility``; None where none is, or none is known yet.
    """

    run: Run
    points: tuple[SweepPoint, ...]
    chosen: float | None
    least_utility: float
    is_free: bool


class Sweeps:
    """Searches for ε; every call checks the policy and writes an audit entry."""

    def __init__(self, context: Context, runs: Runs) -> None:
        self._context = context
        self._runs = runs

    def cost(self, actor: Actor, dataset_id: str, spec: RunSpec) -> SweepCost:
        """What a sweep would take of the budget; ``spec`` as for :meth:`submit`.

        Raises
        ------
        InvalidParameter
            With everything that is wrong with the specification.
        """
        row = self._context.dataset(dataset_id)
        with self._context.about(actor, "sweep.cost", row):
            checked = checked_spec(self._context, row, as_sweep(spec))
            claim, account = claim_of(row, "", checked), account_of(row, checked)
            uses, cap = self._budget(account)
            left = max(0.0, cap.epsilon - compose(uses).epsilon)
            if not spends(checked):
                return SweepCost(0.0, 0.0, 0.0, left, True, True)
            after = compose([*uses, Use(claim.epsilon, claim.delta)])
            together = composed(checked, claim.delta)
            return SweepCost(
                claim.epsilon, claim.delta, together, left, fits(after, cap), is_free=False
            )

    def submit(self, actor: Actor, dataset_id: str, spec: RunSpec) -> Run:
        """Queue a sweep; its ``sweep`` says what is tried, and every ε gets a fit of its own.

        Raises
        ------
        OverCap
            It would pass the cap of the dataset's budget.
        InvalidParameter
            With everything that is wrong with the specification, or warnings not accepted.
        """
        row = self._context.dataset(dataset_id)
        with self._context.about(actor, "sweep.submit", row) as entry:
            run = self._runs.submit(actor, dataset_id, as_sweep(spec))
            entry.details.update(run=run.id, engine=spec.engine)
            return run

    def get(self, actor: Actor, run_id: str) -> SweepOutcome:
        """A sweep and what came of it.

        Raises
        ------
        Conflict
            The run is no sweep.
        """
        row = self._context.run(run_id)
        with self._context.about(actor, "sweep.get", row):
            refuse_single(row, Purpose.SWEEP)
            return _outcome(row)

    def list(self, actor: Actor, dataset_id: str) -> Sequence[SweepOutcome]:
        """The sweeps of a dataset, newest first."""
        row = self._context.dataset(dataset_id)
        with (
            self._context.about(actor, "sweep.list", row),
            self._context.database.reading() as session,
        ):
            query = select(RunRow).where(RunRow.dataset_id == dataset_id)
            rows = session.scalars(query.order_by(RunRow.created_at.desc()))
            return [_outcome(run) for run in rows if run.spec.get("purpose") == Purpose.SWEEP]

    def _budget(self, account: Account) -> tuple[Sequence[Use], Cap]:
        with self._context.database.reading() as session:
            spending = self._context.spending
            uses = [one.use for one in spending.taken(session, account)]
            return uses, spending.cap(session, account)


def as_sweep(spec: RunSpec) -> RunSpec:
    """The specification with the purpose of a sweep."""
    return replace(spec, purpose=Purpose.SWEEP, sweep=spec.sweep or Sweep())


def composed(spec: RunSpec, delta: float) -> float:
    """About what the fits of a sweep cost together, each taken for Gaussian noise of its ε."""
    epsilons = spec.sweep.epsilons if spec.sweep is not None else ()
    rhos = [rho_of(epsilon, float(spec.params["delta"])) for epsilon in epsilons]
    return spent([Gaussian(multiplier_of(rho)) for rho in rhos], delta).epsilon


def _outcome(row: RunRow) -> SweepOutcome:
    run, told = to_run(row), row.result.get("sweep", {})
    sweep = run.spec.sweep
    return SweepOutcome(
        run,
        tuple(decode(SweepPoint, point) for point in told.get("points", ())),
        told.get("chosen"),
        sweep.least_utility if sweep else 0.0,
        bool(sweep and sweep.stand_in),
    )
