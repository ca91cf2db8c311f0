"""Attacks of which every value was counted, in words: how many of how many occur again.

Where nothing, or next to nothing, occurs again, the outcome rests on that count, and an interval
over other values that there might have been would read as a contradiction.
"""

from core.evaluation.details import AttackReport

OF = "values of training rows alone"
HITS = "of these in the synthetic rows"
"""Further figures of an attack that counts every value."""
FEW = 10
"""Below so many values one more or less decides the share."""
_WORDS = {
    "rare_values": "rare values",
    "extremes": "largest and smallest values",
    "replay": "removed values",
}


def tally(attack: AttackReport) -> str:
    """How many values occur again out of how many; empty where not all were counted."""
    hits, of = attack.figures.get(HITS), attack.figures.get(OF)
    if not isinstance(hits, float) or not isinstance(of, float):
        return ""
    return f"{hits:,.0f} of {of:,.0f}"


def counted(attack: AttackReport) -> str:
    """The tally with what was counted; empty without one."""
    found = tally(attack)
    return f"{found} {_WORDS.get(attack.name, 'values')}" if found else ""


def rests_on_count(attack: AttackReport) -> bool:
    """Whether the outcome rests on the full count, so that there is no interval to show."""
    value = attack.value
    return bool(counted(attack)) and isinstance(value, float) and value <= attack.warn_at


def is_few(attack: AttackReport) -> bool:
    """Whether the share is one of so few values that it says next to nothing by itself."""
    of = attack.figures.get(OF)
    return bool(counted(attack)) and isinstance(of, float) and of < FEW
