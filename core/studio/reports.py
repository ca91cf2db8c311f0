"""The stored report of a run: as a value, as JSON for machines, and what its PDF says beside it."""

import json
from typing import TYPE_CHECKING, Any

from core.evaluation import Report
from core.evaluation.sealing import is_intact
from core.privacy.guarantee import NO_GUARANTEE
from core.privacy.ledger import Ledger
from core.store.tables import DatasetRow, RunRow
from core.studio.context import Context
from core.studio.stored import output_schema, report_path

if TYPE_CHECKING:
    from core.evaluation.pdf import ReportContext


def read_report(context: Context, row: RunRow) -> Report:
    """The evaluation of a run; raises ``Conflict`` for one that has no result."""
    return Report.from_dict(_stored(context, row))


def report_json(context: Context, row: RunRow) -> bytes:
    """The evaluation as JSON, as it was sealed; older ones are brought to this version."""
    data = _stored(context, row)
    if not is_intact(data):
        data = Report.from_dict(data).to_dict()
    return json.dumps(data, indent=1, allow_nan=False, ensure_ascii=False).encode()


def report_context(context: Context, row: RunRow) -> "ReportContext":
    """Whence the report of a run comes, for the title page of its PDF."""
    from core.evaluation.pdf import ReportContext

    with context.database.reading() as session:
        dataset = session.get(DatasetRow, row.dataset_id)
    return ReportContext(
        dataset=dataset.name if dataset else "(removed dataset)",
        dataset_hash=dataset.content_hash if dataset else "",
        run_id=row.id,
        engine=row.result.get("engine", row.spec["engine"]),
        params=row.result.get("params", row.spec["params"]),
        seed=row.spec["seed"],
        rows=row.result["rows"],
        content_hash=row.result["content_hash"],
        created_by=row.created_by,
        created_at=row.ended_at or row.created_at,
        guarantee=_guarantee(row),
    )


def _guarantee(row: RunRow) -> str:
    """What a run promises, in words."""
    told = row.result.get("privacy")
    return Ledger.from_dict(told["ledger"]).guarantee.statement if told else NO_GUARANTEE


def _stored(context: Context, row: RunRow) -> dict[str, Any]:
    output_schema(row)
    data: dict[str, Any] = json.loads(context.vault.read_blob(report_path(row.id)))
    return data
