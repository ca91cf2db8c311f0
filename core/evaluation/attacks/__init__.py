"""Attacks on synthetic rows: what somebody who holds them can learn of the training rows.

Each attack runs three times in the same way: on the synthetic rows, on a verbatim copy of the
training rows, which it must detect, and on fresh real rows, which must come out harmless.
"""

from core.evaluation.attacks.detail import privacy_detail
from core.evaluation.attacks.registry import ATTACKS, attack_named
from core.evaluation.attacks.words import ATTACK_WORDS

__all__ = ["ATTACKS", "ATTACK_WORDS", "attack_named", "privacy_detail"]
