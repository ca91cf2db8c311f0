"""How a dataset's rows are prepared, as the state has it: a list of pipelines, the newest last."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.data.pipeline import Step, Steps, steps_from_dict, steps_problems, steps_to_dict
from core.data.schema import Schema
from core.errors import Conflict
from core.store.tables import DatasetRow, PreparationRow, now
from core.studio.stored import refuse_while_training

MOST_KEPT = 50


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The steps of a dataset.

    Attributes
    ----------
    steps
        By table, in the order in which they are carried out; empty: rows are learned as they are.
    revision
        To be given back when they are changed; 0 where nobody did.
    undoable
        How often a change can be undone.
    carried
        Whether they were settled for the version before, and hold here until they are changed.
    left_out
        How many of those do not fit this version.
    """

    steps: Steps = field(default_factory=dict)
    revision: int = 0
    set_by: str = ""
    set_at: datetime | None = None
    undoable: int = 0
    carried: bool = False
    left_out: int = 0

    @property
    def count(self) -> int:
        """How many steps there are."""
        return sum(map(len, self.steps.values()))


def pipeline_of(session: Session, dataset: DatasetRow) -> Pipeline:
    """The steps of a dataset as they are now: its own, or of the version before it."""
    row = session.get(PreparationRow, dataset.id)
    if row is None or not row.history:
        revision = 0 if row is None else row.revision
        return replace(_carried(session, dataset), revision=revision)
    last = row.history[-1]
    return Pipeline(
        steps_from_dict(last["steps"]),
        row.revision,
        last["set_by"],
        datetime.fromisoformat(last["set_at"]),
        len(row.history),
    )


def _carried(session: Session, dataset: DatasetRow) -> Pipeline:
    """Of the steps of the version before, those that fit."""
    before = session.get(DatasetRow, dataset.version_of) if dataset.version_of else None
    if before is None:
        return Pipeline()
    held, schema = pipeline_of(session, before), Schema.from_dict(dataset.schema)
    fitting: dict[str, tuple[Step, ...]] = {}
    for name, own in held.steps.items():
        new = schema.names[0] if len(schema.names) == len(before.table_rows) == 1 else name
        for step in own:
            longer = {**fitting, new: (*fitting.get(new, ()), step)}
            fitting = fitting if steps_problems(longer, schema) else longer
    left = held.count - sum(map(len, fitting.values()))
    return Pipeline(fitting, 0, held.set_by, held.set_at, 0, carried=held.count > 0, left_out=left)


def save_pipeline(
    session: Session,
    dataset: DatasetRow,
    steps: Mapping[str, Sequence[Step]],
    revision: int,
    who: str,
) -> None:
    """Add a pipeline to the list; the oldest is forgotten when there are very many.

    Raises
    ------
    Conflict
        Somebody else has changed it since ``revision``, or a run is under way.
    """
    row = _changeable(session, dataset, revision)
    _add(row, steps, who, now())
    row.revision = revision + 1


def undo_pipeline(session: Session, dataset: DatasetRow, revision: int) -> None:
    """Take the last pipeline off the list; raises as :func:`save_pipeline`."""
    row = _changeable(session, dataset, revision)
    if not row.history:
        raise Conflict("Nothing was changed that could be undone.")
    row.history = row.history[:-1]
    row.revision = revision + 1


def remove_pipelines(session: Session, dataset_id: str) -> None:
    """Forget how a dataset was prepared; versions that took its steps over keep them as theirs."""
    later = select(DatasetRow).where(DatasetRow.version_of == dataset_id)
    for version in session.scalars(later):
        held = pipeline_of(session, version)
        if held.carried:
            _add(_row_of(session, version), held.steps, held.set_by, held.set_at or now())
    row = session.get(PreparationRow, dataset_id)
    if row is not None:
        session.delete(row)


def _changeable(session: Session, dataset: DatasetRow, revision: int) -> PreparationRow:
    refuse_while_training(session, dataset.id)
    row = _row_of(session, dataset)
    if row.revision != revision:
        raise Conflict(
            "Somebody else changed these steps in the meantime. Nothing was saved: load what they "
            "saved, then make your change again."
        )
    return row


def _row_of(session: Session, dataset: DatasetRow) -> PreparationRow:
    row = session.get(PreparationRow, dataset.id)
    if row is None:
        row = PreparationRow(dataset_id=dataset.id, history=[], revision=0)
        session.add(row)
    return row


def _add(
    row: PreparationRow, steps: Mapping[str, Sequence[Step]], who: str, moment: datetime
) -> None:
    entry = {"steps": steps_to_dict(steps), "set_by": who, "set_at": moment.isoformat()}
    row.history = [*row.history, entry][-MOST_KEPT:]
