"""What the use cases of rules give: frozen values, and rules in words that show no hidden value."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.synthesis.asks import Rule

__all__ = ["CheckedRule", "RuleSet", "SuggestedRule"]


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A dataset's rules.

    Attributes
    ----------
    rules
        By table.
    revision
        To be given back when they are changed.
    set_by
        Who settled them; empty where nobody did.
    carried
        Whether they were settled for the version before, and hold here until they are changed.
    left_out
        How many of those do not fit this version.
    """

    rules: Mapping[str, tuple[Rule, ...]]
    revision: int
    set_by: str = ""
    carried: bool = False
    left_out: int = 0

    @property
    def count(self) -> int:
        """How many there are."""
        return sum(map(len, self.rules.values()))


@dataclass(frozen=True, slots=True)
class CheckedRule:
    """How a rule fares on the real rows.

    Attributes
    ----------
    share
        Share of the rows that keep it; None where it cannot be computed, which ``problem`` says.
    only_measured
        Why no engine can keep it; empty where engines do.
    """

    table: str
    rule: Rule
    rows: int
    share: float | None
    problem: str = ""
    only_measured: str = ""


@dataclass(frozen=True, slots=True)
class SuggestedRule:
    """A rule that the real rows keep, or nearly all of them.

    ``share`` is of the rows that have all the values which the rule compares, ``rows`` how many.
    """

    table: str
    rule: Rule
    share: float
    rows: int
    why: str
