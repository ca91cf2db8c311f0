"""The rows that the server process writes.

No foreign keys: DuckDB cannot update a row that one points to. Ids are random hex strings, times
are UTC without a zone. Everything that may change in shape is JSON.
"""

import secrets
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Float, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


def new_id() -> str:
    """A random 64-bit id as 16 hex digits."""
    return secrets.token_hex(8)


def now() -> datetime:
    """This moment in UTC, without a zone, as the tables store it."""
    return datetime.now(UTC).replace(tzinfo=None)


class Base(DeclarativeBase):
    """Base of all tables."""

    type_annotation_map = {dict[str, Any]: JSON, list[Any]: JSON, datetime: DateTime, float: Float}


class UserRow(Base):
    """An account."""

    __tablename__ = "users"
    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    username: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(32))
    password_hash: Mapped[str] = mapped_column(String(200))
    disabled: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=now)


class SessionRow(Base):
    """A login; the token itself is only with the browser, here is its SHA-256."""

    __tablename__ = "sessions"
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    origin: Mapped[str] = mapped_column(String(64), default="")


class ProjectRow(Base):
    """Who works together."""

    __tablename__ = "projects"
    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(200))
    domain: Mapped[str] = mapped_column(String(100), default="")
    created_by: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(default=now)


class MemberRow(Base):
    """A user's membership of a project."""

    __tablename__ = "members"
    project_id: Mapped[str] = mapped_column(String(16), primary_key=True)
    user_id: Mapped[str] = mapped_column(String(16), primary_key=True)
    added_by: Mapped[str] = mapped_column(String(64))
    added_at: Mapped[datetime] = mapped_column(default=now)


class PolicyRow(Base):
    """The thresholds that a project's runs are judged by; absent for the defaults."""

    __tablename__ = "policies"
    project_id: Mapped[str] = mapped_column(String(16), primary_key=True)
    policy: Mapped[dict[str, Any]]
    set_by: Mapped[str] = mapped_column(String(64))
    set_at: Mapped[datetime] = mapped_column(default=now)


class DatasetRow(Base):
    """One immutable version of real tables.

    ``stored_schema`` is what the vault's files hold; ``schema`` is what the review made of it.
    ``version_of`` is the dataset that this one is a new version of, ``carried`` what was taken over
    from it; both empty where there is none.
    """

    __tablename__ = "datasets"
    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    project_id: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(200))
    source: Mapped[list[Any]]
    content_hash: Mapped[str] = mapped_column(String(64))
    notes: Mapped[list[Any]]
    table_rows: Mapped[dict[str, Any]]
    stored_schema: Mapped[dict[str, Any]]
    schema: Mapped[dict[str, Any]]
    findings: Mapped[dict[str, Any]]
    reviewed_at: Mapped[datetime | None] = mapped_column(default=None)
    created_by: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(default=now)
    version_of: Mapped[str | None] = mapped_column(String(16), default=None)
    carried: Mapped[dict[str, Any] | None] = mapped_column(default=None)


class PlanRow(Base):
    """What a dataset's runs keep by default: its rules; absent until a person says so.

    ``revision`` counts how often it was changed, so that two people do not undo each other.
    """

    __tablename__ = "plans"
    dataset_id: Mapped[str] = mapped_column(String(16), primary_key=True)
    rules: Mapped[dict[str, Any]]
    revision: Mapped[int]
    set_by: Mapped[str] = mapped_column(String(64))
    set_at: Mapped[datetime] = mapped_column(default=now)


class PreparationRow(Base):
    """How a dataset's rows are prepared: all its pipelines, the newest last; absent without any.

    ``revision`` counts how often it was changed, so that two people do not undo each other.
    """

    __tablename__ = "preparations"
    dataset_id: Mapped[str] = mapped_column(String(16), primary_key=True)
    history: Mapped[list[Any]]
    revision: Mapped[int]


class RunRow(Base):
    """One execution of a run specification."""

    __tablename__ = "runs"
    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    project_id: Mapped[str] = mapped_column(String(16))
    dataset_id: Mapped[str] = mapped_column(String(16))
    spec: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(16))
    stage: Mapped[str] = mapped_column(String(16), default="")
    progress: Mapped[dict[str, Any]] = mapped_column(default=dict)
    result: Mapped[dict[str, Any]] = mapped_column(default=dict)
    error: Mapped[str] = mapped_column(Text, default="")
    retry_of: Mapped[str] = mapped_column(String(16), default="")
    created_by: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(default=now)
    started_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)


class ReleaseRow(Base):
    """A version of synthetic tables that may leave the studio."""

    __tablename__ = "releases"
    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    project_id: Mapped[str] = mapped_column(String(16))
    dataset_id: Mapped[str] = mapped_column(String(16))
    run_id: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(200))
    version: Mapped[int]
    state: Mapped[str] = mapped_column(String(16), default="draft")
    content_hash: Mapped[str] = mapped_column(String(64))
    notes: Mapped[str] = mapped_column(Text, default="")
    created_by: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(default=now)


class UploadRow(Base):
    """A file on its way in; its bytes lie sealed in the vault.

    Of the token that lets a terminal send it, here is the SHA-256.
    """

    __tablename__ = "uploads"
    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    project_id: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(200))
    size: Mapped[int] = mapped_column(BigInteger)
    token_hash: Mapped[str] = mapped_column(String(64))
    is_checked: Mapped[bool] = mapped_column(default=False)
    created_by: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(default=now)
    changed_at: Mapped[datetime] = mapped_column(default=now)


class ConnectionRow(Base):
    """A place that a project may import from; its address and secrets are sealed."""

    __tablename__ = "connections"
    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    project_id: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(40))
    sealed: Mapped[str] = mapped_column(Text)
    created_by: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(default=now)


class AuditRow(Base):
    """One link of the audit chain; rows are only ever added."""

    __tablename__ = "audit"
    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    recorded_at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(64))
    resource: Mapped[str] = mapped_column(String(200))
    project_id: Mapped[str] = mapped_column(String(16), default="")
    outcome: Mapped[str] = mapped_column(String(16))
    details: Mapped[dict[str, Any]]
    origin: Mapped[str] = mapped_column(String(64), default="")
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class BudgetRow(Base):
    """One link of the chain of privacy budgets; rows are only ever added.

    A budget is of a project's rows with one content hash (``data``), and of one privacy unit: the
    column that tells persons apart, or "".
    """

    __tablename__ = "budget"
    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    recorded_at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(16))
    project_id: Mapped[str] = mapped_column(String(16))
    data: Mapped[str] = mapped_column(String(64))
    unit: Mapped[str] = mapped_column(Text)
    run_id: Mapped[str] = mapped_column(String(16), default="")
    actor: Mapped[str] = mapped_column(String(64))
    details: Mapped[dict[str, Any]]
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class EdgeRow(Base):
    """One step of lineage: ``source`` went into ``target``, each written ``kind:id``."""

    __tablename__ = "lineage"
    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    project_id: Mapped[str] = mapped_column(String(16))
    source: Mapped[str] = mapped_column(String(80))
    target: Mapped[str] = mapped_column(String(80))
    label: Mapped[str] = mapped_column(String(80), default="")
    created_at: Mapped[datetime] = mapped_column(default=now)
