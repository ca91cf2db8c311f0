"""Two versions of a dataset compared: any two of one project, by default with the one before."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack

from core.data.profile import Drift, Level, Side, Source, Version, advice_on, compare
from core.data.schema import Schema
from core.errors import InvalidInput
from core.governance.policy import Actor
from core.governance.usecase import missing
from core.store.tables import DatasetRow
from core.studio.context import Context
from core.studio.profiling import closed_columns, person_cell
from core.studio.stored import dataset_path, read_profile
from core.studio.values import Dataset

__all__ = ["advice_on", "compared", "earlier_version"]


def earlier_version(dataset: Dataset, known: Sequence[Dataset]) -> str:
    """The id of the dataset that this one is a new version of; "" where there is none.

    It is the one that the import named, or else the last earlier one of the same name.
    """
    ids = {one.id for one in known}
    if dataset.version_of in ids:
        return dataset.version_of
    earlier = [
        one for one in known if one.name == dataset.name and one.created_at < dataset.created_at
    ]
    return max(earlier, key=lambda one: one.created_at).id if earlier else ""


def compared(context: Context, actor: Actor, dataset_id: str, before_id: str) -> Drift:
    """Compare a dataset with an earlier version of it, counted where both lie.

    Raises
    ------
    InvalidInput
        When both are one dataset.
    NotFound
        When the earlier one is of another project.
    """
    row = context.dataset(dataset_id)
    with context.about(actor, "dataset.compare", row) as entry:
        if dataset_id == before_id:
            raise InvalidInput("A dataset is compared with another one. Choose an earlier version.")
        before = context.dataset(before_id)
        if before.project_id != row.project_id:
            raise missing(f"dataset:{before_id}")
        entry.details["before"] = before_id
        with ExitStack() as stack:
            found = compare(_version(context, before, stack), _version(context, row, stack))
        entry.details["columns_moved"] = _moved(found)
        return found


def _moved(found: Drift) -> int:
    return sum(c.level is not Level.NONE for table in found.tables for c in table.columns)


def _version(context: Context, row: DatasetRow, stack: ExitStack) -> Version:
    stored, settled = Schema.from_dict(row.stored_schema), Schema.from_dict(row.schema)
    profiles = read_profile(context.vault, row.id)
    sides: Mapping[str, Side] = {
        table.name: Side(
            Source(
                *stack.enter_context(context.vault.querying(dataset_path(row.id, place))),
                row.table_rows[table.name],
                person_cell(table, settled, profiles[table.name]),
            ),
            table,
            profiles[table.name],
            closed_columns(profiles[table.name], settled[table.name]),
        )
        for place, table in enumerate(stored.tables)
    }
    return Version(settled, sides)
