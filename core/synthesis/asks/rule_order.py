"""The order in which rules are built into what is learned, and taken out of what is drawn."""

from collections.abc import Sequence

from core.synthesis.asks.at_most import AtMost
from core.synthesis.asks.row_rules import SumOf
from core.synthesis.asks.rules import Keeper, Rule


def in_order(rules: Sequence[Rule]) -> list[Rule]:
    """Sums first, then inequalities in the order of their chain, so that gaps add up from below.

    Of sums of sums the outermost comes first: its total is left out while its parts are there.
    """
    sums: list[Rule] = []
    open_sums = [rule for rule in rules if isinstance(rule, SumOf)]
    while open_sums:
        parts = {name for rule in open_sums for name in rule.parts}
        outer = [rule for rule in open_sums if rule.total not in parts] or open_sums[:1]
        sums += outer
        open_sums = [rule for rule in open_sums if rule not in outer]
    left = [rule for rule in rules if isinstance(rule, AtMost)]
    ordered: list[Rule] = []
    while left:
        highs = {rule.high for rule in left}
        ready = [rule for rule in left if rule.low not in highs] or left[:1]
        ordered += ready
        left = [rule for rule in left if rule not in ready]
    rest = [rule for rule in rules if not isinstance(rule, AtMost | SumOf)]
    return [*sums, *ordered, *rest]


def undoing(keepers: Sequence[Keeper]) -> list[Keeper]:
    """What was put together is taken apart first, then gaps from below, and sums at the end."""
    sums = [keeper for keeper in keepers if isinstance(keeper, SumOf)]
    gaps = [keeper for keeper in keepers if isinstance(keeper, AtMost)]
    rest = [keeper for keeper in keepers if not isinstance(keeper, SumOf | AtMost)]
    return [*rest, *gaps, *reversed(sums)]
