"""The rule that a row meets a condition written in SQL; see ``core.data.rules.expressions``."""

from dataclasses import dataclass

import pandas as pd

from core.data.rules.expressions import expression_columns, expression_problems, holds, resolved
from core.data.schema import Table
from core.errors import InvalidInput
from core.synthesis.asks.rules import AsItIs, Mask


@dataclass(frozen=True, slots=True)
class SqlRule(AsItIs):
    """Every row meets an SQL expression; one that is unknown (NULL) counts as met.

    ``title`` names the rule in reports, where the expression itself, which may hold values, does
    not appear.
    """

    expression: str
    title: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the expression names; none where it cannot be read."""
        try:
            return expression_columns(self.expression)
        except InvalidInput:
            return ()

    @property
    def words(self) -> str:
        """The title, or what the expression speaks of."""
        return self.title or f"condition on {', '.join(self.columns)}"

    def problems(self, table: Table) -> list[str]:
        """Unknown columns, or an expression that is not let through."""
        found = expression_problems(self.expression, table)
        if not found and self.columns != resolved(self.columns, table):
            return ["Write the columns of the expression with capitals as the table has them."]
        return found

    def kept(self, frame: pd.DataFrame, table: Table) -> Mask:
        """Which rows meet the expression."""
        return holds(self.expression, frame, table)
