"""Finding audit records, and taking them out as CSV or JSON."""

import csv
import io
import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime

from sqlalchemy import Select, String, cast, or_, select
from sqlalchemy.orm import Session

from core.errors import InvalidParameter
from core.governance.audit import to_entry
from core.governance.values import AuditEntry
from core.store.tables import AuditRow

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What to look for; an empty field asks for nothing.

    Attributes
    ----------
    text
        Part of the actor, action, resource or details, in any case of letters.
    since, until
        UTC without a zone; ``since`` is included, ``until`` is not.
    project_ids
        Only records of these projects; None for all.
    limit
        The newest so many.
    """

    text: str = ""
    action: str = ""
    username: str = ""
    outcome: str = ""
    since: datetime | None = None
    until: datetime | None = None
    project_ids: Collection[str] | None = None
    limit: int | None = 500


def search(session: Session, wanted: AuditFilter) -> list[AuditEntry]:
    """Records that fit, newest first."""
    query = _conditions(select(AuditRow), wanted).order_by(AuditRow.number.desc())
    if wanted.limit is not None:
        query = query.limit(wanted.limit)
    return [to_entry(row) for row in session.scalars(query)]


def used_actions(session: Session, project_ids: Collection[str] | None = None) -> list[str]:
    """Names of the use cases that occur, in order of the alphabet."""
    query = select(AuditRow.action).distinct().order_by(AuditRow.action)
    if project_ids is not None:
        query = query.where(AuditRow.project_id.in_(list(project_ids)))
    return list(session.scalars(query))


def export(entries: Sequence[AuditEntry], format: str) -> bytes:
    """The entries as ``csv`` (with a header, safe to open in a spreadsheet) or ``json``.

    Raises
    ------
    InvalidParameter
        Another format.
    """
    if format == "csv":
        return _to_csv(entries)
    if format == "json":
        rows = [{**asdict(e), "recorded_at": e.recorded_at.isoformat() + "Z"} for e in entries]
        return json.dumps(rows, ensure_ascii=False, indent=1).encode()
    raise InvalidParameter(f"`format` must be csv or json. Got {format!r}.")


def _conditions(query: Select[AuditRow], wanted: AuditFilter) -> Select[AuditRow]:
    exact = {"action": wanted.action, "actor": wanted.username, "outcome": wanted.outcome}
    query = query.filter_by(**{name: value for name, value in exact.items() if value})
    if wanted.project_ids is not None:
        query = query.where(AuditRow.project_id.in_(list(wanted.project_ids)))
    if wanted.since is not None:
        query = query.where(AuditRow.recorded_at >= wanted.since)
    if wanted.until is not None:
        query = query.where(AuditRow.recorded_at < wanted.until)
    if wanted.text:
        details = cast(AuditRow.details, String)
        searched = (AuditRow.actor, AuditRow.action, AuditRow.resource, details)
        query = query.where(or_(*(c.icontains(wanted.text, autoescape=True) for c in searched)))
    return query


def _to_csv(entries: Sequence[AuditEntry]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([f.name for f in fields(AuditEntry)])
    for entry in entries:
        cells = {
            **asdict(entry),
            "recorded_at": entry.recorded_at.isoformat() + "Z",
            "details": json.dumps(dict(entry.details), ensure_ascii=False, sort_keys=True),
        }
        writer.writerow([_safe(str(cell)) for cell in cells.values()])
    return text.getvalue().encode("utf-8-sig")


def _safe(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return "'" + cell if cell.startswith(FORMULA_STARTS) else cell
