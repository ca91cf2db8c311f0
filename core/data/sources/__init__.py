"""Databases to import from: their addresses, what is in them, and reading tables out of them."""

from core.data.sources.catalogue import TableDetails, TableName, describe, schemas, tables
from core.data.sources.extract import first_rows, import_selections
from core.data.sources.opening import Opened, checked_url, opened
from core.data.sources.selection import Filter, Operator, Selection

__all__ = [
    "Filter",
    "Opened",
    "Operator",
    "Selection",
    "TableDetails",
    "TableName",
    "checked_url",
    "describe",
    "first_rows",
    "import_selections",
    "opened",
    "schemas",
    "tables",
]
