"""Intent before algorithm: what the synthetic data is for decides where engine and preset start."""

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Intent:
    """What somebody wants, and what it means for the generator.

    Attributes
    ----------
    engine
        The engine to start from; empty for the one that is suggested for the dataset.
    preset
        The preset to start from.
    dial
        The step of the privacy dial to start from; empty for the usual one.
    why_not
        Why it cannot be chosen yet; empty when it can.
    """

    key: str
    title: str
    icon: str
    text: str
    preset: str
    engine: str = ""
    dial: str = ""
    why_not: str = ""

    def start(self, suggested: str, known: Collection[str]) -> tuple[str, str]:
        """Engine and preset to start from, given the suggested engine and those there are."""
        return (self.engine if self.engine in known else suggested), self.preset


INTENTS = (
    Intent(
        "balanced",
        "Balanced",
        ":material/balance:",
        "Close to the real data, at moderate time and cost. A good first run.",
        preset="balanced",
    ),
    Intent(
        "closest",
        "As close as possible",
        ":material/target:",
        "For analysis and model training. Takes longer; look at privacy with care.",
        preset="best",
        dial="close",
    ),
    Intent(
        "private",
        "Formally private",
        ":material/shield_lock:",
        "A proven bound on what the data tells about one person (differential privacy).",
        preset="balanced",
        why_not="Not available yet: it comes with the differentially private engines.",
    ),
    Intent(
        "test",
        "Just test data",
        ":material/science:",
        "Right columns, types and ranges for trying out software. Ready soonest.",
        preset="quick look",
        engine="copula",
    ),
)
BY_KEY = {intent.key: intent for intent in INTENTS}
DEFAULT_INTENT = "balanced"
