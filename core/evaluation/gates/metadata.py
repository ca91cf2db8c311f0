"""Whether the synthetic table is the table that the schema describes.

Each column is checked for its name, its place, its type and its tags: a column tagged with a kind
of personal data has a decided action, and a dropped one is absent.
"""

from core.data.schema import Action, Column
from core.evaluation.details import GateFailure, GateResult
from core.evaluation.gates.gate import Gated, is_canonical


def metadata(gated: Gated) -> GateResult:
    """Share of columns that agree with the schema."""
    made, wanted = gated.case.synthetic, [c.name for c in gated.columns]
    order = [name for name in made.columns if name in wanted]
    in_place = order == [name for name in wanted if name in order]
    problems = {c.name: _problem(gated, c, in_place) for c in gated.case.table.columns}
    problems |= {str(n): "not in the schema" for n in made if n not in gated.case.table.names}
    failed = tuple(GateFailure(name, 0.0, {}, why) for name, why in problems.items() if why)
    value, asked = 1 - len(failed) / max(len(problems), 1), gated.asked.metadata
    outcome = "pass" if value >= asked else "fail"
    return GateResult("metadata", value, asked, False, outcome, failed)


def _problem(gated: Gated, column: Column, in_place: bool) -> str:
    made = gated.case.synthetic
    if column.action is Action.DROP:
        return "dropped in the review, but here" if column.name in made else ""
    if column.name not in made:
        return "missing from the synthetic table"
    if not is_canonical(made[column.name], column):
        return f"not of the type {column.type}"
    if column.semantic and column.action is None:
        return f"tagged as {column.semantic} without a decision in the review"
    return "" if in_place else "not in the order of the schema"
