"""What to do next, from what an evaluation found: a sentence, and where its setting is."""

from collections.abc import Sequence

from core.evaluation import thresholds as at
from core.evaluation.attacks.judging import is_unsure
from core.evaluation.details import GateResult
from core.evaluation.levels import privacy_level
from core.evaluation.policy import EvaluationPolicy
from core.evaluation.values import Advice, Dial, TableReport

_MOST_COLUMNS = 3


def advise(
    tables: Sequence[TableReport],
    dials: Sequence[Dial],
    broken: Sequence[Advice],
    policy: EvaluationPolicy,
    level: str,
) -> tuple[Advice, ...]:
    """Say what to do next, the most urgent first."""
    found = list(broken)
    levels = {d.name: d.level for d in dials}
    for table in tables:
        found += _privacy_advice(table, policy)
        found += _gate_advice(table) + _column_advice(table)
    if levels["utility"] in {"fair", "poor"}:
        found.append(
            Advice(
                "Predictions lose strength: try the preset “best” or another engine, and compare.",
                "generate",
                {"preset": "best"},
            )
        )
    if "unknown" in levels.values():
        found.append(
            Advice(
                "Something could not be measured: give more rows or a larger holdout, or choose "
                "another target, and run again.",
                "generate",
                {"field": "holdout"},
            )
        )
    if level == "good":
        found.append(Advice("Make a release, so that others can review and use it.", "results"))
    return tuple(found)


def _privacy_advice(table: TableReport, policy: EvaluationPolicy) -> list[Advice]:
    level = privacy_level(table, policy)
    found = _attack_advice(table)
    if level == "fair" and _wants_rows(table):
        text = f"{table.name}: some attacks want for rows: give more, or a larger holdout."
        return [*found, Advice(text, "generate", {"field": "holdout"})]
    if level in {"fair", "poor"}:
        text = (
            f"{table.name}: train with stronger smoothing, larger leaves or fewer epochs, so that "
            "single rows weigh less, and check for columns that name people."
        )
        if level == "poor":
            text += " Do not hand this table out."
        found.insert(0, Advice(text, "generate", {"field": "privacy"}))
    return found


def _wants_rows(table: TableReport) -> bool:
    """Whether no attack found anything, and only some could not rule a leak out."""
    return table.privacy is not None and all(
        a.outcome in {"pass", "inconclusive", "not applicable"} or is_unsure(a)
        for a in table.privacy.attacks
    )


_ATTACK_ADVICE = {
    "replay": ("personal values come back: replace or mask the column", "review"),
    "anonymity": ("small groups can be pointed to: coarsen or drop quasi-identifiers", "review"),
    "singling_out": ("rows can be singled out: coarsen or drop quasi-identifiers", "review"),
    "rare_values": ("rare values come through: raise how often a value must occur", "generate"),
    "extremes": ("extreme values come through: raise how often a value must occur", "generate"),
}


def _attack_advice(table: TableReport) -> list[Advice]:
    """For attacks that have a setting of their own."""
    if table.privacy is None:
        return []
    found_some = (a for a in table.privacy.attacks if a.outcome in {"fail", "warn"})
    open_ones = [a.name for a in found_some if not is_unsure(a)]
    found = []
    for name, (text, page) in _ATTACK_ADVICE.items():
        if name in open_ones:
            where = {"table": table.name} if page == "review" else {"param": "protect_rare"}
            found.append(Advice(f"{table.name}: {text}.", page, where))
    return found


_GATE_ADVICE = {
    "completeness": ("fields that must be filled have gaps", "generate", "engine"),
    "types": ("cells are not of their column's type", "review", ""),
    "formats": ("cells are written unlike the real ones", "review", ""),
    "validity": ("rows break rules: give the rules to the run, which then keeps them", "generate",
                 "rules"),
    "keys": ("keys repeat: mark the key in the review", "review", ""),
    "near_duplicates": ("rows repeat in their quasi-identifiers", "generate", "privacy"),
    "metadata": ("the table is not the one that the schema describes", "review", ""),
    "distribution": ("columns lie far from the real distribution", "generate", "engine"),
    "children": ("parents have more or fewer children than real ones", "generate", "engine"),
}  # fmt: skip


def _gate_advice(table: TableReport) -> list[Advice]:
    failed = [g for g in table.gates if g.outcome == "fail" and g.name in _GATE_ADVICE]
    return [_one_gate(table, gate) for gate in failed]


def _one_gate(table: TableReport, gate: GateResult) -> Advice:
    text, page, field = _GATE_ADVICE[gate.name]
    columns = [failure.column for failure in gate.failed][:_MOST_COLUMNS]
    where = f" ({', '.join(columns)})" if columns else ""
    params = {"field": field} if page == "generate" else {"table": table.name}
    if page == "review" and columns and columns[0] in {c.name for c in table.columns}:
        params["column"] = columns[0]
    return Advice(f"{table.name}: {text}{where}.", page, params)


def _column_advice(table: TableReport) -> list[Advice]:
    known = [c for c in table.judged if isinstance(c.fresh, float)]
    far = sorted(known, key=lambda c: -c.shortfall)
    named = [c.name for c in far if c.shortfall > at.COLUMN_ALARM][:_MOST_COLUMNS]
    if not named:
        return []
    text = (
        f"{table.name}: look at {', '.join(named)}, furthest from the real distribution; check "
        "the column's type and action in the review."
    )
    return [Advice(text, "review", {"table": table.name, "column": named[0]})]
