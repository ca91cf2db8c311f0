"""After a start: what an earlier process was in the middle of is cleared away, ended or taken up.

A process may end at any moment: while it wrote a file, between a dataset's files and its row, in
the middle of a run. The state is right at each moment; what lies in the vault without belonging to
it goes.
"""

import logging

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.governance.usecase import SYSTEM
from core.store.tables import DatasetRow, RunRow, now
from core.studio.attempts import clear_unfinished, interrupted_words
from core.studio.context import Context
from core.studio.stored import dataset_folder
from core.studio.values import RunState

STAYS_SPENT = (
    " The ε that it was to take of the privacy budget stays spent. To run it again takes as much "
    "of the budget once more."
)
RELEASED = " It had not started, so that what it was to take of the privacy budget is free again."
logger = logging.getLogger(__name__)


def clear_leftovers(context: Context) -> None:
    """Remove half-written files, and datasets that were half imported or half removed.

    Only what is marked as unfinished goes: files that an older backup of the state does not know
    stay where they are.
    """
    swept = context.vault.sweep()
    with context.database.reading() as session:
        known = {dataset_folder(key) for key in session.scalars(select(DatasetRow.id))}
    unfinished = context.vault.marked()
    for folder in unfinished:
        if folder in known:
            context.vault.unmark(folder)
        else:
            context.vault.remove(folder)
    if swept or unfinished:
        logger.warning("cleared %d half-written files, %d folders", swept, len(unfinished))


def interrupt_unfinished(context: Context) -> list[str]:
    """Runs that were under way say so; returns ids of those that were only queued.

    A process that ended in the middle of a run leaves the row at ``running``. What it had made is
    not complete and goes; the run can be started again with the same specification. A private run
    was under way as soon as its start is in the chain of budgets: its process may have drawn noise
    before it was heard of, and a second fit would spend what was reserved for one.
    """
    with context.database.session() as session:
        under_way = list(session.scalars(select(RunRow).where(RunRow.state == RunState.RUNNING)))
        query = select(RunRow).where(RunRow.state == RunState.QUEUED).order_by(RunRow.created_at)
        queued: list[RunRow] = []
        for row in session.scalars(query):
            begun = context.spending.may_have_begun(session, row.id)
            (under_way if begun else queued).append(row)
        for row in under_way:
            interrupt(context, session, row)
    for row in under_way:
        clear_unfinished(context.vault, row)
        context.guard.record(
            "run.end",
            resource=f"run:{row.id}",
            project_id=row.project_id,
            state=str(RunState.INTERRUPTED),
        )
    return [row.id for row in queued]


def interrupt(context: Context, session: Session, row: RunRow) -> None:
    """Say of a run that nobody works on it any more; what it may have spent stays spent."""
    row.state = RunState.INTERRUPTED
    row.ended_at = now()
    row.error = (
        "The studio stopped while this run was under way. Nothing that had finished is lost. Run "
        f"it again.{interrupted_words(row)}"
    )
    if context.spending.keep(session, row.id, "the studio stopped while it ran", SYSTEM):
        row.error += STAYS_SPENT
