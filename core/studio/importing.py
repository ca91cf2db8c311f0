"""Carrying out an import: whatever the source is, its tables end in the vault with a row, or not.

What is half imported when an error or a cancellation comes is gone; nothing else was touched.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from core.data.archive import Openable, ReadLimits
from core.data.importing import Imported, Job, import_files
from core.data.pii import Finding, find_pii
from core.data.schema import Action, Schema
from core.data.sniff import ReadOptions
from core.governance.lineage import add_edge
from core.governance.policy import Actor
from core.progress import Progress, SilentProgress
from core.store.tables import DatasetRow, new_id, now
from core.studio.context import Context, to_dataset
from core.studio.names import checked_name
from core.studio.profiling import write_profiles
from core.studio.schema_texts import key_rules
from core.studio.stored import dataset_folder, dataset_path
from core.studio.succession import Succession
from core.studio.values import Dataset
from core.studio.versions import Before, audited, note_version, save_rules, version_before

Write = Callable[[Job], Imported]


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be imported.

    Attributes
    ----------
    sources
        Names of files or tables, as the dataset tells where it is from.
    origin
        What kind of place they come from, for the lineage: ``file``, ``database``.
    options
        What a person has said of text files.
    version_of
        Id of the dataset that this is a new version of, "" for none.
    """

    project_id: str
    name: str
    sources: tuple[str, ...]
    origin: str = "file"
    options: Mapping[str, ReadOptions] = field(default_factory=dict)
    progress: Progress = field(default_factory=SilentProgress)
    version_of: str = ""


def of_files(files: Sequence[tuple[str, Openable]]) -> Write:
    """What writes files into the vault."""
    return lambda job: import_files(files, job)


def carry_out(context: Context, actor: Actor, request: Request, write: Write) -> Dataset:
    """Import tables as one dataset, profile it and look for personal data.

    Raises
    ------
    InvalidInput
        When something cannot be read; nothing is kept then.
    NotFound
        The dataset that it is to be a version of is not in the project.
    JobCancelled
        From the progress; nothing is kept.
    """
    dataset_id = new_id()
    resource, folder = f"dataset:{dataset_id}", dataset_folder(dataset_id)
    with context.guard.use_case(
        actor, "dataset.import", resource=resource, project_id=request.project_id
    ) as entry:
        name = checked_name(request.name, "dataset")
        before = _before(context, request)
        try:
            context.vault.mark(folder)
            imported = write(_job(context, dataset_id, request))
            row = _described(context, dataset_id, imported)
            row.project_id, row.name = request.project_id, name
            row.created_by, row.source = actor.username, list(request.sources)
            succession = Succession(context, before, row) if before else None
            rules = succession.take_over() if succession else key_rules(imported.composite)
            with context.database.session() as session:
                session.add(row)
                if before is not None:
                    note_version(context, session, row, before, actor.username)
                save_rules(session, row, before.set_by if before else actor.username, rules)
                for original in row.source:
                    source = f"{request.origin}:{original}"
                    add_edge(session, request.project_id, source, resource, "import")
        except BaseException:
            context.vault.remove(folder)
            raise
        context.vault.unmark(folder)
        entry.details["rows"] = sum(row.table_rows.values())
        entry.details["content_hash"] = row.content_hash
        entry.details["files"] = len(request.sources)
        if before is not None:
            audited(entry, row)
        left = sum(aside.count for aside in imported.asides.values())
        if left:
            entry.details["rows_kept_aside"] = left
        return to_dataset(row)


def _before(context: Context, request: Request) -> Before | None:
    if not request.version_of:
        return None
    return version_before(context, request.project_id, request.version_of)


def _job(context: Context, dataset_id: str, request: Request) -> Job:
    return Job(
        context.vault,
        dataset_folder(dataset_id),
        lambda position: dataset_path(dataset_id, position),
        ReadLimits.from_settings(context.settings),
        request.progress,
        request.options,
    )


def _described(context: Context, dataset_id: str, imported: Imported) -> DatasetRow:
    schema, frames = imported.schema, imported.frames
    findings = {
        t.name: find_pii(frames[t.name], t, keys=schema.keys_of(t.name)) for t in schema.tables
    }
    write_profiles(context.vault, dataset_id, schema, findings)
    return DatasetRow(
        id=dataset_id,
        content_hash=imported.content_hash,
        notes=list(imported.notes),
        table_rows=dict(imported.rows),
        stored_schema=schema.to_dict(),
        schema=_with_defaults(schema, findings).to_dict(),
        findings={
            table: {column: found.to_dict() for column, found in columns.items()}
            for table, columns in findings.items()
        },
        reviewed_at=None if any(findings.values()) else now(),
        created_at=now(),
    )


def _with_defaults(schema: Schema, findings: Mapping[str, Mapping[str, Finding]]) -> Schema:
    """Columns without a finding are kept; the others wait for a person."""
    for table in schema.tables:
        columns = tuple(
            column if column.name in findings[table.name] else replace(column, action=Action.KEEP)
            for column in table.columns
        )
        schema = schema.with_table(replace(table, columns=columns))
    return schema
