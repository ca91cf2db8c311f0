"""What governance gives to others: frozen values, never database rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Project:
    """Who works together."""

    id: str
    name: str
    domain: str
    created_by: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Member:
    """A user as a member of a project, or an account in the list of people."""

    user_id: str
    username: str
    name: str
    role: str
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class Edge:
    """One step of lineage, from ``kind:id`` to ``kind:id``."""

    source: str
    target: str
    label: str


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One link of the audit chain."""

    number: int
    recorded_at: datetime
    actor: str
    action: str
    resource: str
    project_id: str
    outcome: str
    details: Mapping[str, Any]
    origin: str
    hash: str
