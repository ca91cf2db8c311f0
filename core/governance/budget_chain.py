"""The rows of privacy budgets, chained like the audit's, and whether the chain holds.

Each row is named with its hash by a record of the audit, whose sealed head tells that none was cut
off.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from core.governance.budgets import Account
from core.store.chain import START_HASH, link_hash, missing, problem_of
from core.store.tables import AuditRow, BudgetRow

ANCHOR = "budget.entry"
RESERVE, COMMIT, STAY, CAP, JOIN = "reserve", "commit", "stay", "cap", "join"
START, RELEASE = "start", "release"
_NEXT: Mapping[tuple[str, ...], tuple[str, ...]] = {
    (): (RESERVE,),
    (RESERVE,): (START, RELEASE, COMMIT, STAY),
    (RESERVE, START): (COMMIT, STAY),
}
"""What may follow in the chain on what there is of a run already; nothing on anything else."""


def chained(session: Session, row: BudgetRow, secret: bytes) -> None:
    """Add a row at the end of the chain."""
    last = session.scalars(select(BudgetRow).order_by(BudgetRow.number.desc()).limit(1)).first()
    row.number = last.number + 1 if last else 1
    row.previous_hash = last.hash if last else START_HASH
    row.hash = _hash(row, secret)
    session.add(row)
    session.flush()


def anchors(details: Any) -> dict[int, str]:
    """Hashes by number as records of the audit name them."""
    return {one["number"]: one["hash"] for one in details}


def anchored(session: Session) -> dict[int, str]:
    """Hashes by number as the audit of an open state names them."""
    query = select(AuditRow.details).where(AuditRow.action == ANCHOR).order_by(AuditRow.number)
    return anchors(session.scalars(query))


def budget_problem(
    session: Session, secret: bytes, named: Mapping[int, str]
) -> tuple[int, str | None]:
    """How many rows of the chain verify, and what is wrong with the next one.

    ``named`` holds the hashes that the audit names.
    """
    previous, entries = START_HASH, 0
    kinds: dict[str, tuple[str, ...]] = {}
    for row in session.scalars(select(BudgetRow).order_by(BudgetRow.number)):
        problem = problem_of(row, entries + 1, previous, _hash(row, secret))
        if problem is None and named.get(row.number) != row.hash:
            problem = f"Record {row.number} is not the one that the audit names."
        if problem is None and row.run_id:
            before = kinds.get(row.run_id, ())
            if row.kind not in _NEXT.get(before, ()):
                problem = f"Record {row.number} cannot follow on what there is of its run."
            kinds[row.run_id] = (*before, row.kind)
        if problem:
            return entries, f"Budget: {problem}"
        entries, previous = row.number, row.hash
    last = max(named, default=0)
    return entries, f"Budget: {missing(entries + 1, last)}" if entries < last else None


def rows_of(session: Session, account: Account) -> Sequence[BudgetRow]:
    """All rows about a budget in their order, joins of the project among them."""
    query = select(BudgetRow).where(
        BudgetRow.project_id == account.project_id,
        BudgetRow.data.in_(joined(session, account.project_id, account.data)),
        or_(BudgetRow.unit == account.unit, BudgetRow.kind == JOIN),
    )
    return session.scalars(query.order_by(BudgetRow.number)).all()


def joined(session: Session, project_id: str, data: str) -> tuple[str, ...]:
    """The contents that share a budget, by all joins of the project, whatever their order."""
    query = select(BudgetRow.data, BudgetRow.details).where(
        BudgetRow.project_id == project_id, BudgetRow.kind == JOIN
    )
    pairs = [{one, details["with"]} for one, details in session.execute(query)]
    found = {data}
    while more := [pair for pair in pairs if pair & found and not pair <= found]:
        found = found.union(*more)
    return tuple(sorted(found))


def of_run(session: Session, run_id: str) -> list[BudgetRow]:
    """The rows about a run in their order; none of what is no run."""
    query = select(BudgetRow).where(BudgetRow.run_id == run_id).order_by(BudgetRow.number)
    return list(session.scalars(query)) if run_id else []


def _hash(row: BudgetRow, secret: bytes) -> str:
    fields = [
        "budget",
        row.number,
        row.recorded_at.isoformat(timespec="microseconds"),
        row.kind,
        row.project_id,
        row.data,
        row.unit,
        row.run_id,
        row.actor,
        row.details,
        row.previous_hash,
    ]
    return link_hash(fields, secret)
