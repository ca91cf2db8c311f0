"""Whether fields that are always filled in the real rows are filled in the synthetic ones."""

from core.evaluation.details import GateResult
from core.evaluation.gates.gate import Gated, by_columns, not_applicable


def completeness(gated: Gated) -> GateResult:
    """Share of filled cells in columns that have no gap in the training rows."""
    train, made = gated.case.train, gated.case.synthetic
    required = [c.name for c in gated.columns if len(train) and train[c.name].notna().all()]
    asked = gated.asked.completeness
    if not required:
        return not_applicable("completeness", asked, "Every column has gaps in the real rows.")
    shares = {n: float(made[n].notna().mean()) if n in made else 0.0 for n in required}
    note = f"{len(required)} of {len(gated.columns)} columns are required: no gap in the real rows"
    return by_columns("completeness", shares, asked, len(made), note)
