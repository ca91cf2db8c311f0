"""Which engine to take for a dataset, and why."""

from collections.abc import Mapping

from core.data.schema import Schema
from core.errors import InvalidInput
from core.privacy.guards import recommend
from core.privacy.public import PublicTable
from core.studio.values import Suggestion
from core.synthesis.private import facts_of
from core.synthesis.protocol import PrivateParams

FEW_ROWS = 200


def suggest(schema: Schema, table_rows: Mapping[str, int], *, private: bool = False) -> Suggestion:
    """Choose by size, types and relations; the reason names the figures it rests on.

    Parameters
    ----------
    private
        Whether a formal guarantee is wanted.

    Raises
    ------
    InvalidInput
        A guarantee is wanted, and there are several tables.
    """
    if private:
        return _suggest_private(schema, table_rows)
    rows = max(table_rows.values())
    columns = [column for table in schema.tables for column in table.columns]
    numeric = sum(column.type.is_numeric for column in columns)
    if len(schema.tables) > 1:
        return Suggestion(
            "forest",
            f"{len(schema.tables)} related tables: forest learns each table together with the "
            "rows it points to, and keeps every key valid.",
        )
    if rows < FEW_ROWS and numeric > len(columns) / 2:
        return Suggestion(
            "copula",
            f"Only {rows} rows, {numeric} of {len(columns)} columns are numbers or dates: a "
            "copula has few parameters to learn and does not memorise rows.",
        )
    return Suggestion(
        "forest",
        f"{rows:,} rows with {numeric} numeric and {len(columns) - numeric} other columns: "
        "forest handles mixed columns best and takes seconds.",
    )


def _suggest_private(schema: Schema, table_rows: Mapping[str, int]) -> Suggestion:
    """By what is recommended for a table of this size."""
    if len(schema.tables) != 1:
        raise InvalidInput(
            f"A formal guarantee is offered for one table; this dataset has {len(schema.tables)}. "
            "Run them one by one, or join them."
        )
    (table,) = schema.tables
    facts = facts_of(table, PrivateParams(), PublicTable(), table_rows[table.name])
    found = recommend(facts)
    wanted = found.wanted
    start = f"Start from ε = {wanted.epsilon:g} and δ = {wanted.delta:g}."
    return Suggestion(found.engine, " ".join([start, *found.reasons]))
