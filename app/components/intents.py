"""Intent before algorithm: what the synthetic data is for decides where engine and preset start."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from core.synthesis.protocol import EngineInfo

SEVERAL = "A guarantee over several tables is not offered: it is for datasets of one table."


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
    is_private
        Whether it asks for an engine with a formal guarantee, which learns one table.
    """

    key: str
    title: str
    icon: str
    text: str
    preset: str
    engine: str = ""
    dial: str = ""
    is_private: bool = False

    def why_not(self, engines: Mapping[str, EngineInfo], tables: int) -> str:
        """Say why it cannot be chosen for a dataset of so many tables; empty when it can."""
        if not self.is_private:
            return ""
        if not any(info.formal_guarantee for info in engines.values()):
            return "No engine with a formal guarantee is installed here."
        return SEVERAL if tables > 1 else ""

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
        "A promise that can be proven",
        ":material/shield_lock:",
        "Formally private (differential privacy): a proven bound on what comes out about any one "
        "person, for a price in closeness.",
        preset="balanced",
        engine="aim",
        is_private=True,
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
