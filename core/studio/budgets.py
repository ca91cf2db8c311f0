"""Use cases of privacy budgets: what the private runs on a dataset have spent, and may spend.

A budget is of the rows and of a privacy unit: the column that tells persons apart, or "" where each
row is a person of its own. Datasets of one project with the same content share their budgets, so
that importing the same files again gives no fresh one.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.data.schema import Schema
from core.errors import InvalidParameter
from core.governance.policy import Actor
from core.governance.spending import Account, Cap, Taken, fits, refuse_over
from core.privacy.budget import Use, UseState, compose, purposes_of
from core.privacy.guards import (
    ERROR,
    WARNING,
    Change,
    Recommendation,
    Remark,
    Valid,
    adjust,
    band,
    in_words,
    recommend,
    remarks,
    valid_ranges,
)
from core.store.tables import DatasetRow
from core.studio.context import Context
from core.studio.private_specs import (
    account_of,
    asked_of,
    claim_of,
    is_private,
    private_problems,
    spends,
)
from core.studio.specs import preparation_of, prepared_for
from core.studio.values import RunSpec


@dataclass(frozen=True, slots=True)
class BudgetEntry:
    """What one run took of a budget.

    ``state``: ``reserved``, ``committed``, ``stays spent``, or ``released``, which counts nothing.
    ``purposes``: the ε that each purpose would cost alone, of a committed run. ``why`` says why a
    run without a result stays spent, or was released.
    """

    run_id: str
    at: datetime
    who: str
    engine: str
    state: str
    epsilon: float
    delta: float
    purposes: Mapping[str, float]
    why: str = ""


@dataclass(frozen=True, slots=True)
class Budget:
    """What the private runs on a dataset have spent for one privacy unit.

    ``spent_epsilon`` at ``spent_delta`` is composed truly; ``split`` says how it came about.
    """

    dataset_id: str
    unit: str
    cap_epsilon: float
    cap_delta: float
    spent_epsilon: float
    spent_delta: float
    left_epsilon: float
    entries: tuple[BudgetEntry, ...]
    by_purpose: Mapping[str, float]
    split: str = ""


@dataclass(frozen=True, slots=True)
class PrivateCheck:
    """What a form shows of a private run before it starts.

    Attributes
    ----------
    remarks
        What stands against it: ``severity`` is ``error`` or ``warning``.
    ranges
        Valid and usual values by setting, for this dataset's number of rows.
    changes
        What an adjustment to the nearest usual settings would change, and why.
    recommended
        A configuration for this dataset with the reasons.
    would_spend
        The ε that the run reserves.
    spent_before, spent_after
        The budget's ε without and with the run's reservation.
    is_within
        Whether the run fits under ``cap``, the budget's ε, and under its δ.
    in_words, band
        What ε means for one person, and the field's usual word for it.
    """

    remarks: tuple[Remark, ...]
    ranges: Mapping[str, Valid]
    changes: tuple[Change, ...]
    recommended: Recommendation
    would_spend: float
    spent_before: float
    spent_after: float
    cap: float
    is_within: bool
    in_words: str
    band: str


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


def before_spending(context: Context, row: DatasetRow, spec: RunSpec) -> tuple[Remark, ...]:
    """Warnings of the budget before a run reserves, refused already where it cannot pass.

    Adding up takes a while, and is remembered: the transaction that reserves finds it done.

    Raises
    ------
    OverCap
        The run would pass the cap.
    """
    with context.database.reading() as session:
        account, claim = account_of(row, spec), claim_of(row, "", spec)
        uses = [one.use for one in context.spending.taken(session, account)]
        cap = context.spending.cap(session, account)
        refuse_over(uses, Use(claim.epsilon, claim.delta), cap)
        return lookalikes(context, session, row)


def lookalikes(context: Context, session: Session, row: DatasetRow) -> tuple[Remark, ...]:
    """A warning for other datasets of the project that may hold the same persons and have spent.

    They have as many rows and the same columns, but not the same content: files that are the same
    to the last value share a budget.
    """
    shared = context.spending.contents(session, row.project_id, row.content_hash)
    query = select(DatasetRow).where(
        DatasetRow.project_id == row.project_id, DatasetRow.content_hash.not_in(shared)
    )
    alike = [
        other.name
        for other in session.scalars(query)
        if _shape(other) == _shape(row)
        and any(
            one.use.state is not UseState.RELEASED
            for unit in context.spending.units(session, row.project_id, other.content_hash)
            for one in context.spending.taken(
                session, Account(row.project_id, other.content_hash, unit)
            )
        )
    ]
    if not alike:
        return ()
    message = (
        f"{len(alike)} other datasets of this project have as many rows, the same columns and a "
        "budget of their own that was spent of. If they are about the same persons, what was spent "
        "there adds to what is spent here."
    )
    return (Remark("dataset", WARNING, message),)


def refuse_bad_cap(row: DatasetRow, unit: str, epsilon: float, delta: float, why: str) -> None:
    """Raise ``InvalidParameter`` with every reason why a cap is out of sense."""
    problems = []
    if not (math.isfinite(epsilon) and epsilon > 0):
        problems.append(f"`epsilon` must be positive and finite. Got {epsilon:g}.")
    if not 0 < delta < 1:
        problems.append(f"`delta` must be between 0 and 1. Got {delta:g}.")
    if not why.strip():
        problems.append("Say why the cap is changed.")
    names = {name for table in Schema.from_dict(row.schema).tables for name in table.names}
    if unit and unit not in names:
        problems.append("`unit` must name the column that tells persons apart, or be empty.")
    if problems:
        raise InvalidParameter("The cap cannot be set. " + " ".join(problems), problems)


def refuse_open_engine(spec: RunSpec, row: DatasetRow) -> None:
    """Raise ``InvalidParameter`` for what has no guarantee, or several tables."""
    if not is_private(spec):
        raise InvalidParameter(f"`{spec.engine}` gives no formal guarantee, so it spends nothing.")
    if len(row.table_rows) != 1:
        raise InvalidParameter(
            f"`{spec.engine}` learns one table; this dataset has {len(row.table_rows)}."
        )


def _shape(row: DatasetRow) -> tuple[Any, ...]:
    tables = Schema.from_dict(row.schema).tables
    return tuple(sorted((row.table_rows[table.name], sorted(table.names)) for table in tables))


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
