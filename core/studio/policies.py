"""Use cases of a project's thresholds: what its runs are judged by."""

from core.evaluation.policy import EvaluationPolicy
from core.governance.audit import as_many_as_fit
from core.governance.policy import Actor
from core.governance.thresholds import ProjectPolicy, policy_of, reset_policy, set_policy
from core.studio.context import Context

__all__ = ["EvaluationPolicy", "Policies", "ProjectPolicy"]


class Policies:
    """Thresholds of projects; every call checks the policy of access and writes an audit entry."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def get(self, actor: Actor, project_id: str) -> ProjectPolicy:
        """What the project's next runs are judged by."""
        with (
            self._context.about_project(actor, "policy.get", project_id),
            self._context.database.reading() as session,
        ):
            return policy_of(session, project_id)

    def set(self, actor: Actor, project_id: str, policy: EvaluationPolicy | None) -> ProjectPolicy:
        """Judge the project's runs from now on by ``policy``; None for the domain's defaults.

        Reports that exist keep the policy that they were judged by. The audit names every
        threshold that changed, with the value before and after.

        Raises
        ------
        InvalidParameter
            With everything that is wrong with the policy.
        """
        with self._context.about_project(actor, "policy.set", project_id) as entry:
            checked = None if policy is None else EvaluationPolicy.from_dict(policy.to_dict())
            with self._context.database.session() as session:
                before = policy_of(session, project_id).policy
                after = (
                    reset_policy(session, project_id)
                    if checked is None
                    else set_policy(session, project_id, checked, actor.username)
                )
                changed = before.changes(after.policy)
                entry.details["changed"] = as_many_as_fit(
                    [f"{name}: {old} → {new}" for name, (old, new) in changed.items()]
                )
            return after
