"""What a dataset's runs keep by default: its rules, as the state has them.

A dataset that is declared to be a new version takes over rules when it is imported; one that just
has the name of an earlier one in its project starts from what was settled for that, as far as its
schema still fits.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.data.schema import Schema
from core.errors import Conflict
from core.store.tables import DatasetRow, PlanRow, now
from core.synthesis.asks import Rule, rules_from_dict
from core.synthesis.asks.checks import rule_problems


@dataclass(frozen=True, slots=True)
class Plan:
    """What was settled for a dataset.

    Attributes
    ----------
    rules
        By table.
    revision
        How often it was changed; 0 where nobody did.
    carried
        Whether it was settled for the version before.
    left_out
        How many rules of the version before do not fit this one.
    """

    rules: Mapping[str, tuple[Rule, ...]] = field(default_factory=dict)
    revision: int = 0
    set_by: str = ""
    set_at: datetime | None = None
    carried: bool = False
    left_out: int = 0


def plan_of(session: Session, row: DatasetRow) -> Plan:
    """What was settled for a dataset, or for the version before it."""
    own = session.get(PlanRow, row.id)
    if own is not None:
        rules = rules_from_dict(own.rules)
        return Plan(rules, own.revision, own.set_by, own.set_at)
    if row.version_of:
        return Plan()
    query = (
        select(PlanRow)
        .join(DatasetRow, DatasetRow.id == PlanRow.dataset_id)
        .where(DatasetRow.project_id == row.project_id, DatasetRow.name == row.name)
        .where(DatasetRow.created_at < row.created_at)
        .order_by(DatasetRow.created_at.desc())
        .limit(1)
    )
    before = session.scalars(query).first()
    return Plan() if before is None else _carried(before, Schema.from_dict(row.schema))


def save_plan(
    session: Session, row: DatasetRow, revision: int, who: str, rules: Mapping[str, Any]
) -> None:
    """Settle rules, given as plain values.

    Raises
    ------
    Conflict
        Somebody else has changed them since ``revision``.
    """
    own = session.get(PlanRow, row.id)
    if (own.revision if own else 0) != revision:
        raise Conflict(
            "Somebody else changed this in the meantime. Nothing was saved: your text is still "
            "here; load what they saved, then make your change again."
        )
    if own is None:
        own = PlanRow(dataset_id=row.id)
        session.add(own)
    own.rules = dict(rules)
    own.revision, own.set_by, own.set_at = revision + 1, who, now()


def remove_plan(session: Session, dataset_id: str) -> None:
    """Forget what was settled for a dataset."""
    own = session.get(PlanRow, dataset_id)
    if own is not None:
        session.delete(own)


def _carried(before: PlanRow, schema: Schema) -> Plan:
    rules = rules_from_dict(before.rules)
    fitting = {
        name: tuple(rule for rule in own if not rule.problems(schema[name]))
        for name, own in rules.items()
        if name in schema.names
    }
    left = sum(map(len, rules.values())) - sum(map(len, fitting.values()))
    kept = {name: own for name, own in fitting.items() if own}
    return Plan(kept, 0, before.set_by, before.set_at, True, left)


def enforceable(
    rules: Mapping[str, tuple[Rule, ...]], schema: Schema
) -> dict[str, tuple[Rule, ...]]:
    """Of a dataset's rules those that an engine can keep; the others are only measured."""
    found = {
        name: tuple(rule for rule in own if not rule_problems((rule,), schema[name], schema))
        for name, own in rules.items()
        if name in schema.names
    }
    return {name: own for name, own in found.items() if own}
