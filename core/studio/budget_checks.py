"""What is looked at before a budget is spent or changed: caps, engines, other budgets alike."""

import math
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.data.schema import Schema
from core.errors import InvalidParameter
from core.governance.budgets import Account, refuse_over
from core.privacy.budget import Use, UseState
from core.privacy.guards import WARNING, Remark
from core.store.tables import DatasetRow
from core.studio.context import Context
from core.studio.private_specs import account_of, claim_of, is_private
from core.studio.values import RunSpec


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
