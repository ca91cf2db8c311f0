"""Which engine to take for a dataset, and why."""

from collections.abc import Mapping

from core.data.schema import Schema
from core.studio.values import Suggestion

FEW_ROWS = 200


def suggest(schema: Schema, table_rows: Mapping[str, int]) -> Suggestion:
    """Choose by size, types and relations; the reason names the figures it rests on."""
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
