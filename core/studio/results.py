"""Use cases of what runs made: rows, reports, logs, filled tables, and runs side by side."""

from collections.abc import Sequence

import pandas as pd

from core.data.parts import read_parts
from core.data.schema import Schema
from core.errors import Conflict, InvalidInput
from core.evaluation import Report
from core.governance.policy import Actor
from core.store.tables import DatasetRow, RunRow
from core.studio.comparison import Comparison, checked_choice, compare_runs, refuse_mixed
from core.studio.context import Context, to_run
from core.studio.downloads import Download, packed
from core.studio.reports import read_report, report_context, report_json
from core.studio.stored import FILLED, filled_path, log_path, output_schema, read_synthetic


def log(context: Context, actor: Actor, run_id: str) -> str:
    """The job's log; empty for a run that has none yet."""
    row = context.run(run_id)
    with context.about(actor, "run.log", row):
        if not context.vault.exists(log_path(run_id)):
            return ""
        return context.vault.read_blob(log_path(run_id)).decode()


def report(context: Context, actor: Actor, run_id: str) -> Report:
    """The evaluation of a finished run; raises ``Conflict`` for one that has no result."""
    row = context.run(run_id)
    with context.about(actor, "run.report", row):
        return read_report(context, row)


def as_pdf(context: Context, actor: Actor, run_id: str) -> bytes:
    """The evaluation of a finished run as a PDF for people."""
    row = context.run(run_id)
    with context.about(actor, "run.report_pdf", row):
        from core.evaluation.pdf import render_pdf

        return render_pdf(read_report(context, row), report_context(context, row))


def as_json(context: Context, actor: Actor, run_id: str) -> bytes:
    """The evaluation of a finished run as JSON, by the published schema, with its hash."""
    row = context.run(run_id)
    with context.about(actor, "run.report_json", row):
        return report_json(context, row)


def compared(context: Context, actor: Actor, run_ids: Sequence[str]) -> Comparison:
    """Finished runs of one dataset side by side.

    Raises
    ------
    InvalidInput
        Fewer than two or more than five runs, or runs of several datasets.
    Conflict
        A run has no result.
    """
    chosen = checked_choice(run_ids)
    rows = [context.run(run_id) for run_id in chosen]
    with context.about(actor, "run.compare", rows[0]) as entry:
        entry.details["runs"] = chosen
        refuse_mixed(rows)
        reports = [read_report(context, row) for row in rows]
        return compare_runs([to_run(row) for row in rows], reports)


def first_rows(context: Context, actor: Actor, run_id: str, table: str, limit: int) -> pd.DataFrame:
    """The first ``limit`` synthetic rows of a table; raises ``Conflict`` without a result."""
    row = context.run(run_id)
    with context.about(actor, "run.synthetic", row):
        output = output_schema(row)
        output[table]
        return read_synthetic(context.vault, run_id, output, limit)[table]


def filled(context: Context, actor: Actor, run_id: str, format: str, copy: int) -> Download:
    """A real dataset with its missing cells filled, for those who may read the real rows.

    The audit entry is written before the first byte leaves. Only tables in which cells were
    filled are in it.

    Parameters
    ----------
    format
        One of ``core.data.write.FORMATS``.
    copy
        Which of the fillings, from 1.

    Raises
    ------
    Conflict
        The run filled nothing.
    InvalidInput
        There is no such copy or format.
    """
    row = context.run(run_id)
    with context.about(actor, "run.filled", row) as entry:
        entry.details.update(format=format, copy=copy)
        return _filled(context, row, format, copy).begun()


def _filled(context: Context, row: RunRow, format: str, copy: int) -> Download:
    if FILLED not in row.result:
        raise Conflict("This run filled no missing cells, or has not come to its end.")
    said = row.result[FILLED]
    if not 1 <= copy <= said["copies"]:
        raise InvalidInput(f"`copy` must be from 1 to {said['copies']}. Got {copy}.")
    with context.database.reading() as session:
        if session.get(DatasetRow, row.dataset_id) is None:
            raise Conflict("The filled tables were removed together with their dataset.")
    schema = Schema.from_dict(said["schema"])
    tables = {
        name: read_parts(
            context.vault, filled_path(row.id, copy, schema.names.index(name)), schema[name]
        )
        for name in schema.names
        if name in said["cells"]
    }
    return packed(f"filled-{row.id[:8]}-{copy}", tables, schema, format)
