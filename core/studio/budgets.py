"""Use cases of privacy budgets: what the private runs on a dataset have spent, and may spend.

A budget is of the rows and of a privacy unit: the column that tells persons apart, or "" where each
row is a person of its own. Datasets of one project with the same content share their budgets, so
that importing the same files again gives no fresh one.
"""

from dataclasses import replace

from sqlalchemy.orm import Session

from core.governance.budgets import Account, Cap, Taken, fits
from core.governance.policy import Actor
from core.privacy.budget import Use, compose, purposes_of
from core.privacy.guards import (
    ERROR,
    Remark,
    adjust,
    recommend,
    remarks,
    valid_ranges,
)
from core.privacy.words import band, in_words
from core.store.tables import DatasetRow
from core.studio.budget_checks import lookalikes, refuse_bad_cap, refuse_open_engine
from core.studio.budget_values import Budget, BudgetEntry, PrivateCheck
from core.studio.context import Context
from core.studio.private_specs import (
    account_of,
    asked_of,
    claim_of,
    private_problems,
    spends,
)
from core.studio.specs import preparation_of, prepared_for
from core.studio.values import RunSpec

__all__ = ["Budget", "BudgetEntry", "Budgets", "PrivateCheck"]


class Budgets:
    """Privacy budgets of datasets; every call checks the policy and writes an audit entry."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def of(self, actor: Actor, dataset_id: str) -> tuple[Budget, ...]:
        """The dataset's budgets, one for each privacy unit; at least that of its rows."""
        row = self._context.dataset(dataset_id)
        with (
            self._context.about(actor, "budget.get", row),
            self._context.database.reading() as session,
        ):
            units = self._context.spending.units(session, row.project_id, row.content_hash)
            return tuple(self._budget(session, row, unit) for unit in units)

    def set_cap(
        self, actor: Actor, dataset_id: str, unit: str, epsilon: float, delta: float, why: str
    ) -> Budget:
        """Let the runs on a dataset spend so much together.

        Raises
        ------
        InvalidParameter
            The cap is out of sense, or below what is spent already; with every reason.
        """
        row = self._context.dataset(dataset_id)
        with self._context.about(actor, "budget.set_cap", row) as entry:
            refuse_bad_cap(row, unit, epsilon, delta, why)
            account = Account(row.project_id, row.content_hash, unit)
            with self._context.database.session() as session:
                before = self._context.spending.cap(session, account)
                cap = Cap(epsilon, delta)
                self._context.spending.set_cap(session, account, cap, why.strip(), actor.username)
            entry.details.update(unit=unit, epsilon=epsilon, delta=delta, why=why.strip())
            entry.details.update(epsilon_before=before.epsilon, delta_before=before.delta)
            with self._context.database.reading() as session:
                return self._budget(session, row, unit)

    def check(self, actor: Actor, dataset_id: str, spec: RunSpec) -> PrivateCheck:
        """What stands against a private run, what it would spend, and what would be left.

        Warnings have to be accepted (``RunSpec.accepted``); errors refuse the run.

        Raises
        ------
        InvalidParameter
            The engine has no guarantee, or its parameters are out of bounds.
        """
        row = self._context.dataset(dataset_id)
        with (
            self._context.about(actor, "budget.check", row),
            self._context.database.reading() as session,
        ):
            refuse_open_engine(spec, row)
            spec = replace(spec, preparation=preparation_of(self._context, row, spec))
            budget = self._budget(session, row, account_of(row, spec).unit)
            wanted, facts = asked_of(row, spec)
            found = [*remarks(wanted, facts), *lookalikes(self._context, session, row)]
            known = {one.message for one in found}
            schema, against = prepared_for(row, spec)
            problems = [*against, *private_problems(spec, schema, row.table_rows)]
            more = [Remark("spec", ERROR, text) for text in problems if text not in known]
            return self._checked(session, row, spec, budget, (*more, *found))

    def _checked(
        self,
        session: Session,
        row: DatasetRow,
        spec: RunSpec,
        budget: Budget,
        found: tuple[Remark, ...],
    ) -> PrivateCheck:
        wanted, facts = asked_of(row, spec)
        claim, before = claim_of(row, "", spec), self._uses(session, account_of(row, spec))
        free = not spends(spec)
        after = compose(before if free else [*before, Use(claim.epsilon, claim.delta)])
        cap = Cap(budget.cap_epsilon, budget.cap_delta)
        return PrivateCheck(
            remarks=found,
            ranges=valid_ranges(facts),
            changes=adjust(wanted, facts)[1],
            recommended=recommend(facts),
            would_spend=0.0 if free else claim.epsilon,
            spent_before=budget.spent_epsilon,
            spent_after=after.epsilon,
            cap=budget.cap_epsilon,
            is_within=free or fits(after, cap),
            in_words=in_words(wanted.epsilon, wanted.delta),
            band=band(wanted.epsilon),
        )

    def _uses(self, session: Session, account: Account) -> list[Use]:
        return [one.use for one in self._context.spending.taken(session, account)]

    def _budget(self, session: Session, row: DatasetRow, unit: str) -> Budget:
        account = Account(row.project_id, row.content_hash, unit)
        cap = self._context.spending.cap(session, account)
        taken = self._context.spending.taken(session, account)
        uses = [one.use for one in taken]
        spent = compose(uses)
        return Budget(
            row.id,
            unit,
            cap.epsilon,
            cap.delta,
            spent.epsilon,
            spent.delta,
            max(0.0, cap.epsilon - spent.epsilon),
            tuple(_entry(one) for one in taken),
            purposes_of(uses),
            spent.in_words,
        )


def _entry(one: Taken) -> BudgetEntry:
    claim, use = one.claim, one.use
    return BudgetEntry(
        claim.run_id,
        one.at,
        one.who,
        claim.engine,
        str(use.state),
        claim.epsilon,
        claim.delta,
        one.purposes,
        one.why,
    )
