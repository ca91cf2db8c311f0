"""The audit chain: who did what, when, from where, with which outcome.

Each record's hash is an HMAC over all of its fields and the hash before it, keyed with the audit
key, so that nobody without the key can change, insert, remove or reorder records unnoticed. That
the last records were not cut off is told by the *head*: count and last hash, sealed in a file
beside the state. A crash between a record and its head leaves the head behind, never ahead.
What the chain cannot show: state and head both put back to the same older backup.
"""

import json
import logging
import math
import os
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.errors import IntegrityError, InvalidParameter
from core.governance.values import AuditEntry
from core.keys import Keys, Purpose, seal, unseal
from core.store.chain import START_HASH, canonical, link_hash
from core.store.database import AFTER_COMMIT, Database
from core.store.tables import AuditRow, now

logger = logging.getLogger(__name__)
HEAD_FILE = "audit.head"
MOST_DETAILS = 4_000
MOST_TEXT = 200
MOST_ITEMS = 50


@dataclass(frozen=True, slots=True)
class Record:
    """What is to be written down; number, time and hashes come with the writing."""

    actor: str
    action: str
    resource: str = ""
    project_id: str = ""
    outcome: str = "ok"
    details: Mapping[str, Any] | None = None
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """How many records there are, and the hash of the last one."""

    count: int
    hash: str


class AuditTrail:
    """Appends records; one for each open state.

    The head of an empty trail is written at once. A head that does not fit the records is left as
    it is, as evidence for :func:`core.governance.verification.verify`.
    """

    def __init__(self, database: Database, keys: Keys) -> None:
        self._path = database.home / HEAD_FILE
        self._keys = keys
        self._secret = keys.derive(Purpose.AUDIT)
        self._head = _read_or_none(self._path, keys)
        with database.reading() as session:
            is_empty = session.scalar(select(func.max(AuditRow.number))) is None
        if is_empty and not self._path.exists():
            self._write_head(Head(0, START_HASH))

    def append(self, session: Session, record: Record) -> AuditEntry:
        """Add a record within the caller's transaction of ``Database.session``.

        Raises
        ------
        InvalidParameter
            The details are not small plain values.
        """
        details = check_details(record.details or {})
        last = session.scalars(select(AuditRow).order_by(AuditRow.number.desc()).limit(1)).first()
        row = AuditRow(
            number=last.number + 1 if last else 1,
            recorded_at=now(),
            actor=clip(record.actor, 64),
            action=record.action,
            resource=clip(record.resource, 200),
            project_id=record.project_id,
            outcome=record.outcome,
            details=details,
            origin=clip(record.origin, 64),
            previous_hash=last.hash if last else START_HASH,
        )
        row.hash = chain_hash(row, self._secret)
        advances = self._fits(session)
        session.add(row)
        session.flush()
        if advances:
            head = Head(row.number, row.hash)
            session.info[AFTER_COMMIT].append(lambda: self._write_head(head))
        return to_entry(row)

    def _fits(self, session: Session) -> bool:
        """Whether the head is the hash of the record that it counts to."""
        if self._head is None:
            return False
        if self._head.count == 0:
            return self._head.hash == START_HASH
        row = session.get(AuditRow, self._head.count)
        return row is not None and row.hash == self._head.hash

    def _write_head(self, head: Head) -> None:
        """Write the head; one that cannot be written stays behind, and the next one catches up."""
        blob = json.dumps([head.count, head.hash]).encode()
        try:
            _replace(self._path, seal(self._keys, blob, Purpose.AUDIT, HEAD_FILE.encode()))
        except OSError as error:
            logger.error("the audit's head cannot be written: %s", type(error).__name__)
            return
        self._head = head


def read_head(path: Path, keys: Keys) -> Head:
    """The sealed head in ``path``.

    Raises
    ------
    IntegrityError
        There is none, or it does not verify.
    """
    if not path.exists():
        raise IntegrityError("The sealed head of the audit is missing.")
    count, last = json.loads(unseal(keys, path.read_bytes(), Purpose.AUDIT, HEAD_FILE.encode()))
    return Head(count, last)


def chain_hash(row: AuditRow, secret: bytes) -> str:
    """HMAC-SHA256 over the canonical JSON of all fields and the previous hash, as hex."""
    fields = [
        row.number,
        row.recorded_at.isoformat(timespec="microseconds"),
        row.actor,
        row.action,
        row.resource,
        row.project_id,
        row.outcome,
        row.details,
        row.origin,
        row.previous_hash,
    ]
    return link_hash(fields, secret)


def check_details(details: Mapping[str, Any]) -> dict[str, Any]:
    """``details`` as a plain dict, its texts clipped to 200 printable characters.

    Raises
    ------
    InvalidParameter
        A value is neither text, finite number, truth value or None, nor a list or dict of those
        with at most 50 items; or all together are too long.
    """
    plain = {_plain_name(name): _plain(name, value) for name, value in details.items()}
    blob = canonical(plain)
    if len(blob) > MOST_DETAILS:
        raise InvalidParameter(f"Audit details are too long: {len(blob)} > {MOST_DETAILS} bytes.")
    return plain


def as_many_as_fit(items: Sequence[str]) -> list[str]:
    """The first ``items`` that the details of one record have room for, and how many are left."""
    room, kept = MOST_DETAILS // 2, []
    for item in items[: MOST_ITEMS - 1]:
        room -= len(canonical(clip(item, MOST_TEXT))) + 1
        if room < 0:
            break
        kept.append(item)
    left = len(items) - len(kept)
    return [*kept, f"and {left} more"] if left else kept


def ranges(numbers: Iterable[int]) -> str:
    """Whole numbers as short text: ``0-3, 7``."""
    parts: list[list[int]] = []
    for number in sorted(numbers):
        if parts and number == parts[-1][-1] + 1:
            parts[-1][1:] = [number]
        else:
            parts.append([number])
    return ", ".join("-".join(map(str, part)) for part in parts)


def to_entry(row: AuditRow) -> AuditEntry:
    """The row as a value."""
    return AuditEntry(
        number=row.number,
        recorded_at=row.recorded_at,
        actor=row.actor,
        action=row.action,
        resource=row.resource,
        project_id=row.project_id,
        outcome=row.outcome,
        details=dict(row.details),
        origin=row.origin,
        hash=row.hash,
    )


def clip(text: str, length: int) -> str:
    """``text`` without control characters, at most ``length`` characters long."""
    plain = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    return plain if len(plain) <= length else plain[: length - 1] + "…"


def _plain(name: str, value: object) -> Any:
    if isinstance(value, (list, tuple, dict)) and len(value) > MOST_ITEMS:
        raise InvalidParameter(f"The audit detail {name!r} has more than {MOST_ITEMS} items.")
    if isinstance(value, (list, tuple)):
        return [_plain_item(name, item) for item in value]
    if isinstance(value, dict):
        return {_plain_name(key): _plain_item(name, item) for key, item in value.items()}
    return _plain_item(name, value)


def _plain_name(name: object) -> str:
    if not isinstance(name, str):
        raise InvalidParameter(f"Audit details are named by text. Got a {type(name).__name__}.")
    return clip(name, MOST_TEXT)


def _plain_item(name: str, item: object) -> Any:
    if isinstance(item, str):
        return clip(item, MOST_TEXT)
    if item is None or type(item) in (bool, int) or (type(item) is float and math.isfinite(item)):
        return item
    raise InvalidParameter(
        f"The audit detail {name!r} must be text, a finite number, a truth value or a list or "
        f"dict of those. Got a {type(item).__name__}."
    )


def _read_or_none(path: Path, keys: Keys) -> Head | None:
    try:
        return read_head(path, keys)
    except IntegrityError:
        return None


def _replace(path: Path, blob: bytes) -> None:
    """Write ``path`` whole or not at all, and safely on disk before returning."""
    draft = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(blob)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
