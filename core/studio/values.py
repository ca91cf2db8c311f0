"""What the studio's use cases take and give: frozen values, never database rows.

Those of datasets and releases stand here; the others are gathered here from where they stand.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.data.pipeline import Steps
from core.data.schema import Action, Coarser, ColumnType, Role, Schema
from core.governance.values import AuditEntry, Edge, Member, Project
from core.studio.advice_values import Askable, Estimate, Offer, Suggestion
from core.studio.carried import CarriedOver
from core.studio.run_values import Run, RunProgress, RunState, made_by
from core.studio.spec_values import Contest, Purpose, RunSpec, Sweep
from core.synthesis.asks import Rule

__all__ = [
    "Askable",
    "AuditEntry",
    "Contest",
    "Dataset",
    "Decision",
    "Edge",
    "Estimate",
    "Member",
    "Offer",
    "Project",
    "Purpose",
    "Release",
    "Rule",
    "Run",
    "RunProgress",
    "RunSpec",
    "RunState",
    "Stage",
    "Steps",
    "Suggestion",
    "Sweep",
    "made_by",
]


class Stage(StrEnum):
    """How far a dataset has come; what Home shows."""

    REVIEW = "review"
    GENERATE = "generate"
    TRAINING = "training"
    RESULT = "result"
    RELEASED = "released"


@dataclass(frozen=True, slots=True)
class Dataset:
    """One version of real tables.

    ``notes`` is what reading had to say; ``open_columns`` lists ``(table, column)`` of columns
    for which no action was chosen yet. ``version_of`` is the id of the dataset that this one is a
    new version of, "" for none; ``carried`` is what was taken over from it.
    """

    id: str
    project_id: str
    name: str
    sources: tuple[str, ...]
    notes: tuple[str, ...]
    content_hash: str
    table_rows: Mapping[str, int]
    schema: Schema
    open_columns: tuple[tuple[str, str], ...]
    reviewed_at: datetime | None
    created_by: str
    created_at: datetime
    version_of: str = ""
    carried: CarriedOver | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided about one column in the review.

    ``coarser`` says how a column is generalised; None for what is usual.
    """

    table: str
    column: str
    type: ColumnType
    role: Role
    action: Action
    reason: str = ""
    coarser: Coarser | None = None


@dataclass(frozen=True, slots=True)
class Release:
    """A version of synthetic tables."""

    id: str
    project_id: str
    dataset_id: str
    run_id: str
    name: str
    version: int
    state: str
    content_hash: str
    notes: str
    created_by: str
    created_at: datetime
