"""How a rule was kept by what was drawn: counted at each step, told in shares."""

from dataclasses import dataclass


@dataclass(slots=True)
class RuleReport:
    """How a rule was kept.

    Attributes
    ----------
    built_in
        Whether it is built into what is learned.
    training
        Share of training rows that keep it; the others were not learned.
    drawn, kept
        Rows drawn, and rows of them that kept it before anything was rejected or repaired.
    repaired
        Rows that still broke it when they had been drawn again.
    rows, final
        Rows handed out, and rows of them that keep it.
    """

    rule: str
    built_in: bool
    training: float
    drawn: int = 0
    kept: int = 0
    repaired: int = 0
    rows: int = 0
    final: int = 0

    @property
    def how(self) -> str:
        """``construction`` where no row had to be rejected, else how those were made to fit."""
        if self.built_in or self.kept == self.drawn:
            return "construction"
        return "repair" if self.repaired else "rejection"

    def to_dict(self) -> dict[str, object]:
        """Shares, for a report."""
        return {
            "rule": self.rule,
            "how": self.how,
            "kept_in_training": round(self.training, 6),
            "kept_as_drawn": round(self.kept / self.drawn, 6) if self.drawn else None,
            "repaired_rows": self.repaired,
            "kept": round(self.final / self.rows, 6) if self.rows else None,
        }
