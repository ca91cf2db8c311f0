"""New versions of a dataset: what the one before was, and what is saved beside the new one.

What was settled for the one before holds on as far as it fits, see ``core.studio.succession``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from core.data.schema import Schema
from core.governance.audit import as_many_as_fit, ranges
from core.governance.lineage import add_edge
from core.governance.usecase import Entry, missing
from core.store.tables import DatasetRow, PlanRow
from core.studio.carried import CarriedOver
from core.studio.context import Context, find, runs_of
from core.studio.plans import plan_of
from core.synthesis.asks import Rule, rules_to_dict


@dataclass(frozen=True, slots=True)
class Before:
    """The version before, as it was when the new one was declared.

    ``rules`` by table; ``public`` of the last private run that had any.
    """

    id: str
    name: str
    content_hash: str
    stored: Schema
    schema: Schema
    findings: Mapping[str, Mapping[str, Mapping[str, Any]]]
    rules: Mapping[str, tuple[Rule, ...]]
    set_by: str
    public: Mapping[str, Any] | None


def version_before(context: Context, project_id: str, dataset_id: str) -> Before:
    """The dataset that a new one is to be a version of.

    Raises
    ------
    NotFound
        It is not in this project.
    """
    row = context.dataset(dataset_id)
    if row.project_id != project_id:
        raise missing(f"dataset:{dataset_id}")
    with context.database.reading() as session:
        plan = plan_of(session, row)
        specs = [run.spec for run in runs_of(session, dataset_id)]
    public = next((spec["public"] for spec in specs if spec.get("public")), None)
    return Before(
        row.id,
        row.name,
        row.content_hash,
        Schema.from_dict(row.stored_schema),
        Schema.from_dict(row.schema),
        row.findings,
        plan.rules,
        plan.set_by,
        public or (row.carried or {}).get("public"),
    )


def note_version(
    context: Context, session: Session, row: DatasetRow, before: Before, who: str
) -> None:
    """Save beside a new version where it comes from, and that both share their privacy budget."""
    find(session, DatasetRow, before.id)
    resource, project = f"dataset:{row.id}", row.project_id
    add_edge(session, project, f"dataset:{before.id}", resource, "new version")
    if row.content_hash != before.content_hash:
        context.spending.join(session, project, row.content_hash, before.content_hash, who)


def save_rules(
    session: Session, row: DatasetRow, set_by: str, rules: Mapping[str, tuple[Rule, ...]]
) -> None:
    """Settle the rules that a dataset begins with."""
    if rules:
        plan = PlanRow(dataset_id=row.id, rules=rules_to_dict(rules), revision=1)
        plan.set_by = set_by
        session.add(plan)


def audited(entry: Entry, row: DatasetRow) -> None:
    """Write what was taken over into the audit, columns by position."""
    carried, schema = CarriedOver.from_dict(row.carried or {}), Schema.from_dict(row.schema)
    entry.details.update(
        version_of=row.version_of,
        columns_taken_over=carried.column_count,
        keys_taken_over=carried.keys,
        links_taken_over=carried.links,
        rules_taken_over=carried.rules,
        rules_left_out=carried.rules_left_out,
    )
    places: dict[tuple[str, str], list[int]] = {}
    for table, columns in carried.again.items():
        for column, why in columns.items():
            places.setdefault((table, why), []).append(schema[table].names.index(column))
    words = [f"{table}[{ranges(found)}]: {why}" for (table, why), found in places.items()]
    entry.details["columns_open_again"] = as_many_as_fit(words)
