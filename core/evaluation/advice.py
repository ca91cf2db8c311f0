"""What to do next, from what an evaluation found."""

from collections.abc import Sequence

from core.evaluation import thresholds as at
from core.evaluation.levels import privacy_level
from core.evaluation.values import Dial, TableReport


def advise(
    tables: Sequence[TableReport], dials: Sequence[Dial], broken: Sequence[str]
) -> tuple[str, ...]:
    """Say what to do next, the most urgent first."""
    found = list(broken)
    levels = {d.name: d.level for d in dials}
    for table in tables:
        found += _privacy_advice(table) + _column_advice(table)
    if levels["utility"] in {"fair", "poor"}:
        found.append(
            "Predictions lose strength: try the preset “best” or another engine, and compare."
        )
    if "unknown" in levels.values():
        found.append(
            "Something could not be measured: give more rows or a larger holdout, or choose "
            "another target, and run again."
        )
    if set(levels.values()) == {"good"} and not broken:
        found.append("Make a release, so that others can review and use it.")
    return tuple(found)


def _privacy_advice(table: TableReport) -> list[str]:
    level = privacy_level(table)
    if level not in {"fair", "poor"}:
        return []
    advice = (
        f"{table.name}: train with stronger smoothing, larger leaves or fewer epochs, so that "
        "single rows weigh less, and check for columns that name people."
    )
    if level == "poor":
        advice += " Do not hand this table out."
    return [advice]


def _column_advice(table: TableReport) -> list[str]:
    known = [c for c in table.judged if isinstance(c.fresh, float)]
    far = sorted(known, key=lambda c: -c.shortfall)
    named = [c.name for c in far if c.shortfall > at.COLUMN_ALARM][:3]
    if not named:
        return []
    return [
        f"{table.name}: look at {', '.join(named)}, furthest from the real distribution; check "
        "the column's type and action in the review."
    ]
