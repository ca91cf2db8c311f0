"""What ε means for one person, and what the field calls it."""

import math

from core.privacy.guarantee import Guarantee

USUAL_DELTA = 1e-5
BANDS: tuple[tuple[float, str], ...] = (
    (1.0, "strong"),
    (3.0, "good"),
    (10.0, "moderate"),
    (math.inf, "weak"),
)


def in_words(epsilon: float, delta: float = USUAL_DELTA) -> str:
    """What ε means for one person, and how the field would call it."""
    sure = Guarantee(epsilon, delta).odds
    shown = f"{sure:.0%}" if sure < 0.995 else "more than 99%"
    return (
        f"Who thought it 50% likely that a person took part becomes at most {shown} sure of it. "
        f"By convention this is called {band(epsilon)}; no law says so."
    )


def band(epsilon: float) -> str:
    """The field's usual word for an ε."""
    return next(word for most, word in BANDS if epsilon <= most)
