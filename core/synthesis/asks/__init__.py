"""What a user asks of any engine: conditions, shares, completion, imputation, rules, fairness."""

from core.synthesis.asks.answers import Answer, Asked, How
from core.synthesis.asks.asking import Asking, ask_fitted, stream_fitted
from core.synthesis.asks.at_most import AtMost
from core.synthesis.asks.augment import Joined, join_real
from core.synthesis.asks.combinations import FixedCombinations
from core.synthesis.asks.complete import Completed, Imputed, complete, filler_of, impute
from core.synthesis.asks.conditional import Conditional
from core.synthesis.asks.conditions import Ask, Between, Condition, Equals, OneOf, Shares
from core.synthesis.asks.dependence import Fairness
from core.synthesis.asks.fairness import FairSynthesizer
from core.synthesis.asks.loading import load_synthesizer
from core.synthesis.asks.row_rules import OneHot, SumOf
from core.synthesis.asks.rule_codec import read_rule, rule_to_dict, rules_from_dict, rules_to_dict
from core.synthesis.asks.rule_report import RuleReport
from core.synthesis.asks.rule_texts import read_rules
from core.synthesis.asks.rules import InRange, Rule, kept_share
from core.synthesis.asks.settle import real_shares
from core.synthesis.asks.sql_rule import SqlRule
from core.synthesis.asks.texts import read_conditions, read_shares
from core.synthesis.asks.unique import Unique
from core.synthesis.asks.value_rules import Allowed, IsNull, Matches, NotNull
from core.synthesis.asks.wishes import Wishes, fulfil, synthesizer_for

__all__ = [
    "Allowed",
    "Answer",
    "Ask",
    "Asked",
    "Asking",
    "AtMost",
    "Between",
    "Completed",
    "Condition",
    "Conditional",
    "Equals",
    "FairSynthesizer",
    "Fairness",
    "FixedCombinations",
    "How",
    "Imputed",
    "InRange",
    "IsNull",
    "Joined",
    "Matches",
    "NotNull",
    "OneHot",
    "OneOf",
    "Rule",
    "RuleReport",
    "Shares",
    "SqlRule",
    "SumOf",
    "Unique",
    "Wishes",
    "ask_fitted",
    "complete",
    "filler_of",
    "fulfil",
    "impute",
    "join_real",
    "kept_share",
    "load_synthesizer",
    "read_conditions",
    "read_rule",
    "read_rules",
    "read_shares",
    "real_shares",
    "rule_to_dict",
    "rules_from_dict",
    "rules_to_dict",
    "stream_fitted",
    "synthesizer_for",
]
