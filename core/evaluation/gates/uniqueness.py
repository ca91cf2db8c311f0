"""Whether keys differ, and whether rows repeat in what tells people apart."""

import pandas as pd

from core.data.schema import Role
from core.evaluation.details import GateFailure, GateResult
from core.evaluation.gates.gate import Gated, not_applicable


def unique_keys(gated: Gated) -> GateResult:
    """Share of rows whose key is there and no other row's."""
    key, made, asked = gated.case.table.primary_key, gated.case.synthetic, gated.asked.keys
    if key is None or key not in made:
        return not_applicable("keys", asked, "The table has no primary key.")
    value = float((made[key].notna() & ~made[key].duplicated(keep=False)).mean())
    if value >= asked:
        return GateResult("keys", value, asked, False, "pass")
    figures = {"n": float(len(made)), "rows": float(round((1 - value) * len(made)))}
    return GateResult("keys", value, asked, False, "fail", (GateFailure(key, value, figures),))


def near_duplicates(gated: Gated) -> GateResult:
    """Share of rows that share all quasi-identifiers with another, beyond that of real rows.

    Both are counted in tables of one size, since larger tables have more rows alike. Flagged with
    a warning: rows may be alike without any fault.
    """
    case, asked = gated.case, gated.asked.near_duplicates
    names = [c.name for c in gated.present if c.role is Role.QUASI_IDENTIFIER]
    if not names:
        reason = "No column is marked as a quasi-identifier."
        return not_applicable("near_duplicates", asked, reason, at_most=True)
    rows = min(len(case.train), len(case.synthetic))
    shares = []
    for frame in (case.synthetic, case.train):
        chosen = frame[names].iloc[gated.rng.permutation(len(frame))[:rows]]
        shares.append(_repeated(chosen))
    value = max(0.0, shares[0] - shares[1])
    figures = {"synthetic": shares[0], "fresh": shares[1], "n": float(rows)}
    failed = (GateFailure(", ".join(names), value, figures),) if value > asked else ()
    note = f"{shares[0]:.1%} of synthetic and {shares[1]:.1%} of as many real rows"
    return GateResult(
        "near_duplicates", value, asked, True, "warn" if failed else "pass", failed, note
    )


def _repeated(frame: pd.DataFrame) -> float:
    return float(frame.duplicated(keep=False).mean()) if len(frame) else 0.0
