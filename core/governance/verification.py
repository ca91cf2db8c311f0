"""Whether the chains of audit and privacy budgets are as they were written.

Nothing was changed, removed, added or reordered.
"""

from dataclasses import dataclass

from sqlalchemy import inspect, select

from core.errors import IntegrityError, InvalidInput
from core.governance.audit import HEAD_FILE, Head, chain_hash, read_head
from core.governance.budget_chain import ANCHOR, anchors, budget_problem
from core.keys import Keys, Purpose
from core.settings import Settings
from core.store.chain import START_HASH, missing, problem_of
from core.store.database import STATE_FILE, Database, open_database
from core.store.tables import AuditRow, BudgetRow


@dataclass(frozen=True, slots=True)
class Verification:
    """The result of walking the chain.

    Attributes
    ----------
    ok
        Every record and the head verify.
    entries
        Records that verified, up to the first problem.
    first_problem
        What is wrong, and where; None when nothing is.
    budget
        Rows of the chain of privacy budgets that verified.
    """

    ok: bool
    entries: int
    first_problem: str | None = None
    budget: int = 0


def verify(database: Database, keys: Keys) -> Verification:
    """Walk the whole chain of an open state and compare its end with the sealed head.

    The head is read first: records that are added while the chain is walked do not look like a
    head that lags.
    """
    try:
        head = read_head(database.home / HEAD_FILE, keys)
    except IntegrityError as error:
        return Verification(False, 0, str(error))
    secret, previous, entries = keys.derive(Purpose.AUDIT), START_HASH, 0
    named: dict[int, str] = {}
    with database.reading() as session:
        rows = session.scalars(
            select(AuditRow).order_by(AuditRow.number).execution_options(yield_per=1_000)
        )
        for row in rows:
            problem = problem_of(
                row, entries + 1, previous, chain_hash(row, secret)
            ) or _head_problem(row, head)
            if problem:
                return Verification(False, entries, problem)
            entries, previous = row.number, row.hash
            if row.action == ANCHOR:
                named |= anchors([row.details])
            session.expunge(row)
    if entries < head.count:
        return Verification(False, entries, missing(entries + 1, head.count))
    return _with_budgets(database, secret, entries, named)


def _with_budgets(
    database: Database, secret: bytes, entries: int, named: dict[int, str]
) -> Verification:
    """The audit verified; now the chain of budgets, of which a state of before has none."""
    with database.reading() as session:
        if not named and not inspect(session.connection()).has_table(BudgetRow.__tablename__):
            return Verification(True, entries)
        after = select(AuditRow.details).where(AuditRow.action == ANCHOR, AuditRow.number > entries)
        budget, problem = budget_problem(session, secret, named | anchors(session.scalars(after)))
    return Verification(problem is None, entries, problem, budget)


def verify_workspace(settings: Settings) -> Verification:
    """Verify the audit of a workspace that no studio holds; for the command line.

    Raises
    ------
    InvalidInput
        There is no state to verify; nothing is made.
    WorkspaceLocked
        A studio is running on it: ask that studio instead.
    IntegrityError
        The state cannot be opened with this key.
    """
    path = settings.home / STATE_FILE
    if not settings.database_url and not path.exists():
        raise InvalidInput(f"There is no state at {path}. Set `STUDIO_HOME` to the studio's home.")
    keys = Keys.from_settings(settings)
    database = open_database(settings, keys, read_only=True)
    try:
        return verify(database, keys)
    finally:
        database.close()


def _head_problem(row: AuditRow, head: Head) -> str | None:
    if row.number == head.count and row.hash != head.hash:
        return f"Record {row.number} is not the one that the sealed head names."
    return None
