"""What a user asks of any engine: conditions, shares, completion, imputation, rules, fairness."""

from core.synthesis.asks.asking import Asked, Asking, ask_fitted
from core.synthesis.asks.conditions import Ask, Between, Condition, Equals, OneOf, Shares
from core.synthesis.asks.settle import real_shares
from core.synthesis.asks.texts import read_conditions, read_shares

__all__ = [
    "Ask",
    "Asked",
    "Asking",
    "Between",
    "Condition",
    "Equals",
    "OneOf",
    "Shares",
    "ask_fitted",
    "read_conditions",
    "read_shares",
    "real_shares",
]
