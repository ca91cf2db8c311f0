"""The thresholds of a project as rows of the state: set, taken back, read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from core.errors import NotFound
from core.evaluation.policy import EvaluationPolicy, default_policy, field_of
from core.store.tables import PolicyRow, ProjectRow, now


@dataclass(frozen=True, slots=True)
class ProjectPolicy:
    """What a project's runs are judged by.

    Attributes
    ----------
    field
        ``health``, ``finance`` or ``general``: which defaults fit the project's domain.
    set_by, set_at
        Who set it, and when (UTC); empty and None while the defaults hold.
    """

    project_id: str
    policy: EvaluationPolicy
    field: str
    set_by: str = ""
    set_at: datetime | None = None

    @property
    def is_default(self) -> bool:
        """Whether nobody has set thresholds for the project."""
        return self.set_at is None

    @property
    def default(self) -> EvaluationPolicy:
        """The thresholds of the project's field that hold until somebody sets others."""
        return default_policy(self.field)


def policy_of(session: Session, project_id: str) -> ProjectPolicy:
    """The thresholds of a project: what was set, else the defaults of its domain.

    Raises
    ------
    NotFound
        There is no such project.
    """
    project = session.get(ProjectRow, project_id)
    if project is None:
        raise NotFound("There is no such project. Check the link.")
    field, row = field_of(project.domain), session.get(PolicyRow, project_id)
    if row is None:
        return ProjectPolicy(project_id, default_policy(field), field)
    policy = EvaluationPolicy.from_dict(row.policy)
    return ProjectPolicy(project_id, policy, field, row.set_by, row.set_at)


def set_policy(
    session: Session, project_id: str, policy: EvaluationPolicy, set_by: str
) -> ProjectPolicy:
    """Judge the project's runs from now on by ``policy``."""
    values: Mapping[str, Any] = policy.to_dict()
    row = session.get(PolicyRow, project_id)
    if row is None:
        session.add(PolicyRow(project_id=project_id, policy=values, set_by=set_by))
    else:
        row.policy, row.set_by, row.set_at = dict(values), set_by, now()
    session.flush()
    return policy_of(session, project_id)


def reset_policy(session: Session, project_id: str) -> ProjectPolicy:
    """Go back to the defaults of the project's domain."""
    row = session.get(PolicyRow, project_id)
    if row is not None:
        session.delete(row)
        session.flush()
    return policy_of(session, project_id)
