"""Privacy budgets as rows of the state: reserved before a run, settled after it, never undone.

Rows are chained like the audit's, and each is named with its hash by a record of the audit, whose
sealed head tells that none was cut off. A run is reserved in the transaction that checks the cap:
two that are submitted at once cannot both pass. It ends as ``committed`` with its ledger, or as
``stays spent``, which counts in full: what a run drew before it failed cannot be taken back. That a
run is about to start is written down before its process is: one that ends without that record has
looked at nothing, and is ``released``.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import Conflict, IntegrityError, InvalidParameter
from core.governance.audit import AuditTrail, Record
from core.governance.budget_chain import (
    ANCHOR,
    CAP,
    COMMIT,
    JOIN,
    RELEASE,
    RESERVE,
    START,
    STAY,
    anchored,
    budget_problem,
    chained,
    joined,
    of_run,
    rows_of,
)
from core.governance.budgets import Account, Cap, Claim, Taken, fits, refuse_over
from core.keys import Keys, Purpose
from core.privacy.budget import Use, UseState, compose
from core.privacy.ledger import Entry
from core.store.tables import BudgetRow, now

MOST_WHY = 200
STARTS_TOLD = "starts_told"


class Spending:
    """Reads and adds to the chain of budgets; one for each open state."""

    def __init__(self, trail: AuditTrail, keys: Keys, default: Cap) -> None:
        self._trail = trail
        self._secret = keys.derive(Purpose.AUDIT)
        self._default = default

    def units(self, session: Session, project_id: str, data: str) -> tuple[str, ...]:
        """The privacy units of some rows that have a budget written down; "" always."""
        query = select(BudgetRow.unit).where(
            BudgetRow.project_id == project_id,
            BudgetRow.data.in_(self.contents(session, project_id, data)),
        )
        return tuple(sorted({"", *session.scalars(query)}))

    def contents(self, session: Session, project_id: str, data: str) -> tuple[str, ...]:
        """The contents that share a budget with ``data``, itself among them."""
        return joined(session, project_id, data)

    def join(self, session: Session, project_id: str, data: str, other: str, actor: str) -> None:
        """Let two contents share one budget from now on: what was spent of either counts."""
        if other not in self.contents(session, project_id, data):
            account = Account(project_id, data)
            self._append(session, account, JOIN, actor, {"with": other})

    def cap(self, session: Session, account: Account) -> Cap:
        """The cap that was set last, else the installation's.

        Of contents that were joined since each had a cap, the least of them.
        """
        rows = rows_of(session, account)
        joined = max((row.number for row in rows if row.kind == JOIN), default=0)
        caps = [row for row in rows if row.kind == CAP]
        since = [row.details for row in caps if row.number > joined]
        own = {row.data: row.details for row in caps if row.number < joined}
        chosen = since[-1:] or list(own.values())
        if not chosen:
            return self._default
        return Cap(min(c["epsilon"] for c in chosen), min(c["delta"] for c in chosen))

    def taken(self, session: Session, account: Account) -> tuple[Taken, ...]:
        """What runs took of a budget, in the order of their reservations."""
        found: dict[str, Taken] = {}
        for row in rows_of(session, account):
            if row.kind not in (CAP, JOIN):
                found[row.run_id] = _after(found.get(row.run_id), row)
        return tuple(found.values())

    def reserve(self, session: Session, account: Account, claim: Claim, actor: str) -> None:
        """Take a run's (ε, δ), or refuse it; in the transaction that queues the run.

        Raises
        ------
        OverCap
            It would pass the cap; the message says what is left.
        IntegrityError
            The chain was tampered with, so that what was spent is not known.
        """
        self.refuse_broken(session)
        uses = [one.use for one in self.taken(session, account)]
        cap = self.cap(session, account)
        refuse_over(uses, Use(claim.epsilon, claim.delta), cap)
        details = {"epsilon": claim.epsilon, "delta": claim.delta, "engine": claim.engine}
        details |= {"dataset": claim.dataset_id, STARTS_TOLD: True}
        self._append(session, account, RESERVE, actor, details, claim.run_id)

    def start(self, session: Session, run_id: str, actor: str) -> None:
        """Write down that a reserved run is about to start; nothing for one without a reservation.

        Raises
        ------
        Conflict
            What was reserved for it is settled or released, or it was about to start before: two
            fits on one reservation would spend twice.
        """
        rows = of_run(session, run_id)
        if rows and [row.kind for row in rows] != [RESERVE]:
            raise Conflict("This run has no reservation any more. Submit it again.")
        if rows:
            self._append(session, _account(rows[0]), START, actor, {}, run_id)

    def may_have_begun(self, session: Session, run_id: str) -> bool:
        """Whether a run's reservation may have been drawn on; False for one without any.

        True as soon as it is written down that the run is about to start, whether or not its
        process ever said a word.
        """
        rows = of_run(session, run_id)
        return bool(rows) and not _is_untouched(rows)

    def release(self, session: Session, run_id: str, why: str, actor: str) -> bool:
        """Give back what a run reserved that provably never started; else do nothing.

        Returns whether it was given back.
        """
        rows = of_run(session, run_id)
        if not _is_untouched(rows):
            return False
        self._append(session, _account(rows[0]), RELEASE, actor, {"why": why[:MOST_WHY]}, run_id)
        return True

    def commit(
        self,
        session: Session,
        run_id: str,
        entries: Sequence[Mapping[str, Any]],
        purposes: Mapping[str, float],
        actor: str,
    ) -> None:
        """Settle a reserved run that came to its end; else do nothing.

        Parameters
        ----------
        entries
            Its ledger's, as plain values.
        purposes
            The ε that each purpose would cost alone.
        """
        reserved = self._reserved(session, run_id)
        if reserved is not None:
            details = {"entries": list(entries), "purposes": dict(purposes)}
            self._append(session, _account(reserved), COMMIT, actor, details, run_id)

    def keep(self, session: Session, run_id: str, why: str, actor: str) -> bool:
        """Say of a reserved run without a result that it stays spent; else do nothing.

        Returns whether it does.
        """
        reserved = self._reserved(session, run_id)
        if reserved is None:
            return False
        details = {"why": why[:MOST_WHY]}
        self._append(session, _account(reserved), STAY, actor, details, run_id)
        return True

    def set_cap(self, session: Session, account: Account, cap: Cap, why: str, actor: str) -> None:
        """Change the cap.

        Raises
        ------
        InvalidParameter
            It is below what is spent already.
        """
        self.refuse_broken(session)
        spent = compose([one.use for one in self.taken(session, account)])
        if not fits(spent, cap):
            raise InvalidParameter(
                f"The cap cannot be below what is spent: ε = {spent.epsilon:.4g}, "
                f"δ = {spent.delta:.2g}. Set it higher."
            )
        details = {"epsilon": cap.epsilon, "delta": cap.delta, "why": why[:MOST_WHY]}
        self._append(session, account, CAP, actor, details)

    def refuse_broken(self, session: Session) -> None:
        """Raise ``IntegrityError`` where the chain does not verify against the audit's records."""
        _, problem = budget_problem(session, self._secret, anchored(session))
        if problem:
            raise IntegrityError(
                f"The privacy budgets were tampered with: {problem} No private run starts until "
                "the state is restored from a backup."
            )

    def _reserved(self, session: Session, run_id: str) -> BudgetRow | None:
        """The reservation of a run that is not settled yet."""
        rows = of_run(session, run_id)
        return rows[0] if rows and rows[-1].kind in (RESERVE, START) else None

    def _append(
        self,
        session: Session,
        account: Account,
        kind: str,
        actor: str,
        details: dict[str, Any],
        run_id: str = "",
    ) -> None:
        row = BudgetRow(
            recorded_at=now(),
            kind=kind,
            project_id=account.project_id,
            data=account.data,
            unit=account.unit,
            run_id=run_id,
            actor=actor,
            details=details,
        )
        chained(session, row, self._secret)
        resource = f"run:{run_id}" if run_id else ""
        told = {"number": row.number, "kind": kind, "hash": row.hash}
        record = Record(actor, ANCHOR, resource, account.project_id, details=told)
        self._trail.append(session, record)


def _is_untouched(rows: Sequence[BudgetRow]) -> bool:
    """Whether there is a reservation that, by what is written down, nobody has drawn on."""
    return [row.kind for row in rows] == [RESERVE] and bool(rows[0].details.get(STARTS_TOLD))


def _account(row: BudgetRow) -> Account:
    return Account(row.project_id, row.data, row.unit)


def _after(before: Taken | None, row: BudgetRow) -> Taken:
    """What a run took once one more row about it is read."""
    told = row.details
    if before is None:
        claim = Claim(row.run_id, told["dataset"], told["engine"], told["epsilon"], told["delta"])
        return Taken(claim, Use(claim.epsilon, claim.delta), row.recorded_at, row.actor, {})
    claim = before.claim
    if row.kind == START:
        return before
    if row.kind == COMMIT:
        entries = tuple(Entry.from_dict(entry) for entry in told["entries"])
        use = Use(claim.epsilon, claim.delta, UseState.COMMITTED, entries)
        return Taken(claim, use, before.at, before.who, dict(told["purposes"]))
    state = UseState.RELEASED if row.kind == RELEASE else UseState.STAYS_SPENT
    use = Use(claim.epsilon, claim.delta, state)
    return Taken(claim, use, before.at, before.who, {}, told["why"])
