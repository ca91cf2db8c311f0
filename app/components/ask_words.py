"""What is asked of a run's rows, read back in plain sentences."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from app.components.datasets import code, counted
from core.studio.values import Purpose, RunSpec
from core.synthesis.asks import Ask, Condition, Equals, Fairness, OneOf, Shares

MISSING = "(missing)"
SHOWN_VALUES = 6
PURPOSES = {
    Purpose.TABLES: "Synthetic tables",
    Purpose.AUGMENT: "Extra rows only",
    Purpose.IMPUTE: "Fill missing cells",
}


def sentences(spec: RunSpec) -> list[str]:
    """Say all that is asked beyond rows as they come; nothing for an ordinary run."""
    said = []
    if spec.purpose is Purpose.AUGMENT:
        said.append("Extra rows only, with keys that no real row has.")
    if spec.purpose is Purpose.IMPUTE:
        times = f", {spec.copies} times over" if spec.copies > 1 else ""
        said.append(f"The real table with its missing cells filled{times}.")
    if spec.contest is not None:
        count = counted(len(spec.contest.engines), "generator")
        said.append(f"Tries {count} one after another and keeps the best.")
    if spec.ask is not None:
        said += ask_sentences(spec.ask)
    if spec.fairness is not None:
        said.append(fairness_sentence(spec.fairness))
    rules = sum(map(len, (*spec.rules.values(), *(spec.kept or {}).values())))
    if rules:
        said.append(f"Every row keeps {counted(rules, 'rule')}.")
    return said


def ask_sentences(ask: Ask) -> list[str]:
    """Say the conditions in one sentence and the shares in another."""
    where = f" of {code(ask.table)}" if ask.table else ""
    said = []
    if ask.conditions:
        parts = " and ".join(condition_words(condition) for condition in ask.conditions)
        said.append(f"Only rows{where} with {parts}.")
    if ask.shares is not None:
        said.append(f"{shares_words(ask.shares)}.")
    return said


def condition_words(condition: Condition) -> str:
    """Say one condition."""
    name = code(condition.column)
    if isinstance(condition, Equals):
        if condition.value is None:
            return f"{name} missing"
        return f"{name} = {value_code(condition.value)}"
    if isinstance(condition, OneOf):
        return f"{name} one of {_listed([value_code(value) for value in condition.values])}"
    if condition.low is None:
        return f"{name} up to {value_code(condition.high)}"
    if condition.high is None:
        return f"{name} from {value_code(condition.low)}"
    return f"{name} {value_code(condition.low)} to {value_code(condition.high)}"


def shares_words(shares: Shares) -> str:
    """Say the target shares of a column."""
    largest = sorted(shares.shares.items(), key=lambda item: -item[1])
    parts = [f"{percent(share)} {value_code(value)}" for value, share in largest]
    rest = 1 - sum(shares.shares.values())
    left = f", {percent(rest)} for its other values" if rest > 5e-4 else ""
    return f"{code(shares.column)}: {_listed(parts)}{left}"


def fairness_sentence(fairness: Fairness) -> str:
    """Say which dependence is broken, and how far."""
    whom = code(fairness.target) if fairness.target else "all other columns"
    how = "broken" if fairness.degree >= 1 else f"weakened by {fairness.degree:.0%}"
    return f"The influence of {code(fairness.sensitive)} on {whom} is {how}."


def value_text(value: Any) -> str:
    """Return a value as a person writes it."""
    if value is None:
        return MISSING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{int(value):,}" if value.is_integer() else f"{value:,.6g}"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, datetime | date):
        return value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
    return str(value) or "(empty)"


def value_code(value: Any) -> str:
    """Return a value so that Markdown shows it letter by letter."""
    return code(value_text(value))


def percent(share: float) -> str:
    """Write a share with as many digits as it needs."""
    if 0 < share < 0.001:
        return "<0.1 %"
    return f"{share * 100:.3g} %"


def _listed(parts: list[str]) -> str:
    shown = parts[:SHOWN_VALUES]
    more = len(parts) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def of_rows(rows: Mapping[str, int]) -> str:
    """Say how many rows of which tables."""
    return ", ".join(f"{counted(count, 'row')} of {code(name)}" for name, count in rows.items())
