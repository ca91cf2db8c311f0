"""Whether rows keep the rules of their table."""

import numpy as np

from core.evaluation.details import GateFailure, GateResult
from core.evaluation.gates.gate import Gated, not_applicable


def validity(gated: Gated) -> GateResult:
    """Share of rows that keep every rule; what a rule takes from rows, it takes from real ones."""
    case, asked = gated.case, gated.asked.validity
    if not gated.rules:
        return not_applicable("validity", asked, "The table has no rules.")
    rows, failed = len(case.synthetic), []
    kept = np.ones(rows, np.bool_)
    for rule in gated.rules:
        if absent := [name for name in rule.columns if name not in case.synthetic]:
            reason = f"{', '.join(absent)} is absent from the synthetic table."
            return not_applicable("validity", asked, reason)
        keeper = rule.settled(case.train, case.table)
        each = keeper.kept(case.synthetic, case.table)
        kept &= each
        if not each.all():
            figures = {"n": float(rows), "broken": float((~each).sum())}
            if len(case.holdout):
                held = keeper.kept(case.holdout, case.table)
                figures["fresh"] = float(held.mean())
            failed.append(GateFailure(rule.words, float(each.mean()), figures))
    value = float(kept.mean())
    outcome = "pass" if value >= asked else "fail"
    note = f"{len(gated.rules)} rules on {rows:,} rows"
    return GateResult("validity", value, asked, False, outcome, tuple(failed), note)
